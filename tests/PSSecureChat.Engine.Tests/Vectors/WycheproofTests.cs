using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Vectors;

/// <summary>Wycheproof's cases through the primitives as production calls them.</summary>
public class WycheproofTests
{
    [Fact]
    public void X25519_agrees_and_refuses_zero_results_and_noncanonical_keys()
    {
        int agreed = 0;
        int refused = 0;
        foreach ((_, JsonElement testCase) in VectorFile.ReadWycheproof("x25519_test.json"))
        {
            string[] flags = [.. testCase.GetProperty("flags").EnumerateArray().Select(static flag => flag.GetString()!)];
            byte[] publicKey = testCase.Hex("public");
            bool unusable = flags.Contains("ZeroSharedSecret") || flags.Contains("LowOrderPublic")
                || flags.Contains("NonCanonicalPublic") || publicKey[31] >= 0x80;
            bool parsed = X25519PublicKey.TryParse(publicKey, out X25519PublicKey? key);
            Assert.True(parsed != unusable, testCase.Label());
            if (key is null)
            {
                refused++;
                continue;
            }

            using X25519KeyPair pair = X25519KeyPair.Generate(new FixedRandom(testCase.Hex("private")));
            byte[] shared = new byte[NoiseSizes.Dh];
            pair.Agree(key, shared);
            Assert.True(testCase.Hex("shared").AsSpan().SequenceEqual(shared), testCase.Label());
            agreed++;
        }

        Assert.Equal(518, agreed + refused);
        Assert.True(agreed > 400, $"{agreed} agreed");
    }

    [Fact]
    public void X25519_refuses_a_zero_result_even_where_the_key_was_not_checked()
    {
        using X25519KeyPair pair = X25519KeyPair.Generate(SystemRandomSource.Instance);
        X25519PublicKey lowOrder = new(new byte[NoiseSizes.Dh]);
        Assert.Throws<HandshakeException>(() => pair.Agree(lowOrder, new byte[NoiseSizes.Dh]));
    }

    [Fact]
    public void Ed25519_verifies_exactly_the_valid_signatures()
    {
        // The file has public keys only; signing is held against the cases of RFC 8032 below.
        foreach ((JsonElement testGroup, JsonElement testCase) in VectorFile.ReadWycheproof("ed25519_test.json"))
        {
            bool verified = IdentityKey.TryParse(testGroup.GetProperty("publicKey").Hex("pk"), out IdentityKey? key)
                && key.Verify(testCase.Hex("msg"), testCase.Hex("sig"));
            Assert.True(verified == testCase.IsValid(), testCase.Label());
        }
    }

    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    public void Ed25519_signs_as_in_RFC_8032(string seed, string publicKey, string message, string signature)
    {
        using IdentityKeyPair pair = IdentityKeyPair.FromSeed(Convert.FromHexString(seed));
        byte[] ours = new byte[IdentityKeyPair.SignatureSize];
        pair.Sign(Convert.FromHexString(message), ours);
        Assert.Equal(publicKey, Convert.ToHexStringLower(pair.PublicKey.Bytes));
        Assert.Equal(signature, Convert.ToHexStringLower(ours));
    }

    [Fact]
    public void Aes_256_gcm_opens_exactly_the_valid_messages()
    {
        int count = 0;
        foreach ((JsonElement testGroup, JsonElement testCase) in VectorFile.ReadWycheproof("aes_gcm_test.json"))
        {
            if (testGroup.GetProperty("ivSize").GetInt32() != 96
                || testGroup.GetProperty("tagSize").GetInt32() != 128
                || testGroup.GetProperty("keySize").GetInt32() != 256)
            {
                continue;
            }

            count++;
            byte[] plaintext = testCase.Hex("msg");
            byte[] ciphertext = testCase.Hex("ct");
            byte[] opened = new byte[ciphertext.Length];
            byte[] sealedAgain = new byte[plaintext.Length];
            byte[] tag = new byte[NoiseSizes.Tag];
            using AesGcm cipher = new(testCase.Hex("key"), NoiseSizes.Tag);
            if (testCase.IsValid())
            {
                cipher.Decrypt(testCase.Hex("iv"), ciphertext, testCase.Hex("tag"), opened, testCase.Hex("aad"));
                cipher.Encrypt(testCase.Hex("iv"), plaintext, sealedAgain, tag, testCase.Hex("aad"));
                Assert.True(
                    opened.AsSpan().SequenceEqual(plaintext)
                    && sealedAgain.AsSpan().SequenceEqual(ciphertext)
                    && tag.AsSpan().SequenceEqual(testCase.Hex("tag")),
                    testCase.Label());
            }
            else
            {
                Assert.Throws<AuthenticationTagMismatchException>(() => cipher.Decrypt(
                    testCase.Hex("iv"), ciphertext, testCase.Hex("tag"), opened, testCase.Hex("aad")));
            }
        }

        Assert.True(count > 60, $"{count} cases");
    }

