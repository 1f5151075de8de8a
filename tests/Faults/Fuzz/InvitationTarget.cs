using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>
/// The line of an invitation, as it is pasted. Inputs are lines, and contents that get their length and checksum here;
/// every other line gets a right length and checksum, too, since whoever writes one can make them.
/// </summary>
internal sealed class InvitationTarget : Target
{
    private const string Prefix = "pssc1_";
    private const int Header = 6;
    private bool _summed;

    public override IReadOnlyList<byte[]> Valid => field ??=
    [
        .. Lines().Select(Encoding.Latin1.GetBytes),
        .. Lines().Select(line => Bytes(line)[Header..]),
        Encoding.Unicode.GetBytes(Lines().First()),
    ];

    public override void Run(byte[] input)
    {
        _summed = !_summed;
        bool isLine = input.Length > 0 && (input[0] == 'p' || input[0] <= ' ');
        if (!isLine)
        {
            Take(Sealed(input));
            return;
        }

        string text = Encoding.Latin1.GetString(input);
        Take(_summed ? Sealed(Bytes(text).Skip(Header).ToArray()) : text);
        Take(string.Create(input.Length / 2, input, static (span, bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(bytes)[..span.Length].CopyTo(span)));
    }

    private static void Take(string text)
    {
        _ = Invitation.IsMeant(text);
        string mark = Invitation.MarkOf(text);
        Require(mark == text || mark.Length == 8, "a mark that is none");
        try
        {
            using Invitation read = Invitation.Parse(text);
            string line = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
            Require(Invitation.IsMeant(line), "an invitation that does not look like one");
            Require(read.Write() == line, "two lines for one invitation");
            Require(read.Port is >= 1 and <= ushort.MaxValue, "an impossible port");
            Require(read.Hosts.Count is >= 1 and <= Limits.MaxInvitationHosts && read.Hosts.All(host => host.Length is >= 1 and <= 255 && Uri.CheckHostName(host) != UriHostNameType.Unknown), "a host that is none");
            Require(IdentityKey.TryParse(read.Identity.Bytes, out _), "an unusable identity");
        }
        catch (ProtocolException e) when (e.Message.Length > 0)
        {
            // the one error there is
        }
    }

    // A line around any content.
    private static string Sealed(byte[] cbor)
    {
        byte[] bytes = [.. new byte[Header], .. cbor];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)cbor.Length);
        SHA256.HashData([.. "PSSecureChat/1 invitation\0"u8, .. cbor])[..4].CopyTo(bytes, 2);
        return Prefix + Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    // What a line holds, whatever is wrong with it.
    private static byte[] Bytes(string line)
    {
        char[] digits = [.. line.Skip(Prefix.Length).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')];
        string whole = new string(digits, 0, digits.Length / 4 * 4 + (digits.Length % 4 > 1 ? digits.Length % 4 : 0)).Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(whole.PadRight((whole.Length + 3) / 4 * 4, '='));
    }

    private static IEnumerable<string> Lines()
    {
        string[][] hosts = [["192.0.2.7", "2001:db8::7", "chat.example"], ["h"], [.. Enumerable.Range(1, Limits.MaxInvitationHosts).Select(i => $"10.0.0.{i}")]];
        using IdentityKeyPair identity = IdentityKeyPair.FromSeed(new byte[IdentityKeyPair.SeedSize]);
        foreach (string[] some in hosts)
        {
            using Invitation invitation = new()
            {
                Identity = identity.PublicKey,
                Secret = new PreSharedKey(new byte[NoiseSizes.Key]),
                ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000),
                Port = some.Length > 3 ? ushort.MaxValue : 8095,
                Hosts = some,
            };
            yield return invitation.Write();
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new FindingException(otherwise);
        }
    }
}
