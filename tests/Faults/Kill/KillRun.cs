using System.Diagnostics;

namespace PSSecureChat.Faults.Kill;

/// <summary>
/// Two peers in processes of their own, both sending; each round kills one or both at a random instant, starts them
/// again, waits until everything is delivered, and looks whether every promise was kept.
/// </summary>
internal static class KillRun
{
    /// <summary>Rounds on the same two stores before new ones are taken.</summary>
    private const int RoundsOfAPair = 20;

    public static async Task<Summary> RunAsync(int rounds, int seed, TextWriter output)
    {
        Summary summary = new("kill");
        Stopwatch clock = Stopwatch.StartNew();
        string root = Directory.CreateTempSubdirectory("pssc-kill-").FullName;
        for (int done = 0; done < rounds; done += RoundsOfAPair)
        {
            string folder = Path.Combine(root, done.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await RunPairAsync(folder, done, Math.Min(RoundsOfAPair, rounds - done), seed, summary, output);
        }

        summary.Time = clock.Elapsed;
        if (summary.IsGood)
        {
            Directory.Delete(root, recursive: true);
        }
        else
        {
            output.WriteLine($"The stores are left in {root}");
        }

        return summary;
    }

    private static async Task RunPairAsync(string folder, int first, int rounds, int seed, Summary summary, TextWriter output)
    {
        Ledger toBob = new();
        Ledger toAna = new();
        using Side ana = new("ana", Path.Combine(folder, "ana"), FreePort.Find(), toBob, toAna);
        using Side bob = new("bob", Path.Combine(folder, "bob"), FreePort.Find(), toAna, toBob);
        int round = first;
        try
        {
            await Task.WhenAll(ana.StartAsync(), bob.StartAsync());
            await ana.ConnectAsync(bob);
            for (; round < first + rounds; round++)
            {
                await RunRoundAsync(ana, bob, Plan.Of(seed, round), summary);
            }

            await Task.WhenAll(ana.StopAsync(), bob.StopAsync());
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or Microsoft.Data.Sqlite.SqliteException or IOException)
        {
            summary.AddStuck();
            output.WriteLine($"round {round}: {e.Message}");
        }

        if (toBob.Lost + toBob.Twice + toBob.Wrong + toAna.Lost + toAna.Twice + toAna.Wrong > 0)
        {
            output.WriteLine($"rounds {first} to {round}: to bob: {toBob.Describe()}; to ana: {toAna.Describe()}");
        }

        summary.Add(toBob, toAna);
    }

    private static async Task RunRoundAsync(Side ana, Side bob, Random plan, Summary summary)
    {
        bool killAna = plan.Next(3) == 0;
        bool killBob = !killAna || plan.Next(4) == 0;
        TimeSpan instant = TimeSpan.FromMilliseconds(plan.NextDouble() * 250);
        ana.Send(plan.Next(200, 2000), plan.Next(1, 60));
        bob.Send(plan.Next(1, 200), plan.Next(1, 60));

        // The random instant is what is tested; nothing waits for it to be over.
        await Task.Delay(instant);
        await Task.WhenAll(killAna ? ana.KillAsync() : Task.CompletedTask, killBob ? bob.KillAsync() : Task.CompletedTask);
        await Task.WhenAll(ana.StartAsync(), bob.StartAsync());
        await Task.WhenAll(killAna ? Task.CompletedTask : ana.SentAsync(), killBob ? Task.CompletedTask : bob.SentAsync());
        await Task.WhenAll(ana.SettleAsync(), bob.SettleAsync());
        await Task.WhenAll(ana.ReportAsync(), bob.ReportAsync());
        summary.AddRound((killAna ? 1 : 0) + (killBob ? 1 : 0));
    }
}
