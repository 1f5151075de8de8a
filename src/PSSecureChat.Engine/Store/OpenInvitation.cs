using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>An invitation we gave and nobody has used yet. Owns its secret.</summary>
/// <param name="Id">Its row in the store.</param>
/// <param name="Secret">The one-time secret.</param>
/// <param name="ExpiresAt">Until when it is good; whole seconds.</param>
/// <param name="Label">What it is listed under; null for one that an older version made.</param>
internal sealed record OpenInvitation(long Id, PreSharedKey Secret, DateTimeOffset ExpiresAt, InvitationLabel? Label) : IDisposable
{
    private const int Fixed = NoiseSizes.Key + sizeof(long);

    /// <summary>Bytes of what is sealed: secret(32), expiry in seconds since 1970(8), big-endian, and the label's CBOR.</summary>
    public int Size => Fixed + (Label?.Encoded.Length ?? 0);

    /// <summary>What the user calls it by.</summary>
    public string Mark => Label?.Mark ?? Id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads those a store holds.</summary>
    public static List<OpenInvitation> Load(SqliteConnection connection, RowOpener opener)
    {
        List<OpenInvitation> open = [];
        byte[] value = [];
        using Statement read = new(connection, "SELECT id, sealed FROM invitation ORDER BY id");
        try
        {
            while (read.Step())
            {
                value = opener.Open(read.Blob(1), new RowPlace(SealedColumn.InvitationSecret, read.Int64(0)));
                if (value.Length < Fixed)
                {
                    throw new CryptographicException("A sealed invitation is longer.");
                }

                DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(NoiseSizes.Key)));
                InvitationLabel? label = value.Length > Fixed ? InvitationLabel.Decode(value[Fixed..]) : null;
                open.Add(new OpenInvitation(read.Int64(0), new PreSharedKey(value.AsSpan(0, NoiseSizes.Key)), expiresAt, label));
                CryptographicOperations.ZeroMemory(value);
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
        Label?.Encoded.CopyTo(destination[Fixed..]);
    }

    public void Dispose() => Secret.Dispose();

    /// <summary>Nothing of the secret.</summary>
    public override string ToString() => $"invitation {Id}";
}
