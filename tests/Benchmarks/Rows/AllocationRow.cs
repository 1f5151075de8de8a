using Benchmarks.Contestants;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>Bytes allocated for each message: on the sending side in a process of its own, then on both sides together.</summary>
internal static class AllocationRow
{
    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        using EngineContestant process = await EngineContestant.ConnectAsync(scratch);
        double sending = await MeasureAsync(() => process.SendAsync(options.Messages), options);

        long single = GC.GetAllocatedBytesForCurrentThread();
        ChatMessage message = new()
        {
            Id = default, Peer = "", PeerFingerprint = "", Server = "", Direction = default, Text = "", SentAt = default, StoredAt = default, State = default,
        };
        single = GC.GetAllocatedBytesForCurrentThread() - single;
        GC.KeepAlive(message);

        await using ChatEngine ana = await EngineContestant.StartAsync("ana", scratch.Make("ana-here"));
        await using ChatEngine bob = await EngineContestant.StartAsync("bob", scratch.Make("bob-here"));
        ChatPeer peer = await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, CancellationToken.None);
        double both = await MeasureAsync(() => EngineContestant.SendAsync(ana, peer.Fingerprint, options.Messages), options);

        table.Add("allocated for one message by the sender", "bytes", sending, $"the message object is {single} of them; its text is the caller's");
        table.Add("allocated for one message by both sides", "bytes", both, "so the receiver allocates the difference");
    }

    // The median of the rounds: what is set aside once, in whichever round, is not a message's.
    private static async Task<double> MeasureAsync(Func<Task> send, Options options)
    {
        List<double> rounds = [];
        await send();
        for (int round = 0; round < options.Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await send();
            rounds.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)options.Messages);
        }

        return Figures.Quantile(rounds, 0.5);
    }
}
