using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Tests.Documentation;
using PSSecureChat.Engine.Tests.Wire;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>
/// One conversation over a connection in memory, whose other side is made by hand: the test writes its frames, one
/// record at a time, and reads what comes back.
/// </summary>
internal sealed class HandMadePeer : IAsyncDisposable
{
    private static readonly byte[] s_there = Noise.HandshakePair.Filled(NoiseSizes.Key, 1);
    private static readonly byte[] s_back = Noise.HandshakePair.Filled(NoiseSizes.Key, 2);
    private readonly IdentityKeyPair _us = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly IdentityKeyPair _them = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly bool _ownsStore;
    private readonly LocalParty _local;
    private readonly RecordedWire _wire;
    private readonly RecordReader _reader;
    private readonly RecordBuilder _builder;
    private readonly FrameAssembler _assembler = new();
    private readonly RecordedFrames _frames = new();
    private readonly Task<ConversationEnd> _end;

    private HandMadePeer(ChatStore? store, bool weDialled, Limits limits, TimeProvider time, bool refuses, bool saysWait)
    {
        _ownsStore = store is null;
        Store = store ?? ChatStore.Open(null, default, limits, time, () => { }, _ => { }, TwoPeers.Patience);
        _local = new LocalParty(_us, time, SystemRandomSource.Instance) { Profile = new Profile("us", [], 1) };
        (RecordedWire dialler, RecordedWire responder) = RecordedWire.Pair();
        _wire = weDialled ? responder : dialler;
        _reader = new RecordReader(_wire, Cipher(s_there));
        _builder = new RecordBuilder(Cipher(s_back));
        TransportKeys keys = new(Cipher(s_there), Cipher(s_back), new byte[NoiseSizes.Hash]);
        Profile? profile = weDialled ? null : new Profile("them", [Capability.TakesReceipts], 2);
        SecureSession session = new(weDialled ? dialler : responder, keys, _them.PublicKey, profile, weDialled, new PeerAddress("192.0.2.1", 2));
        Conversation = new Conversation(session, Store, new TransferBook(Store, limits, time, new ChangeSignal(), null), _local, limits, time, new ChangeSignal()) { Refuses = refuses, SaysWait = saysWait };
        _end = Conversation.RunAsync();
    }

    public delegate int Encoder(Span<byte> destination);

    public ChatStore Store { get; }

    public Conversation Conversation { get; }

    /// <summary>What the store knows of the peer.</summary>
    public PeerRecord Record { get; private set; } = null!;

    /// <summary>The stream of messages the peer sends.</summary>
    public Guid Stream { get; init; } = new("01890000-0000-7000-8000-00000000aaaa");

    /// <summary>A conversation that has begun and does not flow yet.</summary>
    public static async Task<HandMadePeer> MeetAsync(bool weDialled = false, HandMadePeer? before = null, Limits? limits = null, TimeProvider? time = null, bool refuses = false, bool saysWait = false)
    {
        HandMadePeer peer = new(before?.Store, weDialled, limits ?? Limits.Default, time ?? TimeProvider.System, refuses, saysWait) { Record = before?.Record! };
        if (before is null)
        {
            peer.Record = new PeerRecord { Id = peer.Store.NextPeerId(), Identity = peer._them.PublicKey, Label = "them", Standing = PeerStanding.Accepted };
            await peer.Store.Writer.RunAsync(session => session.InsertPeer(peer.Record), TwoPeers.Patience);
        }

        return peer;
    }

