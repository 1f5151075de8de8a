using System.Formats.Cbor;
using System.Text;
using System.Text.Unicode;

namespace PSSecureChat.Engine.Wire;

/// <summary>
/// Bytes to frames. Keys ascend, so a key cannot come twice; unknown keys are skipped; unknown frame types,
/// indefinite lengths, missing keys and values outside their range are errors.
/// </summary>
internal static class FrameDecoder
{
    [ThreadStatic]
    private static CborReader? t_reader;

    /// <summary>Decodes one frame (the content of its byte string) and hands it to the handler.</summary>
    /// <exception cref="ProtocolException">The bytes are not a frame, or the handler refuses it.</exception>
    public static void Decode(ReadOnlyMemory<byte> frame, IFrameHandler handler)
    {
        FrameType type;
        Fields fields = default;
        try
        {
            CborReader reader = t_reader ??= new CborReader(default, CborConformanceMode.Lax);
            reader.Reset(frame);
            int pairs = StartMap(reader);
            if (pairs == 0 || ReadKey(reader, -1) != 0)
            {
                throw new ProtocolException("a frame without a type");
            }

            type = (FrameType)reader.ReadInt32();
            Read(reader, type, pairs - 1, ref fields);
            reader.ReadEndMap();
            if (reader.BytesRemaining != 0)
            {
                throw new ProtocolException("bytes behind a frame's map");
            }
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            throw new ProtocolException("a frame that is not the CBOR it should be");
        }

        Dispatch(type, fields, handler);
    }

