using System.Collections.Concurrent;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// The peers by identity and by the name they have here. Two peers never share a name, nor the look of one. Here names are
/// given and here another key takes a known peer's place, under one lock.
/// </summary>
internal sealed class PeerBook
{
    private readonly ConcurrentDictionary<IdentityKey, Peer> _byIdentity = [];
    private readonly ConcurrentDictionary<string, Peer> _byFingerprint = [];
    private readonly ConcurrentDictionary<string, Peer> _former = [];
    private readonly Dictionary<string, Peer> _byLook = new(StringComparer.Ordinal);
    private readonly IdentityKey _own;

    public PeerBook(IdentityKey own, IEnumerable<PeerRecord> records)
    {
        _own = own;
        foreach (PeerRecord record in records)
        {
            // Marked: a store may hold two of one look, written before looks counted. The older one keeps the name.
            List(new Peer(own, record.Identity, Marked(record.Identity, record.Label)) { Record = record });
        }
    }

    public IEnumerable<Peer> All => _byIdentity.Values;

    public Peer? Find(IdentityKey identity) => _byIdentity.GetValueOrDefault(identity);

    public Peer? Find(string fingerprint) => _byFingerprint.GetValueOrDefault(fingerprint);

    /// <summary>The same, and for a key that another one has replaced while this server runs, the peer that has its messages now.</summary>
    public Peer? FindForMessages(string fingerprint) => Find(fingerprint) ?? _former.GetValueOrDefault(fingerprint);

    /// <summary>The known peer our user dialled at this address.</summary>
    public Peer? FindTyped(PeerAddress address) => All.FirstOrDefault(peer => peer.Record?.Typed is PeerAddress typed
        && typed.Port == address.Port && string.Equals(typed.Host, address.Host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a peer is still the one of its identity.</summary>
    public bool Lists(Peer peer) => Find(peer.Identity) == peer;

    /// <summary>
    /// The peer of an identity; a new one gets the name it asks for, or that name and a mark of its key when another
    /// has it. A mere request makes room for whom our user has chosen to know.
    /// </summary>
    public Peer GetOrAdd(IdentityKey identity, string name, bool isRequest)
    {
        lock (_byLook)
        {
            if (Find(identity) is Peer known)
            {
                known.Chosen |= !isRequest;
                return known;
            }

            while (!isRequest && Holder(name) is { Record: null, Chosen: false } squatter)
            {
                string marked = Marked(squatter.Identity, squatter.Label);
                GiveName(squatter);
                squatter.Label = marked;
                TakeName(squatter);
            }

            Peer peer = new(_own, identity, Marked(identity, name)) { Chosen = !isRequest };
            List(peer);
            return peer;
        }
    }

    /// <summary>Makes the record of a peer that is to be known, and holds it and its name fast until it is stored.</summary>
    public PeerRecord Choose(Peer peer, Func<string, PeerRecord> record)
    {
        lock (_byLook)
        {
            if (!Lists(peer))
            {
                // a request that ended while it was being let in; its name may be another's by now
                peer.Label = Marked(peer.Identity, peer.Label);
                List(peer);
            }

            peer.Chosen = true;
            return record(peer.Label);
        }
    }

    /// <summary>Undoes <see cref="Choose"/>.</summary>
    public void Unchoose(Peer peer, bool stays)
    {
        lock (_byLook)
        {
            peer.Chosen = false;
            if (!stays)
            {
                Unlist(peer);
            }
        }
    }

    /// <summary>
    /// Has another identity take the place of a known peer's: the record, and so the name and the outbox, is the
    /// new peer's. A request under that identity becomes it, with its conversation.
    /// </summary>
    /// <exception cref="ChatException">PeerAlreadyKnown: the identity has a record of its own.</exception>
    public Peer Succeed(Peer old, IdentityKey identity)
    {
        lock (_byLook)
        {
            PeerRecord record = old.Record!;
            Peer next = Find(identity) ?? new Peer(_own, identity, old.Label);
            if (next.Record is not null || next.Chosen)
            {
                throw ChatErrors.PeerAlreadyKnown(old.Label, next.Label, identity.Fingerprint);
            }

            Unlist(next);
            Unlist(old);
            record.Identity = identity;
            next.Label = old.Label;
            next.Record = record;
            next.Chosen = true;
            List(next);
            foreach (string fingerprint in _former.Where(former => former.Value == old).Select(former => former.Key).Append(old.Identity.Fingerprint))
            {
                _former[fingerprint] = next;
            }

            return next;
        }
    }

    /// <summary>Undoes <see cref="Succeed"/>.</summary>
    public void Restore(Peer old, Peer next)
    {
        lock (_byLook)
        {
            Unlist(next);
            old.Record!.Identity = old.Identity;
            List(old);
        }
    }

    /// <summary>Undoes <see cref="Remove"/>, unless its identity has come back meanwhile. Its name may be another's by now.</summary>
    public void Relist(Peer peer)
    {
        lock (_byLook)
        {
            if (Find(peer.Identity) is null)
            {
                peer.Label = Marked(peer.Identity, peer.Label);
                List(peer);
            }
        }
    }

    /// <summary>Forgets a peer.</summary>
    public void Remove(Peer peer)
    {
        lock (_byLook)
        {
            Unlist(peer);
        }
    }

    /// <summary>Forgets a peer that is not known.</summary>
    /// <returns>Whether there was such a one.</returns>
    public bool RemoveRequest(Peer peer)
    {
        lock (_byLook)
        {
            return peer is { Record: null, Chosen: false } && Unlist(peer);
        }
    }

    private Peer? Holder(string name) => NameLook.KeysOf(name).Select(key => _byLook.GetValueOrDefault(key)).FirstOrDefault(peer => peer is not null);

    // The name, with a mark of the key when another has it or one that looks the same.
    private string Marked(IdentityKey identity, string name)
    {
        string label = name;
        for (int marks = 4; Holder(label) is not null; marks += 5)
        {
            label = $"{name}~{identity.Fingerprint[..marks]}";
        }

        return label;
    }

    private void List(Peer peer)
    {
        TakeName(peer);
        _byFingerprint[peer.Identity.Fingerprint] = peer;
        _byIdentity[peer.Identity] = peer; // last: whoever sees it among all can find it by its fingerprint
    }

    // Only if it is this one: its identity may have come back as another peer, its name gone to another.
    private bool Unlist(Peer peer)
    {
        bool listed = _byIdentity.TryRemove(new(peer.Identity, peer)) & _byFingerprint.TryRemove(new(peer.Identity.Fingerprint, peer));
        GiveName(peer);
        return listed;
    }

    private void TakeName(Peer peer)
    {
        foreach (string key in NameLook.KeysOf(peer.Label))
        {
            _byLook[key] = peer;
        }
    }

    private void GiveName(Peer peer)
    {
        foreach (string key in NameLook.KeysOf(peer.Label).Where(key => _byLook.GetValueOrDefault(key) == peer))
        {
            _byLook.Remove(key);
        }
    }
}
