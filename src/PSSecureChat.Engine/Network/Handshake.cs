using System.Buffers.Binary;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Runs the handshake over a stream. Message 1 and 2 have one possible length each and travel bare; message 3
/// has a profile of any length in it and travels behind a two-byte length. The caller limits the time.
/// </summary>
internal static partial class Handshake
{
    /// <summary>The length of message 2: its payload is a certificate and nothing else.</summary>
    internal const int MessageTwo = NoiseSizes.MessageTwoOverhead + StaticKeyCertificate.Size;

    /// <summary>The largest message 3.</summary>
    internal const int MaxMessageThree = NoiseSizes.MessageThreeOverhead + Limits.MaxHandshakePayload;

    /// <summary>Shakes hands as the side that dialled.</summary>
    /// <param name="stream">The connection; stays the caller's when this throws.</param>
    /// <param name="local">Our side.</param>
    /// <param name="address">What was dialled, for errors.</param>
    /// <param name="invitation">The invitation's secret, borrowed; null without one.</param>
    /// <param name="pin">Judges the identity before anything of ours is shown; throws to refuse it.</param>
    /// <param name="cancellationToken">The time limit.</param>
    /// <exception cref="ChatException">NotAChatPeer, VersionMismatch, HandshakeFailed, OwnAddress, or what the pin threw.</exception>
    public static async Task<SecureSession> DialAsync(Stream stream, LocalParty local, PeerAddress address, PreSharedKey? invitation, Action<IdentityKey> pin, CancellationToken cancellationToken)
    {
        string endpoint = address.ToString();
        LocalParty.CertifiedKey key = local.Current();
        using HandshakeState state = Begin(HandshakeRole.Initiator, local, key, invitation);
        IdentityKey remote = await GreetAsync(stream, state, invitation is not null, local, endpoint, cancellationToken).ConfigureAwait(false);
        pin(remote);

        byte[] third = new byte[Limits.RecordHeader + MaxMessageThree];
        byte[] payload = [.. key.Certificate, .. FrameEncoder.EncodeProfile(local.Profile)];
        int written = state.WriteMessage(payload, third.AsSpan(Limits.RecordHeader));
        BinaryPrimitives.WriteUInt16BigEndian(third, (ushort)written);
        TransportKeys keys = state.Split();
        try
        {
            await stream.WriteAsync(third.AsMemory(0, Limits.RecordHeader + written), cancellationToken).ConfigureAwait(false);
            return new SecureSession(stream, keys, remote, null, WeDialled: true, address) { Suite = SuiteOf(invitation is not null) };
        }
        catch (IOException e)
        {
            keys.Dispose();
            throw ChatErrors.HandshakeFailed(endpoint, "the connection ended", e);
        }
    }

    /// <summary>Shakes hands as the side that was dialled.</summary>
    /// <param name="stream">The connection; stays the caller's when this throws or returns null.</param>
    /// <param name="local">Our side.</param>
    /// <param name="invitations">Those who bring one of these are answered.</param>
    /// <param name="silent">Whether all others hear nothing.</param>
    /// <param name="remoteHost">Where the other side dials from.</param>
    /// <param name="cancellationToken">The time limit.</param>
    /// <returns>The session, or null when the other side is not one to talk to, for whatever reason: it learns none.</returns>
    public static async Task<SecureSession?> AcceptAsync(Stream stream, LocalParty local, InvitationBook invitations, bool silent, string remoteHost, CancellationToken cancellationToken)
    {
        byte[] preface = new byte[Preface.Length];
        await stream.ReadExactlyAsync(preface, cancellationToken).ConfigureAwait(false);
        bool invited = Preface.Invited.SequenceEqual(preface);
        if (!invited && (silent || !Preface.Bytes.SequenceEqual(preface)))
        {
            if (!silent && Preface.IsOurs(preface))
            {
                // Another version of this protocol: say which one is spoken here, so that its user learns why.
                await stream.WriteAsync(Preface.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
                await DrainAsync(stream, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }

        byte[] first = new byte[invited ? NoiseSizes.MessageOneWithPsk0 : NoiseSizes.MessageOne];
        await stream.ReadExactlyAsync(first, cancellationToken).ConfigureAwait(false);
        LocalParty.CertifiedKey key = local.Current();
        OpenInvitation? invitation = null;
        HandshakeState? begun = null;
        if (invited && !invitations.TryRead(first, secret => Begin(HandshakeRole.Responder, local, key, secret), out begun, out invitation))
        {
            return null; // without a byte: only who has the secret learns that somebody listens
        }

        using HandshakeState state = begun ?? Begin(HandshakeRole.Responder, local, key, null);
        try
        {
            if (!invited)
            {
                state.ReadMessage(first, new byte[first.Length]);
            }

            byte[] second = new byte[MessageTwo];
            state.WriteMessage(key.Certificate, second);
            await stream.WriteAsync(second, cancellationToken).ConfigureAwait(false);

            byte[] header = new byte[Limits.RecordHeader];
            await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            int length = BinaryPrimitives.ReadUInt16BigEndian(header);
            if (length is > MaxMessageThree or < NoiseSizes.MessageThreeOverhead + StaticKeyCertificate.Size)
            {
                return null;
            }

            byte[] third = new byte[length];
            await stream.ReadExactlyAsync(third, cancellationToken).ConfigureAwait(false);
            byte[] payload = new byte[length];
            int size = state.ReadMessage(third, payload);
            if (!StaticKeyCertificate.TryVerify(payload.AsSpan(0, StaticKeyCertificate.Size), state.RemoteStatic!, local.Now, out IdentityKey? remote, out _)
                || remote == local.Identity)
            {
                return null;
            }

            Profile profile = FrameDecoder.DecodeProfile(payload.AsMemory(StaticKeyCertificate.Size, size - StaticKeyCertificate.Size));
            return new SecureSession(stream, state.Split(), remote, profile, WeDialled: false, new PeerAddress(remoteHost, profile.Port)) { Invitation = invitation, Suite = SuiteOf(invited) };
        }
        catch (Exception e) when (e is HandshakeException or ProtocolException)
        {
            return null;
        }
    }

    // To close over unread bytes would reset the connection, and take the answer with it.
    private static async Task DrainAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (stream is System.Net.Sockets.NetworkStream network)
        {
            network.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        }

        byte[] rest = new byte[MaxMessageThree];
        int count;
        for (int total = 0; total < rest.Length && (count = await stream.ReadAsync(rest, cancellationToken).ConfigureAwait(false)) > 0; total += count)
        {
        }
    }

    private static HandshakeState Begin(HandshakeRole role, LocalParty local, LocalParty.CertifiedKey key, PreSharedKey? invitation) => invitation is null
        ? new HandshakeState(HandshakePattern.XXhfs, role, Preface.Prologue(Preface.Bytes), key.Static, local.Random)
        : new HandshakeState(HandshakePattern.XXhfsPsk0, role, Preface.Prologue(Preface.Invited), key.Static, local.Random, null, invitation);
}
