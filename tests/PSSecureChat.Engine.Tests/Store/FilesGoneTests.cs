using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Trust;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>Somebody deletes or replaces the files of a running server. Where open files cannot be deleted there is nothing to test.</summary>
public sealed class FilesGoneTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string AnaPath => Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("folder")]
    [InlineData("database")]
    [InlineData("log")]
    [InlineData("replaced")]
    public async Task Nothing_is_acknowledged_into_files_that_are_gone_and_the_server_fails(string what)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be deleted there");

        // No beat of the clock: it is the commit that has to notice.
        await using ChatEngine ana = await Party.StartAsync("ana", path: AnaPath, time: new StillTimers());
        await using ChatEngine bob = await Party.StartAsync("bob");
        await bob.DialAsync(ana);
        await WireTests.DeliverAsync(bob, "ana", "before");
        Remove(what);

        ChatMessage message = await TwoPeers.SendAsync(bob, "ana", "after");

        await TwoPeers.UntilAsync(() => ana.Server.State == ChatServerState.Failed);
        Assert.Contains("were deleted, moved or replaced", ana.Server.Failure, StringComparison.Ordinal);
        await ana.StopAsync();
        await bob.UntilAsync("ana", ChatPeerState.Offline);
        Assert.Equal(ChatMessageState.Queued, bob.FindMessages(message.Id).Single().State);
    }

    [Fact]
    public async Task Who_sends_is_told_that_it_was_not_stored()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be deleted there");
        await using ChatEngine ana = await Party.StartAsync("ana", path: AnaPath, time: new StillTimers());
        await using ChatEngine bob = await Party.StartAsync("bob");
        await ana.DialAsync(bob);
        Remove("folder");
        Assert.Contains(await Party.ErrorOfAsync(() => TwoPeers.SendAsync(ana, "bob", "after")), new[] { ChatErrorId.StoreGone, ChatErrorId.ServerStopped });
    }

    [Fact]
    public async Task A_quiet_server_notices_by_itself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be deleted there");
        await using ChatEngine ana = await Party.StartAsync("ana", path: AnaPath);
        Remove("folder");
        await ana.UntilAsync(() => ana.Server.State == ChatServerState.Failed);
        Assert.Contains(AnaPath, ana.Server.Failure, StringComparison.Ordinal);
    }

    private void Remove(string what)
    {
        switch (what)
        {
            case "folder":
                // At once, as far as anybody can see: a reader that opens just now would put files back into a folder that is being emptied.
                Directory.Move(AnaPath, AnaPath + "-away");
                Directory.Delete(AnaPath + "-away", recursive: true);
                break;
            case "database":
                File.Delete(Path.Combine(AnaPath, "store.db"));
                break;
            case "log":
                File.Delete(Path.Combine(AnaPath, "store.db-wal"));
                break;
            default:
                File.Copy(Path.Combine(AnaPath, "store.db"), Path.Combine(AnaPath, "copy"));
                File.Move(Path.Combine(AnaPath, "copy"), Path.Combine(AnaPath, "store.db"), overwrite: true);
                break;
        }
    }

    // A clock whose repeating timers never fire.
    private sealed class StillTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, period > TimeSpan.Zero ? Timeout.InfiniteTimeSpan : dueTime, period > TimeSpan.Zero ? Timeout.InfiniteTimeSpan : period);
    }
}
