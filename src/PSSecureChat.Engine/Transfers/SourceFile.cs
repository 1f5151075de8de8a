using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>A file that is sent. Belongs to one worker.</summary>
internal sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly long _length;
    private readonly long _modified;

    private SourceFile(string path, SafeFileHandle handle, long length, long modified)
    {
        _path = path;
        _handle = handle;
        _length = length;
        _modified = modified;
    }

    /// <summary>Size, and time of the last writing in ticks of UTC, of a file that can be read.</summary>
    /// <exception cref="ChatException">FileNotUsable.</exception>
    public static (long Length, long Modified) Look(string path)
    {
        if (Directory.Exists(path))
        {
            throw ChatErrors.FileNotUsable(path, "it is a folder");
        }

        string target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        if (File.Exists(target) && !RegularFile.IsOne(target))
        {
            throw ChatErrors.FileNotUsable(path, "it is a device or a pipe");
        }

        try
        {
            using SafeFileHandle handle = Open(path);
            return (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw ChatErrors.FileNotUsable(path, Why(e), e);
        }
    }

    /// <summary>Opens the file that was offered.</summary>
    /// <exception cref="FileStoppedException">It is not that file any more, or cannot be read.</exception>
    public static SourceFile Open(string path, long length, long modified)
    {
        try
        {
            SourceFile file = new(path, Open(path), length, modified);
            file.ThrowIfChanged();
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new FileStoppedException(FileStopReason.Unreadable, $"{path} cannot be read: {Why(e)}");
        }
    }

    /// <summary>Adds the first bytes to the hash.</summary>
    public void Hash(IncrementalHash hash, long length, CancellationToken cancellationToken)
    {
        try
        {
            PartFile.Hash(_handle, hash, length, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw Changed();
        }
    }

    /// <summary>Fills a buffer from an offset on.</summary>
    public void Read(Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            int count;
            try
            {
                count = RandomAccess.Read(_handle, buffer, offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FileStoppedException(FileStopReason.Unreadable, $"{_path} cannot be read: {Why(e)}");
            }

            if (count == 0)
            {
                throw Changed();
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    /// <summary>Throws when the file was written to since it was offered, as far as its size and time tell.</summary>
    public void ThrowIfChanged()
    {
        if (RandomAccess.GetLength(_handle) != _length || File.GetLastWriteTimeUtc(_handle).Ticks != _modified)
        {
            throw Changed();
        }
    }

    public void Dispose() => _handle.Dispose();

    private FileStoppedException Changed() => new(FileStopReason.Changed, $"{_path} was changed after it was offered");

    // Others may write to it, and delete it: it is not ours to lock, and a change is found.
    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);

    private static string Why(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it is not there",
        UnauthorizedAccessException => "permission denied",
        NotSupportedException => "it is no ordinary file",
        _ => e.Message.TrimEnd('.'),
    };
}

/// <summary>A file does not go on; the peer is told the reason, our user the words.</summary>
internal sealed class FileStoppedException(FileStopReason reason, string words) : Exception(words)
{
    public FileStopReason Reason { get; } = reason;
}
