using System.Security.Cryptography;
using System.Threading.Channels;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// Sends one round of one file. A worker reads and hashes, three blocks ahead at most; the conversation's sending loop takes
/// pieces from those blocks when nothing else is to be sent.
/// </summary>
internal sealed class FileSender(TransferRow row, FileTakeFrame take, Action wake) : IDisposable
{
    /// <summary>Bytes read at once: whole pieces, so that none lies in two blocks.</summary>
    private const int BlockSize = 8 * Limits.MaxFileChunk;

    private readonly Channel<Block> _blocks = Channel.CreateBounded<Block>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly FileBuffers _buffers = new(BlockSize);
    private Block? _current;
    private int _position;
    private long _offset = take.Offset;
    private long _limit = take.Limit;
    private bool _ended;

    private sealed record Block(byte[] Bytes, int Length, bool IsEnd);

    public long Round => take.Round;

    /// <summary>The most that may be sent now.</summary>
    public void Allow(long limit) => Volatile.Write(ref _limit, limit);

    /// <summary>Ends the worker; nothing more is handed out.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it has ended by itself
        }
    }

    /// <summary>Adds the next piece to a record, or the end. False when nothing may be sent now. For the sending loop.</summary>
    public bool TryEncode(RecordBuilder builder)
    {
        if (_ended || _stop.IsCancellationRequested || (_current is null && !_blocks.Reader.TryRead(out _current)))
        {
            return false;
        }

        if (_current.IsEnd)
        {
            _ended = true;
            builder.Advance(FrameEncoder.Encode(new FileEndFrame(row.Id, take.Round, _current.Bytes), builder.GetSpan(FrameEncoder.ControlFrame)));
            return true;
        }

        int size = Math.Min(Limits.MaxFileChunk, _current.Length - _position);
        if (_offset > Volatile.Read(ref _limit) - size)
        {
            return false;
        }

        FileDataFrame frame = new(row.Id, take.Round, _offset, _current.Bytes.AsMemory(_position, size));
        builder.Advance(FrameEncoder.Encode(frame, builder.GetSpan(size + FrameEncoder.FileDataOverhead)));
        _offset += size;
        _position += size;
        if (_position == _current.Length)
        {
            _buffers.Return(_current.Bytes);
            _current = null;
            _position = 0;
        }

        return true;
    }

    /// <summary>Reads to the end. Blocks that are never sent are left to the collector.</summary>
    /// <returns>The hash.</returns>
    /// <exception cref="FileStoppedException">The file cannot be sent.</exception>
    public async Task<byte[]> ReadAsync()
    {
        CancellationToken stop = _stop.Token;
        using SourceFile source = SourceFile.Open(row.Path, row.Length, row.Modified);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        source.Hash(hash, take.Offset, stop);
        for (long offset = take.Offset; offset < row.Length;)
        {
            int count = (int)Math.Min(BlockSize, row.Length - offset);
            byte[] bytes = _buffers.Take();
            source.Read(bytes.AsSpan(0, count), offset);
            hash.AppendData(bytes, 0, count);
            offset += count;
            await _blocks.Writer.WriteAsync(new Block(bytes, count, IsEnd: false), stop).ConfigureAwait(false);
            wake();
        }

        source.ThrowIfChanged();
        byte[] sha256 = hash.GetHashAndReset();
        await _blocks.Writer.WriteAsync(new Block(sha256, sha256.Length, IsEnd: true), stop).ConfigureAwait(false);
        wake();
        return sha256;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _buffers.Dispose();
    }
}
