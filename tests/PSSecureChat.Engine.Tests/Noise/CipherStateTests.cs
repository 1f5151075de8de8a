using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Noise;

public class CipherStateTests
{
    private static readonly byte[] Key = HandshakePair.Filled(32, 0x42);

    [Fact]
    public void Without_a_key_bytes_pass_as_they_are()
    {
        using CipherState cipher = new();
        byte[] output = new byte[5];
        Assert.Equal(5, cipher.EncryptWithAd([], "hello"u8, output));
        Assert.Equal("hello"u8, output);
        Assert.Equal(0UL, cipher.Nonce);
    }

    [Fact]
    public void A_message_that_fails_does_not_move_the_nonce_and_the_right_one_still_opens()
    {
        using CipherState sender = WithKey();
        using CipherState receiver = WithKey();
        byte[] message = new byte[5 + NoiseSizes.Tag];
        sender.EncryptWithAd("ad"u8, "hello"u8, message);
        byte[] forged = [.. message];
        forged[0] ^= 1;

        byte[] plaintext = new byte[5];
        Assert.False(receiver.TryDecryptWithAd("ad"u8, forged, plaintext, out _));
        Assert.Equal(new byte[5], plaintext);
        Assert.False(receiver.TryDecryptWithAd("da"u8, message, plaintext, out _));
        Assert.False(receiver.TryDecryptWithAd("ad"u8, message.AsSpan(0, 15), plaintext, out _));
        Assert.True(receiver.TryDecryptWithAd("ad"u8, message, plaintext, out int written));
        Assert.Equal("hello"u8, plaintext.AsSpan(0, written));
        Assert.Equal(1UL, receiver.Nonce);
    }

    [Fact]
    public void A_replayed_message_fails()
    {
        using CipherState sender = WithKey();
        using CipherState receiver = WithKey();
        byte[] message = new byte[NoiseSizes.Tag];
        sender.EncryptWithAd([], [], message);
        Assert.True(receiver.TryDecryptWithAd([], message, [], out _));
        Assert.False(receiver.TryDecryptWithAd([], message, [], out _));
    }

    [Fact]
    public void The_last_nonce_is_never_used()
    {
        using CipherState cipher = WithKey();
        byte[] message = new byte[NoiseSizes.Tag];
        cipher.SetNonceForTestingOnly(ulong.MaxValue - 1);
        cipher.EncryptWithAd([], [], message);
        Assert.Throws<InvalidOperationException>(() => cipher.EncryptWithAd([], [], message));
        Assert.Throws<InvalidOperationException>(() => cipher.TryDecryptWithAd([], message, [], out _));
    }

    [Fact]
    public void A_message_is_at_most_65535_bytes_long()
    {
        using CipherState sender = WithKey();
        using CipherState receiver = WithKey();
        byte[] buffer = new byte[NoiseSizes.MaxMessage + 1];
        Assert.Equal(
            NoiseSizes.MaxMessage, sender.EncryptWithAd([], buffer.AsSpan(0, NoiseSizes.MaxTransportPlaintext), buffer));
        Assert.True(receiver.TryDecryptWithAd([], buffer.AsSpan(0, NoiseSizes.MaxMessage), buffer, out int written));
        Assert.Equal(NoiseSizes.MaxTransportPlaintext, written);
        Assert.Throws<ArgumentException>(
            () => sender.EncryptWithAd([], new byte[NoiseSizes.MaxTransportPlaintext + 1], buffer));
        Assert.False(receiver.TryDecryptWithAd([], buffer, buffer, out _));
    }

    [Fact]
    public void Encrypting_and_decrypting_allocate_nothing()
    {
        using CipherState sender = WithKey();
        using CipherState receiver = WithKey();
        byte[] buffer = new byte[1024];
        RoundTrip();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            RoundTrip();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void RoundTrip()
        {
            int length = sender.EncryptWithAd([], buffer.AsSpan(0, 256), buffer);
            receiver.TryDecryptWithAd([], buffer.AsSpan(0, length), buffer, out _);
        }
    }

    [Fact]
    public void A_disposed_key_neither_encrypts_nor_passes_plaintext()
    {
        CipherState cipher = WithKey();
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.EncryptWithAd([], [], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => cipher.TryDecryptWithAd([], new byte[16], [], out _));
    }

    [Fact]
    public void A_key_that_was_disposed_takes_no_other()
    {
        CipherState cipher = WithKey();
        Assert.True(cipher.HasKey);
        cipher.Dispose();
        Assert.False(cipher.HasKey);
        Assert.Throws<ObjectDisposedException>(() => cipher.InitializeKey(Key));
    }

    [Fact]
    public void Another_key_begins_at_nonce_zero()
    {
        using CipherState cipher = WithKey();
        byte[] first = new byte[NoiseSizes.Tag];
        byte[] again = new byte[NoiseSizes.Tag];
        cipher.EncryptWithAd([], [], first);
        Assert.Equal(1UL, cipher.Nonce);
        cipher.InitializeKey(Key);
        Assert.Equal(0UL, cipher.Nonce);
        cipher.EncryptWithAd([], [], again);
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData(true, 20, false)]
    [InlineData(true, 21, true)]
    [InlineData(false, 4, false)]
    [InlineData(false, 5, true)]
    public void A_ciphertext_that_does_not_fit_is_an_error_of_the_program(bool key, int room, bool fits)
    {
        using CipherState cipher = key ? WithKey() : new();
        Exception? error = Record.Exception(() => cipher.EncryptWithAd([], "hello"u8, new byte[room]));
        Assert.Equal(fits, error is null);
        Assert.True(fits || error is ArgumentException { ParamName: "ciphertext" });
        Assert.Equal(fits && key ? 1UL : 0UL, cipher.Nonce);
    }

    [Theory]
    [InlineData(true, 4, false)]
    [InlineData(true, 5, true)]
    [InlineData(false, 20, false)]
    [InlineData(false, 21, true)]
    public void A_plaintext_that_does_not_fit_is_an_error_of_the_program(bool key, int room, bool fits)
    {
        using CipherState sender = WithKey();
        byte[] message = new byte[5 + NoiseSizes.Tag];
        sender.EncryptWithAd([], "hello"u8, message);
        using CipherState cipher = key ? WithKey() : new();
        bool opened = false;
        Exception? error = Record.Exception(() => opened = cipher.TryDecryptWithAd([], message, new byte[room], out _));
        Assert.Equal(fits, opened);
        Assert.True(fits || error is ArgumentException { ParamName: "plaintext" });
    }

    [Fact]
    public void Without_a_key_a_message_is_opened_as_it_is()
    {
        using CipherState cipher = new();
        byte[] output = new byte[5];
        Assert.True(cipher.TryDecryptWithAd([], "hello"u8, output, out int written));
        Assert.Equal(5, written);
        Assert.Equal("hello"u8, output);
        Assert.False(cipher.TryDecryptWithAd([], new byte[NoiseSizes.MaxMessage + 1], new byte[NoiseSizes.MaxMessage + 1], out _));
        Assert.Throws<ArgumentException>(() => cipher.EncryptWithAd([], new byte[NoiseSizes.MaxMessage + 1], new byte[NoiseSizes.MaxMessage + 1]));
    }

    [Fact]
    public void A_wiped_secret_cannot_be_read_as_zeros()
    {
        SecretBytes secret = new("not for long"u8);
        Span<byte> memory = secret.Span;
        secret.Dispose();
        Assert.False(memory.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => _ = secret.Span.Length);
    }

    private static CipherState WithKey()
    {
        CipherState cipher = new();
        cipher.InitializeKey(Key);
        return cipher;
    }
}
