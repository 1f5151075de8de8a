using System.Diagnostics;
using System.Globalization;
using Benchmarks.Bare;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>
/// A store with a million messages of ten peers: opening it, the last hundred of one peer, the unread of one, a search through all; and stores of
/// all sizes from which the last hundred received of everyone are read.
/// </summary>
internal static class StoredRows
{
    public const string Opener = "opener";

    private const int Peers = 10;
    private const int Unread = 1_000;
    private const int Last = 100;

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
        MessageQuery last = new() { Peers = [fingerprint], Direction = ChatDirection.Incoming, Last = Last };
        MessageQuery unread = new() { Peers = [fingerprint], Direction = ChatDirection.Incoming, UnreadOnly = true };
        MessageQuery search = new() { Search = "no text has this", NewestFirst = true };
        string stored = options.Stored.ToString("N0", CultureInfo.InvariantCulture);
        await CompareAsync(options, table, $"last {Last} of one peer, {stored} stored", Repeats, () => Count(engine, last, Last), () => Expect(archive.Last(5), Last), 2);
        await CompareAsync(options, table, $"{Unread:N0} unread of one peer, {stored} stored", Repeats, () => Count(engine, unread, Unread), () => Expect(archive.Unread(5), Unread), 2);
        await CompareAsync(options, table, $"search through {stored} messages, no hit", 1, () => Count(engine, search, 0), () => Expect(archive.Scan(), options.Stored), 2);
        await InboxAsync(options, scratch, table);
    }

    /// <summary>The last received of everyone must not depend on how many are stored, even when all that was sent came after them.</summary>
    private static async Task InboxAsync(Options options, ScratchFolder scratch, Table table)
    {
        int[] sizes = [.. new[] { 1, 10, 100, 1_000 }.Select(part => options.Stored / part).Where(static size => size >= 2 * Last)];
        List<Figures> figures = [.. sizes.Select(static size => new Figures(size.ToString("N0", CultureInfo.InvariantCulture)))];
        List<ChatEngine> engines = [];
        foreach (int size in sizes)
        {
            string folder = scratch.Make($"inbox-{size}");
            await FillBothWaysAsync(folder, size / Peers / 2);
            engines.Add(await EngineContestant.StartAsync("hub", folder));
        }

        MessageQuery last = new() { Direction = ChatDirection.Incoming, Last = Last };
        await CompareAsync(options, figures, Repeats, i => Count(engines[i], last, Last));
        foreach (ChatEngine engine in engines)
        {
            await engine.DisposeAsync();
        }

        table.Add($"last {Last} received of all peers, by what is stored, half of it sent afterwards", "µs", figures, new Goal(figures[^1].Name, 1.25, AtLeast: false));
    }

    /// <summary>A new process that opens the store and reads the first inbox; it says how many microseconds that took.</summary>
    public static async Task<IAsyncDisposable> OpenAsync(string folder, Action<int> took)
    {
        long start = Stopwatch.GetTimestamp();
        ChatEngine engine = await EngineContestant.StartAsync("hub", folder);
        Count(engine, new MessageQuery { Direction = ChatDirection.Incoming, Last = Last }, Last);
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

    private static async Task FillBothWaysAsync(string folder, int each)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", folder);
        using OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
        await crowd.AskAsync($"connect {Peers} {hub.Server.Port}");
        await crowd.AskAsync($"send {each}");
        await EngineContestant.SendToAllAsync(hub, each);
    }

    private static async Task CompareAsync(Options options, Table table, string what, int repeats, Action engine, Action bare, double goal)
    {
        List<Figures> figures = [new("engine"), new("bare SQLite, one AES-GCM call a row")];
        await CompareAsync(options, figures, repeats, i => (i == 0 ? engine : bare)());
        table.Add(what, "µs", figures, new Goal(figures[1].Name, goal, AtLeast: false));
    }

    private static Task CompareAsync(Options options, List<Figures> figures, int repeats, Action<int> run) =>
        Alternate.RoundsAsync(options.Rounds, figures, (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int n = 0; n < repeats; n++)
            {
                run(i);
            }

            if (counts)
            {
                figures[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats);
            }

            return Task.CompletedTask;
        });

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
