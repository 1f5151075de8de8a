using System.Diagnostics;
using System.Globalization;
using Benchmarks.Bare;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>A store with a million messages of ten peers: opening it, the last hundred of one peer, the unread of one, a search through all.</summary>
internal static class StoredRows
{
    public const string Opener = "opener";

    private const int Peers = 10;
    private const int Unread = 1_000;

    /// <summary>The last hundred and the unread are over in a millisecond: one figure is the mean of so many.</summary>
    private const int Repeats = 50;

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        string folder = scratch.Make("stored");
        string bare = scratch.Make("stored-bare");
        await FillAsync(folder, options.Stored / Peers);
        BareArchive.Fill(bare, Peers, options.Stored / Peers, Unread);

        await ColdAsync(options, folder, table);
        await using ChatEngine engine = await EngineContestant.StartAsync("hub", folder);
        using BareArchive archive = new(bare);
        string fingerprint = engine.GetPeers().First(static peer => peer.Name == CrowdProcess.Name(4)).Fingerprint;
        MessageQuery last = new() { Peers = [fingerprint], Direction = ChatDirection.Incoming, Last = 100 };
        MessageQuery unread = new() { Peers = [fingerprint], Direction = ChatDirection.Incoming, UnreadOnly = true };
        MessageQuery search = new() { Search = "no text has this", NewestFirst = true };
        string stored = options.Stored.ToString("N0", CultureInfo.InvariantCulture);
        await CompareAsync(options, table, $"last 100 of one peer, {stored} stored", "µs", Repeats, () => Count(engine, last, 100), () => Expect(archive.Last(5), 100), 2);
        await CompareAsync(options, table, $"{Unread:N0} unread of one peer, {stored} stored", "µs", Repeats, () => Count(engine, unread, Unread), () => Expect(archive.Unread(5), Unread), 2);
        await CompareAsync(options, table, $"search through {stored} messages, no hit", "µs", 1, () => Count(engine, search, 0), () => Expect(archive.Scan(), options.Stored), 2);
    }

    /// <summary>A new process that opens the store and reads the first inbox; it says how many microseconds that took.</summary>
    public static async Task<IAsyncDisposable> OpenAsync(string folder, Action<int> took)
    {
        long start = Stopwatch.GetTimestamp();
        ChatEngine engine = await EngineContestant.StartAsync("hub", folder);
        Count(engine, new MessageQuery { Direction = ChatDirection.Incoming, Last = 100 }, 100);
        took((int)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        return engine;
    }

    private static async Task ColdAsync(Options options, string folder, Table table)
    {
        Figures figures = new("engine");
        for (int round = 0; round <= options.Rounds; round++)
        {
            using OtherProcess opener = OtherProcess.Start(Opener, folder);
            if (round > 0)
            {
                figures.Add(opener.Port / 1000.0);
            }
        }

        table.Add("a new process opens the store and reads the last 100, after its runtime has started", "ms", figures.Median, $"{figures.Least:0} … {figures.Most:0}; goal ≤ 300: {(figures.Median <= 300 ? "met" : "missed")}");
    }

    /// <summary>Fills a store as it is filled in life: by peers who send. All but the last thousand of each are read.</summary>
    public static async Task FillAsync(string folder, int each)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", folder);
        using OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
        await crowd.AskAsync($"connect {Peers} {hub.Server.Port}");
        await crowd.AskAsync($"send {Math.Max(0, each - Unread)}");
        foreach (ChatMessage[] page in hub.ReadMessages(new MessageQuery { UnreadOnly = true, Direction = ChatDirection.Incoming }, CancellationToken.None).Chunk(4096))
        {
            await hub.MarkReadAsync(page, CancellationToken.None);
        }

        await crowd.AskAsync($"send {Math.Min(each, Unread)}");
    }

    private static async Task CompareAsync(Options options, Table table, string what, string unit, int repeats, Action engine, Action bare, double goal)
    {
        (string Name, Action Run)[] contestants = [("engine", engine), ("bare SQLite, one AES-GCM call a row", bare)];
        List<Figures> figures = [.. contestants.Select(one => new Figures(one.Name))];
        await Alternate.RoundsAsync(options.Rounds, contestants, (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int n = 0; n < repeats; n++)
            {
                contestants[i].Run();
            }

            if (counts)
            {
                figures[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats);
            }

            return Task.CompletedTask;
        });
        table.Add(what, unit, figures, new Goal(contestants[1].Name, goal, AtLeast: false));
    }

    private static void Count(ChatEngine engine, MessageQuery query, int expected) =>
        Expect(engine.ReadMessages(query, CancellationToken.None).Count(), expected);

    private static void Expect(int count, int expected)
    {
        if (count != expected)
        {
            throw new InvalidOperationException($"{count} messages were found, not {expected}.");
        }
    }
}
