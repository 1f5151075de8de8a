using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Invitations, from both sides.</summary>
internal sealed partial class PeerNetwork
{
    private readonly SemaphoreSlim _inviting = new(1, 1);

    /// <summary>Opens an invitation, in the store first.</summary>
    /// <exception cref="ChatException">TooManyInvitations, or the store's.</exception>
    public async Task<string> InviteAsync(IReadOnlyList<string> hosts, int port, TimeSpan life, CancellationToken cancellationToken)
    {
        await _inviting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ForgetExpiredInvitations();
            if (!_invitations.HasRoom)
            {
                throw ChatErrors.TooManyInvitations(_limits.Invitations);
            }

            using SecretBytes secret = SecretBytes.Random(NoiseSizes.Key, _local.Random);
            DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds((_time.GetUtcNow() + life).ToUnixTimeSeconds());
            using Invitation invitation = new() { Identity = _local.Identity, Secret = new PreSharedKey(secret.Span), ExpiresAt = expiresAt, Port = port, Hosts = hosts };
            string line = invitation.Write();
            InvitationLabel label = new(Invitation.MarkOf(line), _time.GetUtcNow(), port, hosts);
            OpenInvitation open = new(_store.NextInvitationId(), new PreSharedKey(secret.Span), expiresAt, label);
            try
            {
                await _store.Writer.RunAsync(session => session.InsertInvitation(open), CancellationToken.None).ConfigureAwait(false);
            }
            catch
            {
                open.Dispose();
                throw;
            }

            _invitations.Add(open);
            return line;
        }
        finally
        {
            _inviting.Release();
        }
    }

    /// <summary>The invitations that are open.</summary>
    public IReadOnlyList<(string Mark, DateTimeOffset ExpiresAt, InvitationLabel? Label)> Invitations => _invitations.List();

    /// <summary>Takes an open invitation back: from now on nobody gets in by it.</summary>
    /// <param name="mark">What it is listed under.</param>
    /// <returns>Whether there was one; it may just have been used.</returns>
    public async Task<bool> WithdrawAsync(string mark)
    {
        if (_invitations.Find(mark) is not OpenInvitation invitation || !_invitations.TryClaim(invitation))
        {
            return false;
        }

        try
        {
            await _store.Writer.RunAsync(session => session.DeleteInvitation(invitation.Id), CancellationToken.None).ConfigureAwait(false);
        }
        catch (ChatException)
        {
            _invitations.Unclaim(invitation);
            throw;
        }

        InvitationBook.Spend(invitation);
        return true;
    }

    /// <summary>Dials whoever invited us, and has it and us verified.</summary>
    /// <exception cref="ChatException">Why not.</exception>
    public async Task<Peer> ConnectAsync(Invitation invitation, Action<string>? progress, CancellationToken cancellationToken)
    {
        if (invitation.Identity == _local.Identity)
        {
            throw ChatErrors.OwnAddress($"{invitation.Hosts[0]}:{invitation.Port}");
        }

        ThrowIfBlocked(invitation.Identity);
        if (Book.Find(invitation.Identity) is { Conversation.Flowing: true, Record.Trust: ChatTrust.Verified } connected)
        {
            progress?.Invoke($"already connected to {connected.Label}");
            return connected;
        }

        // By our clock, which may be wrong by as much as a certificate's reader allows.
        DateTimeOffset now = _time.GetUtcNow();
        if (now > invitation.ExpiresAt + TimeSpan.FromSeconds(StaticKeyCertificate.ClockSkew))
        {
            throw ChatErrors.InvitationExpired(invitation.ExpiresAt, null);
        }

        TimeSpan share = _limits.Connect / invitation.Hosts.Count;
        Limits limits = _limits with { Connect = share > _limits.ConnectLeast ? share : invitation.Hosts.Count == 1 ? _limits.Connect : _limits.ConnectLeast };
        ChatException? failure = null;
        foreach (string host in invitation.Hosts)
        {
            PeerAddress address = new(host, invitation.Port);
            try
            {
                return await AcceptInvitationAsync(invitation, address, limits, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (ChatException e) when (IsOfThisAddress(e.ErrorId))
            {
                progress?.Invoke(e.Message);
                // Who answers and is silent says more than who does not answer.
                failure = failure is { ErrorId: ChatErrorId.InvitationRefused } ? failure : e;
            }
        }

        throw now >= invitation.ExpiresAt ? ChatErrors.InvitationExpired(invitation.ExpiresAt, failure) : failure!;
    }

    private async Task<Peer> AcceptInvitationAsync(Invitation invitation, PeerAddress address, Limits limits, Action<string>? progress, CancellationToken cancellationToken)
    {
        if (Book.FindTyped(address) is Peer typed && typed.Identity != invitation.Identity)
        {
            // Not marked as changed: only the invitation says so, nobody has proved it.
            throw ChatErrors.KeyChanged(typed.Label, typed.Identity.Fingerprint, invitation.Identity.Fingerprint);
        }

        try
        {
            return await ReachAsync(address, invitation.Secret, limits, identity => PinInviter(identity, invitation, address, progress), verified: true, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ChatException e) when (e.ErrorId is ChatErrorId.NotAChatPeer or ChatErrorId.HandshakeFailed or ChatErrorId.ConnectionLost or ChatErrorId.VersionMismatch)
        {
            throw ChatErrors.InvitationRefused(address.ToString(), invitation.Identity.Fingerprint, e);
        }
    }

    private void PinInviter(IdentityKey identity, Invitation invitation, PeerAddress address, Action<string>? progress)
    {
        if (identity != invitation.Identity)
        {
            throw ChatErrors.FingerprintMismatch(address.ToString(), invitation.Identity.Fingerprint, identity.Fingerprint);
        }

        ThrowIfBlocked(identity);
        progress?.Invoke("that is the one the invitation names, and it has proved that it made the invitation");
    }

    private static bool IsOfThisAddress(ChatErrorId error) => error is ChatErrorId.HostUnknown or ChatErrorId.HostUnreachable or ChatErrorId.ConnectionRefused
        or ChatErrorId.TimedOut or ChatErrorId.AddressNotUsable or ChatErrorId.InvitationRefused or ChatErrorId.KeyChanged or ChatErrorId.OwnAddress;

    // Message 3 has shown that the other side holds the secret now. It is spent in the same commit that makes the peer known,
    // before the peer hears a word of ours: of two who come with one invitation, one gets in.
    private async Task<Peer?> AdmitInvitedAsync(SecureSession session, string name, CancellationToken cancellationToken)
    {
        OpenInvitation invitation = session.Invitation!;
        if (!_invitations.TryClaim(invitation))
        {
            return null;
        }

        try
        {
            Peer peer = await KnowAsync(session.Remote, name, null, true, writer => writer.DeleteInvitation(invitation.Id), CancellationToken.None).ConfigureAwait(false);
            InvitationBook.Spend(invitation);
            return peer;
        }
        catch
        {
            _invitations.Unclaim(invitation);
            throw;
        }
    }

    private void ForgetExpiredInvitations()
    {
        foreach (long id in _invitations.TakeExpired())
        {
            _store.Writer.TryEnqueue(new ForgottenInvitation(id));
        }
    }

    private sealed class ForgottenInvitation(long id) : StoreWork
    {
        public override void Execute(WriterSession session) => session.DeleteInvitation(id);
    }
}
