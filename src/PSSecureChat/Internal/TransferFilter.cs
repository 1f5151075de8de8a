using System.Management.Automation;

namespace PSSecureChat.Internal;

/// <summary>Which transfers the names a user typed mean.</summary>
/// <param name="names">Names of files, wildcards allowed.</param>
/// <param name="fingerprints">Of these peers; null for all.</param>
/// <param name="mayBeMeant">Which transfers may be meant at all.</param>
internal sealed class TransferFilter(IReadOnlyList<string> names, IReadOnlyCollection<string>? fingerprints, Func<ChatTransfer, bool> mayBeMeant)
{
    private readonly NamePattern[] _patterns = [.. names.Select(static name => new NamePattern(name))];

    /// <summary>Those that are meant, each once.</summary>
    public List<ChatTransfer> Select(IEnumerable<ChatTransfer> transfers) =>
        [.. transfers.Where(transfer => mayBeMeant(transfer) && (fingerprints is null || fingerprints.Contains(transfer.PeerFingerprint)) && Enumerable.Range(0, names.Count).Any(i => Means(i, transfer)))];

    /// <summary>The plain names that mean none of those selected.</summary>
    public List<string> Missing(IReadOnlyCollection<ChatTransfer> selected) =>
        [.. Enumerable.Range(0, names.Count).Where(i => !_patterns[i].IsWildcard && !selected.Any(transfer => Means(i, transfer))).Select(i => names[i])];

    // A file may be named with the signs of a wildcard: its own name always means it.
    private bool Means(int index, ChatTransfer transfer) => _patterns[index].IsMatch(transfer.Name) || string.Equals(names[index], transfer.Name, StringComparison.OrdinalIgnoreCase);
}
