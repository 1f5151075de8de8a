using System.Buffers.Binary;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>Both sides of a handshake, each with an identity.</summary>
internal abstract class HandshakeTarget : Target
{
    protected static readonly PeerAddress Address = new("192.0.2.1", 8095);
    private static readonly InvitationBook s_noInvitations = new([], 0, TimeProvider.System);
    private readonly IdentityKeyPair _ours = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly IdentityKeyPair _theirs = IdentityKeyPair.Generate(SystemRandomSource.Instance);

    protected HandshakeTarget()
    {
        Local = new LocalParty(_ours, TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile("ana", [], 1) };
        Remote = new LocalParty(_theirs, TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile("bob", [7], 2) };
    }

    protected LocalParty Local { get; }

    protected LocalParty Remote { get; }

    protected static HandshakeState Start(HandshakeRole role, LocalParty party) =>
        new(HandshakePattern.XXhfs, role, Preface.Prologue(), party.Current().Static, party.Random);

    /// <summary>Accepts what a dialler says. Null, an end of the stream, or a session.</summary>
    protected SecureSession? Accept(Stream stream)
    {
        try
        {
            return Handshake.AcceptAsync(stream, Local, s_noInvitations, silent: false, Address.Host, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}

/// <summary>Preface and message 1, as they come from any stranger.</summary>
internal sealed class FirstMessageTarget : HandshakeTarget
{
    public override IReadOnlyList<byte[]> Valid => field ??= [First(), First(), Preface.Bytes.ToArray(), [.. Preface.Bytes[..4], 2, 1, 0, 0]];

    public override void Run(byte[] input)
    {
        using SecureSession? session = Accept(new ScriptedStream(input));
        if (session is not null)
        {
            throw new FindingException("a session with somebody who has sent one message");
        }
    }

    private byte[] First()
    {
        using HandshakeState state = Start(HandshakeRole.Initiator, Remote);
        byte[] first = new byte[NoiseSizes.MessageOne];
        state.WriteMessage([], first);
        return [.. Preface.Bytes, .. first];
    }
}

/// <summary>Message 2, as it comes from whatever answers at an address: under the handshake's keys, with any payload, or any bytes.</summary>
internal sealed class SecondMessageTarget : HandshakeTarget
{
    private bool _raw;

    public override IReadOnlyList<byte[]> Valid => [Remote.Current().Certificate];

    public override void Run(byte[] input)
    {
        _raw = !_raw;
        bool genuine = _raw ? input.Length == 0 : input.AsSpan().SequenceEqual(Valid[0]);
        try
        {
            using SecureSession session = Handshake.DialAsync(new ScriptedStream(first => Answer(first, input)), Local, Address, null, _ => { }, CancellationToken.None).GetAwaiter().GetResult();
            if (!genuine)
            {
                throw new FindingException("a session with somebody who has no certificate");
            }
        }
        catch (ChatException)
        {
            // the one kind of error there is
        }
    }

    private byte[] Answer(ReadOnlyMemory<byte> first, byte[] input)
    {
        using HandshakeState state = Start(HandshakeRole.Responder, Remote);
        state.ReadMessage(first.Span[Preface.Length..], new byte[first.Length]);
        byte[] payload = _raw ? Valid[0] : input;
        byte[] second = new byte[state.NextMessageOverhead + payload.Length];
        state.WriteMessage(payload, second);
        if (_raw && input.Length > 0)
        {
            // The same change that was made to the certificate, somewhere in the message.
            int at = input.Sum(b => b) % second.Length;
            second[at] ^= (byte)(input[0] | 1);
        }

        return second;
    }
}

/// <summary>Message 3, as it comes from a dialler who knows the protocol: any payload under the handshake's keys, or any bytes.</summary>
internal sealed class ThirdMessageTarget : HandshakeTarget
{
    private bool _raw;

    public override IReadOnlyList<byte[]> Valid =>
        [[.. Remote.Current().Certificate, .. FrameEncoder.EncodeProfile(Remote.Profile)], [.. Local.Current().Certificate, .. FrameEncoder.EncodeProfile(Remote.Profile)]];

    public override void Run(byte[] input)
    {
        _raw = !_raw;
        bool answered = false;
        byte[] first = new byte[NoiseSizes.MessageOne];
        using HandshakeState state = Start(HandshakeRole.Initiator, Remote);
        state.WriteMessage([], first);
        byte[]? Answer(ReadOnlyMemory<byte> second)
        {
            byte[]? third = answered ? null : Third(state, second, input);
            answered = true;
            return third;
        }

        using SecureSession? session = Accept(new ScriptedStream([.. Preface.Bytes, .. first]) { More = Answer });
        if (session is not null && (_raw || session.Remote != Remote.Identity || !PeerName.IsUsable(session.Profile!.Value.Name)))
        {
            throw new FindingException("a session with somebody who has not said who it is");
        }
    }

    private byte[] Third(HandshakeState state, ReadOnlyMemory<byte> second, byte[] input)
    {
        state.ReadMessage(second.Span, new byte[second.Length]);
        if (_raw)
        {
            return input;
        }

        byte[] third = new byte[Limits.RecordHeader + state.NextMessageOverhead + Math.Min(input.Length, ushort.MaxValue - state.NextMessageOverhead)];
        int length = state.WriteMessage(input.AsSpan(0, third.Length - Limits.RecordHeader - state.NextMessageOverhead), third.AsSpan(Limits.RecordHeader));
        BinaryPrimitives.WriteUInt16BigEndian(third, (ushort)length);
        return third;
    }
}
