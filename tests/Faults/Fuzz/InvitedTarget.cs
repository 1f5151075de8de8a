using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>
/// Message 1 of who brings an invitation: as any stranger may send it, and every other time as one sends it who has the
/// secret and means no good, with any ephemeral key and any encapsulation key under right tags. Nobody else hears a byte.
/// </summary>
internal sealed class InvitedMessageTarget : HandshakeTarget
{
    private const int Keys = NoiseSizes.Dh + NoiseSizes.KemPublicKey;
    private static readonly byte[][] s_secrets = [.. Enumerable.Range(1, 3).Select(i => Enumerable.Repeat((byte)i, NoiseSizes.Key).ToArray())];
    private static readonly InvitationBook s_book = new(s_secrets.Select((secret, i) => new OpenInvitation(i, new PreSharedKey(secret), DateTimeOffset.MaxValue, null)), s_secrets.Length, TimeProvider.System);
    private readonly byte[][] _genuine;
    private readonly byte[] _keys;
    private bool _silent;
    private bool _knows;

    public InvitedMessageTarget()
    {
        _genuine = [.. s_secrets.Select(Genuine)];
        using X25519KeyPair ephemeral = X25519KeyPair.Generate(SystemRandomSource.Instance);
        using MlKem768KeyPair kem = MlKem768KeyPair.Generate(SystemRandomSource.Instance);
        _keys = [.. ephemeral.PublicKey.Bytes, .. kem.PublicKey];
    }

    public override IReadOnlyList<byte[]> Valid => field ??= [.. _genuine, Genuine(new byte[NoiseSizes.Key]), _keys, Preface.Invited.ToArray()];

    public override void Run(byte[] input)
    {
        _knows = !_knows;
        _silent ^= _knows;
        byte[] sent = _knows ? Forge(input) : input;
        bool answered = Answers(sent);
        bool due = _knows ? AreUsable(Fitted(input)) : _genuine.Any(genuine => sent.AsSpan().StartsWith(genuine));
        if (answered != due)
        {
            throw new FindingException(due ? "silence towards who has an invitation" : "an answer to who has none");
        }
    }

    private bool Answers(byte[] sent)
    {
        ScriptedStream stream = new(sent);
        try
        {
            using SecureSession? session = Handshake.AcceptAsync(stream, Local, s_book, _silent, Address.Host, CancellationToken.None).GetAwaiter().GetResult();
            if (session is not null)
            {
                throw new FindingException("a session with somebody who has sent one message");
            }
        }
        catch (EndOfStreamException)
        {
            // the input has one message at most
        }

        // To another version of this protocol, and to suite 1, which has a target of its own, it may say something.
        return stream.Written > 0 && sent.AsSpan().StartsWith(Preface.Invited);
    }

    // What the state machine writes, with any keys (Noise §5.3 and §9.2).
    private static byte[] Forge(byte[] input)
    {
        byte[] keys = Fitted(input);
        byte[] message = [.. Preface.Invited, .. new byte[NoiseSizes.MessageOneWithPsk0]];
        using SymmetricState symmetric = new(HandshakePattern.XXhfsPsk0.ProtocolName);
        symmetric.MixHash(Preface.Prologue(Preface.Invited));
        symmetric.MixKeyAndHash(s_secrets[input.Length % s_secrets.Length]);
        keys.AsSpan(0, NoiseSizes.Dh).CopyTo(message.AsSpan(Preface.Length));
        symmetric.MixHash(keys.AsSpan(0, NoiseSizes.Dh));
        symmetric.MixKey(keys.AsSpan(0, NoiseSizes.Dh));
        int at = Preface.Length + NoiseSizes.Dh;
        at += symmetric.EncryptAndHash(keys.AsSpan(NoiseSizes.Dh), message.AsSpan(at));
        symmetric.EncryptAndHash([], message.AsSpan(at));
        return message;
    }

    private static byte[] Fitted(byte[] input) => [.. input.Take(Keys), .. new byte[Math.Max(0, Keys - input.Length)]];

    private static bool AreUsable(byte[] keys)
    {
        if (!X25519PublicKey.TryParse(keys.AsSpan(0, NoiseSizes.Dh), out _))
        {
            return false;
        }

        try
        {
            MlKem768.CheckPublicKey(keys.AsSpan(NoiseSizes.Dh));
            return true;
        }
        catch (HandshakeException)
        {
            return false;
        }
    }

    private byte[] Genuine(byte[] secret)
    {
        using PreSharedKey key = new(secret);
        using HandshakeState state = new(HandshakePattern.XXhfsPsk0, HandshakeRole.Initiator, Preface.Prologue(Preface.Invited), Remote.Current().Static, Remote.Random, null, key);
        byte[] first = new byte[NoiseSizes.MessageOneWithPsk0];
        state.WriteMessage([], first);
        return [.. Preface.Invited, .. first];
    }
}
