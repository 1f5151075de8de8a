using System.Management.Automation;

namespace PSSecureChat.Internal;

/// <summary>Which peers the names a user typed mean.</summary>
internal static class PeerSelection
{
    /// <summary>The peers that the names and wildcards mean, each once, in the order of the names.</summary>
    /// <param name="peers">The known peers.</param>
    /// <param name="names">Names and wildcards.</param>
    /// <param name="byWildcard">Which peers a wildcard may mean; a plain name means every peer.</param>
    /// <param name="unknown">The plain names that no peer has.</param>
    public static List<ChatPeer> Select(IReadOnlyList<ChatPeer> peers, IEnumerable<string> names, Func<ChatPeer, bool> byWildcard, out List<string> unknown)
    {
        List<ChatPeer> selected = [];
        HashSet<string> seen = [];
        unknown = [];
        foreach (string name in names)
        {
            NamePattern pattern = new(name);
            if (pattern.IsWildcard)
            {
                selected.AddRange(peers.Where(peer => pattern.IsMatch(peer.Name) && byWildcard(peer) && seen.Add(peer.Fingerprint)));
            }
            else if (Find(peers, name) is not { } peer)
            {
                unknown.Add(name);
            }
            else if (seen.Add(peer.Fingerprint))
            {
                selected.Add(peer);
            }
        }

        return selected;
    }

    /// <summary>A wildcard that means every peer.</summary>
    public static bool Any(ChatPeer peer) => true;

    /// <summary>The peer of a plain name; of names that differ in nothing but case, the one spelt so.</summary>
    public static ChatPeer? Find(IReadOnlyList<ChatPeer> peers, string name) =>
        peers.FirstOrDefault(peer => string.Equals(peer.Name, name, StringComparison.Ordinal))
        ?? peers.FirstOrDefault(peer => string.Equals(peer.Name, name, StringComparison.OrdinalIgnoreCase));
}
