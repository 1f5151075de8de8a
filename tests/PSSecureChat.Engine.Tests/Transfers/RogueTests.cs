using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Transfers;

/// <summary>What a peer that means no good can do about files: end its own conversation.</summary>
public sealed class RogueTests : IAsyncLifetime
{
    private readonly string _inbox = Directory.CreateTempSubdirectory("pssc-").FullName;
    private ChatEngine _engine = null!;

    public async ValueTask InitializeAsync() => _engine = await TwoPeers.StartAsync("ana");

    public async ValueTask DisposeAsync()
    {
        await _engine.StopAsync();
        Directory.Delete(_inbox, recursive: true);
    }

    [Fact]
    public async Task An_honest_sender_is_served()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, Limits.MaxFileChunk + 5);
        await peer.DataAsync(id, 1, 0, data[..Limits.MaxFileChunk]);
        await peer.DataAsync(id, 1, Limits.MaxFileChunk, data[Limits.MaxFileChunk..]);
        await peer.EndAsync(id, 1, SHA256.HashData(data));
        await peer.HearAsync<(Guid Id, string Hash)>(done => done == (id, Convert.ToHexString(SHA256.HashData(data))));
        Assert.Equal(data, await File.ReadAllBytesAsync(Directory.GetFiles(_inbox).Single(), TwoPeers.Patience));

        // Offered once more, it is there already.
        await peer.OfferAsync(id, "x.bin", data.Length);
        await TwoPeers.UntilAsync(() => peer.Count<(Guid, string)>() == 2);
        Assert.Single(Directory.GetFiles(_inbox));
    }

    [Theory]
    [InlineData("beyond the length")]
    [InlineData("not the next offset")]
    [InlineData("an offset before")]
    [InlineData("a short piece")]
    [InlineData("a round that was not asked for")]
    [InlineData("the end too early")]
    public async Task Data_that_is_not_due_ends_the_conversation_and_leaves_no_file(string what)
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        int chunk = Limits.MaxFileChunk;
        int length = (2 * chunk) + 10;
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, length);
        byte[] piece = data[..chunk];
        switch (what)
        {
            case "beyond the length":
                await peer.DataAsync(id, 1, 0, piece);
                await peer.DataAsync(id, 1, chunk, piece);
                await peer.DataAsync(id, 1, 2 * chunk, piece[..11]);
                break;
            case "not the next offset":
                await peer.DataAsync(id, 1, chunk, piece);
                break;
            case "an offset before":
                await peer.DataAsync(id, 1, 0, piece);
                await peer.DataAsync(id, 1, 0, piece);
                break;
            case "a short piece":
                await peer.DataAsync(id, 1, 0, piece[..^1]);
                break;
            case "a round that was not asked for":
                await peer.DataAsync(id, 2, 0, piece);
                break;
            default:
                await peer.DataAsync(id, 1, 0, piece);
                await peer.EndAsync(id, 1, new byte[32]);
                break;
        }

        await peer.IsRefusedAsync();
        await _engine.StopAsync(); // whoever wrote or tidied up has ended
        Assert.All(Directory.GetFiles(_inbox), file => Assert.True(file.EndsWith(".part", StringComparison.Ordinal) && new FileInfo(file).Length <= length, file));
    }

    [Theory]
    [InlineData("a second end")]
    [InlineData("data")]
    public async Task What_follows_the_end_of_a_file_that_is_being_finished_ends_the_conversation_and_not_the_file(string what)
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, 10);
        using ManualResetEventSlim free = new();
        Task held = Refusal.StoreOf(_engine).Writer.RunAsync(_ => free.Wait(TwoPeers.Patience), TwoPeers.Patience);
        try
        {
            // It cannot get its name before that is stored: so it is not finished when the rest comes.
            await peer.DataAsync(id, 1, 0, data);
            await peer.EndAsync(id, 1, SHA256.HashData(data));
            await (what == "data" ? peer.DataAsync(id, 1, 10, data) : peer.EndAsync(id, 1, SHA256.HashData(data)));
            await peer.IsRefusedAsync();
        }
        finally
        {
            free.Set();
            await held;
        }

        await _engine.StopAsync();
        Assert.Equal(data, await File.ReadAllBytesAsync(Directory.GetFiles(_inbox).Single(), TwoPeers.Patience));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task A_piece_beyond_the_window_ends_the_conversation(int missing, bool refused)
    {
        // So small that the first piece fills it: what the receiver allows later, having written that one, does not count.
        await _engine.StopAsync();
        _engine = await TwoPeers.StartAsync("ana", limits: Limits.Default with { FileWindow = Limits.MaxFileChunk - missing });
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, 2 * Limits.MaxFileChunk);
        await peer.DataAsync(id, 1, 0, data[..Limits.MaxFileChunk]);
        await (refused ? peer.IsRefusedAsync() : peer.IsHeardAsync());
    }

    [Fact]
    public async Task A_window_is_as_large_as_it_says_and_no_larger()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        Guid id = Guid.NewGuid();
        await peer.OfferAsync(id, "x", 1L << 30);
        await TakeAsync(id);
        FileTakeFrame take = await peer.HearAsync<FileTakeFrame>();
        Assert.Equal((1L, 0L, (long)Limits.Default.FileWindow), (take.Round, take.Offset, take.Limit));
    }

    [Fact]
    public async Task Data_that_nobody_asked_for_ends_the_conversation_and_data_of_what_is_unknown_is_dropped()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        await peer.DataAsync(Guid.NewGuid(), 1, 0, new byte[100]);
        await peer.EndAsync(Guid.NewGuid(), 1, new byte[32]);
        await peer.TakeAsync(Guid.NewGuid(), 1, 0, 100);
        await peer.CreditAsync(Guid.NewGuid(), 1, 100);
        await peer.DoneAsync(Guid.NewGuid(), new byte[32]);
        await peer.StopAsync(Guid.NewGuid(), 2);
        await peer.IsHeardAsync();

        Guid id = Guid.NewGuid();
        await peer.OfferAsync(id, "x", 100);
        await peer.DataAsync(id, 1, 0, new byte[100]); // offered, and not taken
        await peer.IsRefusedAsync();
        Assert.Empty(Directory.GetFiles(_inbox));
    }

    [Fact]
    public async Task Data_of_a_file_that_was_refused_is_dropped()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, 3 * Limits.MaxFileChunk);
        await _engine.StopTransferAsync(Single(id), TwoPeers.Patience);
        await peer.HearAsync<FileStopFrame>(stop => stop == new FileStopFrame(id, FileStopReason.Stopped));
        await peer.DataAsync(id, 1, 0, data[..Limits.MaxFileChunk]);
        await peer.EndAsync(id, 1, new byte[32]);
        await peer.IsHeardAsync();
        await TwoPeers.UntilAsync(() => Directory.GetFiles(_inbox).Length == 0);

        // Nor does it come back by being offered again.
        await peer.OfferAsync(id, "x.bin", data.Length);
        await TwoPeers.UntilAsync(() => peer.Count<FileStopFrame>() == 2);
        Assert.Equal(ChatTransferState.Stopped, Single(id).State);
    }

    [Fact]
    public async Task A_hash_that_is_not_that_of_the_data_fails_the_file()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        (Guid id, byte[] data) = await OfferedAndTakenAsync(peer, 10);
        await peer.DataAsync(id, 1, 0, data);
        await peer.EndAsync(id, 1, SHA256.HashData("something else"u8));
        await peer.HearAsync<FileStopFrame>(stop => stop == new FileStopFrame(id, FileStopReason.Damaged));
        Assert.Equal(ChatTransferState.Failed, Single(id).State);
        await TwoPeers.UntilAsync(() => Directory.GetFiles(_inbox).Length == 0);

        // What may still have been on its way is dropped.
        await peer.DataAsync(id, 1, 0, data);
        await peer.EndAsync(id, 1, SHA256.HashData(data));
        await peer.IsHeardAsync();
        Assert.Empty(Directory.GetFiles(_inbox));
    }

    [Theory]
    [InlineData(Limits.OpenOffers - 1)]
    [InlineData(Limits.OpenOffers)]
    [InlineData(Limits.OpenOffers + 1)]
    public async Task So_many_offers_of_a_peer_wait_and_no_more(int count)
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        for (int i = 0; i < count; i++)
        {
            await peer.OfferAsync(Guid.NewGuid(), $"{i}", i);
        }

        Exception? failed = await Record.ExceptionAsync(peer.IsHeardAsync);
        Assert.True(failed is null, $"{failed?.Message}: {_engine.GetPeers().Single().State} {_engine.GetPeers().Single().Reason}");
        Assert.Equal(Math.Min(count, Limits.OpenOffers), _engine.GetTransfers().Count);
        if (count > Limits.OpenOffers)
        {
            await peer.HearAsync<FileStopFrame>(static stop => stop.Reason == FileStopReason.TooMany);
        }

        Assert.Equal(Math.Max(0, count - Limits.OpenOffers), peer.Count<FileStopFrame>());
    }

    [Fact]
    public async Task Offers_of_an_earlier_conversation_make_room_for_new_ones()
    {
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        for (int round = 0; round < 3; round++)
        {
            await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, identity, Capability.Files);
            for (int i = 0; i < Limits.OpenOffers; i++)
            {
                await peer.OfferAsync(Guid.NewGuid(), $"{round} {i}", i);
            }

            await peer.IsHeardAsync();
            Assert.Equal(Limits.OpenOffers, _engine.GetTransfers().Count);
            Assert.All(_engine.GetTransfers(), transfer => Assert.StartsWith($"{round} ", transfer.Name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_offer_that_is_withdrawn_leaves_nothing()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        for (int i = 0; i < 2 * Limits.OpenOffers; i++)
        {
            Guid id = Guid.NewGuid();
            await peer.OfferAsync(id, $"{i}", i);
            await peer.StopAsync(id, 2);
        }

        await peer.IsHeardAsync();
        Assert.Empty(_engine.GetTransfers());
    }

    [Fact]
    public async Task An_offer_may_not_change_and_may_not_take_an_id_of_ours()
    {
        await using (RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files))
        {
            Guid id = Guid.NewGuid();
            await peer.OfferAsync(id, "x", 10);
            await peer.OfferAsync(id, "x", 11);
            await peer.IsRefusedAsync();
        }

        await using (RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files))
        {
            FileOfferFrame ours = await SendAsync(peer, 10);
            await peer.OfferAsync(ours.Id, "x", 10);
            await peer.IsRefusedAsync();
        }

        await using (RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files))
        {
            await peer.OfferAsync(Guid.NewGuid(), "x", Limits.MaxSequence + 1);
            await peer.IsRefusedAsync();
        }
    }

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(1, 0, 0, false)]
    [InlineData(1, 10, 10, false)]
    [InlineData(1, 11, 11, true)]
    [InlineData(1, 5, 4, true)]
    public async Task A_take_that_cannot_be_ends_the_conversation(long round, long offset, long limit, bool refused)
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        FileOfferFrame offer = await SendAsync(peer, 10);
        await peer.TakeAsync(offer.Id, round, offset, limit);
        await (refused ? peer.IsRefusedAsync() : peer.IsHeardAsync());
    }

    [Fact]
    public async Task Nothing_is_sent_beyond_what_was_asked_for_and_credits_only_grow()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        FileOfferFrame offer = await SendAsync(peer, 3 * Limits.MaxFileChunk);
        await peer.TakeAsync(offer.Id, 1, 0, (2 * Limits.MaxFileChunk) - 1);
        await peer.HearAsync<(Guid, long, long, string)>();
        await peer.IsHeardAsync();
        Assert.Equal(1, peer.Count<(Guid, long, long, string)>()); // the second does not fit whole
        await peer.CreditAsync(offer.Id, 1, 2 * Limits.MaxFileChunk);
        await TwoPeers.UntilAsync(() => peer.Count<(Guid, long, long, string)>() == 2);
        await peer.CreditAsync(offer.Id, 1, (2 * Limits.MaxFileChunk) - 1);
        await peer.IsRefusedAsync();
    }

    [Fact]
    public async Task Whoever_takes_a_file_again_and_again_gets_it_once_at_a_time()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        FileOfferFrame offer = await SendAsync(peer, 3 * Limits.MaxFileChunk);
        for (int round = 1; round <= 200; round++)
        {
            await peer.TakeAsync(offer.Id, round, 0, long.MaxValue);
        }

        await peer.HearAsync<(Guid, long Round, string)>(static end => end.Round == 200);
    }

    [Fact]
    public async Task Whoever_asks_for_files_and_does_not_read_the_answers_is_cut_off()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        await peer.WantAsync(Guid.NewGuid());
        await peer.HearAsync<FileStopFrame>(static stop => stop.Reason == FileStopReason.NotKnown);
        await peer.IsHeardAsync();
    }

    [Fact]
    public async Task A_peer_that_knows_of_no_files_is_offered_none()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine);
        await TwoPeers.UntilAsync(() => _engine.GetPeers().SingleOrDefault()?.State == ChatPeerState.Online);
        ChatException failure = await Assert.ThrowsAsync<ChatException>(() => _engine.SendFileAsync(_engine.GetPeers().Single().Fingerprint, MakeFile(10), TwoPeers.Patience));
        Assert.Equal(ChatErrorId.PeerTakesNoFiles, failure.ErrorId);
    }

    [Fact]
    public async Task A_done_with_another_hash_fails_the_file()
    {
        await using RoguePeer peer = await RoguePeer.ConnectAsync(_engine, Capability.Files);
        FileOfferFrame offer = await SendAsync(peer, 10);
        await peer.TakeAsync(offer.Id, 1, 0, 10);
        await peer.HearAsync<(Guid, long, string)>();
        await TwoPeers.UntilAsync(() => Single(offer.Id).Sha256 is not null);
        await peer.DoneAsync(offer.Id, new byte[32]);
        await peer.IsHeardAsync();
        Assert.Equal(ChatTransferState.Failed, Single(offer.Id).State);
    }

    private ChatTransfer Single(Guid id) => _engine.GetTransfers().Single(transfer => transfer.Id == id);

    private async Task TakeAsync(Guid id)
    {
        await TwoPeers.UntilAsync(() => _engine.GetTransfers().Any(transfer => transfer.Id == id));
        await _engine.TakeFileAsync(Single(id), _inbox, false, TwoPeers.Patience);
    }

    private async Task<(Guid Id, byte[] Data)> OfferedAndTakenAsync(RoguePeer peer, int length)
    {
        byte[] data = new byte[length];
        Random.Shared.NextBytes(data);
        Guid id = Guid.NewGuid();
        await peer.OfferAsync(id, "x.bin", length);
        await TakeAsync(id);
        await peer.HearAsync<FileTakeFrame>();
        return (id, data);
    }

    private string MakeFile(int length)
    {
        string path = Path.Combine(_inbox, "source");
        File.WriteAllBytes(path, new byte[length]);
        return path;
    }

    private async Task<FileOfferFrame> SendAsync(RoguePeer peer, int length)
    {
        await TwoPeers.UntilAsync(() => _engine.GetPeers().Any(one => one.State == ChatPeerState.Online));
        await _engine.SendFileAsync(_engine.GetPeers().Single(one => one.State == ChatPeerState.Online).Fingerprint, MakeFile(length), TwoPeers.Patience);
        return await peer.HearAsync<FileOfferFrame>();
    }
}
