using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Transfers;

public sealed class TransferTests
{
    private static readonly Limits s_smallMarks = Limits.Default with { FileMarker = 256 * 1024 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limits.MaxFileChunk - 1)]
    [InlineData(Limits.MaxFileChunk)]
    [InlineData(Limits.MaxFileChunk + 1)]
    [InlineData((8 * Limits.MaxFileChunk) + 1)]
    [InlineData(5_000_000)]
    public async Task A_file_is_offered_taken_and_arrives_whole_under_its_name(int length)
    {
        await using FilePair pair = await FilePair.StartAsync();
        string source = pair.MakeFile("report.pdf", length);
        ChatTransfer sent = await pair.SendAsync(source);
        Assert.Equal((ChatDirection.Outgoing, "report.pdf", (long)length, "bob"), (sent.Direction, sent.Name, sent.Length, sent.To));

        ChatTransfer offer = await pair.AtBobAsync(sent, ChatTransferState.Offered);
        await pair.AtAnaAsync(sent, ChatTransferState.Offered);
        Assert.Empty(pair.InboxFiles);
        await pair.Bob.TakeFileAsync(offer, pair.Inbox, false, TwoPeers.Patience);

        Assert.Equal(Path.Combine(pair.Inbox, "report.pdf"), await pair.ArrivedAsync(sent, source));
        Assert.Equal(["report.pdf"], pair.InboxFiles);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(pair.Inbox, "report.pdf")));
        }
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_replaced_unless_that_is_wanted()
    {
        await using FilePair pair = await FilePair.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(pair.Inbox, "notes.txt"), "mine", TwoPeers.Patience);
        await File.WriteAllTextAsync(Path.Combine(pair.Inbox, "notes (1).txt"), string.Empty, TwoPeers.Patience);
        string source = pair.MakeFile("notes.txt", 100);

        ChatTransfer first = await pair.SendAsync(source);
        await pair.TakeAsync(first);
        Assert.Equal("notes (2).txt", Path.GetFileName(await pair.ArrivedAsync(first, source)));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(pair.Inbox, "notes.txt"), TwoPeers.Patience));

        ChatTransfer second = await pair.SendAsync(source);
        await pair.TakeAsync(second, replace: true);
        Assert.Equal("notes.txt", Path.GetFileName(await pair.ArrivedAsync(second, source)));
        Assert.Equal(["notes (1).txt", "notes (2).txt", "notes.txt"], pair.InboxFiles);
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_file_is_not_followed()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // links need a privilege there
        }

        await using FilePair pair = await FilePair.StartAsync();
        string outside = Path.Combine(pair.Root, "outside.txt");
        File.CreateSymbolicLink(Path.Combine(pair.Inbox, "a.txt"), outside); // leads nowhere yet
        await File.WriteAllTextAsync(Path.Combine(pair.Root, "kept.txt"), "kept", TwoPeers.Patience);
        File.CreateSymbolicLink(Path.Combine(pair.Inbox, "b.txt"), Path.Combine(pair.Root, "kept.txt"));

        string a = pair.MakeFile("a.txt", 10);
        ChatTransfer first = await pair.SendAsync(a);
        await pair.TakeAsync(first);
        Assert.Equal("a (1).txt", Path.GetFileName(await pair.ArrivedAsync(first, a)));
        Assert.False(File.Exists(outside));

        string b = pair.MakeFile("b.txt", 10);
        ChatTransfer second = await pair.SendAsync(b);
        await pair.TakeAsync(second, replace: true);
        await pair.ArrivedAsync(second, b);
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(pair.Root, "kept.txt"), TwoPeers.Patience));
        Assert.Null(new FileInfo(Path.Combine(pair.Inbox, "b.txt")).LinkTarget);
    }

    [Fact]
    public async Task A_rule_takes_what_it_allows_and_leaves_the_rest_to_the_user()
    {
        await using FilePair pair = await FilePair.StartAsync(rule: true, ruleUpTo: 1000);
        string small = pair.MakeFile("small.bin", 1000);
        string large = pair.MakeFile("large.bin", 1001);
        ChatTransfer first = await pair.SendAsync(small);
        ChatTransfer second = await pair.SendAsync(large);
        await pair.ArrivedAsync(first, small);
        await pair.AtBobAsync(second, ChatTransferState.Offered);
        Assert.Equal(["small.bin"], pair.InboxFiles);
        await pair.TakeAsync(second);
        await pair.ArrivedAsync(second, large);
    }

    [Fact]
    public async Task A_refused_file_leaves_nothing_and_the_sender_hears_of_it()
    {
        await using FilePair pair = await FilePair.StartAsync();
        ChatTransfer sent = await pair.SendAsync(pair.MakeFile("x.bin", 100));
        await pair.Bob.StopTransferAsync(await pair.AtBobAsync(sent, ChatTransferState.Offered), TwoPeers.Patience);
        ChatTransfer refused = await pair.AtAnaAsync(sent, ChatTransferState.Stopped);
        Assert.Equal("bob refused it", refused.Reason);
        Assert.Empty(pair.InboxFiles);

        // Also when he refuses while she is away: she asks again, and hears it then.
        ChatTransfer other = await pair.SendAsync(pair.MakeFile("y.bin", 100));
        ChatTransfer offer = await pair.AtBobAsync(other, ChatTransferState.Offered);
        await pair.Ana.StopAsync();
        await pair.Bob.StopTransferAsync(offer, TwoPeers.Patience);
        await pair.StartAnaAsync();
        await pair.AtAnaAsync(other, ChatTransferState.Stopped);
        ChatException again = await Assert.ThrowsAsync<ChatException>(() => pair.Bob.TakeFileAsync(offer, pair.Inbox, false, TwoPeers.Patience));
        Assert.Equal(ChatErrorId.TransferEnded, again.ErrorId);
    }

    [Fact]
    public async Task A_file_goes_on_after_the_connection_was_cut_many_times()
    {
        await using FilePair pair = await FilePair.StartAsync(limits: s_smallMarks);
        string source = pair.MakeFile("big.bin", 12_000_000);
        long cutAt = 1_000_000;
        int cuts = 0;
        pair.OnWayToBob = position =>
        {
            if (position > cutAt && cuts < 5)
            {
                cuts++;
                pair.Cut();
            }
        };
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.TakeAsync(sent);
        await pair.ArrivedAsync(sent, source);
        Assert.Equal(5, cuts);
        Assert.Equal(["big.bin"], pair.InboxFiles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_goes_on_after_a_restart_of_either_side(bool sender)
    {
        await using FilePair pair = await FilePair.StartAsync(limits: s_smallMarks);
        string source = pair.MakeFile("big.bin", 8_000_000);
        using SemaphoreSlim held = new(0);
        using ManualResetEventSlim passage = new(initialState: true);
        pair.OnWayToBob = position =>
        {
            if (position > 3_000_000 && passage.IsSet)
            {
                passage.Reset();
                held.Release();
            }

            passage.Wait(TwoPeers.Patience);
        };
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.TakeAsync(sent);
        await held.WaitAsync(TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => pair.Bob.GetTransfers().Single().BytesDone > 0);
        Task stopping = sender ? pair.Ana.StopAsync() : pair.Bob.StopAsync();
        pair.Cut();
        await stopping; // until then nothing passes by another connection either
        pair.OnWayToBob = null;
        passage.Set();
        ChatTransfer between = (sender ? pair.Bob : pair.Ana).GetTransfers().Single();
        Assert.False(between.HasEnded, $"{between}: {between.Reason}");
        await (sender ? pair.StartAnaAsync() : pair.StartBobAsync());
        if (!sender)
        {
            Assert.NotEqual(0, pair.Bob.GetTransfers().Single().BytesDone); // it does not begin anew
        }

        await pair.ArrivedAsync(sent, source);
        Assert.Equal(["big.bin"], pair.InboxFiles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_side_suspends_and_resumes(bool sender)
    {
        await using FilePair pair = await FilePair.StartAsync(limits: s_smallMarks);
        string source = pair.MakeFile("big.bin", 20_000_000);
        using ManualResetEventSlim passage = new(initialState: true);
        using SemaphoreSlim held = new(0);
        pair.OnWayToBob = position =>
        {
            if (position > 2_000_000 && held.CurrentCount == 0 && passage.IsSet)
            {
                passage.Reset();
                held.Release();
                passage.Wait(TwoPeers.Patience);
                pair.OnWayToBob = null;
            }
        };
        ChatTransfer sent = await pair.SendAsync(source);
        ChatTransfer taken = await pair.TakeAsync(sent);
        await held.WaitAsync(TwoPeers.Patience);
        (ChatEngine engine, ChatTransfer own) = sender ? (pair.Ana, sent) : (pair.Bob, taken);
        Assert.Equal(ChatTransferState.Suspended, (await engine.SuspendTransferAsync(own, TwoPeers.Patience)).State);
        passage.Set();
        ChatTransfer there = sender ? await pair.AtBobAsync(sent, ChatTransferState.Suspended) : await pair.AtAnaAsync(sent, ChatTransferState.Suspended);
        Assert.Equal($"{(sender ? "ana" : "bob")} has suspended it", there.Reason);

        // It stays so over a cut and over a restart of the side that suspended it.
        pair.Cut();
        await engine.StopAsync();
        await (sender ? pair.StartAnaAsync() : pair.StartBobAsync());
        engine = sender ? pair.Ana : pair.Bob;
        await (sender ? pair.AtBobAsync(sent, ChatTransferState.Suspended) : pair.AtAnaAsync(sent, ChatTransferState.Suspended));
        await engine.ResumeTransferAsync(engine.GetTransfers().Single(), TwoPeers.Patience);
        await pair.ArrivedAsync(sent, source);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_side_stops_a_file_also_while_the_other_is_away(bool sender)
    {
        await using FilePair pair = await FilePair.StartAsync();
        string source = pair.MakeFile("big.bin", 20_000_000);
        using ManualResetEventSlim passage = new(initialState: true);
        using SemaphoreSlim held = new(0);
        pair.OnWayToBob = position =>
        {
            if (position > 2_000_000 && held.CurrentCount == 0)
            {
                held.Release();
                passage.Wait(TwoPeers.Patience);
            }
        };
        passage.Reset();
        ChatTransfer sent = await pair.SendAsync(source);
        ChatTransfer taken = await pair.TakeAsync(sent);
        await held.WaitAsync(TwoPeers.Patience);
        (ChatEngine stays, ChatTransfer own, ChatEngine leaves) = sender ? (pair.Ana, sent, pair.Bob) : (pair.Bob, taken, pair.Ana);
        Task stopping = leaves.StopAsync();
        pair.Cut();
        await stopping; // until then the rest does not pass by another connection either
        pair.OnWayToBob = null;
        passage.Set();
        Assert.Equal(ChatTransferState.Stopped, (await stays.StopTransferAsync(own, TwoPeers.Patience)).State);
        await (sender ? pair.StartBobAsync() : pair.StartAnaAsync());
        ChatTransfer there = sender ? await pair.AtBobAsync(sent, ChatTransferState.Stopped) : await pair.AtAnaAsync(sent, ChatTransferState.Stopped);
        Assert.NotNull(there.Reason);
        await TwoPeers.UntilAsync(() => pair.InboxFiles.Length == 0);
    }

    [Fact]
    public async Task A_file_that_was_changed_after_it_was_offered_fails_on_both_sides()
    {
        await using FilePair pair = await FilePair.StartAsync();
        string source = pair.MakeFile("log.txt", 1000);
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.AtBobAsync(sent, ChatTransferState.Offered);
        await File.AppendAllTextAsync(source, "one more line", TwoPeers.Patience);
        await pair.TakeAsync(sent);
        Assert.EndsWith("was changed after it was offered", (await pair.AtAnaAsync(sent, ChatTransferState.Failed)).Reason, StringComparison.Ordinal);
        Assert.Equal("ana changed the file after it was offered", (await pair.AtBobAsync(sent, ChatTransferState.Failed)).Reason);
        await TwoPeers.UntilAsync(() => pair.InboxFiles.Length == 0);
    }

    [Fact]
    public async Task A_file_that_was_changed_with_its_size_and_time_kept_is_found_by_its_hash()
    {
        await using FilePair pair = await FilePair.StartAsync(limits: s_smallMarks);
        string source = pair.MakeFile("big.bin", 8_000_000);
        using ManualResetEventSlim passage = new(initialState: false);
        using SemaphoreSlim held = new(0);
        pair.OnWayToBob = position =>
        {
            if (position > 3_000_000 && held.CurrentCount == 0)
            {
                held.Release();
                passage.Wait(TwoPeers.Patience);
            }
        };
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.TakeAsync(sent);
        await held.WaitAsync(TwoPeers.Patience);
        Task stopping = pair.Ana.StopAsync();
        pair.Cut();
        await stopping; // until then the rest does not pass by another connection either
        pair.OnWayToBob = null;
        passage.Set();

        DateTime modified = File.GetLastWriteTimeUtc(source);
        byte[] bytes = await File.ReadAllBytesAsync(source, TwoPeers.Patience);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(source, bytes, TwoPeers.Patience);
        File.SetLastWriteTimeUtc(source, modified);
        await pair.StartAnaAsync();
        Assert.Equal("what arrived is not what was sent: the hashes differ", (await pair.AtBobAsync(sent, ChatTransferState.Failed)).Reason);
        Assert.Equal("what arrived is not what was sent: the hashes differ", (await pair.AtAnaAsync(sent, ChatTransferState.Failed)).Reason);
        await TwoPeers.UntilAsync(() => pair.InboxFiles.Length == 0);
    }

    [Fact]
    public async Task Messages_keep_flowing_while_files_go()
    {
        await using FilePair pair = await FilePair.StartAsync(rule: true);
        string source = pair.MakeFile("big.bin", 40_000_000);
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.AtAnaAsync(sent, ChatTransferState.Transferring);
        for (int i = 0; i < 20; i++)
        {
            ChatMessage there = await TwoPeers.SendAsync(pair.Ana, "bob", $"to {i}");
            await pair.Ana.WaitForStateAsync(there, ChatMessageState.Delivered, TwoPeers.Patience);
            ChatMessage back = await TwoPeers.SendAsync(pair.Bob, "ana", $"fro {i}");
            await pair.Bob.WaitForStateAsync(back, ChatMessageState.Delivered, TwoPeers.Patience);
        }

        await pair.ArrivedAsync(sent, source);
    }

    [Fact]
    public async Task Many_files_in_both_directions_arrive()
    {
        await using FilePair pair = await FilePair.StartAsync(rule: true, limits: Limits.Default with { FilesAtOnce = 2 });
        List<(ChatTransfer Sent, string Source)> all = [];
        for (int i = 0; i < 30; i++)
        {
            string source = pair.MakeFile($"{i}.bin", i * 30_000);
            all.Add((await pair.SendAsync(source), source));
        }

        string back = pair.MakeFile("back.bin", 3_000_000);
        ChatTransfer returning = await pair.Bob.SendFileAsync(pair.Bob.GetPeers().Single().Fingerprint, back, TwoPeers.Patience);
        await pair.Ana.TakeFileAsync(await pair.AtAnaAsync(returning, ChatTransferState.Offered), pair.Root, false, TwoPeers.Patience);
        foreach ((ChatTransfer sent, string source) in all)
        {
            await pair.ArrivedAsync(sent, source);
        }

        ChatTransfer arrived = await pair.AtAnaAsync(returning, ChatTransferState.Completed);
        Assert.Equal(await File.ReadAllBytesAsync(back, TwoPeers.Patience), await File.ReadAllBytesAsync(arrived.Path!, TwoPeers.Patience));
        Assert.Equal(30, pair.InboxFiles.Length);
    }

    [Fact]
    public async Task What_cannot_be_sent_or_taken_is_a_clear_error()
    {
        await using FilePair pair = await FilePair.StartAsync();
        async Task<ChatErrorId> Failing(Func<Task> action) => (await Assert.ThrowsAsync<ChatException>(action)).ErrorId;
        Assert.Equal(ChatErrorId.FileNotUsable, await Failing(() => pair.SendAsync(Path.Combine(pair.Root, "missing"))));
        Assert.Equal(ChatErrorId.FileNotUsable, await Failing(() => pair.SendAsync(pair.Root)));

        ChatTransfer sent = await pair.SendAsync(pair.MakeFile("x", 10));
        ChatTransfer offer = await pair.AtBobAsync(sent, ChatTransferState.Offered);
        Assert.Equal(ChatErrorId.DestinationNotUsable, await Failing(() => pair.Bob.TakeFileAsync(offer, Path.Combine(pair.Root, "missing"), false, TwoPeers.Patience)));
        Assert.Equal(ChatErrorId.TransferNotOffered, await Failing(() => pair.Bob.ResumeTransferAsync(offer, TwoPeers.Patience)));
        await pair.Bob.TakeFileAsync(offer, pair.Inbox, false, TwoPeers.Patience);
        await pair.AtBobAsync(sent, ChatTransferState.Completed);
        Assert.Equal(ChatErrorId.TransferEnded, await Failing(() => pair.Bob.ResumeTransferAsync(offer, TwoPeers.Patience)));
    }

    [Fact]
    public async Task A_disk_without_room_is_found_before_anything_is_taken()
    {
        await using FilePair pair = await FilePair.StartAsync(limits: Limits.Default with { FileReserve = long.MaxValue / 4 });
        ChatTransfer sent = await pair.SendAsync(pair.MakeFile("x", 10));
        ChatTransfer offer = await pair.AtBobAsync(sent, ChatTransferState.Offered);
        ChatException failure = await Assert.ThrowsAsync<ChatException>(() => pair.Bob.TakeFileAsync(offer, pair.Inbox, false, TwoPeers.Patience));
        Assert.Equal(ChatErrorId.NotEnoughSpace, failure.ErrorId);
        Assert.Empty(pair.InboxFiles);
        Assert.Equal(ChatTransferState.Offered, pair.Bob.Refresh(offer)!.State);
    }

    [Fact]
    public async Task Progress_is_announced_a_few_times_a_second_and_not_for_every_piece()
    {
        await using FilePair pair = await FilePair.StartAsync(rule: true, limits: Limits.Default with { FileProgress = TimeSpan.FromHours(1) });
        string source = pair.MakeFile("big.bin", 30_000_000);
        ChatTransfer sent = await pair.SendAsync(source);
        await pair.ArrivedAsync(sent, source);
        Assert.InRange(pair.Bob.TransfersVersion, 3, 12); // its states, and none of 460 pieces
        Assert.InRange(pair.Ana.TransfersVersion, 3, 12);
    }
}
