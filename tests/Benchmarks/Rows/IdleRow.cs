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
        Collect();
        long before = Resident();
        await crowd.AskAsync($"connect {Conversations + 100} {hub.Server.Port}");
        await Task.Delay(s_watched); // the first minute does not count: the runtime still compiles what the pings run through
        TimeSpan used = Environment.CpuUsage.TotalTime;
        await Task.Delay(s_watched); // not a wait for something: the time that is measured
        double seconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds * (60 / s_watched.TotalSeconds);
        double kilobytes = (Resident() - before) / 1024.0 / Conversations; // as it is: nobody collects for a user
        Collect();
        double collected = (Resident() - before) / 1024.0 / Conversations;
        int online = hub.GetPeers().Count(static peer => peer.State == PSSecureChat.ChatPeerState.Online);
        table.Add("an idle conversation, resident memory of its engine after the pings", "KB", kilobytes, $"{Table.Verdict(kilobytes, 12, atLeast: false)}; {online:N0} conversations stood at the end");
        table.Add("the same after a forced collection", "KB", collected, "");
        table.Add($"{Conversations:N0} idle conversations, pings included", "CPU seconds a minute", seconds, Table.Verdict(seconds, 1, atLeast: false));
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static long Resident()
    {
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
