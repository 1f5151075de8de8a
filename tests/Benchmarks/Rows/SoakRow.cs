using System.Diagnostics;
using System.Globalization;
using Benchmarks.Contestants;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>
/// Half the load the pair can bear, for a long time: memory, handles, threads and latency must stay flat. The receiver reads
/// what comes and says so by receipts, which the sender waits for; both sides remove what is done with, so that the stores stay small.
/// </summary>
internal static class SoakRow
{
    public const string Receiver = "soak";

    private const int Page = 1024;
    private const int Compared = 5; // minutes at the beginning and at the end
    private const int LatencyEvery = 20;
    private static readonly TimeSpan s_full = TimeSpan.FromSeconds(20);
    private static readonly string s_text = new('x', Contestant.TextSize);

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        using OtherProcess other = OtherProcess.Start(Receiver, scratch.Make("soak-bob"));
        await using ChatEngine engine = await EngineContestant.StartAsync("ana", scratch.Make("soak-ana"));
        ChatPeer peer = await engine.ConnectAsync("127.0.0.1", other.Port, null, null, CancellationToken.None);
        Load load = new(engine, peer.Fingerprint);
        await load.RunAsync(s_full, perSecond: double.PositiveInfinity); // warms up
        double full = await load.RunAsync(s_full, perSecond: double.PositiveInfinity);
        table.Add("soak: messages sent, stored, read and removed on both sides, full load", "messages/s", full, $"half of it for {options.Minutes} minutes, a line a minute");
        using Process self = Process.GetCurrentProcess();
        List<double[]> minutes = [];
        for (int minute = 1; minute <= options.Minutes; minute++)
        {
            load.Latencies.Clear();
            double rate = await load.RunAsync(TimeSpan.FromMinutes(1), full / 2);
            self.Refresh();
            Process theirs = other.Process;
            double[] seen = [self.WorkingSet64 / 1048576.0, theirs.WorkingSet64 / 1048576.0, self.HandleCount, theirs.HandleCount, Figures.Quantile(load.Latencies, 0.5), Figures.Quantile(load.Latencies, 0.99)];
            minutes.Add(seen);
            table.Add($"minute {minute}", "messages/s", rate, string.Create(
                CultureInfo.InvariantCulture,
                $"memory {seen[0]:0} and {seen[1]:0} MiB, handles {seen[2]} and {seen[3]}, threads {self.Threads.Count} and {theirs.Threads.Count}, read in {seen[4]:0.0} ms (p99 {seen[5]:0.0})"));
        }

        SayFlatness(table, minutes);
    }

    // The last minutes beside the first ones, without the very first, in which the runtime still compiles.
    private static void SayFlatness(Table table, List<double[]> minutes)
    {
        int count = Math.Min(Compared, (minutes.Count - 1) / 2);
        string[] names = ["memory of the sender", "memory of the receiver", "handles of the sender", "handles of the receiver", "p50 of the latency", "p99 of the latency"];
        for (int i = 0; count > 0 && i < names.Length; i++)
        {
            double ratio = minutes.TakeLast(count).Average(minute => minute[i]) / minutes.Skip(1).Take(count).Average(minute => minute[i]);
            table.Add($"{names[i]}, the last {count} minutes to minutes 2 to {count + 1}", "ratio", ratio, Table.Verdict(ratio, 1.25, atLeast: false));
        }
    }

    /// <summary>The side that reads and removes what comes.</summary>
    public static async Task<IAsyncDisposable> AnswerAsync(string folder, Action<int> listening)
    {
        ChatEngine engine = await EngineContestant.StartAsync("bob", folder, readReceipts: true);
        _ = Task.Run(() => ConsumeAsync(engine));
        listening(engine.Server.Port);
        return engine;
    }

    private static async Task ConsumeAsync(ChatEngine engine)
    {
        long taken = 0;
        while (engine.Server.State == ChatServerState.Running)
        {
            await engine.WaitForMessagesAsync(taken, CancellationToken.None);
            foreach (ChatMessage[] page in engine.ReadMessages(new MessageQuery { Direction = ChatDirection.Incoming, AfterIndex = taken }, CancellationToken.None).Chunk(Page))
            {
                await engine.MarkReadAsync(page, CancellationToken.None);
                await engine.RemoveAsync(page, CancellationToken.None);
                taken = page[^1].Index;
            }
        }
    }

    /// <summary>Sends at a pace, and removes what has been read.</summary>
    private sealed class Load(ChatEngine engine, string peer)
    {
        private readonly Queue<ChatMessage[]> _sent = new();

        public List<double> Latencies { get; } = [];

        /// <summary>Sends for a time; so many messages a second it came to.</summary>
        public async Task<double> RunAsync(TimeSpan time, double perSecond)
        {
            ChatSender sender = engine.OpenSender();
            long start = Stopwatch.GetTimestamp();
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) is TimeSpan elapsed && elapsed < time)
            {
                if (count > elapsed.TotalSeconds * perSecond)
                {
                    await Task.Delay(1); // the pace, not a wait for something
                    continue;
                }

                // A hundredth of a second's worth at the most, so that half load is not bursts of full load.
                ChatMessage[] page = new ChatMessage[(int)Math.Clamp(perSecond / 100, 1, Page)];
                // From when it was due: what waits for its turn is late as well. At full load it is due when it is sent.
                TimeSpan due = double.IsPositiveInfinity(perSecond) ? elapsed : TimeSpan.FromSeconds(count / perSecond);
                for (int i = 0; i < page.Length; i++)
                {
                    page[i] = await sender.QueueAsync(peer, s_text, null, CancellationToken.None);
                }

                await sender.FlushAsync(CancellationToken.None);
                count += page.Length;
                _sent.Enqueue(page);
                if (_sent.Count % LatencyEvery == 0)
                {
                    await engine.WaitForStateAsync(page[^1], ChatMessageState.Read, CancellationToken.None).WaitAsync(EngineContestant.Patience);
                    Latencies.Add((Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds);
                    await RemoveAsync();
                }
            }

            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        private async Task RemoveAsync()
        {
            while (_sent.TryDequeue(out ChatMessage[]? page))
            {
                await engine.RemoveAsync(page, CancellationToken.None);
            }
        }
    }
}
