using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Identity;

public sealed class KeyFileTests : IDisposable
{
    private static readonly Argon2Cost Fast = new(64, 1, 2);

    private readonly DataKey _key = DataKey.Generate(SystemRandomSource.Instance);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_plain_file_gives_its_key_back()
    {
        byte[] file = KeyFile.SealPlain(_key);
        Assert.Equal(76, file.Length);
        Assert.Equal(KeyFileKind.Plain, KeyFile.KindOf(file));
        using DataKey opened = KeyFile.Open(file, "");
        Assert.Equal(_key.Bytes, opened.Bytes);
    }

    [Fact]
    public void A_sealed_file_gives_its_key_back_to_the_passphrase()
    {
        byte[] file = Seal("pässphrase 🔑");
        Assert.Equal(132, file.Length);
        Assert.Equal(KeyFileKind.Passphrase, KeyFile.KindOf(file));
        using DataKey opened = KeyFile.Open(file, "pässphrase 🔑");
        Assert.Equal(_key.Bytes, opened.Bytes);
        Assert.Equal(-1, file.AsSpan().IndexOf(_key.Bytes));
    }

    [Fact]
    public void Two_files_of_one_key_and_passphrase_have_nothing_secret_in_common() =>
        Assert.NotEqual(Seal("p")[24..], Seal("p")[24..]);

    [Fact]
    public void A_wrong_passphrase_is_told_as_such()
    {
        byte[] file = Seal("right");
        Assert.Equal(ChatErrorId.WrongPassphrase, ErrorOf(file, "Right"));
        Assert.Equal(ChatErrorId.WrongPassphrase, ErrorOf(file, "right "));
    }

    [Fact]
    public void A_missing_or_superfluous_passphrase_is_told_as_such()
    {
        Assert.Equal(ChatErrorId.PassphraseNeeded, ErrorOf(Seal("right"), ""));
        Assert.Equal(ChatErrorId.PassphraseNeeded, ErrorOf(KeyFile.SealPlain(_key), "right"));
        Assert.DoesNotContain("protect the store", KeyFileErrors.PassphraseNotUsed().Recommendation, StringComparison.Ordinal); // nothing does that
    }

    [Fact]
    public void A_flipped_byte_anywhere_says_damaged()
    {
        foreach (byte[] file in new[] { Seal("right"), KeyFile.SealPlain(_key) })
        {
            for (int position = 0; position < file.Length; position++)
            {
                file[position] ^= 1;
                Assert.Equal(ChatErrorId.StoreDamaged, ErrorOf(file, "right"));
                file[position] ^= 1;
            }
        }
    }

    [Fact]
    public void A_file_of_another_length_says_damaged()
    {
        byte[] file = Seal("right");
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Equal(ChatErrorId.StoreDamaged, ErrorOf(file[..length], "right"));
        }

        Assert.Equal(ChatErrorId.StoreDamaged, ErrorOf([.. file, 0], "right"));
        Assert.Equal(ChatErrorId.StoreDamaged, ErrorOf(WithChecksum([.. file[..^32], 0, .. file[^32..]]), "right"));
    }

    [Theory]
    [InlineData((1024 * 1024) + 1, 1, 1)]
    [InlineData(int.MaxValue, 1, 1)]
    [InlineData(-1, 1, 1)]
    [InlineData(4096, 11, 1)]
    [InlineData(4096, 0, 1)]
    [InlineData(4096, 1, 17)]
    [InlineData(4096, 1, 0)]
    public void Cost_parameters_over_the_caps_are_refused_before_any_work(int memory, int iterations, int lanes)
    {
        byte[] file = Seal("right");
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), memory);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), iterations);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), lanes);

        // The work would fill 4 MiB and more.
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ChatErrorId.StoreDamaged, ErrorOf(WithChecksum(file), "right"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
    }

    [Fact]
    public void Less_memory_than_the_lanes_need_is_refused()
    {
        Assert.False(new Argon2Cost(15, 1, 2).IsAcceptable);
        Assert.True(new Argon2Cost(16, 1, 2).IsAcceptable);
        Assert.True(Argon2Cost.Max.IsAcceptable);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(52)]
    [InlineData(99)]
    public void A_file_rewritten_with_a_fresh_checksum_still_does_not_open(int position)
    {
        byte[] file = Seal("right");
        file[position + (position == 12 ? 3 : 0)] ^= 1;
        Assert.Equal(ChatErrorId.WrongPassphrase, ErrorOf(WithChecksum(file), "right"));
    }

    [Theory]
    [InlineData(8, 2, ChatErrorId.StoreTooNew)]
    [InlineData(8, 0, ChatErrorId.StoreDamaged)]
    [InlineData(9, 0, ChatErrorId.StoreDamaged)]
    [InlineData(9, 1, ChatErrorId.StoreDamaged)]
    [InlineData(9, 3, ChatErrorId.StoreDamaged)]
    [InlineData(11, 1, ChatErrorId.StoreDamaged)]
    public void Another_version_or_kind_is_told_as_such(int position, byte value, ChatErrorId expected)
    {
        byte[] file = Seal("right");
        file[position] = value;
        Assert.Equal(expected, ErrorOf(WithChecksum(file), "right"));
    }

    [Fact]
    public void Nothing_weaker_than_the_floor_is_written()
    {
        Argon2Cost weak = new(Argon2Cost.MinMemoryKiBWhenWriting - 1, 3, 4);
        Assert.Throws<ArgumentException>(() => KeyFile.Seal(_key, "p", weak, SystemRandomSource.Instance));
        Assert.Throws<ArgumentException>(
            () => KeyFile.Seal(_key, "p", Argon2Cost.Max with { Iterations = 11 }, SystemRandomSource.Instance));
        Assert.Throws<ArgumentException>(() => Seal(""));
        Assert.Equal(new Argon2Cost(256 * 1024, 3, 4), Argon2Cost.Production);
        Assert.True(Argon2Cost.Production.IsAcceptable);
    }

    [Fact]
    public void A_file_written_once_opens_for_ever()
    {
        // Made from the documented layout by another implementation (Python's cryptography), so that the format cannot
        // drift unseen.
        byte[] file = Convert.FromHexString(
            "505353432d4b4559010200000000004000000001000000026465666768696a6b6c6d6e6f70717273c8c9cacb" +
            "cccdcecfd0d1d2d3e9152febeba877b819e3b2b6e60a2de37c4a997216efb29353e31d5df2874a487dc26653" +
            "35a2d8c03344d28f9b9d7367f755454d88c414b0aa6d3187c0257ea5f64ddaa5ff0167c84a72758378cd0f36");
        using DataKey opened = KeyFile.Open(file, "pässphrase");
        Assert.Equal(Enumerable.Range(0, 32).Select(static i => (byte)i), opened.Bytes.ToArray());
    }

    private static ChatErrorId ErrorOf(byte[] file, string passphrase)
    {
        ChatException error = Assert.Throws<ChatException>(() => KeyFile.Open(file, passphrase).Dispose());
        Assert.DoesNotContain("right", error.ToString(), StringComparison.OrdinalIgnoreCase);
        return error.ErrorId;
    }

    private static byte[] WithChecksum(byte[] file)
    {
        SHA256.HashData(file.AsSpan(..^32), file.AsSpan(^32..));
        return file;
    }

    private byte[] Seal(string passphrase) =>
        KeyFile.SealWithAnyCostForTestingOnly(_key, passphrase, Fast, SystemRandomSource.Instance);
}
