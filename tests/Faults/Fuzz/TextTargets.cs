using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>The key file, as somebody may have rewritten it: every other input gets a fresh checksum.</summary>
internal sealed class KeyFileTarget : Target
{
    private static readonly Argon2Cost s_cheap = new(8, 1, 1);
    private readonly DataKey _key = DataKey.Generate(SystemRandomSource.Instance);
    private bool _summed;

    public override IReadOnlyList<byte[]> Valid => field ??=
        [KeyFile.SealPlain(_key), KeyFile.SealWithAnyCostForTestingOnly(_key, "right", s_cheap, SystemRandomSource.Instance)];

    public override void Run(byte[] input)
    {
        byte[] file = [.. input];
        _summed = !_summed;
        if (_summed && file.Length >= SHA256.HashSizeInBytes)
        {
            SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes), file.AsSpan(^SHA256.HashSizeInBytes..));
        }

        try
        {
            using DataKey opened = KeyFile.Open(file, IsExpensive(file) ? "" : "right");
            // Without a passphrase nothing is authenticated: whoever can rewrite the file can put another key into it.
            if (file[9] != (byte)KeyFileKind.Plain && !opened.Bytes.SequenceEqual(_key.Bytes))
            {
                throw new FindingException("another key");
            }
        }
        catch (ChatException e) when (e.ErrorId is ChatErrorId.StoreDamaged or ChatErrorId.StoreTooNew or ChatErrorId.WrongPassphrase or ChatErrorId.PassphraseNeeded)
        {
            // what the interface promises
        }
    }

    // A file may ask for up to a gigabyte and is given it: that is the interface, and no input for a million of runs.
    internal static bool IsExpensive(byte[] file) => file.Length < 24
        || BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(12)) > 64
        || BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(16)) > 2
        || BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(20)) > 4;
}

/// <summary>A backup, as somebody may have rewritten it: every other input gets a fresh checksum of its header.</summary>
internal sealed class BackupTarget : Target
{
    private static readonly Argon2Cost s_cheap = new(8, 1, 1);
    private bool _summed;

    public override IReadOnlyList<byte[]> Valid => field ??= [Sealed(100), Sealed(70_000)];

    public override void Run(byte[] input)
    {
        byte[] file = [.. input];
        _summed = !_summed;
        if (_summed && file.Length >= BackupFile.HeaderSize)
        {
            int header = BackupFile.HeaderSize - SHA256.HashSizeInBytes;
            SHA256.HashData(file.AsSpan(0, header), file.AsSpan(header, SHA256.HashSizeInBytes));
        }

        if (file.Length >= BackupFile.HeaderSize && KeyFileTarget.IsExpensive(file))
        {
            return; // as with key files: the work it asks for is within the caps
        }

        try
        {
            using Stream content = BackupFile.Open(new MemoryStream(file), "backup", "right", out long length);
            content.CopyTo(Stream.Null);
            if (length is not (100 or 70_000))
            {
                throw new FindingException("a backup that nobody made");
            }
        }
        catch (ChatException e) when (e.ErrorId is ChatErrorId.BackupDamaged or ChatErrorId.BackupIncomplete or ChatErrorId.StoreTooNew or ChatErrorId.WrongPassphrase)
        {
            // what the interface promises
        }
    }

    private static byte[] Sealed(int length)
    {
        using MemoryStream file = new();
        using BackupKey key = BackupKey.Make("right", s_cheap, SystemRandomSource.Instance);
        BackupFile.Seal(new MemoryStream(new byte[length]), length, file, key, CancellationToken.None);
        return file.ToArray();
    }
}

/// <summary>What a person types where a fingerprint or a safety number is asked for, and what a peer says its name is.</summary>
internal sealed class TypedTarget : Target
{
    public override IReadOnlyList<byte[]> Valid { get; } =
    [
        .. new[]
        {
            "abcd-efgh-ijkl-mnop-qrst-uvwx-yz23-4567", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "12345 67890 12345 67890 12345 67890 12345 67890 12345 67890 12345 67890", "ana", "Żółć 2", "İıſK",
        }.Select(Encoding.Unicode.GetBytes),
    ];

    public override void Run(byte[] input)
    {
        string text = Encoding.Unicode.GetString(input);
        string raw = string.Create(input.Length / 2, input, static (span, bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(bytes)[..span.Length].CopyTo(span));
        foreach (string typed in new[] { text, raw, Encoding.Latin1.GetString(input) })
        {
            if (Fingerprint.TryNormalize(typed, out string? fingerprint) && (fingerprint.Length != 39 || !fingerprint.All(c => c is (>= 'a' and <= 'z') or (>= '2' and <= '7') or '-')))
            {
                throw new FindingException("a fingerprint that is none");
            }

            if (SafetyNumber.TryNormalize(typed, out string? number) && (number.Length != 71 || !number.All(c => char.IsAsciiDigit(c) || c == ' ')))
            {
                throw new FindingException("a safety number that is none");
            }

            if (PeerName.IsUsable(typed) && (typed.Any(char.IsControl) || Encoding.UTF8.GetByteCount(typed) > PeerName.MaxBytes))
            {
                throw new FindingException("a name that is none");
            }

            if (SafeText.ForOneLine(typed).Any(char.IsControl))
            {
                throw new FindingException("a control character on its way to the terminal");
            }
        }
    }
}
