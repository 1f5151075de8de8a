using System.Formats.Cbor;

namespace PSSecureChat.Engine.Wire;

/// <summary>
/// Frames to bytes. A frame is a CBOR map with integer keys in ascending order and definite lengths,
/// wrapped in a CBOR byte string, which gives its length and lets a zero byte mean padding.
/// </summary>
internal static partial class FrameEncoder
{
    // Encoding never awaits, so one writer a thread serves every conversation without holding memory in idle ones.
    [ThreadStatic]
    private static CborWriter? t_writer;

    /// <summary>The most bytes a message frame takes beyond its text.</summary>
    public const int MessageOverhead = 128;

    /// <summary>The most bytes any other frame takes.</summary>
    public const int ControlFrame = 1024;

    public static int Encode(in HelloFrame frame, Span<byte> destination)
    {
        CborWriter writer = Begin(FrameType.Hello, frame.Waiting ? 5 : 4);
        WriteProfile(writer, frame.Profile);
        if (frame.Waiting)
        {
            writer.WriteInt32(4);
            writer.WriteBoolean(true);
        }

        return End(writer, destination);
    }

    public static int Encode(in ResumeFrame frame, Span<byte> destination)
    {
        bool known = frame.KnownStream != Guid.Empty;
        CborWriter writer = Begin(FrameType.Resume, known ? 5 : 3);
        WriteId(writer, 1, frame.Stream);
        WriteNumber(writer, 2, frame.Base);
        if (known)
        {
            WriteId(writer, 3, frame.KnownStream);
            WriteNumber(writer, 4, frame.Received);
        }

        return End(writer, destination);
    }

    public static int EncodeMessage(long sequence, Guid id, long sentAt, string text, Guid? inReplyTo, long expiresAt, ChatMessageKind kind, Span<byte> destination)
    {
        CborWriter writer = Begin(FrameType.Message, 5 + (inReplyTo is null ? 0 : 1) + (expiresAt == 0 ? 0 : 1) + (kind == ChatMessageKind.Text ? 0 : 1));
        WriteNumber(writer, 1, sequence);
        WriteId(writer, 2, id);
        WriteNumber(writer, 3, sentAt);
        writer.WriteInt32(4);
        writer.WriteTextString(text.AsSpan());
        if (inReplyTo is Guid answered)
        {
            WriteId(writer, 5, answered);
        }

        if (expiresAt != 0)
        {
            WriteNumber(writer, 6, expiresAt);
        }

        if (kind != ChatMessageKind.Text)
        {
            WriteNumber(writer, 7, (long)kind);
        }

        return End(writer, destination);
    }

    public static int Encode(in SkipFrame frame, Span<byte> destination) => EncodeNumber(FrameType.Skip, frame.Sequence, destination);

    public static int Encode(in AckFrame frame, Span<byte> destination) => EncodeNumber(FrameType.Ack, frame.Sequence, destination);

    public static int Encode(in CloseFrame frame, Span<byte> destination) => EncodeNumber(FrameType.Close, (long)frame.Reason, destination);

    public static int Encode(in PingFrame frame, Span<byte> destination) => EncodeToken(FrameType.Ping, frame.Token, destination);

    public static int Encode(in PongFrame frame, Span<byte> destination) => EncodeToken(FrameType.Pong, frame.Token, destination);

    /// <summary>The most bytes a Rekey frame takes beyond its message.</summary>
    public const int RekeyOverhead = 32;

    public static int Encode(in RekeyFrame frame, Span<byte> destination)
    {
        CborWriter writer = Begin(FrameType.Rekey, frame.Message.IsEmpty ? 2 : 3);
        WriteNumber(writer, 1, frame.Step);
        if (!frame.Message.IsEmpty)
        {
            writer.WriteInt32(2);
            writer.WriteByteString(frame.Message.Span);
        }

        return End(writer, destination);
    }

    /// <summary>The most bytes a Read frame takes.</summary>
    public const int ReadSize = (Limits.MaxReadIds * ReadFrame.IdSize) + 32;

    public static int Encode(in ReadFrame frame, Span<byte> destination)
    {
        CborWriter writer = Begin(FrameType.Read, 2);
        writer.WriteInt32(1);
        writer.WriteByteString(frame.Ids.Span);
        return End(writer, destination);
    }

    public static int Encode(in ReadStoredFrame frame, Span<byte> destination) => End(Begin(FrameType.ReadStored, 1), destination);

    /// <summary>The profile alone, a CBOR map, as handshake message 3 carries it.</summary>
    public static byte[] EncodeProfile(in Profile profile)
    {
        CborWriter writer = new(CborConformanceMode.Lax);
        writer.WriteStartMap(3);
        WriteProfile(writer, profile);
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static void WriteProfile(CborWriter writer, in Profile profile)
    {
        writer.WriteInt32(1);
        writer.WriteTextString(profile.Name);
        writer.WriteInt32(2);
        writer.WriteStartArray(profile.Capabilities.Count);
        for (int i = 0; i < profile.Capabilities.Count; i++)
        {
            writer.WriteInt32(profile.Capabilities[i]);
        }

        writer.WriteEndArray();
        WriteNumber(writer, 3, profile.Port);
    }

    private static int EncodeNumber(FrameType type, long number, Span<byte> destination)
    {
        CborWriter writer = Begin(type, 2);
        WriteNumber(writer, 1, number);
        return End(writer, destination);
    }

    private static int EncodeToken(FrameType type, ulong token, Span<byte> destination)
    {
        CborWriter writer = Begin(type, 2);
        writer.WriteInt32(1);
        writer.WriteUInt64(token);
        return End(writer, destination);
    }

    private static void WriteNumber(CborWriter writer, int key, long number)
    {
        writer.WriteInt32(key);
        writer.WriteInt64(number);
    }

    private static void WriteId(CborWriter writer, int key, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.WriteInt32(key);
        writer.WriteByteString(bytes);
    }

    private static CborWriter Begin(FrameType type, int pairs)
    {
        CborWriter writer = t_writer ??= new CborWriter(CborConformanceMode.Lax);
        writer.Reset();
        writer.WriteStartMap(pairs);
        writer.WriteInt32(0);
        writer.WriteInt32((int)type);
        return writer;
    }

    private static int End(CborWriter writer, Span<byte> destination)
    {
        writer.WriteEndMap();
        int length = writer.BytesWritten;
        int header = WriteByteStringHeader(length, destination);
        writer.Encode(destination[header..]);
        if (length > Limits.RecordTarget)
        {
            t_writer = null; // a writer keeps its largest buffer; do not hold a megabyte a thread
        }

        return header + length;
    }

    // CborWriter cannot write a byte string's header ahead of a body it encodes itself (RFC 8949, section 3, major type 2).
    private static int WriteByteStringHeader(int length, Span<byte> destination) => WriteHead(0x40, (ulong)length, destination);
}
