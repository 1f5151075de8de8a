using System.Diagnostics;
using System.Globalization;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>How what is done a second changes with the number of conversations, in either direction, and with what is stored already.</summary>
internal static class GrowthRows
{
    private const int Senders = 10; // by what is stored
    private static readonly int[] s_conversations = [1, 10, 100, 1_000];
    private static readonly int[] s_stored = [1_000, 10_000, 100_000, 1_000_000];

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        Figures[] receiving = await ConversationsAsync(options, scratch, "in", static (_, crowd, each) => crowd.AskAsync($"send {each}"));
        table.Add("messages/s into one engine, by the number of conversations that send", Texts(s_conversations), receiving);
        table.AddFlatness(receiving);
        Figures[] sending = await ConversationsAsync(options, scratch, "out", static (hub, _, each) => EngineContestant.SendToAllAsync(hub, each));
        table.Add("messages/s out of one engine, by the number of conversations it sends to", Texts(s_conversations), sending);
        table.AddFlatness(sending);
        Figures[] stored = await StoredAsync(options, scratch);
        table.Add("messages/s into one engine with ten conversations, by what is stored already", Texts(s_stored), stored);
        table.AddFlatness(stored);
        if (options.Picture.Length > 0)
        {
            await File.WriteAllTextAsync(options.Picture, Draw(receiving, sending, stored));
        }
    }

    private static async Task<Figures[]> ConversationsAsync(Options options, ScratchFolder scratch, string name, Func<ChatEngine, OtherProcess, int, Task> send)
    {
        Figures[] figures = [.. s_conversations.Select(static count => new Figures(Text(count)))];
        List<(ChatEngine Hub, OtherProcess Crowd)> all = [];
        foreach (int count in s_conversations)
        {
            ChatEngine hub = await EngineContestant.StartAsync("hub", scratch.Make($"{name}-{count}"), rekeys: false);
            OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
            await crowd.AskAsync($"connect {count} {hub.Server.Port}");
            all.Add((hub, crowd));
        }

        await Alternate.RoundsAsync(options.Rounds, all, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await send(all[i].Hub, all[i].Crowd, options.Messages / s_conversations[i]);
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

    // Each round begins with a copy of what was filled, so that it has the size it is called by. A round is as short as it can be and
    // still pays its share of the checkpoints, of which one comes in about twenty thousand messages.
    private static async Task<Figures[]> StoredAsync(Options options, ScratchFolder scratch)
    {
        Figures[] figures = [.. s_stored.Select(static count => new Figures(Text(count)))];
        using OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
        List<string> filled = [];
        foreach (int count in s_stored)
        {
            filled.Add(scratch.Make($"stored-{count}"));
            await MeetAsync(crowd, filled[^1], () => crowd.AskAsync($"send {count / Senders}"));
        }

        int messages = options.Messages * 3 / 10;
        await Alternate.RoundsAsync(options.Rounds, filled, async (i, counts) =>
        {
            string folder = scratch.Make("stored-now");
            Copy(filled[i], folder);
            await MeetAsync(crowd, folder, async () =>
            {
                long start = Stopwatch.GetTimestamp();
                await crowd.AskAsync($"send {messages / Senders}");
                if (counts)
                {
                    figures[i].Add(messages / Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            });
            Directory.Delete(folder, recursive: true);
        });
        return figures;
    }

    // An engine for the time of one meeting with the crowd.
    private static async Task MeetAsync(OtherProcess crowd, string folder, Func<Task> talk)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", folder, rekeys: false);
        await crowd.AskAsync($"connect {Senders} {hub.Server.Port}");
        await talk();
        await crowd.AskAsync("leave");
    }

    private static void Copy(string from, string to)
    {
        foreach (string path in Directory.GetFiles(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(path));
            File.Copy(path, copy);
            using FileStream file = new(copy, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true); // or the system writes it while it is measured
        }
    }

    // Three panels on one scale: conversations and messages are not the same quantity.
    private static string Draw(Figures[] receiving, Figures[] sending, Figures[] stored)
    {
        PlotModel model = new()
        {
            Title = "Messages a second, each stored and acknowledged",
            Background = OxyColors.White,
            DefaultFont = "Segoe UI, Helvetica, Arial, sans-serif",
            PlotAreaBorderThickness = default,
            Padding = new OxyThickness(32, 20, 24, 12), // whichever of the fonts is there, some are wider than what is reckoned with
        };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Minimum = 0, MaximumPadding = 0.05, MinorTickSize = 0, StringFormat = "N0", MajorGridlineStyle = LineStyle.Dot });
        AddPanel(model, 0, "conversations that send to one engine", s_conversations, receiving);
        AddPanel(model, 1, "conversations that one engine sends to", s_conversations, sending);
        AddPanel(model, 2, "messages that one engine has stored", s_stored, stored);
        return SvgExporter.ExportToString(model, 1000, 400, isDocument: true);
    }

    private static void AddPanel(PlotModel model, int place, string title, int[] counts, Figures[] figures)
    {
        model.Axes.Add(new LogarithmicAxis
        {
            Key = title,
            Title = title,
            Position = AxisPosition.Bottom,
            StartPosition = (place + 0.05) / 3,
            EndPosition = (place + 0.95) / 3,
            Minimum = counts[0] / 1.5,
            Maximum = counts[^1] * 1.5,
            LabelFormatter = static value => value.ToString("N0", CultureInfo.InvariantCulture),
            MinorTickSize = 0,
            AxisTickToLabelDistance = 8,
            AxisTitleDistance = 10,
            MajorGridlineStyle = LineStyle.Dot,
            AxislineStyle = LineStyle.Solid,
        });
        LineSeries line = new() { XAxisKey = title, MarkerType = MarkerType.Circle, Color = OxyColors.SteelBlue };
        line.Points.AddRange(counts.Zip(figures, static (count, one) => new DataPoint(count, one.Median)));
        model.Series.Add(line);
    }

    private static string Text(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Texts(int[] counts) => string.Join(", ", counts.Select(Text));
}
