using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PSSecureChat.Faults.Kill;

namespace PSSecureChat.Faults.Files;

/// <summary>
/// Two peers in processes of their own, one sending files to the other; each round kills either while a file is on its way, at
/// random places of it, starts it again, and looks whether exactly that file arrives.
/// </summary>
internal static class FileRun
{
    /// <summary>Rounds on the same two stores before new ones are taken.</summary>
    private const int RoundsOfAPair = 10;

    private const int LargestFile = 48 * 1024 * 1024;
    private const int MostKills = 4;

    /// <param name="rounds">Files.</param>
    /// <param name="seed">Repeats the plan.</param>
    /// <param name="bytes">The length of each file; 0 for a random one.</param>
    /// <param name="kills">Kills of each file, by turns of either side; 0 for a random number of random sides.</param>
    /// <param name="output">Told what went wrong, and the memory the processes took.</param>
    public static async Task<Summary> RunAsync(int rounds, int seed, long bytes, int kills, TextWriter output)
    {
        Summary summary = new("files");
        Stopwatch clock = Stopwatch.StartNew();
        string root = Directory.CreateTempSubdirectory("pssc-files-").FullName;
        long[] memory = [0, 0];
        for (int done = 0; done < rounds; done += RoundsOfAPair)
        {
            string folder = Path.Combine(root, done.ToString(CultureInfo.InvariantCulture));
            await using FilePeers peers = await FilePeers.StartAsync(folder);
            for (int round = done; round < Math.Min(rounds, done + RoundsOfAPair); round++)
            {
                try
                {
                    await RunRoundAsync(peers, Plan.Of(seed, round), bytes, kills, summary);
                }
                catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException or OperationCanceledException)
                {
                    summary.AddStuck();
                    output.WriteLine($"round {round}: {e.Message}");
                    break;
                }
            }

            (memory[0], memory[1]) = (Math.Max(memory[0], peers.Sender.PeakMemory), Math.Max(memory[1], peers.Receiver.PeakMemory));
        }

        summary.Time = clock.Elapsed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"most memory: sender {memory[0] / 1048576} MiB, receiver {memory[1] / 1048576} MiB"));
        Directory.Delete(root, recursive: true);
        return summary;
    }

    private static async Task RunRoundAsync(FilePeers peers, Random plan, long bytes, int kills, Summary summary)
    {
        long length = bytes > 0 ? bytes : plan.Magnitude(LargestFile);
        string source = peers.MakeFile(plan, length, out byte[] sha256);
        await peers.OfferAsync(source);
        int planned = kills > 0 ? kills : plan.Next(1, MostKills + 1);
        double[] places = [.. Enumerable.Range(0, planned).Select(i => kills > 0 ? (i + plan.NextDouble()) / planned : plan.NextDouble()).Order()];
        int faults = 0;
        for (int i = 0; i < planned; i++)
        {
            await peers.WhenAtAsync((long)(places[i] * length));
            bool sender = kills > 0 ? i % 2 == 0 : plan.Next(2) == 0;
            bool both = kills == 0 && plan.Next(5) == 0;
            await Task.WhenAll(sender || both ? peers.Sender.KillAsync() : Task.CompletedTask, !sender || both ? peers.Receiver.KillAsync() : Task.CompletedTask);
            await Task.WhenAll(peers.Sender.StartAsync(), peers.Receiver.StartAsync());
            faults += both ? 2 : 1;
        }

        await peers.SettleAsync();
        string[] arrived = Directory.GetFiles(peers.Inbox);
        int right = arrived.Count(file => Hash(file).AsSpan().SequenceEqual(sha256));
        summary.AddFiles(1, lost: right == 0 ? 1 : 0, twice: Math.Max(0, right - 1), wrong: arrived.Count(file => !Hash(file).AsSpan().SequenceEqual(sha256) && !IsEmptyLeftover(file)));
        summary.AddRound(faults);
        Array.ForEach(arrived, File.Delete);
        File.Delete(source);
    }

    // A kill between the taking of a name and the noting of it leaves an empty file of that name, and the next name is taken.
    private static bool IsEmptyLeftover(string file) => new FileInfo(file).Length == 0;

    private static byte[] Hash(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }
}
