using System.Diagnostics;
using System.Globalization;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using PSSecureChat;
using PSSecureChat.Engine;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Benchmarks.Rows;

/// <summary>How what is done a second changes with the number of conversations and with what is stored already.</summary>
internal static class GrowthRows
{
    private static readonly int[] s_conversations = [1, 10, 100, 1_000];
    private static readonly int[] s_stored = [1_000, 10_000, 100_000, 1_000_000];

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        Figures[] conversations = await ConversationsAsync(options, scratch);
        Figures[] receiving = await StoredAsync(options, scratch);
        Say(table, "messages/s into one engine, by the number of conversations that send", s_conversations, conversations);
        Say(table, "messages/s into one engine with ten conversations, by what is stored already", s_stored, receiving);
        if (options.Picture.Length > 0)
        {
            await File.WriteAllTextAsync(options.Picture, Draw(conversations, receiving));
        }
    }

    private static async Task<Figures[]> ConversationsAsync(Options options, ScratchFolder scratch)
    {
        Figures[] figures = [.. s_conversations.Select(static count => new Figures(count.ToString("N0", CultureInfo.InvariantCulture)))];
        List<(ChatEngine Hub, OtherProcess Crowd)> all = [];
        foreach (int count in s_conversations)
        {
            ChatEngine hub = await EngineContestant.StartAsync("hub", scratch.Make($"growth-{count}"));
            OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
            await crowd.AskAsync($"connect {count} {hub.Server.Port}");
            all.Add((hub, crowd));
        }

        await Alternate.RoundsAsync(options.Rounds, all, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await all[i].Crowd.AskAsync($"send {options.Messages / s_conversations[i]}");
            if (counts)
            {
                figures[i].Add(options.Messages / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        foreach ((ChatEngine hub, OtherProcess crowd) in all)
        {
            crowd.Dispose();
            await hub.DisposeAsync();
        }

        return figures;
    }

    // What is stored at the beginning: a store grows by what is measured. A round is as short as it can be and still pays its share
    // of the checkpoints, of which one comes in about twenty thousand messages.
    private static async Task<Figures[]> StoredAsync(Options options, ScratchFolder scratch)
    {
        Figures[] figures = [.. s_stored.Select(static count => new Figures(count.ToString("N0", CultureInfo.InvariantCulture)))];
        List<(ChatEngine Hub, OtherProcess Crowd)> all = [];
        foreach (int count in s_stored)
        {
            ChatEngine hub = await EngineContestant.StartAsync("hub", scratch.Make($"stored-{count}"));
            OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
            await crowd.AskAsync($"connect 10 {hub.Server.Port}");
            await crowd.AskAsync($"send {count / 10}");
            all.Add((hub, crowd));
        }

        int messages = options.Messages * 3 / 10;
        await Alternate.RoundsAsync(options.Rounds, all, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await all[i].Crowd.AskAsync($"send {messages / 10}");
            if (counts)
            {
                figures[i].Add(messages / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        foreach ((ChatEngine hub, OtherProcess crowd) in all)
        {
            crowd.Dispose();
            await hub.DisposeAsync();
        }

        return figures;
    }

    private static void Say(Table table, string what, int[] counts, Figures[] figures)
    {
        double least = figures.Min(static one => one.Median);
        double most = figures.Max(static one => one.Median);
        table.Add(what, string.Join(", ", counts.Select(static count => count.ToString("N0", CultureInfo.InvariantCulture))), figures);
        table.Add("the slowest of these to the fastest", "ratio", least / most, $"goal ≥ 0.75: {(least / most >= 0.75 ? "met" : "missed")}");
    }

    private static string Draw(Figures[] conversations, Figures[] stored)
    {
        PlotModel model = new() { Title = "Messages a second into one engine, each stored and acknowledged", Background = OxyColors.White };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "conversations, or messages stored already", MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Minimum = 0, Title = "messages/s", StringFormat = "N0", MajorGridlineStyle = LineStyle.Dot });
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.BottomRight });
        model.Series.Add(Line("by conversations", s_conversations, conversations, MarkerType.Circle));
        model.Series.Add(Line("by messages stored", s_stored, stored, MarkerType.Square));
        return SvgExporter.ExportToString(model, 800, 400, isDocument: true);
    }

    private static LineSeries Line(string title, int[] counts, Figures[] figures, MarkerType marker)
    {
        LineSeries line = new() { Title = title, MarkerType = marker };
        line.Points.AddRange(counts.Zip(figures, static (count, one) => new DataPoint(count, one.Median)));
        return line;
    }
}
