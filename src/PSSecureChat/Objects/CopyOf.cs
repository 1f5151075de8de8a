using System.Management.Automation;

namespace PSSecureChat.Objects;

/// <summary>Objects that PowerShell has made of ours, by the names of their types. What a peer sends never bears such a name: see <see cref="ReceivedObject"/>.</summary>
internal static class CopyOf
{
    private static readonly string[] s_kinds = ["Deserialized", "Selected", "Deserialized.Selected"];

    /// <summary>Whether an object is a copy of one of this type.</summary>
    public static bool Is<T>(PSObject candidate) => candidate.TypeNames.Any(static name => s_kinds.Any(kind => name == $"{kind}.{typeof(T).FullName}"));
}