    /// <summary>A conversation in which messages flow: of the peer's stream everything up to a number is there.</summary>
    public static async Task<HandMadePeer> FlowAsync(long from = 0, HandMadePeer? before = null, Limits? limits = null, TimeProvider? time = null)
    {
        HandMadePeer peer = await MeetAsync(before: before, limits: limits, time: time);
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, from, Guid.Empty, 0), d));
        await peer.HearAsync<ResumeFrame>();
        return peer;
    }

    /// <summary>Says frames in one record.</summary>
    public async Task SayAsync(params Encoder[] frames)
    {
        foreach (Encoder frame in frames)
        {
            _builder.Advance(frame(_builder.GetSpan(Limits.MaxFrame)));
        }

        await _wire.WriteAsync(_builder.Seal(), TwoPeers.Patience);
    }

    public Task SayMessageAsync(params long[] numbers) => SayAsync([.. numbers.Select(Message)]);

    /// <summary>A message of the peer, whose id follows from its number.</summary>
    public static Encoder Message(long number) => d =>
        FrameEncoder.EncodeMessage(number, new Guid($"01890000-0000-7000-8000-{number % 1_000_000:D12}"), 1, $"text {number}", null, 0, ChatMessageKind.Text, d);

    /// <summary>The next frame of a type; others before it are passed over.</summary>
    public async Task<T> HearAsync<T>()
    {
        while (true)
        {
            int found = _frames.All.FindIndex(frame => frame is T);
            if (found >= 0)
            {
                T frame = (T)_frames.All[found];
                _frames.All.RemoveRange(0, found + 1);
                return frame;
            }

            _frames.All.Clear();
            ReadOnlyMemory<byte> record = await _reader.ReadAsync(TwoPeers.Patience);
            Assert.False(record.IsEmpty, $"the conversation ended before {typeof(T).Name}");
            _assembler.Take(record, _frames);
        }
    }

    /// <summary>All that comes until the connection ends.</summary>
    public async Task<List<object>> HearAllAsync()
    {
        while (await _reader.ReadAsync(TwoPeers.Patience) is { IsEmpty: false } record)
        {
            _assembler.Take(record, _frames);
        }

        return _frames.All;
    }

    /// <summary>The number of the next message we send.</summary>
    public async Task<long> HearMessageAsync() => (await HearAsync<(long Sequence, Guid, long, string, Guid?, long, ChatMessageKind)>()).Sequence;

    /// <summary>Queues messages to the peer and waits until they are stored.</summary>
    public async Task<IReadOnlyList<ChatMessage>> QueueAsync(int count, long expiry = 0)
    {
        List<ChatMessage> messages = [.. Enumerable.Range(0, count).Select(i => new ChatMessage
        {
            Id = Guid.NewGuid(),
            Peer = "them",
            PeerFingerprint = "",
            Server = "us",
            Direction = ChatDirection.Outgoing,
            Text = $"ours {i}",
            SentAt = DateTimeOffset.UnixEpoch,
            StoredAt = DateTimeOffset.UnixEpoch,
            State = ChatMessageState.Queued,
            Expiry = expiry,
        })];
        ChatSender sender = new(null!);
        foreach (ChatMessage message in messages)
        {
            await Store.Writer.EnqueueAsync(Record, message, sender, TwoPeers.Patience);
        }

        await SettleAsync();
        return messages;
    }

    /// <summary>Waits until the store has done all it was given.</summary>
    public Task SettleAsync() => Store.Writer.RunAsync(_ => { }, TwoPeers.Patience);

    public Task<ConversationEnd> EndAsync() => _end.WaitAsync(TwoPeers.Patience);

    /// <summary>The conversation ends because the peer broke a rule.</summary>
    public async Task AssertEndsAsync(string reason)
    {
        ConversationEnd end = await EndAsync();
        Assert.Equal(reason, Assert.IsType<ProtocolException>(end.Failure).Message);
    }

    /// <summary>The conversation goes on: a question is answered.</summary>
    public async Task AssertGoesOnAsync()
    {
        await SayAsync(d => FrameEncoder.Encode(new PingFrame(4711), d));
        while ((await HearAsync<PongFrame>()).Token != 4711)
        {
            // the answer to an earlier question
        }
    }

    /// <summary>Ends the connection without a word and leaves the store.</summary>
    public async Task LeaveAsync()
    {
        _wire.Dispose();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Conversation.Abort();
        await EndAsync();
        _reader.Dispose();
        _builder.Dispose();
        _assembler.Dispose();
        _wire.Dispose();
        if (_ownsStore)
        {
            await Store.DisposeAsync();
        }

        _local.Dispose();
        _us.Dispose();
        _them.Dispose();
    }

    private static CipherState Cipher(byte[] key)
    {
        CipherState cipher = new();
        cipher.InitializeKey(key);
        return cipher;
    }
}
