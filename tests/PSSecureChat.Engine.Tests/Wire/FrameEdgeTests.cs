using System.Buffers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

/// <summary>Where frames begin and end in records.</summary>
public class FrameEdgeTests
{
    [Fact]
    public void A_frame_of_any_length_has_the_shortest_header_and_reads_back()
    {
        foreach (int size in Enumerable.Range(0, 300).Concat(Enumerable.Range(65_500, 80)))
        {
            byte[] message = Noise.HandshakePair.Filled(size, 7);
            byte[] frame = Rekey(message);
            int header = frame[0] switch { < 0x58 => 1, 0x58 => 2, 0x59 => 3, _ => 5 };
            int body = frame.Length - header;
            Assert.Equal(body switch { < 24 => 1, <= byte.MaxValue => 2, <= ushort.MaxValue => 3, _ => 5 }, header);
            Assert.Equal((3, Convert.ToHexString(message)), Assert.Single(Read(Pad(frame))));
        }
    }

    [Theory]
    [InlineData(12)] // headers of one, two, three and five bytes
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(66_000)]
    public void A_frame_may_begin_at_any_byte_of_a_record_and_its_header_be_cut_anywhere(int size)
    {
        byte[] second = Rekey(new byte[size]);
        int overhead = Rekey(new byte[200]).Length - 200;
        for (int room = 1; room <= 8; room++)
        {
            byte[] first = Rekey(new byte[Limits.PaddingBlock - room - overhead]);
            Assert.Equal(Limits.PaddingBlock - room, first.Length);
            byte[] stream = Pad([.. first, .. second, .. Rekey([1])]);
            RecordedFrames recorded = new();
            using FrameAssembler assembler = new();
            for (int at = 0; at < stream.Length; at += Limits.PaddingBlock)
            {
                assembler.Take(stream.AsMemory(at, Limits.PaddingBlock), recorded);
                Assert.Equal(at + Limits.PaddingBlock == stream.Length, assembler.IsAtBoundary);
            }

            Assert.Equal([(3, Zeros(first.Length - overhead)), (3, Zeros(size)), (3, "01")], recorded.All);
        }
    }

    [Theory]
    [InlineData("58")]
    [InlineData("59")]
    [InlineData("5A")]
    public void An_empty_frame_is_an_error_however_its_length_is_written(string header)
    {
        byte[] record = Pad(Convert.FromHexString(header));
        using FrameAssembler assembler = new();
        ProtocolException error = Assert.Throws<ProtocolException>(() => assembler.Take(record, new RecordedFrames()));
        Assert.Equal("a frame too long or empty", error.Message);
    }

    [Fact]
    public void The_smallest_frame_is_read_and_found_to_be_none() =>
        Assert.Equal("a frame without a type", Assert.Throws<ProtocolException>(() => Read(Pad([0x41, 0xA0]))).Message);

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x3F)]
    [InlineData(0x40)]
    [InlineData(0x5B)]
    [InlineData(0x60)]
    [InlineData(0xFF)]
    public void Nothing_but_a_byte_string_begins_a_frame(byte first)
    {
        byte[] record = new byte[Limits.PaddingBlock];
        record[0] = first;
        using FrameAssembler assembler = new();
        ProtocolException error = Assert.Throws<ProtocolException>(() => assembler.Take(record, new RecordedFrames()));
        Assert.Equal("bytes that do not begin a frame", error.Message);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void The_largest_frame_is_the_handlers_word_also_when_its_header_was_cut(int length, bool accepted)
    {
        byte[] frame = Rekey(new byte[4000]);
        frame = Rekey(new byte[4000 + length - (frame.Length - 3)]);
        Assert.Equal(length, frame.Length - 3);
        byte[] first = Rekey(new byte[Limits.PaddingBlock - 2 - Rekey(new byte[200]).Length + 200]);
        byte[] stream = Pad([.. first, .. frame]);
        using FrameAssembler assembler = new();
        RecordedFrames recorded = new() { LargestFrame = 4096 };
        Exception? error = Record.Exception(() =>
        {
            assembler.Take(stream.AsMemory(0, Limits.PaddingBlock), recorded);
            assembler.Take(stream.AsMemory(Limits.PaddingBlock), recorded);
        });
        Assert.Equal(accepted, error is null);
        Assert.Equal(accepted ? 2 : 1, recorded.All.Count);
    }

    [Fact]
    public void What_was_put_together_does_not_stay_in_memory_that_others_get()
    {
        byte[] stream = Pad(Rekey(Noise.HandshakePair.Filled(30_000, 0xAA)));
        using (FrameAssembler assembler = new())
        {
            assembler.Take(stream.AsMemory(0, Limits.PaddingBlock), new RecordedFrames());
            assembler.Take(stream.AsMemory(Limits.PaddingBlock), new RecordedFrames());
        }

        AssertNothingLeft();
        using (FrameAssembler assembler = new())
        {
            assembler.Take(stream.AsMemory(0, 20_224), new RecordedFrames());
        }

        AssertNothingLeft();

        // The pool hands the array given back last to the thread that gave it.
        static void AssertNothingLeft()
        {
            byte[] next = ArrayPool<byte>.Shared.Rent(30_010);
            Assert.Equal(-1, next.AsSpan().IndexOf(Noise.HandshakePair.Filled(64, 0xAA))); // other tests use the pool, too
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private static string Zeros(int bytes) => new('0', 2 * bytes);

    private static byte[] Rekey(byte[] message)
    {
        byte[] buffer = new byte[message.Length + FrameEncoder.RekeyOverhead];
        return buffer[..FrameEncoder.Encode(new RekeyFrame(3, message), buffer)];
    }

    private static byte[] Pad(byte[] bytes)
    {
        Array.Resize(ref bytes, (bytes.Length + Limits.PaddingBlock - 1) / Limits.PaddingBlock * Limits.PaddingBlock);
        return bytes;
    }

    private static List<object> Read(byte[] stream)
    {
        RecordedFrames recorded = new();
        using FrameAssembler assembler = new();
        assembler.Take(stream, recorded);
        return recorded.All;
    }
}
