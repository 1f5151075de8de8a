using System.Buffers.Binary;
using System.Formats.Cbor;

namespace PSSecureChat.Engine.Wire;

/// <summary>The frames of files.</summary>
internal static partial class FrameEncoder
{
    /// <summary>The most bytes a piece of a file takes beyond its data.</summary>
    public const int FileDataOverhead = 64;

    public static int Encode(in FileOfferFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileOffer, frame.Id, 4);
        writer.WriteInt32(2);
        writer.WriteTextString(frame.Name);
        WriteNumber(writer, 3, frame.Length);
        return End(writer, destination);
    }

    public static int Encode(in FileWantedFrame frame, Span<byte> destination) => End(BeginFile(FrameType.FileWanted, frame.Id, 2), destination);

    public static int Encode(in FileTakeFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileTake, frame.Id, 5);
        WriteNumber(writer, 2, frame.Round);
        WriteNumber(writer, 3, frame.Offset);
        WriteNumber(writer, 4, frame.Limit);
        return End(writer, destination);
    }

    public static int Encode(in FileCreditFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileCredit, frame.Id, 4);
        WriteNumber(writer, 2, frame.Round);
        WriteNumber(writer, 3, frame.Limit);
        return End(writer, destination);
    }

    /// <summary>By hand: a writer would copy the data twice and grow a buffer of its own.</summary>
    public static int Encode(in FileDataFrame frame, Span<byte> destination)
    {
        Span<byte> head = stackalloc byte[FileDataOverhead];
        int length = 0;
        head[length++] = 0xA0 | 5; // a map of five pairs
        head[length++] = 0;
        head[length++] = (byte)FrameType.FileData;
        head[length++] = 1;
        head[length++] = 0x40 | IdSize;
        frame.Id.TryWriteBytes(head[length..], bigEndian: true, out int id);
        length += id;
        head[length++] = 2;
        length += WriteHead(0x00, (ulong)frame.Round, head[length..]);
        head[length++] = 3;
        length += WriteHead(0x00, (ulong)frame.Offset, head[length..]);
        head[length++] = 4;
        length += WriteHead(0x40, (ulong)frame.Data.Length, head[length..]);

        int outer = WriteByteStringHeader(length + frame.Data.Length, destination);
        head[..length].CopyTo(destination[outer..]);
        frame.Data.Span.CopyTo(destination[(outer + length)..]);
        return outer + length + frame.Data.Length;
    }

    public static int Encode(in FileEndFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileEnd, frame.Id, 4);
        WriteNumber(writer, 2, frame.Round);
        writer.WriteInt32(3);
        writer.WriteByteString(frame.Sha256.Span);
        return End(writer, destination);
    }

    public static int Encode(in FileDoneFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileDone, frame.Id, 3);
        writer.WriteInt32(2);
        writer.WriteByteString(frame.Sha256.Span);
        return End(writer, destination);
    }

    public static int Encode(in FileStopFrame frame, Span<byte> destination)
    {
        CborWriter writer = BeginFile(FrameType.FileStop, frame.Id, 3);
        WriteNumber(writer, 2, (long)frame.Reason);
        return End(writer, destination);
    }

    private const int IdSize = 16;

    private static CborWriter BeginFile(FrameType type, Guid id, int pairs)
    {
        CborWriter writer = Begin(type, pairs);
        WriteId(writer, 1, id);
        return writer;
    }

    // The head of a CBOR item: its major type and a number in the shortest form (RFC 8949, section 3).
    private static int WriteHead(byte major, ulong number, Span<byte> destination)
    {
        switch (number)
        {
            case < 24:
                destination[0] = (byte)(major | number);
                return 1;
            case <= byte.MaxValue:
                destination[0] = (byte)(major | 24);
                destination[1] = (byte)number;
                return 2;
            case <= ushort.MaxValue:
                destination[0] = (byte)(major | 25);
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)number);
                return 3;
            case <= uint.MaxValue:
                destination[0] = (byte)(major | 26);
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)number);
                return 5;
            default:
                destination[0] = (byte)(major | 27);
                BinaryPrimitives.WriteUInt64BigEndian(destination[1..], number);
                return 9;
        }
    }
}