    /// <summary>Decodes the profile of handshake message 3.</summary>
    /// <exception cref="ProtocolException">The bytes are not a profile.</exception>
    public static Profile DecodeProfile(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            CborReader reader = new(bytes, CborConformanceMode.Lax);
            Fields fields = default;
            Read(reader, FrameType.Hello, StartMap(reader), ref fields);
            reader.ReadEndMap();
            return reader.BytesRemaining == 0 ? fields.Profile() : throw new ProtocolException("bytes behind a profile");
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            throw new ProtocolException("a profile that is not the CBOR it should be");
        }
    }

    private static void Read(CborReader reader, FrameType type, int pairs, ref Fields fields)
    {
        int last = 0;
        for (; pairs > 0; pairs--)
        {
            int key = ReadKey(reader, last);
            last = key;
            if (fields.Read(reader, type, key))
            {
                fields.Keys |= 1 << key;
            }
            else
            {
                Skip(reader);
            }
        }
    }

    private static void Dispatch(FrameType type, in Fields fields, IFrameHandler handler)
    {
        switch (type)
        {
            case FrameType.Hello:
                handler.On(new HelloFrame(fields.Profile(), fields.Flag));
                break;
            case FrameType.Resume:
                fields.Require(1, 2);
                if (((fields.Keys >> 3) & 1) != ((fields.Keys >> 4) & 1))
                {
                    throw new ProtocolException("a known stream without its number");
                }

                handler.On(new ResumeFrame(fields.Id1, fields.Number1, fields.Id2, fields.Number2));
                break;
            case FrameType.Message:
                fields.Require(1, 2, 3, 4);
                handler.On(new MessageFrame(fields.Number1, fields.Id1, fields.Number2, fields.Text, fields.Has(5) ? fields.Id2 : null, fields.Number3, fields.Kind));
                break;
            case FrameType.Skip:
                fields.Require(1);
                handler.On(new SkipFrame(fields.Number1));
                break;
            case FrameType.Ack:
                fields.Require(1);
                handler.On(new AckFrame(fields.Number1));
                break;
            case FrameType.Ping:
                fields.Require(1);
                handler.On(new PingFrame(fields.Token));
                break;
            case FrameType.Pong:
                fields.Require(1);
                handler.On(new PongFrame(fields.Token));
                break;
            case FrameType.Close:
                fields.Require(1);
                handler.On(new CloseFrame((CloseReason)Math.Min(fields.Number1, int.MaxValue)));
                break;
            case FrameType.Rekey:
                fields.Require(1);
                handler.On(new RekeyFrame((int)Math.Min(fields.Number1, int.MaxValue), fields.Bytes));
                break;
            case FrameType.Read:
                fields.Require(1);
                handler.On(new ReadFrame(fields.Bytes));
                break;
            case FrameType.ReadStored:
                handler.On(new ReadStoredFrame());
                break;
            case FrameType.FileOffer:
                fields.Require(1, 2, 3);
                handler.Files.On(new FileOfferFrame(fields.Id1, fields.FileName(), fields.Number1));
                break;
            case FrameType.FileWanted:
                fields.Require(1);
                handler.Files.On(new FileWantedFrame(fields.Id1));
                break;
            case FrameType.FileTake:
                fields.Require(1, 2, 3, 4);
                handler.Files.On(new FileTakeFrame(fields.Id1, fields.Number1, fields.Number2, fields.Number3));
                break;
            case FrameType.FileCredit:
                fields.Require(1, 2, 3);
                handler.Files.On(new FileCreditFrame(fields.Id1, fields.Number1, fields.Number2));
                break;
            case FrameType.FileData:
                fields.Require(1, 2, 3, 4);
                handler.Files.On(new FileDataFrame(fields.Id1, fields.Number1, fields.Number2, fields.Bytes));
                break;
            case FrameType.FileEnd:
                fields.Require(1, 2, 3);
                handler.Files.On(new FileEndFrame(fields.Id1, fields.Number1, fields.Hash()));
                break;
            case FrameType.FileDone:
                fields.Require(1, 2);
                handler.Files.On(new FileDoneFrame(fields.Id1, fields.Hash()));
                break;
            case FrameType.FileStop:
                fields.Require(1, 2);
                handler.Files.On(new FileStopFrame(fields.Id1, (FileStopReason)Math.Min(fields.Number1, int.MaxValue)));
                break;
            default:
                throw new ProtocolException("a frame of an unknown type");
        }
    }

    private static int StartMap(CborReader reader) =>
        reader.ReadStartMap() ?? throw new ProtocolException("a map of indefinite length");

    private static int ReadKey(CborReader reader, int last)
    {
        int key = reader.ReadInt32();
        return key > last ? key : throw new ProtocolException("keys out of order");
    }

    // The library's own SkipValue has no bound on nesting; a megabyte of opening brackets must not cost a hundred.
    private static void Skip(CborReader reader)
    {
        int outer = reader.CurrentDepth;
        do
        {
            while (reader.PeekState() == CborReaderState.Tag)
            {
                reader.ReadTag();
            }

            switch (reader.PeekState())
            {
                case CborReaderState.StartArray or CborReaderState.StartMap when reader.CurrentDepth - outer == Limits.MaxFrameDepth:
                    throw new ProtocolException("values nested too deep");
                case CborReaderState.StartArray:
                    if (reader.ReadStartArray() is null)
                    {
                        throw new ProtocolException("an array of indefinite length");
                    }

                    break;
                case CborReaderState.StartMap:
                    StartMap(reader);
                    break;
                case CborReaderState.EndArray:
                    reader.ReadEndArray();
                    break;
                case CborReaderState.EndMap:
                    reader.ReadEndMap();
                    break;
                case CborReaderState.StartIndefiniteLengthByteString or CborReaderState.StartIndefiniteLengthTextString:
                    throw new ProtocolException("a string of indefinite length");
                default:
                    reader.SkipValue();
                    break;
            }
        }
        while (reader.CurrentDepth > outer);
    }

    /// <summary>The values of one frame, before it is known to be whole.</summary>
    private struct Fields
    {
        public int Keys;
        public long Number1;
        public long Number2;
        public long Number3;
        public ulong Token;
        public Guid Id1;
        public Guid Id2;
        public ReadOnlyMemory<byte> Text;
        public ReadOnlyMemory<byte> Bytes;
        public bool Flag;
        public ChatMessageKind Kind;
        private int[]? _capabilities;

        public readonly bool Has(int key) => (Keys & (1 << key)) != 0;

        public readonly void Require(params ReadOnlySpan<int> keys)
        {
            foreach (int key in keys)
            {
                if (!Has(key))
                {
                    throw new ProtocolException("a frame without one of its keys");
                }
            }
        }

        public readonly Profile Profile()
        {
            Require(1, 2, 3);
            string name = Encoding.UTF8.GetString(Text.Span);
            return PeerName.IsUsable(name) && Number1 <= ushort.MaxValue
                ? new Profile(name, _capabilities!, (int)Number1)
                : throw new ProtocolException("a profile with an unusable name or port");
        }

        public readonly string FileName() => Text.IsEmpty ? throw new ProtocolException("a file without a name") : Encoding.UTF8.GetString(Text.Span);

        public readonly ReadOnlyMemory<byte> Hash() => Bytes.Length == System.Security.Cryptography.SHA256.HashSizeInBytes ? Bytes : throw new ProtocolException("a hash that is not 32 bytes");

        /// <summary>Reads the value of a key this frame type knows; false when it does not know the key.</summary>
        public bool Read(CborReader reader, FrameType type, int key)
        {
            switch (type, key)
            {
                case (FrameType.Hello, 1):
                case (FrameType.Message, 4):
                case (FrameType.FileOffer, 2):
                    Text = ReadText(reader, type);
                    return true;
                case (FrameType.Hello, 2):
                    _capabilities = ReadCapabilities(reader);
                    return true;
                case (FrameType.Hello, 4):
                    Flag = reader.ReadBoolean();
                    return true;
                case (FrameType.Hello or FrameType.FileOffer, 3):
                case (FrameType.Resume, 2):
                case (FrameType.FileTake or FrameType.FileCredit or FrameType.FileData or FrameType.FileEnd or FrameType.FileStop, 2):
                case (FrameType.Message or FrameType.Skip or FrameType.Ack or FrameType.Close or FrameType.Rekey, 1):
                    Number1 = ReadNumber(reader);
                    return true;
                case (FrameType.Resume, 4):
                case (FrameType.Message or FrameType.FileTake or FrameType.FileCredit or FrameType.FileData, 3):
                    Number2 = ReadNumber(reader);
                    return true;
                case (FrameType.Message, 6):
                case (FrameType.FileTake, 4):
                    Number3 = ReadNumber(reader);
                    return true;
                case (FrameType.Message, 7):
                    Kind = ReadKind(reader);
                    return true;
                case (FrameType.Read, 1):
                    Bytes = ReadIds(reader);
                    return true;
                case (FrameType.Ping or FrameType.Pong, 1):
                    Token = reader.ReadUInt64();
                    return true;
                case (FrameType.Rekey, 2):
                    Bytes = reader.ReadDefiniteLengthByteString();
                    return true;
                case (FrameType.FileData, 4):
                    Bytes = ReadChunk(reader);
                    return true;
                case (FrameType.FileEnd, 3):
                case (FrameType.FileDone, 2):
                    Bytes = reader.ReadDefiniteLengthByteString();
                    return true;
                case (FrameType.Resume or (>= FrameType.FileOffer and <= FrameType.FileStop), 1):
                case (FrameType.Message, 2):
                    Id1 = ReadId(reader);
                    return true;
                case (FrameType.Resume, 3):
                case (FrameType.Message, 5):
                    Id2 = ReadId(reader);
                    return true;
                default:
                    return false;
            }
        }

        private static long ReadNumber(CborReader reader)
        {
            long number = reader.ReadInt64();
            return number >= 0 ? number : throw new ProtocolException("a negative number");
        }

        private static ChatMessageKind ReadKind(CborReader reader)
        {
            long number = ReadNumber(reader);
            return number <= Limits.MaxMessageKind ? (ChatMessageKind)number : throw new ProtocolException("a kind out of range");
        }

        private static Guid ReadId(CborReader reader)
        {
            ReadOnlyMemory<byte> bytes = reader.ReadDefiniteLengthByteString();
            return bytes.Length == 16 ? new Guid(bytes.Span, bigEndian: true) : throw new ProtocolException("an id that is not 16 bytes");
        }

        private static ReadOnlyMemory<byte> ReadIds(CborReader reader)
        {
            ReadOnlyMemory<byte> ids = reader.ReadDefiniteLengthByteString();
            return ids.Length % ReadFrame.IdSize == 0 && ids.Length / ReadFrame.IdSize is >= 1 and <= Limits.MaxReadIds
                ? ids
                : throw new ProtocolException("a list of ids of a wrong length");
        }

        private static ReadOnlyMemory<byte> ReadChunk(CborReader reader)
        {
            ReadOnlyMemory<byte> chunk = reader.ReadDefiniteLengthByteString();
            return chunk.Length is >= 1 and <= Limits.MaxFileChunk ? chunk : throw new ProtocolException("a piece of a file of a wrong length");
        }

        private static ReadOnlyMemory<byte> ReadText(CborReader reader, FrameType type)
        {
            ReadOnlyMemory<byte> text = reader.ReadDefiniteLengthTextStringBytes();
            int limit = type switch
            {
                FrameType.Message => Limits.MaxTextBytes,
                FrameType.FileOffer => Limits.MaxFileNameBytes,
                _ => PeerName.MaxBytes,
            };
            return text.Length <= limit && Utf8.IsValid(text.Span) ? text : throw new ProtocolException("a text too long or not UTF-8");
        }

        private static int[] ReadCapabilities(CborReader reader)
        {
            int count = reader.ReadStartArray() ?? throw new ProtocolException("an array of indefinite length");
            if (count > Limits.MaxCapabilities)
            {
                throw new ProtocolException("too many capabilities");
            }

            int[] capabilities = new int[count];
            for (int i = 0; i < count; i++)
            {
                capabilities[i] = reader.ReadInt32();
            }

            reader.ReadEndArray();
            return capabilities;
        }
    }
}
