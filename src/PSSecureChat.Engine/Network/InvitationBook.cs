using System.Diagnostics.CodeAnalysis;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// The invitations that are open. Each is taken at most once: by whoever claims it, or by its time. Owns the
/// secrets and wipes them. May be used from any thread.
/// </summary>
internal sealed class InvitationBook(IEnumerable<OpenInvitation> open, int most, TimeProvider time) : IDisposable
{
    private readonly object _lock = new();
    private readonly List<OpenInvitation> _open = [.. open];

    /// <summary>Whether another one may be opened.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _open.Count < most;
            }
        }
    }

    /// <summary>Opens an invitation, which the store already has.</summary>
    public void Add(OpenInvitation invitation)
    {
        lock (_lock)
        {
            _open.Add(invitation);
        }
    }

    /// <summary>What may be said of those that are open, the oldest first. Never the secret.</summary>
    public IReadOnlyList<(string Mark, DateTimeOffset ExpiresAt, InvitationLabel? Label)> List()
    {
        lock (_lock)
        {
            return [.. _open.Where(IsGood).OrderBy(invitation => invitation.Id).Select(invitation => (invitation.Mark, invitation.ExpiresAt, invitation.Label))];
        }
    }

    /// <summary>The open invitation of a mark, or null.</summary>
    public OpenInvitation? Find(string mark)
    {
        lock (_lock)
        {
            return _open.Find(invitation => invitation.Mark == mark && IsGood(invitation));
        }
    }

    /// <summary>Finds the invitation under which a message 1 was made. Does not take it: a recorded message 1 fits, too.</summary>
    /// <remarks>
    /// In XXhfs+psk0 the secret makes the key, and e1's tag is checked before anything is computed with a public key: a
    /// trial that fails costs two HKDF and one AES-GCM over 1200 bytes.
    /// </remarks>
    /// <param name="first">Message 1.</param>
    /// <param name="begin">Makes a responder's state with a secret.</param>
    /// <param name="state">The state after message 1; the caller's.</param>
    /// <param name="invitation">Whose secret it was.</param>
    public bool TryRead(byte[] first, Func<PreSharedKey, HandshakeState> begin, [NotNullWhen(true)] out HandshakeState? state, [NotNullWhen(true)] out OpenInvitation? invitation)
    {
        byte[] payload = new byte[first.Length];
        lock (_lock) // whoever takes one wipes it
        {
            foreach (OpenInvitation candidate in _open.Where(IsGood))
            {
                state = begin(candidate.Secret);
                try
                {
                    _ = state.ReadMessage(first, payload);
                    invitation = candidate;
                    return true;
                }
                catch (HandshakeException)
                {
                    state.Dispose(); // another secret's, or nobody's
                }
            }
        }

        (state, invitation) = (null, null);
        return false;
    }

    /// <summary>Takes an invitation; only one caller ever gets true. Its secret stays the book's until <see cref="Spend"/>.</summary>
    public bool TryClaim(OpenInvitation invitation)
    {
        lock (_lock)
        {
            return IsGood(invitation) && _open.Remove(invitation);
        }
    }

    /// <summary>Gives a claimed invitation back, since the store could not note that it is spent.</summary>
    public void Unclaim(OpenInvitation invitation) => Add(invitation);

    /// <summary>A claimed invitation is spent in the store, too: its secret is wiped.</summary>
    public static void Spend(OpenInvitation invitation) => invitation.Dispose();

    /// <summary>Takes out those whose time is over, wiped.</summary>
    public IReadOnlyList<long> TakeExpired()
    {
        lock (_lock)
        {
            if (_open.TrueForAll(IsGood))
            {
                return [];
            }

            List<OpenInvitation> over = _open.FindAll(invitation => !IsGood(invitation));
            _open.RemoveAll(over.Contains);
            over.ForEach(Spend);
            return over.ConvertAll(invitation => invitation.Id);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _open.ForEach(Spend);
            _open.Clear();
        }
    }

    private bool IsGood(OpenInvitation invitation) => time.GetUtcNow() < invitation.ExpiresAt;
}
