using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>An invitation we gave and nobody has used yet. Owns its secret.</summary>
/// <param name="Id">Its row in the store.</param>
/// <param name="Secret">The one-time secret.</param>
/// <param name="ExpiresAt">Until when it is good; whole seconds.</param>
internal sealed record OpenInvitation(long Id, PreSharedKey Secret, DateTimeOffset ExpiresAt) : IDisposable
{
    /// <summary>Bytes of what is sealed: secret(32), expiry in seconds since 1970(8), big-endian.</summary>
    public const int Size = NoiseSizes.Key + sizeof(long);

    /// <summary>Reads those a store holds.</summary>
    public static List<OpenInvitation> Load(SqliteConnection connection, RowOpener opener)
    {
        List<OpenInvitation> open = [];
        Span<byte> value = stackalloc byte[Size];
        using Statement read = new(connection, "SELECT id, sealed FROM invitation ORDER BY id");
        try
        {
            while (read.Step())
            {
                if (read.Blob(1).Length != Size + RowSealer.Overhead)
                {
                    throw new CryptographicException("A sealed invitation has a length of its own.");
                }

                opener.Open(read.Blob(1), new RowPlace(SealedColumn.InvitationSecret, read.Int64(0)), value);
                DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(value[NoiseSizes.Key..]));
                open.Add(new OpenInvitation(read.Int64(0), new PreSharedKey(value[..NoiseSizes.Key]), expiresAt));
            }

            return open;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }
    }

    public void WriteTo(Span<byte> destination)
    {
        Secret.Bytes.CopyTo(destination);
        BinaryPrimitives.WriteInt64BigEndian(destination[NoiseSizes.Key..], ExpiresAt.ToUnixTimeSeconds());
    }

    public void Dispose() => Secret.Dispose();

    /// <summary>Nothing of the secret.</summary>
    public override string ToString() => $"invitation {Id}";
}
