using System.Runtime.CompilerServices;

namespace PSSecureChat.Internal;

/// <summary>
/// Stands for a server that was named and is not there. A failure while parameters are bound can only be PowerShell's own
/// error; with a stand-in bound in its place, the cmdlet tells NoServer like every other cmdlet without a server.
/// </summary>
internal static class UnknownServer
{
    private static readonly ConditionalWeakTable<ChatServer, string> Names = [];

    /// <summary>A stand-in. Nothing but <see cref="NameOf"/> may be asked of it: only the engine makes servers, so this one was never constructed.</summary>
    public static ChatServer Named(string name)
    {
        ChatServer standIn = (ChatServer)RuntimeHelpers.GetUninitializedObject(typeof(ChatServer));
        Names.Add(standIn, name);
        return standIn;
    }

    /// <summary>The name that was typed; null when it is a real server.</summary>
    public static string? NameOf(ChatServer server) => Names.TryGetValue(server, out string? name) ? name : null;
}
