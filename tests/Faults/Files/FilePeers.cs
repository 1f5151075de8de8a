using System.Diagnostics;
using System.Security.Cryptography;
using PSSecureChat.Faults.Kill;

namespace PSSecureChat.Faults.Files;

/// <summary>A peer that sends files and one that takes them by rule, with the files themselves.</summary>
internal sealed class FilePeers : IAsyncDisposable
{
    private readonly string _folder;
    private int _files;

    private FilePeers(string folder)
    {
        _folder = folder;
        Sender = new FileSide("ana", Path.Combine(folder, "ana"));
        Receiver = new FileSide("bob", Path.Combine(folder, "bob"));
    }

    public FileSide Sender { get; }

    public FileSide Receiver { get; }

    public string Inbox => Receiver.Inbox;

    public static async Task<FilePeers> StartAsync(string folder)
    {
        FilePeers peers = new(folder);
        Directory.CreateDirectory(peers.Inbox);
        await Task.WhenAll(peers.Sender.StartAsync(), peers.Receiver.StartAsync());
        await peers.Sender.AskAsync($"connect {peers.Receiver.Port}", "connected");
        return peers;
    }

    /// <summary>A file of random bytes.</summary>
    public string MakeFile(Random plan, long length, out byte[] sha256)
    {
        string path = Path.Combine(_folder, $"file {_files++}.bin");
        byte[] block = new byte[1 << 20];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long left = length; left > 0; left -= block.Length)
        {
            Span<byte> piece = block.AsSpan(0, (int)Math.Min(left, block.Length));
            plan.NextBytes(piece);
            hash.AppendData(piece);
            file.Write(piece);
        }

        sha256 = hash.GetHashAndReset();
        return path;
    }

    public Task OfferAsync(string path) => Sender.AskAsync($"file {path}", "offered");

    /// <summary>Completes when so much of the file is written, or it has arrived.</summary>
    public async Task WhenAtAsync(long length)
    {
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(1));
        long started = Stopwatch.GetTimestamp();
        while (!new DirectoryInfo(Inbox).EnumerateFiles().Any(file => file.Extension != ".part" || LengthOf(file) >= length))
        {
            if (Stopwatch.GetElapsedTime(started) > 2 * Patience.Limit)
            {
                throw new TimeoutException($"the file did not come as far as {length}");
            }

            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>Completes when neither side has a transfer that has not ended.</summary>
    public async Task SettleAsync() => await Task.WhenAll(Sender.AskAsync("settlefiles", "filessettled"), Receiver.AskAsync("settlefiles", "filessettled"));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Sender.StopAsync(), Receiver.StopAsync());
        Sender.Dispose();
        Receiver.Dispose();
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // it got its name meanwhile
        }
    }
}
