using System.Management.Automation.Runspaces;
using PSSecureChat.Engine;

namespace PSSecureChat.Internal;

/// <summary>Says in an error which server was asked, when several run in the session: perhaps another one was meant.</summary>
internal static class AskedServer
{
    /// <summary>The place, as a part of a sentence; nothing while no other server runs.</summary>
    public static string At(ChatServer asked) => Others(asked).Length == 0 ? string.Empty : $" at the server '{asked.Name}'";

    /// <summary>How to ask another one, as a sentence of its own; nothing while no other server runs.</summary>
    /// <param name="asked">The one that was asked.</param>
    /// <param name="knows">Whether another one knows what was asked for, from memory; null when that is not to be seen so.</param>
    public static string Elsewhere(ChatServer asked, Func<ChatEngine, bool>? knows = null)
    {
        ChatServer[] others = Others(asked);
        return others.Length == 0 ? string.Empty
            : knows is not null && Array.Find(others, server => Knows(ChatEngine.Of(server), knows)) is { } knowing ? $" The server '{knowing.Name}' knows it: -Server '{knowing.Name}'."
            : $" -Server asks another server of this session: {string.Join(", ", others.Select(static server => $"'{server.Name}'"))}.";
    }

    // Errors are made on other threads too, which run no session.
    private static ChatServer[] Others(ChatServer asked) => Runspace.DefaultRunspace is null
        ? []
        : Array.FindAll(ServerList.Current.ToArray(), server => server != asked && server.State == ChatServerState.Running);

    private static bool Knows(ChatEngine engine, Func<ChatEngine, bool> knows)
    {
        try
        {
            return knows(engine);
        }
        catch (ChatException)
        {
            return false; // it has stopped meanwhile
        }
    }
}
