using System.Security.Cryptography;

namespace PSSecureChat.Engine.Noise;

/// <summary>
/// The one owner of secret bytes. The memory is pinned, so that the garbage collector leaves no copies behind when it
/// moves things, and is wiped on <see cref="Dispose"/>. Reading it afterwards throws <see cref="ObjectDisposedException"/>
/// and never yields zeros that could pass for a key.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private volatile bool _disposed;

    /// <summary>Zeros, to be filled through <see cref="Span"/>.</summary>
    public SecretBytes(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>A copy; the source stays the caller's to wipe.</summary>
    public SecretBytes(ReadOnlySpan<byte> source)
        : this(source.Length) => source.CopyTo(_bytes);

    /// <summary>The bytes themselves, not a copy.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>
    /// For a reader that does not own them and has just read: throws when they were wiped meanwhile, so that nobody goes on
    /// with half of them.
    /// </summary>
    /// <exception cref="ObjectDisposedException">They are wiped, or are being wiped.</exception>
    public void ThrowIfWiped()
    {
        Interlocked.MemoryBarrier(); // what was read was read before this looks
        ObjectDisposedException.ThrowIf(_disposed, this);
    }

    /// <summary>Draws a new secret.</summary>
    public static SecretBytes Random(int length, IRandomSource random)
    {
        SecretBytes secret = new(length);
        random.Fill(secret._bytes);
        return secret;
    }

    public void Dispose()
    {
        _disposed = true;
        Interlocked.MemoryBarrier(); // seen before the first byte is wiped
        CryptographicOperations.ZeroMemory(_bytes);
    }

    public override string ToString() => nameof(SecretBytes);
}
