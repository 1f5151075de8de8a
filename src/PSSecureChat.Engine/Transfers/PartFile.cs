using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// The file a received one is written to until all of it is there: beside where it will stand, under a name nobody can
/// guess, created anew, readable by its owner alone. Written in order. Belongs to one worker.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private const string Ending = ".part";
    private const int HashBuffer = 512 * 1024;
    private readonly FileStream _file;

    private PartFile(string path, FileStream file)
    {
        Path = path;
        _file = file;
    }

    public string Path { get; }

    public long Length => RandomAccess.GetLength(Handle);

    private SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>A path that none has, for a file of this name in a folder.</summary>
    public static string NewPath(string folder, string name) =>
        System.IO.Path.Combine(folder, $"{name}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}{Ending}");

    /// <summary>Creates one.</summary>
    public static PartFile Create(string path)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, // never through a link, never into a file that is there
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new PartFile(path, new FileStream(path, options));
    }

    /// <summary>Opens one that was begun before; null when it is no longer there.</summary>
    public static PartFile? Reopen(string path)
    {
        try
        {
            return new PartFile(path, Open(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Adds the first bytes, which were written before, to the hash, and forgets what is behind them.</summary>
    public void Continue(IncrementalHash hash, long length, CancellationToken cancellationToken)
    {
        RandomAccess.SetLength(Handle, length);
        Hash(Handle, hash, length, cancellationToken);
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long offset) => RandomAccess.Write(Handle, data, offset);

    /// <summary>Returns when all that was written is on the disk.</summary>
    public void Flush() => RandomAccess.FlushToDisk(Handle);

    /// <summary>
    /// Takes a name for a file, by an empty file created for it: what is there already is not replaced, nor what appears
    /// before the file gets the name.
    /// </summary>
    /// <param name="wanted">The full path it should have.</param>
    /// <returns>The path it can have: a number is added while there is a file of that name.</returns>
    public static string Reserve(string wanted)
    {
        string folder = System.IO.Path.GetDirectoryName(wanted)!;
        string name = System.IO.Path.GetFileName(wanted);
        for (int number = 0; ; number++)
        {
            string path = number == 0 ? wanted : System.IO.Path.Combine(folder, SafeFileName.Numbered(name, number));
            if (TryReserve(path, number))
            {
                return path;
            }
        }
    }

    /// <summary>Deletes a part, if it is there.</summary>
    public static void Delete(string path)
    {
        try
        {
            if (path.EndsWith(Ending, StringComparison.Ordinal))
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it stays, and its name says what it is
        }
    }

    /// <summary>Adds the first bytes of a file to a hash.</summary>
    public static void Hash(SafeFileHandle file, IncrementalHash hash, long length, CancellationToken cancellationToken)
    {
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(HashBuffer);
        try
        {
            for (long offset = 0; offset < length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
                if (count == 0)
                {
                    throw new EndOfStreamException("a file became shorter while it was read");
                }

                hash.AppendData(buffer, 0, count);
                offset += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    public void Dispose() => _file.Dispose();

    // A link that somebody put in its place while nobody wrote is not followed. .NET knows no flag for it, so it is looked
    // for before the opening and after: what stands there now is what was opened.
    private static FileStream Open(string path)
    {
        ThrowIfLink(path);
        FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            ThrowIfLink(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void ThrowIfLink(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw new IOException($"'{path}' has been replaced by a link");
        }
    }

    private static bool TryReserve(string path, int number)
    {
        try
        {
            using FileStream reserved = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            return true;
        }
        catch (IOException) when (System.IO.Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return number < 9999 ? false : throw new IOException($"there are ten thousand files named like '{path}'");
        }
    }
}
