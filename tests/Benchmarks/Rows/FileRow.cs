using System.Diagnostics;
using Benchmarks.Contestants;

namespace Benchmarks.Rows;

/// <summary>One file to a folder of another process.</summary>
internal static class FileRow
{
    public static IReadOnlyList<string> Names { get; } = [EngineFileContestant.Title, SslFileContestant.Plain, SslFileContestant.Flushed];

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        string path = Path.Combine(scratch.Path, "file.bin");
        long length = options.Megabytes * 1024L * 1024;
        MakeFile(path, length);
        List<FileContestant> contestants = [];
        foreach (string name in Names.Where(options.Takes))
        {
            contestants.Add(name == EngineFileContestant.Title ? await EngineFileContestant.ConnectAsync(scratch) : new SslFileContestant(scratch, flush: name == SslFileContestant.Flushed));
        }

        List<Figures> figures = [.. contestants.Select(one => new Figures(one.Name))];
        await Alternate.RoundsAsync(options.Rounds, contestants, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await contestants[i].SendAsync(path);
            if (counts)
            {
                figures[i].Add(length / 1048576.0 / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            contestants[i].Clean();
        });
        contestants.ForEach(one => one.Dispose());
        table.Add($"a file of {options.Megabytes} MiB to the disk of another process", "MiB/s", figures, new Goal(SslFileContestant.Plain, 0.8, AtLeast: true));
    }

    private static void MakeFile(string path, long length)
    {
        byte[] block = new byte[1 << 20];
        Random.Shared.NextBytes(block);
        using FileStream file = new(path, FileMode.CreateNew);
        for (long left = length; left > 0; left -= block.Length)
        {
            file.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }
}
