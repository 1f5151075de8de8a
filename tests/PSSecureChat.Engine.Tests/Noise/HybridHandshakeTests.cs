using System.Security.Cryptography;
using System.Text.Json;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Vectors;

namespace PSSecureChat.Engine.Tests.Noise;

public class HybridHandshakeTests
{
    // The final figures of the AESGCM vector in hybrid/xxhfs-mlkem768.json, so that a bare clone is never untested.
    private const string HandshakeHash = "00bc88317cd835df71845d86951c4e7bc0fc0b53507f3dede0b788f1698449e3";
    private const string InitiatorKey = "de0b7c0b96edfb9378ee6a86cc4002834b38af000aaa71e3c366dc4c9fc6df65";
    private const string ResponderKey = "559f8ad1737711f18a4f6a29a3199f7da4f74fdbec2cda58bb5aca4cfd69acb0";

    [Fact]
    public void The_hybrid_vector_gives_its_hash_and_both_cipher_keys()
    {
        using HandshakePair pair = new(HandshakePattern.XXhfs, prologue: []);
        byte[] last = pair.WriteUpTo(2, []);
        pair.Responder.ReadMessage(last, []);
        using TransportKeys initiator = pair.Initiator.Split();
        using TransportKeys responder = pair.Responder.Split();

        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(initiator.HandshakeHash));
        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(responder.HandshakeHash));
        Assert.Equal(FirstMessageUnder(InitiatorKey), FirstMessage(initiator.Sending));
        Assert.Equal(FirstMessageUnder(ResponderKey), FirstMessage(responder.Sending));
        Assert.True(pair.InitiatorRandom.IsUsedUp);
        Assert.True(pair.ResponderRandom.IsUsedUp);
    }

    [Fact]
    public void The_hybrid_vector_file_comes_out_byte_for_byte()
    {
        JsonElement vector = VectorFile.Read("hybrid/xxhfs-mlkem768.json").GetProperty("vectors").EnumerateArray()
            .Single(NoiseVector.IsForOurSuite);
        Assert.Equal(HandshakePattern.XXhfs.ProtocolName, vector.Text("protocol_name"));
        Assert.Equal(HandshakeHash, vector.Text("handshake_hash"));
        Assert.Equal(InitiatorKey, vector.Text("cs1_k"));
        Assert.Equal(ResponderKey, vector.Text("cs2_k"));

        string[] names = ["msg_a", "msg_b", "msg_c"];
        for (int i = 0; i < names.Length; i++)
        {
            using HandshakePair pair = new(HandshakePattern.XXhfs, prologue: []);
            Assert.Equal(vector.Text(names[i]), Convert.ToHexStringLower(pair.WriteUpTo(i, [])));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_every_message_both_sides_have_the_same_h_and_ck(bool psk)
    {
        using HandshakePair pair = Pair(psk);
        for (int i = 0; i < 3; i++)
        {
            byte[] message = new byte[pair.Writer(i).NextMessageOverhead];
            pair.Writer(i).WriteMessage([], message);
            pair.Reader(i).ReadMessage(message, []);
            Assert.Equal(pair.Initiator.HashForTestingOnly, pair.Responder.HashForTestingOnly);
            Assert.Equal(pair.Initiator.ChainingKeyForTestingOnly, pair.Responder.ChainingKeyForTestingOnly);
        }

        Assert.Equal(pair.ResponderStatic, pair.Initiator.RemoteStatic);
        Assert.Equal(pair.InitiatorStatic, pair.Responder.RemoteStatic);
    }

    [Fact]
    public void The_message_lengths_are_the_published_ones()
    {
        Assert.Equal(1216, NoiseSizes.MessageOne);
        Assert.Equal(NoiseSizes.MessageOne, HandshakePattern.XXhfs.Overhead(0));
        Assert.Equal(1200, NoiseSizes.MessageTwoOverhead);
        Assert.Equal(NoiseSizes.MessageTwoOverhead, HandshakePattern.XXhfs.Overhead(1));
        Assert.Equal(64, NoiseSizes.MessageThreeOverhead);
        Assert.Equal(NoiseSizes.MessageThreeOverhead, HandshakePattern.XXhfs.Overhead(2));
        Assert.Equal(1248, NoiseSizes.MessageOneWithPsk0);
        Assert.Equal(NoiseSizes.MessageOneWithPsk0, HandshakePattern.XXhfsPsk0.Overhead(0));
        Assert.Equal(NoiseSizes.MessageTwoOverhead, HandshakePattern.XXhfsPsk0.Overhead(1));
        Assert.Equal(NoiseSizes.MessageThreeOverhead, HandshakePattern.XXhfsPsk0.Overhead(2));
    }

    [Fact]
    public void Protocol_names_follow_the_specification()
    {
        Assert.Equal("Noise_XX_25519_AESGCM_SHA256", HandshakePattern.XX.ProtocolName);
        Assert.Equal("Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256", HandshakePattern.XXhfs.ProtocolName);
        Assert.Equal("Noise_XXhfs+psk0_25519+MLKEM768_AESGCM_SHA256", HandshakePattern.XXhfsPsk0.ProtocolName);
        Assert.Equal("Noise_XXpsk3_25519_AESGCM_SHA256", HandshakePattern.XX.WithPsk(3).ProtocolName);
    }

    internal static HandshakePair Pair(bool psk) => psk
        ? new HandshakePair(HandshakePattern.XXhfsPsk0, initiatorPsk: 0x17, responderPsk: 0x17)
        : new HandshakePair(HandshakePattern.XXhfs);

    private static string FirstMessage(CipherState sending)
    {
        byte[] message = new byte[5 + NoiseSizes.Tag];
        sending.EncryptWithAd([], "hello"u8, message);
        return Convert.ToHexStringLower(message);
    }

    private static string FirstMessageUnder(string key)
    {
        byte[] message = new byte[5 + NoiseSizes.Tag];
        using AesGcm cipher = new(Convert.FromHexString(key), NoiseSizes.Tag);
        cipher.Encrypt(new byte[12], "hello"u8, message.AsSpan(0, 5), message.AsSpan(5));
        return Convert.ToHexStringLower(message);
    }
}
