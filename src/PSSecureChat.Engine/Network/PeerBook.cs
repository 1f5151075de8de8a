using System.Collections.Concurrent;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>The peers by identity and by the name they have here. Two peers never share a name.</summary>
internal sealed class PeerBook
{
    private readonly ConcurrentDictionary<IdentityKey, Peer> _byIdentity = [];
    private readonly ConcurrentDictionary<string, Peer> _byFingerprint = [];
    private readonly HashSet<string> _labels = new(StringComparer.OrdinalIgnoreCase);
    private readonly IdentityKey _own;

    public PeerBook(IdentityKey own, IEnumerable<PeerRecord> records)
    {
        _own = own;
        foreach (PeerRecord record in records)
        {
            _labels.Add(record.Label);
            Add(new Peer(record.Identity, record.Label, () => SafetyNumber.Compute(own, record.Identity)) { Record = record });
        }
    }

    public IEnumerable<Peer> All => _byIdentity.Values;

    public Peer? Find(IdentityKey identity) => _byIdentity.GetValueOrDefault(identity);

    public Peer? Find(string fingerprint) => _byFingerprint.GetValueOrDefault(fingerprint);

    /// <summary>The known peer our user dialled at this address.</summary>
    public Peer? FindTyped(PeerAddress address) => All.FirstOrDefault(peer => peer.Record?.Typed is PeerAddress typed
        && typed.Port == address.Port && string.Equals(typed.Host, address.Host, StringComparison.OrdinalIgnoreCase));

    /// <summary>The peer of an identity; a new one gets the name it asks for, or that name and a mark of its key when another has it.</summary>
    public Peer GetOrAdd(IdentityKey identity, string name)
    {
        lock (_labels)
        {
            if (Find(identity) is Peer known)
            {
                return known;
            }

            string label = name;
            for (int marks = 4; !_labels.Add(label); marks += 5)
            {
                label = $"{name}~{identity.Fingerprint[..marks]}";
            }

            Peer peer = new(identity, label, () => SafetyNumber.Compute(_own, identity));
            Add(peer);
            return peer;
        }
    }

    /// <summary>Sees to it that a peer is here, should its request have ended while it was being let in.</summary>
    public void Keep(Peer peer)
    {
        lock (_labels)
        {
            _labels.Add(peer.Label);
            Add(peer);
        }
    }

    public void Remove(Peer peer)
    {
        lock (_labels)
        {
            _labels.Remove(peer.Label);
            _byIdentity.TryRemove(peer.Identity, out _);
            _byFingerprint.TryRemove(peer.Identity.Fingerprint, out _);
        }
    }

    private void Add(Peer peer)
    {
        _byIdentity[peer.Identity] = peer;
        _byFingerprint[peer.Identity.Fingerprint] = peer;
    }
}
