using System.Globalization;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

public class RekeyTests
{
    private readonly byte[] _session = new byte[32];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_change_under_load_and_every_message_arrives_once_and_in_order(bool diallerSends)
    {
        Limits limits = Limits.Default with { RekeyRecords = 5, RekeyBytes = 200_000 };
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", limits: limits);
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", limits: limits);
        await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
        (ChatEngine from, ChatEngine to) = diallerSends ? (ana, bob) : (bob, ana);
        ChatSender sender = from.OpenSender();
        ChatMessage? last = null;
        for (int i = 0; i < 5_000; i++)
        {
            last = await sender.QueueAsync(to.Server.Fingerprint, i.ToString(CultureInfo.InvariantCulture).PadLeft(300), null, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        await from.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(Enumerable.Range(0, 5_000), TwoPeers.Inbox(to).Select(message => int.Parse(message.Text, CultureInfo.InvariantCulture)));
        Assert.True(from.RekeysForTestingOnly >= 3, $"the keys changed {from.RekeysForTestingOnly} times");
        Assert.Single(ana.GetPeers(), peer => peer.State == ChatPeerState.Online);
    }

    [Fact]
    public void Both_sides_come_to_the_same_keys_bound_to_the_session()
    {
        using Side ana = new(_session, true);
        using Side bob = new(_session, false);
        ana.Meet(bob);
        RekeyOutcome second = bob.Rekey.Take(ana.Rekey.Begin()!.Value);
        RekeyOutcome third = ana.Rekey.Take(second.Reply!.Value);
        RekeyOutcome fourth = bob.Rekey.Take(third.Reply!.Value);
        RekeyOutcome end = ana.Rekey.Take(fourth.Reply!.Value);
        Assert.Equal(4, fourth.Reply.Value.Step);
        AssertSame(third.SendUnder!, fourth.ReceiveUnder!);
        AssertSame(fourth.SendUnder!, end.ReceiveUnder!);
        Assert.NotNull(ana.Rekey.Begin());
    }

    [Fact]
    public void A_second_begin_waits_for_the_first()
    {
        using Side ana = new(_session, true);
        using Side bob = new(_session, false);
        ana.Meet(bob);
        Assert.NotNull(ana.Rekey.Begin());
        Assert.Null(ana.Rekey.Begin());
    }

    [Fact]
    public void A_handshake_of_another_session_is_refused()
    {
        using Side ana = new(_session, true);
        using Side bob = new([.. _session[..31], 1], false);
        ana.Meet(bob);
        RekeyOutcome second = bob.Rekey.Take(ana.Rekey.Begin()!.Value);
        Assert.Throws<ProtocolException>(() => ana.Rekey.Take(second.Reply!.Value));
    }

    [Fact]
    public void Another_identity_cannot_take_the_session_over()
    {
        using Side ana = new(_session, true);
        using Side bob = new(_session, false);
        using Side eve = new(_session, false);
        ana.Meet(bob);
        eve.Meet(ana);
        RekeyOutcome second = eve.Rekey.Take(ana.Rekey.Begin()!.Value);
        Assert.Throws<ProtocolException>(() => ana.Rekey.Take(second.Reply!.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_step_that_is_not_due_is_an_error(int step)
    {
        using Side ana = new(_session, true);
        using Side bob = new(_session, false);
        ana.Meet(bob);
        Assert.Throws<ProtocolException>(() => bob.Rekey.Take(new RekeyFrame(step, new byte[NoiseSizes.MessageOne])));
        Assert.Throws<ProtocolException>(() => ana.Rekey.Take(new RekeyFrame(step, new byte[NoiseSizes.MessageOne])));
    }

    private static void AssertSame(CipherState sending, CipherState receiving)
    {
        byte[] record = new byte[3 + Limits.Tag];
        sending.EncryptWithAd(default, "abc"u8, record);
        byte[] plain = new byte[3];
        Assert.True(receiving.TryDecryptWithAd(default, record, plain, out _));
        Assert.Equal("abc"u8.ToArray(), plain);
    }

    private sealed class Side(byte[] session, bool dials) : IDisposable
    {
        private readonly IdentityKeyPair _identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        private Rekey? _rekey;

        public Rekey Rekey => _rekey!;

        public void Meet(Side other)
        {
            _rekey ??= Create(other);
            other._rekey ??= other.Create(this);
        }

        public void Dispose()
        {
            _rekey?.Dispose();
            _identity.Dispose();
        }

        private Rekey Create(Side other) => new(new LocalParty(_identity, TimeProvider.System, SystemRandomSource.Instance), other._identity.PublicKey, dials, session);
    }
}
