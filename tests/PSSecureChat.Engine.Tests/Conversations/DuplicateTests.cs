using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;
using PSSecureChat.Faults.Simulation;

namespace PSSecureChat.Engine.Tests.Conversations;

public class DuplicateTests
{
    // Both peers dial at once; each accepts what it has first and closes it when the other connection is the one that
    // stays. The Resume of the one that goes may come after that of the one that stays.
    [Fact]
    public async Task A_conversation_that_closes_does_not_take_the_messages_of_the_one_that_stays()
    {
        await using ChatStore anas = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        await using ChatStore bobs = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord bob = await KnowAsync(anas, bobs.Identity.PublicKey);
        PeerRecord ana = await KnowAsync(bobs, anas.Identity.PublicKey);
        SimulatedLink goes = new(LinkFault.None, TimeProvider.System);
        SimulatedLink stays = new(LinkFault.None, TimeProvider.System);
        (Conversation anaGoes, Conversation bobGoes, Task ended) = await ConnectAsync(goes, anas, bobs);
        (Conversation anaStays, Conversation bobStays, _) = await ConnectAsync(stays, anas, bobs);

        anaGoes.Accept(bob);
        goes.HoldBack();
        bobGoes.Accept(ana);
        anaStays.Accept(bob);
        bobStays.Accept(ana);
        await UntilAsync(() => anaStays.Flowing && bobGoes.Flowing);
        anaGoes.Close(CloseReason.Duplicate);
        goes.Release();
        await ended;

        await anas.Writer.EnqueueAsync(bob, Message(), new ChatSender(null!), TwoPeers.Patience);
        await UntilAsync(() => bob.OutAcked == 1);
        Assert.Equal(1, ana.In.Received);
        anaStays.Abort();
        bobStays.Abort();
    }

    private static async Task<PeerRecord> KnowAsync(ChatStore store, IdentityKey identity)
    {
        PeerRecord peer = new() { Id = store.NextPeerId(), Identity = identity, Label = "peer", Standing = PeerStanding.Accepted };
        await store.Writer.RunAsync(session => session.InsertPeer(peer), TwoPeers.Patience);
        return peer;
    }

    private static async Task<(Conversation Ana, Conversation Bob, Task AnaEnded)> ConnectAsync(SimulatedLink link, ChatStore anas, ChatStore bobs)
    {
        LocalParty ana = new(anas.Identity, TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile("ana", [], 1) };
        LocalParty bob = new(bobs.Identity, TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile("bob", [], 1) };
        Task<SecureSession> dialling = Handshake.DialAsync(link.Dialler, ana, new PeerAddress("192.0.2.1", 1), null, _ => { }, TwoPeers.Patience);
        using InvitationBook none = new([], 0, TimeProvider.System);
        SecureSession? accepted = await Handshake.AcceptAsync(link.Listener, bob, none, silent: false, "192.0.2.2", TwoPeers.Patience);
        Conversation anas1 = new(await dialling, anas, Files(anas), ana, Limits.Default, TimeProvider.System, new ChangeSignal());
        Conversation bobs1 = new(accepted!, bobs, Files(bobs), bob, Limits.Default, TimeProvider.System, new ChangeSignal());
        Task ended = anas1.RunAsync();
        _ = bobs1.RunAsync();
        await Task.WhenAll(anas1.Established, bobs1.Established).WaitAsync(TwoPeers.Patience);
        return (anas1, bobs1, ended);
    }

    private static TransferBook Files(ChatStore store) => new(store, Limits.Default, TimeProvider.System, new ChangeSignal(), null);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(1));
        CancellationToken patience = TwoPeers.Patience;
        while (!condition())
        {
            await look.WaitForNextTickAsync(patience);
        }
    }

    private static ChatMessage Message() => new()
    {
        Id = UuidV7.Create(DateTimeOffset.UtcNow),
        Peer = "bob",
        PeerFingerprint = "",
        Server = "ana",
        Direction = ChatDirection.Outgoing,
        Text = "hello",
        SentAt = DateTimeOffset.UtcNow,
        StoredAt = DateTimeOffset.UtcNow,
        State = ChatMessageState.Queued,
    };
}
