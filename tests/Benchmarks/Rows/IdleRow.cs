using System.Diagnostics;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>What a conversation costs in which nothing is said: resident memory and processor time of the one engine that holds them all.</summary>
internal static class IdleRow
{
    private const int Conversations = 10_000;
    private const int Others = 2_000;
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(ScratchFolder scratch, Table table)
    {
        await using ChatEngine hub = await EngineContestant.StartAsync("hub", scratch.Make("hub"));
        using OtherProcess crowd = OtherProcess.Start(CrowdProcess.Kind, "");
        // What is compiled once, and the room that the runtime keeps for garbage once it has seen handshakes, is not a conversation's:
        // counted is what ten thousand more of them take.
        await crowd.AskAsync($"connect {Others} {hub.Server.Port}");
        long before = Resident();
        await crowd.AskAsync($"connect {Conversations + Others} {hub.Server.Port}");
        await Task.Delay(s_watched); // the first minute does not count: the runtime still compiles what the pings run through
        TimeSpan used = Environment.CpuUsage.TotalTime;
        await Task.Delay(s_watched); // not a wait for something: the time that is measured
        double seconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds * (60 / s_watched.TotalSeconds);
        double kilobytes = (Resident() - before) / 1024.0 / Conversations; // as it is: nobody collects for a user
        int online = hub.GetPeers().Count(static peer => peer.State == PSSecureChat.ChatPeerState.Online);
        table.Add("one idle conversation more, resident memory of its engine after the pings", "KB", kilobytes, $"{Table.Verdict(kilobytes, 12, atLeast: false)}; {online:N0} conversations stood at the end");
        table.Add($"{Conversations + Others:N0} idle conversations, pings included", "CPU seconds a minute", seconds, Table.Verdict(seconds, 1, atLeast: false));
    }

    private static long Resident()
    {
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
