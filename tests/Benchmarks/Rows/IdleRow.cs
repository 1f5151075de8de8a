using System.Diagnostics;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>What a conversation costs in which nothing is said: resident memory and processor time of the one engine that holds them all.</summary>
internal static class IdleRow
{
    private const int Conversations = 10_000;
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(ScratchFolder scratch, Table table)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", scratch.Make("hub"));
        using OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
        await crowd.AskAsync($"connect 100 {hub.Server.Port}"); // what is compiled and set aside once is not a conversation's
        long before = Resident();
        await crowd.AskAsync($"connect {Conversations + 100} {hub.Server.Port}");
        double bytes = (Resident() - before) / (double)Conversations;

        await Task.Delay(s_watched); // the first minute does not count: the runtime still compiles what the pings run through
        TimeSpan used = Environment.CpuUsage.TotalTime;
        await Task.Delay(s_watched); // not a wait for something: the time that is measured
        double seconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds * (60 / s_watched.TotalSeconds);
        int online = hub.GetPeers().Count(static peer => peer.State == PSSecureChat.ChatPeerState.Online);
        table.Add("an idle conversation, resident memory of its engine", "KB", bytes / 1024, $"goal ≤ 12: {(bytes <= 12 * 1024 ? "met" : "missed")}; {online:N0} conversations stood at the end");
        table.Add($"{Conversations:N0} idle conversations, pings included", "CPU seconds a minute", seconds, $"goal ≤ 1: {(seconds <= 1 ? "met" : "missed")}");
    }

    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
