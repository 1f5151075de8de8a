using System.Security.Cryptography;
using System.Threading.Channels;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// Receives one round of one file. The conversation's receiving loop hands pieces over and never waits; a worker writes and
/// hashes them. What may be handed over is bounded by the limit that was given to the sender.
/// </summary>
internal sealed class FileReceiver(TransferBook book, Transfer transfer, long round) : IDisposable
{
    /// <summary>Pieces written together, at most.</summary>
    private const int PiecesAtOnce = 8;

    private readonly Channel<Piece> _pieces = Channel.CreateUnbounded<Piece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly FileBuffers _buffers = new(Limits.MaxFileChunk);
    private Task? _flushing;
    private readonly long _length = transfer.Row.Length;
    private long _marker;
    private long _expected;
    private bool _ended;

    private readonly record struct Piece(byte[] Bytes, int Length, bool IsEnd);

    public long Round => round;

    /// <summary>Takes a piece. For the receiving loop.</summary>
    /// <exception cref="ProtocolException">It is not the next one, or was not asked for.</exception>
    public void Take(in FileDataFrame frame, long limit)
    {
        if (_ended || frame.Offset != _expected || frame.Data.Length != Math.Min(Limits.MaxFileChunk, _length - _expected) || _expected > limit - frame.Data.Length)
        {
            throw new ProtocolException("a piece of a file that is not due");
        }

        byte[] bytes = _buffers.Take();
        frame.Data.Span.CopyTo(bytes);
        _expected += frame.Data.Length;
        _pieces.Writer.TryWrite(new Piece(bytes, frame.Data.Length, IsEnd: false));
    }

    /// <summary>Takes the end. For the receiving loop.</summary>
    /// <exception cref="ProtocolException">It comes too early or twice.</exception>
    public void Take(in FileEndFrame frame)
    {
        if (_ended || _expected != _length)
        {
            throw new ProtocolException("the end of a file that is not due");
        }

        _ended = true;
        _pieces.Writer.TryWrite(new Piece(frame.Sha256.ToArray(), frame.Sha256.Length, IsEnd: true));
        _pieces.Writer.TryComplete();
    }

    /// <summary>Nothing more comes: what has come is written, and the worker ends.</summary>
    public void Complete() => _pieces.Writer.TryComplete();

    /// <summary>Ends the worker as soon as it can.</summary>
    public void Stop()
    {
        Complete();
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it has ended by itself
        }
    }

    /// <summary>Asks for the data and writes it until the end or until nothing more comes.</summary>
    /// <param name="row">The transfer as it stands now.</param>
    /// <returns>The hash when all is there, null when the rest has to come another time.</returns>
    /// <exception cref="FileStoppedException">What came is not what was sent.</exception>
    public async Task<byte[]?> WriteAsync(TransferRow row)
    {
        CancellationToken stop = _stop.Token;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (IsThereAlready(row, hash, stop))
        {
            return row.Sha256.ToArray();
        }

        _marker = row.Marker;
        using PartFile part = await OpenPartAsync(row).ConfigureAwait(false);
        long from = Math.Min(_marker, Math.Min(part.Length, row.Length));
        part.Continue(hash, from, stop);
        _marker = _expected = from;
        book.Ask(transfer, this, from);
        byte[]? sent;
        try
        {
            sent = await WriteAsync(part, hash, from, stop).ConfigureAwait(false);
        }
        finally
        {
            await (_flushing ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it uses the file
        }

        if (sent is null)
        {
            return null;
        }

        byte[] arrived = hash.GetHashAndReset();
        if (!arrived.AsSpan().SequenceEqual(sent))
        {
            throw new FileStoppedException(FileStopReason.Damaged, "what arrived is not what was sent: the hashes differ");
        }

        part.Flush();
        part.Dispose();
        await FinishAsync(row, part.Path, arrived).ConfigureAwait(false);
        return arrived;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _buffers.Dispose();
    }

    private async Task<byte[]?> WriteAsync(PartFile part, IncrementalHash hash, long done, CancellationToken stop)
    {
        long asked = done;
        List<Piece> pieces = [];
        List<ReadOnlyMemory<byte>> data = [];
        while (await _pieces.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            // A piece is no number of whole pages: what has come meanwhile is written together, so fewer pages are written to twice.
            while (pieces.Count < PiecesAtOnce && _pieces.Reader.TryRead(out Piece piece))
            {
                if (!piece.IsEnd)
                {
                    data.Add(piece.Bytes.AsMemory(0, piece.Length));
                }

                pieces.Add(piece);
            }

            part.Write(data, done);
            foreach (Piece piece in pieces)
            {
                if (piece.IsEnd)
                {
                    return piece.Bytes;
                }

                hash.AppendData(piece.Bytes, 0, piece.Length);
                done += piece.Length;
                _buffers.Return(piece.Bytes);
            }

            pieces.Clear();
            data.Clear();
            if (done - asked >= book.Limits.FileWindow / 4)
            {
                asked = done;
                book.Credit(transfer, this, done + book.Limits.FileWindow);
            }

            book.Progress(transfer, this, done);
            Mark(part, done);
        }

        await (_flushing ?? Task.CompletedTask).ConfigureAwait(false);
        part.Flush();
        book.Mark(transfer, done);
        return null;
    }

    // One flush at a time, beside the writing: a slow disk makes the marks rarer, not the writing slower.
    private void Mark(PartFile part, long done)
    {
        if (done - _marker < book.Limits.FileMarker || _flushing is { IsCompleted: false })
        {
            return;
        }

        _flushing?.GetAwaiter().GetResult(); // the last one failed: so does the file
        _marker = done;
        _flushing = Task.Run(() =>
        {
            part.Flush();
            book.Mark(transfer, done);
        });
    }

    // The path is stored before the file is there: a kill in between leaves no part that nobody knows of.
    private async Task<PartFile> OpenPartAsync(TransferRow row)
    {
        if (row.Part.Length > 0 && PartFile.Reopen(row.Part) is PartFile begun)
        {
            return begun;
        }

        _marker = 0;
        string path = PartFile.NewPath(Path.GetDirectoryName(row.Path)!, row.Name);
        await book.BegunAsync(transfer, path).ConfigureAwait(false);
        return PartFile.Create(path);
    }

    // The process may have ended after the file had got its name and before that was noted.
    private static bool IsThereAlready(TransferRow row, IncrementalHash hash, CancellationToken stop)
    {
        if (row.Sha256.IsEmpty || File.Exists(row.Part) || !File.Exists(row.Path))
        {
            return false;
        }

        using (FileStream file = new(row.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
        {
            if (file.Length == row.Length)
            {
                PartFile.Hash(file.SafeFileHandle, hash, row.Length, stop);
            }
        }

        return hash.GetHashAndReset().AsSpan().SequenceEqual(row.Sha256.Span);
    }

    private async Task FinishAsync(TransferRow row, string part, byte[] sha256)
    {
        string path = Path.Combine(Path.GetDirectoryName(row.Path)!, row.Name);
        if (!row.Replace)
        {
            // A name that was taken for it and not used, because the process ended between the two, is used now.
            bool reserved = !row.Sha256.IsEmpty && new FileInfo(row.Path) is { Exists: true, Length: 0, LinkTarget: null };
            path = reserved ? row.Path : PartFile.Reserve(path);
        }

        await book.FinishingAsync(transfer, path, sha256).ConfigureAwait(false);
        File.Move(part, path, overwrite: true);
    }
}
