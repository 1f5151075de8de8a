using System.IO.Enumeration;

namespace PSSecureChat.Engine.Transfers;

/// <summary>Which files are taken without asking.</summary>
/// <param name="Folder">Where to, a full path.</param>
/// <param name="From">Names of peers, with * and ? standing for what they usually do.</param>
/// <param name="MaxLength">Larger files wait for the user.</param>
internal sealed record FileRule(string Folder, IReadOnlyList<string> From, long MaxLength)
{
    public bool Takes(string peer, long length) => length <= MaxLength && From.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, peer));
}
