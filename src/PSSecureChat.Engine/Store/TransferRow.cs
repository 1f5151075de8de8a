using System.Formats.Cbor;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>What is decided about a transfer. Stored as numbers, which never change.</summary>
internal enum TransferPhase
{
    /// <summary>A peer's offer that nobody has answered. Never stored: the peer offers it again.</summary>
    Offered = 0,

    /// <summary>Both sides want it, or the peer has yet to say.</summary>
    Open = 1,

    /// <summary>Our user, or a disk that fails, has it wait.</summary>
    Suspended = 2,

    Completed = 3,

    Failed = 4,

    Stopped = 5,
}

/// <summary>A transfer as the store has it.</summary>
internal sealed record TransferRow
{
    public required long Row { get; init; }

    /// <summary>The peer's row.</summary>
    public required long Peer { get; init; }

    public required ChatDirection Direction { get; init; }

    /// <summary>The id both sides know it by.</summary>
    public required Guid Id { get; init; }

    /// <summary>A name that is safe to use here.</summary>
    public required string Name { get; init; }

    public required long Length { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long BegunAt { get; init; }

    public TransferPhase Phase { get; init; }

    /// <summary>Received bytes that are certainly on the disk.</summary>
    public long Marker { get; init; }

    /// <summary>Milliseconds since 1970; 0 while it has not ended.</summary>
    public long EndedAt { get; init; }

    /// <summary>The file to send, or the file it is to become.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>The file that is written until all has come.</summary>
    public string Part { get; init; } = string.Empty;

    /// <summary>When the file to send was last written, in ticks of UTC, as it was offered.</summary>
    public long Modified { get; init; }

    /// <summary>The hash, once it is known; empty before.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether a file of its name may be replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Phase is TransferPhase.Completed or TransferPhase.Failed or TransferPhase.Stopped;

    /// <summary>Where the sealed part of the row stands.</summary>
    public RowPlace Place => new(SealedColumn.TransferDetails, Row, Peer, Direction, Id);

    /// <summary>What of it is sealed.</summary>
    public byte[] Details()
    {
        CborWriter writer = new();
        writer.WriteStartArray(7);
        writer.WriteTextString(Name);
        writer.WriteTextString(Path);
        writer.WriteTextString(Part);
        writer.WriteInt64(Modified);
        writer.WriteByteString(Sha256.Span);
        writer.WriteTextString(Reason ?? string.Empty);
        writer.WriteBoolean(Replace);
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <summary>Reads those a store holds.</summary>
    public static List<TransferRow> Load(SqliteConnection connection, RowOpener opener)
    {
        List<TransferRow> transfers = [];
        using Statement read = new(connection, "SELECT id, peer, direction, uuid, phase, length, marker, begun_at, ended_at, sealed FROM transfer ORDER BY id");
        while (read.Step())
        {
            RowPlace place = new(SealedColumn.TransferDetails, read.Int64(0), read.Int64(1), (ChatDirection)read.Int64(2), read.Id(3));
            CborReader details = new(opener.Open(read.Blob(9), place));
            if (details.ReadStartArray() != 7)
            {
                throw new CryptographicException("A sealed transfer has a shape of its own.");
            }

            transfers.Add(new TransferRow
            {
                Row = place.Row,
                Peer = place.Peer,
                Direction = place.Direction,
                Id = place.Message,
                Phase = (TransferPhase)read.Int64(4),
                Length = read.Int64(5),
                Marker = read.Int64(6),
                BegunAt = read.Int64(7),
                EndedAt = read.Int64(8),
                Name = details.ReadTextString(),
                Path = details.ReadTextString(),
                Part = details.ReadTextString(),
                Modified = details.ReadInt64(),
                Sha256 = details.ReadByteString(),
                Reason = details.ReadTextString() is { Length: > 0 } reason ? reason : null,
                Replace = details.ReadBoolean(),
            });
        }

        return transfers;
    }
}
