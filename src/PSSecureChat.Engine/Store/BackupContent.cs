using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>The content of a backup, opened chunk by chunk as it is read: nothing is handed out that was not authenticated.</summary>
internal sealed class BackupContent(Stream file, string path, AesGcm cipher, byte[] header, long length) : Stream
{
    private readonly byte[] _plain = new byte[BackupFile.ChunkSize];
    private readonly byte[] _chunk = new byte[BackupFile.ChunkSize + NoiseSizes.Tag];
    private long _number;
    private long _left = length;
    private int _position;
    private int _filled;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position == _filled && _left > 0)
        {
            NextChunk();
        }

        int count = Math.Min(buffer.Length, _filled - _position);
        _plain.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        cipher.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        base.Dispose(disposing);
    }

    private void NextChunk()
    {
        int count = (int)Math.Min(_left, BackupFile.ChunkSize);
        _left -= count;
        Span<byte> nonce = stackalloc byte[NoiseSizes.AeadNonce];
        BackupFile.WriteNonce(nonce, _number++, last: _left == 0);
        try
        {
            file.ReadExactly(_chunk, 0, count + NoiseSizes.Tag);
            cipher.Decrypt(nonce, _chunk.AsSpan(0, count), _chunk.AsSpan(count, NoiseSizes.Tag), _plain.AsSpan(0, count), header);
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or EndOfStreamException)
        {
            throw ChatErrors.BackupDamaged(path);
        }

        _position = 0;
        _filled = count;
    }
}
