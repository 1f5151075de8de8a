using System.Formats.Cbor;
using CsCheck;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

public class FrameTests
{
    private static readonly Gen<long> s_number = Gen.Long[0, long.MaxValue];
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String[Gen.Char['\0', '\uD7FF'], 0, 300],
        Gen.Int[60_000, 140_000].Select(length => new string('x', length)));

    private static readonly Gen<string> s_name = Gen.Int[0, 4].Select(i => new[] { "ana", "Żółć 2", "a", new string('n', PeerName.MaxBytes), "x.y_z-1+2@h" }[i]);

    /// <summary>A frame: how it is written and what is read back.</summary>
    private static readonly Gen<(byte[] Bytes, object Read)> s_frame = Gen.OneOf(
        Gen.Select(s_name, Gen.Int.Array[0, 5], Gen.Int[0, 65535], Gen.Bool, (name, capabilities, port, waiting) =>
            (Write(600, d => FrameEncoder.Encode(new HelloFrame(new Profile(name, capabilities, port), waiting), d)), (object)(name, string.Join(',', capabilities), port, waiting))),
        Gen.Select(Gen.Guid, s_number, Gen.Guid, s_number, Gen.Bool, (stream, from, known, received, knows) =>
            new ResumeFrame(stream, from, knows ? known : Guid.Empty, knows ? received : 0)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Select(s_number, Gen.Guid, s_number, s_text, Gen.Guid.Nullable(), Gen.OneOf(Gen.Const(0L), s_number), Gen.Byte, (sequence, id, time, text, reply, expiry, kind) =>
            (Write((text.Length * 3) + 200, d => FrameEncoder.EncodeMessage(sequence, id, time, text, reply, expiry, (ChatMessageKind)kind, d)), (object)(sequence, id, time, text, reply, expiry, (ChatMessageKind)kind))),
        s_number.Select(n => (Write(600, d => FrameEncoder.Encode(new SkipFrame(n), d)), (object)new SkipFrame(n))),
        s_number.Select(n => (Write(600, d => FrameEncoder.Encode(new AckFrame(n), d)), (object)new AckFrame(n))),
        Gen.ULong.Select(n => (Write(600, d => FrameEncoder.Encode(new PingFrame(n), d)), (object)new PingFrame(n))),
        Gen.ULong.Select(n => (Write(600, d => FrameEncoder.Encode(new PongFrame(n), d)), (object)new PongFrame(n))),
        Gen.Select(Gen.Int[1, 4], Gen.Byte.Array[0, 1400], (step, message) => new RekeyFrame(step, message)).Select(f => (Write(1500, d => FrameEncoder.Encode(f, d)), (object)(f.Step, Convert.ToHexString(f.Message.Span)))),
        Gen.Byte.Array[1, Limits.MaxReadIds].Select(bytes => bytes.SelectMany(b => Enumerable.Repeat(b, ReadFrame.IdSize)).ToArray())
            .Select(ids => (Write(FrameEncoder.ReadSize, d => FrameEncoder.Encode(new ReadFrame(ids), d)), (object)Convert.ToHexString(ids))),
        Gen.Const(0).Select(_ => (Write(600, d => FrameEncoder.Encode(new ReadStoredFrame(), d)), (object)new ReadStoredFrame())),
        Gen.Select(Gen.Guid, s_number, s_number, s_number).Select((id, round, offset, limit) => new FileTakeFrame(id, round, offset, limit)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Select(Gen.Guid, s_number, s_number).Select((id, round, limit) => new FileCreditFrame(id, round, limit)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Select(Gen.Guid, s_name, s_number).Select((id, name, length) => new FileOfferFrame(id, name, length)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Select(Gen.Guid, s_number, s_number, Gen.OneOf(Gen.Int[1, 300], Gen.Int[Limits.MaxFileChunk - 2, Limits.MaxFileChunk]), (id, round, offset, length) => new FileDataFrame(id, round, offset, new byte[length]))
            .Select(f => (Write(f.Data.Length + FrameEncoder.FileDataOverhead, d => FrameEncoder.Encode(f, d)), (object)(f.Id, f.Round, f.Offset, Convert.ToHexString(f.Data.Span)))),
        Gen.Select(Gen.Guid, s_number, Gen.Byte.Array[32], (id, round, hash) => new FileEndFrame(id, round, hash)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)(f.Id, f.Round, Convert.ToHexString(f.Sha256.Span)))),
        Gen.Select(Gen.Guid, Gen.Byte.Array[32], (id, hash) => new FileDoneFrame(id, hash)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)(f.Id, Convert.ToHexString(f.Sha256.Span)))),
        Gen.Select(Gen.Guid, Gen.Int[0, 9], (id, reason) => new FileStopFrame(id, (FileStopReason)reason)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Guid.Select(id => new FileWantedFrame(id)).Select(f => (Write(600, d => FrameEncoder.Encode(f, d)), (object)f)),
        Gen.Int[0, 6].Select(n => (Write(600, d => FrameEncoder.Encode(new CloseFrame((CloseReason)n), d)), (object)new CloseFrame((CloseReason)n))));

    private delegate int Encoder(Span<byte> destination);

    [Fact]
    public void Frames_read_back_as_they_were_written_however_they_lie_in_records() =>
        Gen.Select(s_frame.Array[1, 12], Gen.Int[1, 255].Array[1, 40]).Sample(
            (frames, blocks) =>
            {
                byte[] stream = Pad([.. frames.SelectMany(frame => frame.Bytes)]);
                RecordedFrames recorded = new();
                using FrameAssembler assembler = new();
                for (int offset = 0, i = 0; offset < stream.Length; i++)
                {
                    int size = Math.Min(blocks[i % blocks.Length] * Limits.PaddingBlock, stream.Length - offset);
                    assembler.Take(stream.AsMemory(offset, size), recorded);
                    offset += size;
                }

                // Nothing behind a Close is read.
                int close = Array.FindIndex(frames, frame => frame.Read is CloseFrame);
                Assert.Equal(frames.Take(close < 0 ? frames.Length : close + 1).Select(frame => frame.Read), recorded.All);
            },
            iter: 300);

    [Fact]
    public void Any_bytes_give_frames_or_the_protocols_own_error() =>
        Gen.Byte.Array[0, 400].Sample(bytes => AssertOnlyProtocolErrors(bytes), iter: 20_000);

    [Fact]
    public void A_frame_with_bytes_changed_gives_frames_or_the_protocols_own_error() =>
        Gen.Select(s_frame, Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[0, int.MaxValue], Gen.Byte).Sample(
            (frame, where, what, elsewhere, other) =>
            {
                byte[] bytes = [.. frame.Bytes];
                bytes[where % Math.Min(bytes.Length, 200)] = what;
                bytes[elsewhere % Math.Min(bytes.Length, 200)] = other;
                AssertOnlyProtocolErrors(bytes);
            },
            iter: 20_000);

    [Fact]
    public void Unknown_keys_are_ignored()
    {
        byte[] bytes = Wrap(writer =>
        {
            writer.WriteStartMap(5);
            WritePair(writer, 0, (int)FrameType.Ack);
            WritePair(writer, 1, 7);
            writer.WriteInt32(2);
            writer.WriteTextString("unknown");
            writer.WriteInt32(30);
            writer.WriteStartArray(2);
            writer.WriteStartMap(0);
            writer.WriteEndMap();
            writer.WriteTag((CborTag)99);
            writer.WriteNull();
            writer.WriteEndArray();
            writer.WriteInt32(31);
            writer.WriteTag((CborTag)99);
            writer.WriteInt32(1);
            writer.WriteEndMap();
        });
        Assert.Equal([new AckFrame(7)], Read(bytes));
    }

    [Fact]
    public void Unknown_types_are_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(1);
        WritePair(writer, 0, 4711);
        writer.WriteEndMap();
    });

    [Fact]
    public void A_frame_without_its_type_is_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(1);
        WritePair(writer, 1, 7);
        writer.WriteEndMap();
    });

    [Fact]
    public void A_key_that_comes_twice_is_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(3);
        WritePair(writer, 0, (int)FrameType.Ack);
        WritePair(writer, 1, 7);
        WritePair(writer, 1, 8);
        writer.WriteEndMap();
    });

    [Fact]
    public void Keys_out_of_order_are_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(2);
        WritePair(writer, 1, 7);
        WritePair(writer, 0, (int)FrameType.Ack);
        writer.WriteEndMap();
    });

    [Fact]
    public void A_map_of_indefinite_length_is_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(null);
        WritePair(writer, 0, (int)FrameType.Ack);
        WritePair(writer, 1, 7);
        writer.WriteEndMap();
    });

    [Fact]
    public void A_negative_number_is_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(2);
        WritePair(writer, 0, (int)FrameType.Ack);
        WritePair(writer, 1, -1);
        writer.WriteEndMap();
    });

    [Theory]
    [InlineData(Limits.MaxFrameDepth - 1, true)]
    [InlineData(Limits.MaxFrameDepth, true)]
    [InlineData(Limits.MaxFrameDepth + 1, false)]
    public void Unknown_values_nest_so_deep_and_no_deeper(int depth, bool accepted)
    {
        byte[] bytes = Wrap(writer =>
        {
            writer.WriteStartMap(3);
            WritePair(writer, 0, (int)FrameType.Ack);
            WritePair(writer, 1, 7);
            writer.WriteInt32(9);
            for (int i = 0; i < depth; i++)
            {
                writer.WriteStartArray(1);
            }

            writer.WriteInt32(0);
            for (int i = 0; i < depth; i++)
            {
                writer.WriteEndArray();
            }

            writer.WriteEndMap();
        });
        if (accepted)
        {
            Assert.Equal([new AckFrame(7)], Read(bytes));
        }
        else
        {
            Assert.Throws<ProtocolException>(() => Read(bytes));
        }
    }

    [Theory]
    [InlineData(Limits.MaxTextBytes, true)]
    [InlineData(Limits.MaxTextBytes + 1, false)]
    public void A_text_is_as_long_as_the_limit_and_no_longer(int bytes, bool accepted)
    {
        byte[] frame = Write(bytes + 200, d => FrameEncoder.EncodeMessage(1, Guid.NewGuid(), 0, new string('a', bytes), null, 0, ChatMessageKind.Text, d));
        if (accepted)
        {
            Assert.Single(Read(frame));
        }
        else
        {
            Assert.Throws<ProtocolException>(() => Read(frame));
        }
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(Limits.MaxMessageKind - 1, true)]
    [InlineData(Limits.MaxMessageKind, true)]
    [InlineData(Limits.MaxMessageKind + 1, false)]
    public void A_kind_is_a_byte_also_one_that_is_not_known(int kind, bool accepted)
    {
        byte[] bytes = Wrap(writer =>
        {
            writer.WriteStartMap(6);
            WritePair(writer, 0, (int)FrameType.Message);
            WritePair(writer, 1, 1);
            writer.WriteInt32(2);
            writer.WriteByteString(new byte[16]);
            WritePair(writer, 3, 0);
            writer.WriteInt32(4);
            writer.WriteTextString("x");
            WritePair(writer, 7, kind);
            writer.WriteEndMap();
        });
        if (accepted)
        {
            Assert.Equal([(1L, Guid.Empty, 0L, "x", (Guid?)null, 0L, (ChatMessageKind)kind)], Read(bytes));
        }
        else
        {
            Assert.Throws<ProtocolException>(() => Read(bytes));
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(ReadFrame.IdSize - 1, false)]
    [InlineData(ReadFrame.IdSize, true)]
    [InlineData(ReadFrame.IdSize + 1, false)]
    [InlineData(ReadFrame.IdSize * Limits.MaxReadIds, true)]
    [InlineData(ReadFrame.IdSize * (Limits.MaxReadIds + 1), false)]
    public void A_Read_names_as_many_ids_as_the_limit_and_whole_ones(int bytes, bool accepted)
    {
        byte[] frame = Write(bytes + 100, d => FrameEncoder.Encode(new ReadFrame(new byte[bytes]), d));
        if (accepted)
        {
            Assert.Single(Read(frame));
        }
        else
        {
            Assert.Throws<ProtocolException>(() => Read(frame));
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(Limits.MaxFileChunk, true)]
    [InlineData(Limits.MaxFileChunk + 1, false)]
    public void A_piece_of_a_file_is_as_long_as_the_limit_and_not_empty(int bytes, bool accepted)
    {
        byte[] frame = Write(bytes + 600, d => FrameEncoder.Encode(new FileDataFrame(Guid.NewGuid(), 1, 0, new byte[bytes]), d));
        Assert.Equal(accepted, Record.Exception(() => Read(frame)) is not ProtocolException);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(Limits.MaxFileNameBytes, true)]
    [InlineData(Limits.MaxFileNameBytes + 1, false)]
    public void A_name_of_a_file_is_as_long_as_the_limit_and_not_empty(int bytes, bool accepted)
    {
        byte[] frame = Write(1000, d => FrameEncoder.Encode(new FileOfferFrame(Guid.NewGuid(), new string('x', bytes), 0), d));
        Assert.Equal(accepted, Record.Exception(() => Read(frame)) is not ProtocolException);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_hash_of_another_length_is_an_error(int bytes)
    {
        Assert.Throws<ProtocolException>(() => Read(Write(600, d => FrameEncoder.Encode(new FileEndFrame(Guid.NewGuid(), 1, new byte[bytes]), d))));
        Assert.Throws<ProtocolException>(() => Read(Write(600, d => FrameEncoder.Encode(new FileDoneFrame(Guid.NewGuid(), new byte[bytes]), d))));
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_an_error() => Refused(writer =>
    {
        writer.WriteStartMap(5);
        WritePair(writer, 0, (int)FrameType.Message);
        WritePair(writer, 1, 1);
        writer.WriteInt32(2);
        writer.WriteByteString(new byte[16]);
        WritePair(writer, 3, 0);
        writer.WriteInt32(4);
        writer.WriteEncodedValue([0x62, 0xC3, 0x28]);
        writer.WriteEndMap();
    });

    [Fact]
    public void A_name_that_cannot_be_a_name_is_an_error() => Assert.Throws<ProtocolException>(() =>
        Read(Write(600, d => FrameEncoder.Encode(new HelloFrame(new Profile("\u001b[31mroot", [], 1), false), d))));

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(257)]
    public void A_record_that_is_not_padded_to_the_block_is_an_error(int length)
    {
        using FrameAssembler assembler = new();
        Assert.Throws<ProtocolException>(() => assembler.Take(new byte[length], new RecordedFrames()));
    }

    [Fact]
    public void Padding_that_is_not_zeros_is_an_error()
    {
        byte[] record = new byte[Limits.PaddingBlock];
        record[^1] = 1;
        using FrameAssembler assembler = new();
        Assert.Throws<ProtocolException>(() => assembler.Take(record, new RecordedFrames()));
    }

    [Theory]
    [InlineData(new byte[] { 0x5A, 0x00, 0x10, 0x04, 0x01 })] // one byte more than the largest frame
    [InlineData(new byte[] { 0x5A, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x5B, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0x40 })]
    [InlineData(new byte[] { 0x5F })]
    [InlineData(new byte[] { 0xA0 })]
    public void A_frame_header_out_of_bounds_is_an_error(byte[] header)
    {
        byte[] record = new byte[Limits.PaddingBlock];
        header.CopyTo(record, 0);
        using FrameAssembler assembler = new();
        Assert.Throws<ProtocolException>(() => assembler.Take(record, new RecordedFrames()));
    }

    [Fact]
    public void A_profile_reads_back_as_it_was_written()
    {
        Profile profile = FrameDecoder.DecodeProfile(FrameEncoder.EncodeProfile(new Profile("ana", [3, 9], 8095)));
        Assert.Equal(("ana", 8095), (profile.Name, profile.Port));
        Assert.Equal([3, 9], profile.Capabilities);
    }

    private static byte[] Write(int most, Encoder encoder)
    {
        byte[] buffer = new byte[most];
        return buffer[..encoder(buffer)];
    }

    private static byte[] Wrap(Action<CborWriter> write)
    {
        CborWriter writer = new(CborConformanceMode.Lax);
        write(writer);
        CborWriter outer = new();
        outer.WriteByteString(writer.Encode());
        return outer.Encode();
    }

    private static void WritePair(CborWriter writer, int key, int value)
    {
        writer.WriteInt32(key);
        writer.WriteInt32(value);
    }

    private static byte[] Pad(byte[] bytes)
    {
        Array.Resize(ref bytes, (bytes.Length + Limits.PaddingBlock - 1) / Limits.PaddingBlock * Limits.PaddingBlock);
        return bytes;
    }

    private static List<object> Read(byte[] frame)
    {
        RecordedFrames recorded = new();
        using FrameAssembler assembler = new();
        assembler.Take(Pad(frame), recorded);
        return recorded.All;
    }

    private static void Refused(Action<CborWriter> write) => Assert.Throws<ProtocolException>(() => Read(Wrap(write)));

    private static void AssertOnlyProtocolErrors(byte[] bytes)
    {
        try
        {
            Read(bytes.Length == 0 ? [0] : bytes);
        }
        catch (ProtocolException)
        {
            // the one error there is
        }
    }
}
