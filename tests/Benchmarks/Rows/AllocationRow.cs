using Benchmarks.Contestants;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>Bytes allocated for each message: on the sending side in a process of its own, on both sides together, and by whoever reads it from the store.</summary>
internal static class AllocationRow
{
    private const int Beyond = 8; // what is set aside once comes to some bytes a message

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        using EngineContestant process = await EngineContestant.ConnectAsync(scratch);
        Figures sending = await MeasureAsync(() => process.SendAsync(options.Messages), options);

        long message = SizeOf(static () => new ChatMessage
        {
            Id = default, Peer = "", PeerFingerprint = "", Server = "", Direction = default, Text = "", SentAt = default, StoredAt = default, State = default,
        });
        long text = SizeOf(static () => new string('x', Contestant.TextSize));

        await using ChatEngine ana = await EngineContestant.StartAsync("ana", scratch.Make("ana-here"));
        await using ChatEngine bob = await EngineContestant.StartAsync("bob", scratch.Make("bob-here"));
        ChatPeer peer = await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, CancellationToken.None);
        Figures both = await MeasureAsync(() => EngineContestant.SendAsync(ana, peer.Fingerprint, options.Messages), options);
        MessageQuery received = new() { Direction = ChatDirection.Incoming, AfterIndex = bob.LastIndex - options.Messages };
        Figures reading = await MeasureAsync(() => Task.FromResult(bob.ReadMessages(received, CancellationToken.None).Count()), options);

        table.Add("allocated for one message by the sender", "bytes", sending, $"{Table.Verdict(sending.Median, message + Beyond, atLeast: false)}; the message object is {message} of them, its text is the caller's");
        table.Add("allocated for one message by both sides", "bytes", both, $"{Table.Verdict(both.Median, message + Beyond, atLeast: false)}; so the receiver allocates the difference");
        table.Add("allocated for one message read from the store", "bytes", reading, $"the message object is {message} of them, its text {text}");
    }

    private static long SizeOf(Func<object> make)
    {
        make(); // whatever is set aside once
        long before = GC.GetAllocatedBytesForCurrentThread();
        object made = make();
        long size = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(made);
        return size;
    }

    // The median of the rounds: what is set aside once, in whichever round, is not a message's.
    private static async Task<Figures> MeasureAsync(Func<Task> work, Options options)
    {
        Figures rounds = new("engine");
        await work();
        for (int round = 0; round < options.Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            rounds.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)options.Messages);
        }

        return rounds;
    }
}
