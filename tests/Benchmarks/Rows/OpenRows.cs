using System.Diagnostics;
using Benchmarks.Bare;
using Benchmarks.Contestants;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Store;

namespace Benchmarks.Rows;

/// <summary>
/// Opening a store with a million messages: by a new process, which also reads a first inbox, while nothing of the files is in memory; and again and
/// again by a process that runs. The engine commits a new salt at each opening, so there is a bare archive that does that as well.
/// </summary>
internal static class OpenRows
{
    public const string Engine = "opener";
    public const string Bare = "opener-bare";
    public const string BareCommitting = "opener-bare-committing";

    private const int Repeats = 20; // one figure is the mean of so many

    private static readonly string[] s_names = ["engine", "bare SQLite, one AES-GCM call a row", "the same, with a commit"];

    public static async Task RunAsync(Options options, string folder, string bare, Table table)
    {
        List<Figures> cold = [.. s_names.Select(static name => new Figures(name))];
        (string Kind, string Folder)[] openers = [(Engine, folder), (Bare, bare), (BareCommitting, bare)];
        bool dropped = true;
        await Alternate.RoundsAsync(options.Rounds, openers, (i, counts) =>
        {
            dropped &= PageCache.TryDrop(openers[i].Folder);
            using OtherProcess opener = OtherProcess.Start(openers[i].Kind, openers[i].Folder);
            if (counts)
            {
                cold[i].Add(opener.Port / 1000.0);
            }

            return Task.CompletedTask;
        });
        string cache = dropped ? "files not in memory" : "files still in memory: only Linux drops them";
        table.Add($"a new process opens the store and reads the last {StoredRows.Last} of one peer, after its runtime has started, {cache}", "ms", cold);
        table.Add("the engine of these", "ms", cold[0], Table.Verdict(cold[0].Median, 300, atLeast: false));

        List<Figures> warm = [.. s_names.Select(static name => new Figures(name))];
        Func<IAsyncDisposable>[] open = [() => OpenStore(folder), () => new BareArchive(bare), () => new BareArchive(bare, commits: true)];
        await Alternate.RoundsAsync(options.Rounds, open, async (i, counts) =>
        {
            TimeSpan time = TimeSpan.Zero;
            for (int n = 0; n < Repeats; n++)
            {
                long start = Stopwatch.GetTimestamp();
                IAsyncDisposable opened = open[i]();
                time += Stopwatch.GetElapsedTime(start);
                await opened.DisposeAsync();
            }

            if (counts)
            {
                warm[i].Add(time.TotalMilliseconds / Repeats);
            }
        });
        table.Add("a process that runs opens the store", "ms", warm, new Goal(s_names[^1], 2, AtLeast: false));
    }

    /// <summary>A new process that opens the store and reads a first inbox; it says how many microseconds that took.</summary>
    public static async Task<IAsyncDisposable> OpenEngineAsync(string folder, Action<int> took)
    {
        long start = Stopwatch.GetTimestamp();
        ChatEngine engine = await EngineContestant.StartAsync("hub", folder);
        StoredRows.Count(engine, StoredRows.LastOfOne(engine), StoredRows.Last);
        took((int)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        return engine;
    }

    /// <summary>The same with the bare archive.</summary>
    public static IAsyncDisposable OpenBare(string folder, bool commits, Action<int> took)
    {
        long start = Stopwatch.GetTimestamp();
        BareArchive archive = new(folder, commits);
        StoredRows.Expect(archive.Last(StoredRows.Peer), StoredRows.Last);
        took((int)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        return archive;
    }

    private static ChatStore OpenStore(string folder) =>
        ChatStore.Open(folder, default, Limits.Default, TimeProvider.System, static () => { }, static _ => { }, CancellationToken.None);
}
