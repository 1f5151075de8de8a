using System.Buffers;
using System.Collections.Concurrent;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// The buffers of one transfer, used again and again and wiped once, at its end: to wipe each after each use takes as long as
/// a tenth of the whole transfer. For any threads.
/// </summary>
/// <param name="size">Bytes of each.</param>
internal sealed class FileBuffers(int size) : IDisposable
{
    private readonly ConcurrentStack<byte[]> _free = [];
    private volatile bool _ended;

    public byte[] Take() => _free.TryPop(out byte[]? buffer) ? buffer : ArrayPool<byte>.Shared.Rent(size);

    public void Return(byte[] buffer)
    {
        _free.Push(buffer);
        if (_ended)
        {
            Dispose(); // it came late
        }
    }

    /// <summary>Wipes and gives away what has come back.</summary>
    public void Dispose()
    {
        _ended = true;
        while (_free.TryPop(out byte[]? buffer))
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