    [Fact]
    public void Ml_kem_768_makes_keys_and_decapsulates()
    {
        int valid = 0;
        int invalid = 0;
        foreach ((_, JsonElement testCase) in VectorFile.ReadWycheproof("mlkem_768_test.json"))
        {
            byte[] seed = testCase.Hex("seed");
            if (seed.Length != NoiseSizes.KemSeed)
            {
                // A seed of another length cannot come from our code, which draws 64 bytes itself.
                Assert.False(testCase.IsValid(), testCase.Label());
                continue;
            }

            using MlKem768KeyPair pair = MlKem768KeyPair.Generate(new FixedRandom(seed));
            byte[] secret = new byte[NoiseSizes.KemSecret];
            if (testCase.Has("ek"))
            {
                Assert.True(testCase.Hex("ek").AsSpan().SequenceEqual(pair.PublicKey), testCase.Label());
            }

            if (testCase.IsValid())
            {
                pair.Decapsulate(testCase.Hex("c"), secret);
                Assert.True(testCase.Hex("K").AsSpan().SequenceEqual(secret), testCase.Label());
                valid++;
            }
            else
            {
                Assert.Throws<HandshakeException>(() => pair.Decapsulate(testCase.Hex("c"), secret));
                invalid++;
            }
        }

        Assert.Equal(153, valid);
        Assert.Equal(20, invalid);
    }

    [Fact]
    public void Ml_kem_768_encapsulates_and_refuses_bad_keys()
    {
        int valid = 0;
        int invalid = 0;
        foreach ((_, JsonElement testCase) in VectorFile.ReadWycheproof("mlkem_768_encaps_test.json"))
        {
            byte[] ciphertext = new byte[NoiseSizes.KemCiphertext];
            byte[] secret = new byte[NoiseSizes.KemSecret];
            FixedRandom random = new(testCase.Hex("m"));
            if (testCase.IsValid())
            {
                MlKem768.Encapsulate(testCase.Hex("ek"), random, ciphertext, secret);
                Assert.True(
                    testCase.Hex("c").AsSpan().SequenceEqual(ciphertext) && testCase.Hex("K").AsSpan().SequenceEqual(secret),
                    testCase.Label());
                valid++;
            }
            else
            {
                Assert.Throws<HandshakeException>(() => MlKem768.CheckPublicKey(testCase.Hex("ek")));
                Assert.Throws<HandshakeException>(() => MlKem768.Encapsulate(testCase.Hex("ek"), random, ciphertext, secret));
                invalid++;
            }
        }

        Assert.Equal(133, valid);
        Assert.Equal(132, invalid);
    }

    [Fact]
    public void Argon2id_gives_the_published_tags()
    {
        // Production has neither secret nor associated data, so RFC 9106's own example cannot run through it; the 256 MiB
        // vector would only take long.
        int count = 0;
        foreach (JsonElement vector in VectorFile.Read("argon2/argon2.json").GetProperty("vectors").EnumerateArray())
        {
            Argon2Cost cost = new(
                vector.GetProperty("memory_kib").GetInt32(),
                vector.GetProperty("iterations").GetInt32(),
                vector.GetProperty("parallelism").GetInt32());
            if (vector.Text("type") != "argon2id" || vector.Has("secret_hex") || cost.MemoryKiB > 64 * 1024)
            {
                continue;
            }

            Assert.Equal(0x13, vector.GetProperty("version").GetInt32());
            byte[] key = new byte[vector.GetProperty("tag_length").GetInt32()];
            cost.DeriveKey(vector.Text("password_utf8"), Encoding.UTF8.GetBytes(vector.Text("salt_utf8")), key);
            Assert.Equal(vector.Text("tag_hex"), Convert.ToHexStringLower(key));
            count++;
        }

        Assert.Equal(7, count);
    }
}
