using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Records come whole and in order, however the network cuts them.</summary>
public sealed class RecordReaderTests
{
    private const int Block = Limits.PaddingBlock;
    private const int Overhead = Limits.RecordHeader + Limits.Tag;

    public static TheoryData<string, int[]> Sequences => new()
    {
        { "short ones", [Block, Block, Block, Block] },
        { "as long as the short buffer, and a block more", [2 * Block, 3 * Block, 2 * Block, Block, 3 * Block] },
        { "the longest, among short ones", [Block, Limits.MaxRecordPlaintext, Block, Limits.MaxRecordPlaintext, Limits.MaxRecordPlaintext, Block] },
        { "many", [.. Enumerable.Range(0, 60).Select(static i => Block * (1 + (i * 7 % 23)))] },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public async Task Records_are_the_same_wherever_the_network_cuts_them(string what, int[] lengths)
    {
        byte[] wire = Seal(lengths);
        int[] pieces = [1, 2, 3, Block, Block + Overhead - 1, Block + Overhead, Block + Overhead + 1, (2 * Block) + Overhead - 1, (2 * Block) + Overhead, (2 * Block) + Overhead + 1, 5000, wire.Length];
        foreach (int piece in pieces.Where(piece => wire.Length / piece < 20_000))
        {
            using RecordReader reader = new(new CutStream(wire, piece), Cipher());
            for (int i = 0; i < lengths.Length; i++)
            {
                ReadOnlyMemory<byte> record = await reader.ReadAsync(TwoPeers.Patience);
                Assert.True(record.Span.SequenceEqual(Content(i, lengths[i])), $"{what}, pieces of {piece}, record {i}");
            }

            Assert.True((await reader.ReadAsync(TwoPeers.Patience)).IsEmpty);
            Assert.Equal((lengths.Length, lengths.Sum(static length => (long)length)), (reader.Records, reader.Bytes));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Limits.RecordHeader)]
    [InlineData((2 * Block) + Overhead - 1)]
    [InlineData((2 * Block) + Overhead)]
    [InlineData((2 * Block) + Overhead + 1)]
    [InlineData((9 * Block) + Overhead - 1)]
    public async Task An_end_inside_a_record_is_no_end_between_records(int length)
    {
        foreach (int before in (int[])[0, 1])
        {
            byte[] wire = Seal([.. Enumerable.Repeat(Block, before), 9 * Block]);
            using RecordReader reader = new(new CutStream(wire[..((before * (Block + Overhead)) + length)], wire.Length), Cipher());
            for (int i = 0; i < before; i++)
            {
                Assert.False((await reader.ReadAsync(TwoPeers.Patience)).IsEmpty);
            }

            ProtocolException error = await Assert.ThrowsAsync<ProtocolException>(() => reader.ReadAsync(TwoPeers.Patience).AsTask());
            Assert.Equal("an end inside a record", error.Message);
        }
    }

    private static byte[] Seal(int[] lengths)
    {
        using RecordBuilder builder = new(Cipher());
        List<byte> all = [];
        for (int i = 0; i < lengths.Length; i++)
        {
            Content(i, lengths[i]).CopyTo(builder.GetSpan(lengths[i]));
            builder.Advance(lengths[i]);
            all.AddRange(builder.Seal().Span);
        }

        return [.. all];
    }

    private static byte[] Content(int index, int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((index * 31) + (i % 251)))];

    private static CipherState Cipher()
    {
        CipherState cipher = new();
        cipher.InitializeKey(new byte[32]);
        return cipher;
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class CutStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
