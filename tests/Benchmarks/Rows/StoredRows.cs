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
    public const int Last = 100;

    /// <summary>The peer that is asked about: its name, and its number in the bare archive.</summary>
    public const int Peer = 5;

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

        await OpenRows.RunAsync(options, folder, bare, table);
        await using ChatEngine engine = await EngineContestant.StartAsync("hub", folder);
        using BareArchive archive = new(bare);
        MessageQuery last = LastOfOne(engine);
        MessageQuery unread = new() { Peers = last.Peers, Direction = ChatDirection.Incoming, UnreadOnly = true };
        MessageQuery search = new() { Search = "no text has this", NewestFirst = true };
        string stored = options.Stored.ToString("N0", CultureInfo.InvariantCulture);
        await CompareAsync(options, table, $"last {Last} of one peer, {stored} stored", Repeats, () => Count(engine, last, Last), () => Expect(archive.Last(Peer), Last), 2);
        await CompareAsync(options, table, $"{Unread:N0} unread of one peer, {stored} stored", Repeats, () => Count(engine, unread, Unread), () => Expect(archive.Unread(Peer), Unread), 2);
        await CompareAsync(options, table, $"search through {stored} messages, no hit", 1, () => Count(engine, search, 0), () => Expect(archive.Scan(), options.Stored), 2);
        await FirstHitAsync(options, engine, table);
        await InboxAsync(options, scratch, table);
    }

    /// <summary>The last received of one peer.</summary>
    public static MessageQuery LastOfOne(ChatEngine engine) => new()
    {
        Peers = [engine.GetPeers().First(static peer => peer.Name == CrowdProcess.Name(Peer - 1)).Fingerprint],
        Direction = ChatDirection.Incoming,
        Last = Last,
    };

    /// <summary>Hits come as they are found, the newest first: whoever wants one does not wait for the rest.</summary>
    private static async Task FirstHitAsync(Options options, ChatEngine engine, Table table)
    {
        MessageQuery search = new() { Search = "xxx", NewestFirst = true };
        Figures figures = new("engine");
        await CompareAsync(options, [figures], Repeats, _ => Expect(engine.ReadMessages(search, CancellationToken.None).Take(1).Count(), 1));
        table.Add("the first hit of a text that every message has", "µs", figures);
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

    /// <summary>Fills a store as it is filled in life: by peers who send. All but the last thousand of each are read.</summary>
    private static async Task FillAsync(string folder, int each)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", folder, rekeys: false);
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
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", folder, rekeys: false);
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

    public static void Count(ChatEngine engine, MessageQuery query, int expected) =>
        Expect(engine.ReadMessages(query, CancellationToken.None).Count(), expected);

    public static void Expect(int count, int expected)
    {
        if (count != expected)
        {
            throw new InvalidOperationException($"{count} messages were found, not {expected}.");
        }
    }
}
