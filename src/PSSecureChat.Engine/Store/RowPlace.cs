using System.Buffers.Binary;

namespace PSSecureChat.Engine.Store;

/// <summary>What is sealed. Part of the associated data: the numbers never change.</summary>
internal enum SealedColumn : byte
{
    IdentitySeed = 1,
    PeerProfile = 2,
    MessageBody = 3,
    MessageNote = 4,
    InvitationSecret = 5,
    ConsumerName = 6,
    TransferDetails = 7,
}

/// <summary>Where a sealed value stands, the associated data of its seal: a value moved elsewhere does not open.</summary>
/// <param name="Column">The table and column.</param>
/// <param name="Row">The row's id.</param>
/// <param name="Peer">The peer's row id, 0 for none.</param>
/// <param name="Direction">The message's direction, 0 for none.</param>
/// <param name="Message">The message's id.</param>
internal readonly record struct RowPlace(SealedColumn Column, long Row, long Peer = 0, ChatDirection Direction = default, Guid Message = default)
{
    /// <summary>Bytes of a place: sealing version, column, row, peer, direction, message id.</summary>
    public const int Size = 1 + 1 + 8 + 8 + 1 + 16;

    private const byte Version = 1;

    public void WriteTo(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Column;
        BinaryPrimitives.WriteInt64BigEndian(destination[2..], Row);
        BinaryPrimitives.WriteInt64BigEndian(destination[10..], Peer);
        destination[18] = (byte)Direction;
        Message.TryWriteBytes(destination[19..], bigEndian: true, out _);
    }
}
