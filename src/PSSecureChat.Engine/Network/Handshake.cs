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
internal static class Handshake
{
    /// <summary>The length of message 2: its payload is a certificate and nothing else.</summary>
    internal const int MessageTwo = NoiseSizes.MessageTwoOverhead + StaticKeyCertificate.Size;

    /// <summary>The largest message 3.</summary>
    internal const int MaxMessageThree = NoiseSizes.MessageThreeOverhead + Limits.MaxHandshakePayload;

    /// <summary>Shakes hands as the side that dialled.</summary>
    /// <param name="stream">The connection; stays the caller's when this throws.</param>
    /// <param name="local">Our side.</param>
    /// <param name="address">What was dialled, for errors.</param>
    /// <param name="pin">Judges the identity before anything of ours is shown; throws to refuse it.</param>
    /// <param name="cancellationToken">The time limit.</param>
    /// <exception cref="ChatException">NotAChatPeer, VersionMismatch, HandshakeFailed, OwnAddress, or what the pin threw.</exception>
    public static async Task<SecureSession> DialAsync(Stream stream, LocalParty local, PeerAddress address, Action<IdentityKey> pin, CancellationToken cancellationToken)
    {
        string endpoint = address.ToString();
        LocalParty.CertifiedKey key = local.Current();
        using HandshakeState state = new(HandshakePattern.XXhfs, HandshakeRole.Initiator, Preface.Prologue(), key.Static, local.Random);
        byte[] first = new byte[Preface.Length + NoiseSizes.MessageOne];
        Preface.Bytes.CopyTo(first);
        state.WriteMessage([], first.AsSpan(Preface.Length));
        byte[] second = new byte[MessageTwo];
        int received = 0;
        try
        {
            await stream.WriteAsync(first, cancellationToken).ConfigureAwait(false);
            int count;
            while (received < second.Length && (count = await stream.ReadAsync(second.AsMemory(received), cancellationToken).ConfigureAwait(false)) > 0)
            {
                received += count;
            }
        }
        catch (IOException)
        {
            // a reset, perhaps behind an answer: what has come tells
        }

        if (received == Preface.Length && Preface.IsOurs(second))
        {
            throw ChatErrors.VersionMismatch(endpoint, second[4]);
        }

        if (received < second.Length)
        {
            throw ChatErrors.NotAChatPeer(endpoint, null);
        }

        byte[] certificate = new byte[MessageTwo];
        int length = Read(state, second, certificate, endpoint);
        IdentityKey remote = Verify(certificate.AsSpan(0, length), state.RemoteStatic!, local, endpoint);
        pin(remote);

        byte[] third = new byte[Limits.RecordHeader + MaxMessageThree];
        byte[] payload = [.. key.Certificate, .. FrameEncoder.EncodeProfile(local.Profile)];
        int written = state.WriteMessage(payload, third.AsSpan(Limits.RecordHeader));
        BinaryPrimitives.WriteUInt16BigEndian(third, (ushort)written);
        TransportKeys keys = state.Split();
        try
        {
            await stream.WriteAsync(third.AsMemory(0, Limits.RecordHeader + written), cancellationToken).ConfigureAwait(false);
            return new SecureSession(stream, keys, remote, null, WeDialled: true, address);
        }
        catch (IOException e)
        {
            keys.Dispose();
            throw ChatErrors.HandshakeFailed(endpoint, "the connection ended", e);
        }
    }

    /// <summary>Shakes hands as the side that was dialled.</summary>
    /// <returns>The session, or null when the other side is not one to talk to, for whatever reason: it learns none.</returns>
    public static async Task<SecureSession?> AcceptAsync(Stream stream, LocalParty local, string remoteHost, CancellationToken cancellationToken)
    {
        byte[] preface = new byte[Preface.Length];
        await stream.ReadExactlyAsync(preface, cancellationToken).ConfigureAwait(false);
        if (!Preface.Bytes.SequenceEqual(preface))
        {
            if (Preface.IsOurs(preface))
            {
                // Another version of this protocol: say which one is spoken here, so that its user learns why.
                await stream.WriteAsync(Preface.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
                await DrainAsync(stream, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }

        byte[] first = new byte[NoiseSizes.MessageOne];
        await stream.ReadExactlyAsync(first, cancellationToken).ConfigureAwait(false);
        LocalParty.CertifiedKey key = local.Current();
        using HandshakeState state = new(HandshakePattern.XXhfs, HandshakeRole.Responder, Preface.Prologue(), key.Static, local.Random);
        try
        {
            state.ReadMessage(first, new byte[first.Length]);
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
            return new SecureSession(stream, state.Split(), remote, profile, WeDialled: false, new PeerAddress(remoteHost, profile.Port));
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

    private static int Read(HandshakeState state, byte[] message, byte[] payload, string endpoint)
    {
        try
        {
            return state.ReadMessage(message, payload);
        }
        catch (HandshakeException e)
        {
            throw ChatErrors.NotAChatPeer(endpoint, e);
        }
    }

    private static IdentityKey Verify(ReadOnlySpan<byte> certificate, X25519PublicKey noiseStatic, LocalParty local, string endpoint)
    {
        if (!StaticKeyCertificate.TryVerify(certificate, noiseStatic, local.Now, out IdentityKey? remote, out CertificateStatus status))
        {
            throw status is CertificateStatus.NotYetValid or CertificateStatus.Expired
                ? ChatErrors.Clock(
                    endpoint,
                    DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(certificate[IdentityKey.Size..])),
                    DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(certificate[(IdentityKey.Size + 8)..])))
                : ChatErrors.HandshakeFailed(endpoint, "its certificate is not valid", null);
        }

        return remote == local.Identity ? throw ChatErrors.OwnAddress(endpoint) : remote;
    }
}
