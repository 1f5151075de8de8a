using System.Diagnostics;
using Benchmarks.Contestants;

namespace Benchmarks.Rows;

/// <summary>Messages to another process: how many a second, and how long one takes to its acknowledgement.</summary>
internal static class ConversationRows
{
    private const int Singles = 1_000; // ten of them are above the p99; the first round, which does not count, is longer than the log grows

    public static IReadOnlyList<string> Names { get; } = [EngineContestant.Kind, BareContestant.Plain, BareContestant.Indexed, StreamContestant.Tcp, StreamContestant.Ssl];

    public static async Task RateAsync(Options options, ScratchFolder scratch, Table table)
    {
        List<Contestant> contestants = await StartAsync(options, scratch);
        List<Figures> figures = [.. contestants.Select(one => new Figures(one.Name))];
        await Alternate.RoundsAsync(options.Rounds, contestants, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await contestants[i].SendAsync(options.Messages);
            if (counts)
            {
                figures[i].Add(options.Messages / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        contestants.ForEach(one => one.Dispose());
        table.Add("256-byte texts sent, acknowledged once stored on both sides, process to process", "messages/s", figures, new Goal(BareContestant.Plain, 0.65, AtLeast: true));
    }

    public static async Task AckAsync(Options options, ScratchFolder scratch, Table table)
    {
        List<Contestant> contestants = await StartAsync(options, scratch);
        List<Figures> medians = [.. contestants.Select(one => new Figures(one.Name))];
        List<Figures> tails = [.. contestants.Select(one => new Figures(one.Name))];
        double[] single = new double[Singles];
        await Alternate.RoundsAsync(options.Rounds, contestants, async (i, counts) =>
        {
            for (int n = 0; n < Singles; n++)
            {
                long start = Stopwatch.GetTimestamp();
                await contestants[i].SendAsync(1);
                single[n] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }

            if (counts)
            {
                medians[i].Add(Figures.Quantile(single, 0.5));
                tails[i].Add(Figures.Quantile(single, 0.99));
            }
        });
        contestants.ForEach(one => one.Dispose());
        table.Add("one message to its acknowledgement, p50", "µs", medians, new Goal(BareContestant.Plain, 1.5, AtLeast: false));
        table.Add("one message to its acknowledgement, p99", "µs", tails, new Goal(BareContestant.Plain, 2, AtLeast: false));
    }

    private static async Task<List<Contestant>> StartAsync(Options options, ScratchFolder scratch)
    {
        List<Contestant> started = [];
        foreach (string name in Names.Where(options.Takes))
        {
            started.Add(name switch
            {
                EngineContestant.Kind => await EngineContestant.ConnectAsync(scratch),
                BareContestant.Plain or BareContestant.Indexed => new BareContestant(name, scratch),
                _ => new StreamContestant(name),
            });
        }

        return started;
    }
}
