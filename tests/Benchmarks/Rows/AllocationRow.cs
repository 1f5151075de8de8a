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
        await process.SendAsync(options.Messages);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await process.SendAsync(options.Messages);
        double sending = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)options.Messages;

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
        await EngineContestant.SendAsync(ana, peer.Fingerprint, options.Messages);
        before = GC.GetTotalAllocatedBytes(precise: true);
        await EngineContestant.SendAsync(ana, peer.Fingerprint, options.Messages);
        double both = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)options.Messages;

        table.Add("allocated for one message by the sender", "bytes", sending, $"the message object is {single} of them; its text is the caller's");
        table.Add("allocated for one message by both sides", "bytes", both, "so the receiver allocates the difference");
    }
}
