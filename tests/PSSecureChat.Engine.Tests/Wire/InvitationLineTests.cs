using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

public class InvitationLineTests
{
    private readonly string _line = Line("192.0.2.7", "2001:db8::7", "chat.example");

    [Fact]
    public void The_line_is_the_one_of_the_specification() => Assert.Equal(
        "pssc1_AHEctxzuhVgg7UkoxijRwsbq6QM4kFmVYSlZJzpcY_k2NsFGFKyHN9FYIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHGnc1lAAZH5-DaTE5Mi4wLjIuN2syMDAxOmRiODo6N2xjaGF0LmV4YW1wbGU",
        _line);

    [Fact]
    public void A_line_reads_as_what_was_written()
    {
        using Invitation read = Invitation.Parse(_line);
        Assert.Equal((8095, DateTimeOffset.FromUnixTimeSeconds(2_000_000_000)), (read.Port, read.ExpiresAt));
        Assert.Equal(["192.0.2.7", "2001:db8::7", "chat.example"], read.Hosts);
        Assert.Equal(Enumerable.Repeat((byte)7, 32), read.Secret.Bytes.ToArray());
        Assert.Equal(_line, read.Write());
        Assert.DoesNotContain(_line, read.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_shorter_line_is_said_to_be_cut_off()
    {
        for (int length = "pssc1_".Length; length < _line.Length; length++)
        {
            Assert.Equal("it is cut off", WhyNot(_line[..length]));
        }
    }

    [Fact]
    public void Every_changed_character_is_found()
    {
        for (int i = "pssc1_".Length; i < _line.Length; i++)
        {
            foreach (char other in "Aa0-_z")
            {
                if (other != _line[i])
                {
                    Assert.NotNull(WhyNot($"{_line[..i]}{other}{_line[(i + 1)..]}"));
                }
            }
        }
    }

    [Theory]
    [InlineData("A", "something was added to its end")]
    [InlineData("!", "it holds characters that are in none")]
    public void What_was_added_is_found(string added, string why) => Assert.Equal(why, WhyNot(_line + added));

    [Theory]
    [InlineData("pssc2_AAAA", true)]
    [InlineData(" PSSC1_AAAA", true)]
    [InlineData("192.168.0.21:8095", false)]
    [InlineData("pssc1", false)]
    [InlineData("pssc_", false)]
    [InlineData("psscx_", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void What_means_to_be_an_invitation_is_no_address(string? text, bool meant) => Assert.Equal(meant, Invitation.IsMeant(text));

    [Fact]
    public void Another_version_is_told_apart() => Assert.Equal("another version of the program made it", WhyNot("pssc2_AAAA"));

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Hosts_below_and_above_the_limit_are_refused(int count) =>
        Assert.Equal("its content is not what it should be", WhyNot(Line([.. Enumerable.Range(1, count).Select(i => $"h{i}")])));

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Hosts_at_the_limits_are_taken(int count)
    {
        using Invitation read = Invitation.Parse(Line([.. Enumerable.Range(1, count).Select(i => $"h{i}")]));
        Assert.Equal(count, read.Hosts.Count);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("http://x")]
    public void A_host_that_is_none_is_refused(string host) => Assert.NotNull(WhyNot(Line(host)));

    [Fact]
    public void No_text_does_worse_than_be_refused()
    {
        Random random = new(20260101);
        for (int i = 0; i < 5000; i++)
        {
            char[] text = new char[random.Next(200)];
            for (int c = 0; c < text.Length; c++)
            {
                text[c] = random.Next(10) == 0 ? (char)random.Next(char.MaxValue) : "ABCDabcd0123-_"[random.Next(14)];
            }

            WhyNot("pssc1_" + new string(text));
        }
    }

    private static string? WhyNot(string text)
    {
        try
        {
            Invitation.Parse(text).Dispose();
            return null;
        }
        catch (ProtocolException e)
        {
            return e.Message;
        }
    }

    private static string Line(params string[] hosts)
    {
        using IdentityKeyPair pair = IdentityKeyPair.FromSeed([.. Enumerable.Repeat((byte)3, 32)]);
        using Invitation invitation = new()
        {
            Identity = pair.PublicKey,
            Secret = new PreSharedKey([.. Enumerable.Repeat((byte)7, 32)]),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000),
            Port = 8095,
            Hosts = hosts,
        };
        return invitation.Write();
    }
}
