using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

/// <summary>Lines with a right length and checksum around any content, as whoever writes one can make them.</summary>
public class InvitationContentTests
{
    private const string Wrong = "its content is not what it should be";

    [Fact]
    public void A_content_as_specified_is_taken()
    {
        using Invitation read = Invitation.Parse(Line());
        Assert.Equal((1, 0L), (read.Port, read.ExpiresAt.ToUnixTimeSeconds()));
        Assert.Equal(["h"], read.Hosts);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(65535, true)]
    [InlineData(65536, false)]
    [InlineData(-1, false)]
    public void A_port_is_one_that_can_be_dialled(int port, bool accepted) => AssertTaken(Line(port: port), accepted);

    [Theory]
    [InlineData(253_402_300_799, true)]
    [InlineData(253_402_300_800, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(-1, false)]
    public void Its_time_is_one_of_the_calendar(long expiry, bool accepted) => AssertTaken(Line(expiry: expiry), accepted);

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void The_secret_has_thirty_two_bytes(int length, bool accepted) => AssertTaken(Line(secret: length), accepted);

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void The_identity_has_thirty_two_bytes(int length) => AssertTaken(Line(identity: new byte[length]), accepted: false);

    [Fact]
    public void An_identity_of_low_order_is_refused() => AssertTaken(Line(identity: new byte[32]), accepted: false);

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void It_has_five_parts(int count) => AssertTaken(Line(parts: count), accepted: false);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_host_is_a_name_that_can_be_one(int label, bool accepted) => AssertTaken(Line(hosts: [new string('h', label)]), accepted);

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_host_is_so_long_and_no_longer(int length, bool accepted)
    {
        string host = string.Concat(Enumerable.Repeat(new string('h', 49) + ".", 6))[..length];
        Assert.NotEqual('.', host[^1]);
        Assert.NotEqual(UriHostNameType.Unknown, Uri.CheckHostName(host[..255]));
        AssertTaken(Line(hosts: [host]), accepted);
    }

    [Theory]
    [InlineData(Limits.MaxInvitation - 1, Wrong)]
    [InlineData(Limits.MaxInvitation, Wrong)]
    [InlineData(Limits.MaxInvitation + 1, "it was changed on its way")]
    public void A_content_is_so_long_and_no_longer(int length, string why) => Assert.Equal(why, WhyNot(Line(new byte[length])));

    [Theory]
    [InlineData("00")] // bytes behind it
    [InlineData("F6")]
    public void Nothing_is_behind_its_content(string hex) => Assert.Equal(Wrong, WhyNot(Line([.. Content(), .. Convert.FromHexString(hex)])));

    [Fact]
    public void There_is_one_way_to_write_a_content()
    {
        byte[] content = Content();
        int at = content.Length - 5; // expiry 0, port 1, an array of one, a text of one
        Assert.Equal("0001816168", Convert.ToHexString(content[at..]));
        Assert.Equal(Wrong, WhyNot(Line([.. content[..at], 0x18, 0x00, .. content[(at + 1)..]])));
        Assert.Equal(Wrong, WhyNot(Line([.. content[..at], .. Convert.FromHexString("00019F6168FF")])));
        Assert.Equal(Wrong, WhyNot(Line([.. content[..at], .. Convert.FromHexString("0001817F6168FF")])));
        Assert.Equal(Wrong, WhyNot(Line([0x9F, .. content[1..], 0xFF])));
        Assert.Equal(Wrong, WhyNot(Line(content[..^1])));
    }

    [Fact]
    public void White_space_in_a_line_does_not_matter()
    {
        string line = Line();
        using Invitation read = Invitation.Parse($"\t{line[..3]} {line[3..20]}\r\n  {line[20..]}\u00a0\n");
        Assert.Equal(line, read.Write());
    }

    [Theory]
    [InlineData("pssc1_", "it is cut off")]
    [InlineData("pssc1_AAA", "it is cut off")]
    [InlineData("pssc1_AAAA", "it is cut off")]
    [InlineData("pssc1_AAAAAAAA", "it was changed on its way")]
    [InlineData("pssc1_AAAAAAAAA", "something was added to its end")]
    [InlineData("pssc1_AA+A", "it holds characters that are in none")]
    [InlineData("pssc1_AA/A", "it holds characters that are in none")]
    [InlineData("pssc1_AA=A", "it holds characters that are in none")]
    [InlineData("pssc1_AA\u00e4A", "it holds characters that are in none")]
    [InlineData("PSSC1_AAAA", "another version of the program made it")]
    [InlineData("pssc12_AAAA", "another version of the program made it")]
    [InlineData("hello", "it does not begin like one")]
    [InlineData("", "it does not begin like one")]
    public void Each_fault_has_its_name(string line, string why) => Assert.Equal(why, WhyNot(line));

    [Fact]
    public void Both_characters_in_which_base64url_differs_are_read()
    {
        // Secrets until both have come: the line is as good with them as without.
        for (byte fill = 0; ; fill++)
        {
            string line = Line(fill: fill);
            if (line.Contains('-', StringComparison.Ordinal) && line[6..].Contains('_', StringComparison.Ordinal))
            {
                using Invitation read = Invitation.Parse(line);
                Assert.Equal(line, read.Write());
                return;
            }
        }
    }

    [Fact]
    public void With_the_invitation_its_secret_is_gone()
    {
        Invitation read = Invitation.Parse(Line());
        read.Dispose();
        Assert.Throws<ObjectDisposedException>(() => read.Secret.Bytes.Length);
        Assert.Equal($"invitation of {read.Identity.Fingerprint}", read.ToString());
    }

    private static void AssertTaken(string line, bool accepted) => Assert.Equal(accepted ? null : Wrong, WhyNot(line));

    private static string? WhyNot(string line)
    {
        try
        {
            Invitation.Parse(line).Dispose();
            return null;
        }
        catch (ProtocolException e)
        {
            return e.Message;
        }
    }

    private static string Line(byte[]? identity = null, int secret = 32, long expiry = 0, long port = 1, string[]? hosts = null, int parts = 5, byte fill = 7) =>
        Line(Content(identity, secret, expiry, port, hosts, parts, fill));

    private static byte[] Content(byte[]? identity = null, int secret = 32, long expiry = 0, long port = 1, string[]? hosts = null, int parts = 5, byte fill = 7)
    {
        using IdentityKeyPair pair = IdentityKeyPair.FromSeed(new byte[IdentityKeyPair.SeedSize]);
        CborWriter writer = new();
        writer.WriteStartArray(parts);
        writer.WriteByteString(identity ?? pair.PublicKey.Bytes);
        writer.WriteByteString(Noise.HandshakePair.Filled(secret, fill));
        writer.WriteInt64(expiry);
        writer.WriteInt64(port);
        for (int part = 5; part <= parts; part++)
        {
            hosts ??= ["h"];
            writer.WriteStartArray(hosts.Length);
            Array.ForEach(hosts, writer.WriteTextString);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        return writer.Encode();
    }

    private static string Line(byte[] content)
    {
        byte[] bytes = [.. new byte[6], .. content];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)content.Length);
        SHA256.HashData([.. "PSSecureChat/1 invitation\0"u8, .. content])[..4].CopyTo(bytes, 2);
        return "pssc1_" + Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
