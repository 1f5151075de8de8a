using System.Buffers.Binary;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// The dialler's first half: messages 1 and 2. After it the other side's identity is proven, and it has learned nothing of
/// ours: message 1 holds keys of this one handshake and nothing else.
/// </summary>
internal static partial class Handshake
{
    /// <summary>Shakes hands as far as the other side shows who it is, and no farther.</summary>
    /// <param name="stream">The connection; stays the caller's.</param>
    /// <param name="local">Our side. Nothing of it is sent.</param>
    /// <param name="address">What was dialled, for errors.</param>
    /// <param name="cancellationToken">The time limit.</param>
    /// <exception cref="ChatException">NotAChatPeer, VersionMismatch, ClockWrong, HandshakeFailed, OwnAddress.</exception>
    public static async Task<IdentityKey> ProbeAsync(Stream stream, LocalParty local, PeerAddress address, CancellationToken cancellationToken)
    {
        using HandshakeState state = Begin(HandshakeRole.Initiator, local, local.Current(), null);
        return await GreetAsync(stream, state, invited: false, local, address.ToString(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The Noise protocol of a connection.</summary>
    public static string SuiteOf(bool invited) => (invited ? HandshakePattern.XXhfsPsk0 : HandshakePattern.XXhfs).ProtocolName;

    private static async Task<IdentityKey> GreetAsync(Stream stream, HandshakeState state, bool invited, LocalParty local, string endpoint, CancellationToken cancellationToken)
    {
        byte[] first = new byte[Preface.Length + (invited ? NoiseSizes.MessageOneWithPsk0 : NoiseSizes.MessageOne)];
        (invited ? Preface.Invited : Preface.Bytes).CopyTo(first);
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
            throw received == 0 ? ChatErrors.ClosedInSilence(endpoint) : ChatErrors.NotAChatPeer(endpoint, null);
        }

        byte[] certificate = new byte[MessageTwo];
        int length = Read(state, second, certificate, endpoint);
        return Verify(certificate.AsSpan(0, length), state.RemoteStatic!, local, endpoint);
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
        DateTimeOffset now = local.Now;
        if (!StaticKeyCertificate.TryVerify(certificate, noiseStatic, now, out IdentityKey? remote, out CertificateStatus status))
        {
            throw status is CertificateStatus.NotYetValid or CertificateStatus.Expired
                ? ChatErrors.Clock(
                    endpoint,
                    DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(certificate[IdentityKey.Size..])),
                    DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(certificate[(IdentityKey.Size + 8)..])),
                    now)
                : ChatErrors.HandshakeFailed(endpoint, "its certificate is not valid", null);
        }

        return remote == local.Identity ? throw ChatErrors.OwnAddress(endpoint) : remote;
    }
}
