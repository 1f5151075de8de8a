using System.Diagnostics;
using PSSecureChat.Engine;

namespace PSSecureChat.Faults.Proxy;

/// <summary>
/// Two peers with a proxy between them that cuts, ends, stalls, delays and changes connections at random bytes while
/// both send. Every round has new peers; once the fates are used up the proxy is honest and all must arrive.
/// </summary>
internal static class ProxyRun
{
    private static readonly Limits s_watchful = Patience.Impatient with
    {
        PingAfter = TimeSpan.FromSeconds(1),
        DeadAfter = TimeSpan.FromSeconds(2),
        Handshake = TimeSpan.FromSeconds(2),
        RekeyRecords = 64,
        RekeyBytes = 400_000,
    };

    public static async Task<Summary> RunAsync(int rounds, int seed, TextWriter output)
    {
        Summary summary = new("proxy");
        Stopwatch clock = Stopwatch.StartNew();
        TextWriter lines = TextWriter.Synchronized(output);
        ParallelOptions together = new() { MaxDegreeOfParallelism = 8 }; // they mostly wait for pings that find a half-open connection
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds), together, async (round, _) => await RunRoundAsync(round, Plan.Of(seed, round), summary, lines));

        summary.Time = clock.Elapsed;
        return summary;
    }

    private static async Task RunRoundAsync(int round, Random plan, Summary summary, TextWriter output)
    {
        Ledger toBob = new();
        Ledger toAna = new();
        List<Fate> fates = [Fate.None, .. Enumerable.Range(0, plan.Next(3, 12)).Select(_ => Fate.Draw(plan))];
        fates[0] = fates[^1] with { At = 6_000 + fates[^1].At, Pause = TimeSpan.Zero }; // the first handshake passes, so that each knows the other
        await using ChatEngine ana = await StartAsync("ana", "127.0.0.2"); // bob sees the proxy's address, and cannot dial around it
        await using ChatEngine bob = await StartAsync("bob", "127.0.0.1");
        await using FaultyProxy proxy = new(bob.Server.Port, fates);
        await MeetAsync(ana, bob, proxy.Port);
        try
        {
            await Task.WhenAll(
                SendAsync(ana, toBob, plan.Next(50, 500), plan.Next(1, 40)),
                SendAsync(bob, toAna, plan.Next(50, 500), plan.Next(1, 40)));
            await Task.WhenAll(SettleAsync(ana), SettleAsync(bob));
        }
        catch (OperationCanceledException)
        {
            summary.AddStuck();
            output.WriteLine($"round {round} does not come to rest: ana sees {Describe(ana)}; bob sees {Describe(bob)}");
        }

        Read(bob, toBob);
        Read(ana, toAna);
        if (toBob.Lost + toBob.Twice + toBob.Wrong + toAna.Lost + toAna.Twice + toAna.Wrong > 0)
        {
            output.WriteLine($"round {round}: to bob: {toBob.Describe()}; to ana: {toAna.Describe()}");
        }

        summary.AddRound(proxy.Done);
        summary.Add(toBob, toAna);
    }

    private static Task<ChatEngine> StartAsync(string name, string address) => ChatEngine.StartAsync(
        new ChatServerOptions { Name = name, Address = address, Ephemeral = true, AcceptFrom = ChatAcceptance.Anyone },
        s_watchful,
        TimeProvider.System,
        Patience.Token);

    // A busy machine may need longer than these limits allow, and the next fate may come in the way of the next attempt.
    private static async Task MeetAsync(ChatEngine ana, ChatEngine bob, int port)
    {
        CancellationToken patience = Patience.Token;
        while (ana.GetPeers().Count == 0 || bob.GetPeers().Count == 0)
        {
            try
            {
                await ana.ConnectAsync("127.0.0.1", port, null, null, patience);
            }
            catch (ChatException) when (!patience.IsCancellationRequested)
            {
            }
        }
    }

    private static async Task SendAsync(ChatEngine engine, Ledger ledger, int count, int flushEvery)
    {
        string peer = engine.GetPeers().Single().Fingerprint;
        ChatSender sender = engine.OpenSender();
        long first = ledger.Issue(count);
        long flushed = first;
        for (long i = first; i < first + count; i++)
        {
            await sender.QueueAsync(peer, Ledger.TextOf(i), null, Patience.Token);
            if (i - flushed + 1 == flushEvery || i == first + count - 1)
            {
                await sender.FlushAsync(Patience.Token);
                ledger.Promise(flushed, i);
                flushed = i + 1;
            }
        }
    }

    private static async Task SettleAsync(ChatEngine engine)
    {
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(5));
        CancellationToken patience = Patience.Token;
        while (engine.GetPeers().Single().Queued > 0)
        {
            await look.WaitForNextTickAsync(patience);
        }
    }

    private static void Read(ChatEngine engine, Ledger ledger)
    {
        foreach (ChatMessage message in engine.ReadMessages(new MessageQuery { Direction = ChatDirection.Incoming }, Patience.Token))
        {
            ledger.Find(Ledger.NumberOf(message.Text));
        }
    }

    private static string Describe(ChatEngine engine) => string.Join(", ", engine.GetPeers().Select(peer => $"{peer.Name} {peer.State}, queued {peer.Queued}, {peer.Reason}"));
}
