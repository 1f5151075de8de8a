using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>Records under a key: the lengths and tags an attacker on the network can change.</summary>
internal sealed class RecordTarget : Target
{
    private readonly byte[] _key = [.. Enumerable.Range(0, NoiseSizes.Key).Select(i => (byte)i)];

    public override IReadOnlyList<byte[]> Valid => field ??= [Sealed(1), Sealed(3), Sealed(1, 70_000), Sealed(20, 10)];

    public override void Run(byte[] input)
    {
        using RecordReader reader = new(new ScriptedStream(input), Cipher());
        int index = 0;
        ReadAll(reader, plaintext =>
        {
            // Every valid input fills its n-th record with n; the long one fills two with 1.
            index++;
            if (plaintext.Length is < Limits.PaddingBlock or > Limits.MaxRecordPlaintext || (plaintext.Span[0] != index && plaintext.Span[0] != 1))
            {
                throw new FindingException("a record that nobody sealed");
            }
        });
    }

    /// <summary>Reads to the end, a record at a time, as a conversation does.</summary>
    internal static void ReadAll(RecordReader reader, Action<ReadOnlyMemory<byte>> take)
    {
        try
        {
            while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { IsEmpty: false } plaintext)
            {
                take(plaintext);
            }
        }
        catch (ProtocolException)
        {
            // the one error there is
        }
    }

    private byte[] Sealed(int records, int bytes = 300)
    {
        using RecordBuilder builder = new(Cipher());
        List<byte> all = [];
        for (int i = 0; i < records; i++)
        {
            builder.GetSpan(bytes).Fill((byte)(i + 1));
            builder.Advance(bytes);
            all.AddRange(builder.Seal().Span);
        }

        return [.. all];
    }

    private CipherState Cipher()
    {
        CipherState cipher = new();
        cipher.InitializeKey(_key);
        return cipher;
    }
}

/// <summary>Records and frames of a peer who has the key and means no good: a cipher without a key lets every byte through.</summary>
internal sealed class FrameTarget : Target
{
    private delegate int Encoder(Span<byte> destination);

    // A frame may announce a megabyte and more before it comes.
    public override long MostAllocated => 3 * Limits.MaxFrame;

    public override IReadOnlyList<byte[]> Valid => field ??= [.. Frames().Select(frame => Record(frame)), Record([.. Frames().SelectMany(frame => frame)])];

    public override void Run(byte[] input)
    {
        using RecordReader reader = new(new ScriptedStream(Fitted(input)), new CipherState());
        using FrameAssembler assembler = new();
        FrameCounter counter = new();
        RecordTarget.ReadAll(reader, plaintext => assembler.Take(plaintext, counter));
    }

    // The lengths of records are the other target's; here what is in them must be reached.
    private static byte[] Fitted(byte[] input)
    {
        if (input.Length < Limits.RecordHeader || input[0] == 0xFF)
        {
            return input;
        }

        byte[] bytes = Record(input[Limits.RecordHeader..]);
        return bytes.Length > ushort.MaxValue ? input : bytes;
    }

    // Without a key there is no tag: 256 more bytes of padding make the length one that is taken.
    private static byte[] Record(byte[] frames)
    {
        int length = Math.Max(2, (frames.Length + Limits.PaddingBlock - 1) / Limits.PaddingBlock) * Limits.PaddingBlock;
        byte[] record = new byte[Limits.RecordHeader + length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)length);
        frames.CopyTo(record, Limits.RecordHeader);
        return record;
    }

    // One of each type and of each optional key: a frame that has no seed here is reached by chance alone.
    private static IEnumerable<byte[]> Frames()
    {
        Guid id = new("01890000-0000-7000-8000-000000000001");
        Encoder[] encoders =
        [
            d => FrameEncoder.Encode(new HelloFrame(new Profile("ana", [1, 70_000], 8095), true), d),
            d => FrameEncoder.Encode(new ResumeFrame(id, 5, id, long.MaxValue), d),
            d => FrameEncoder.Encode(new ResumeFrame(id, 0, Guid.Empty, 0), d),
            d => FrameEncoder.EncodeMessage(1, id, 1_800_000_000_000, "Grüße 😀", id, 1_900_000_000_000, ChatMessageKind.Object, d),
            d => FrameEncoder.EncodeMessage(2, id, 0, new string('x', 300), null, 0, ChatMessageKind.Text, d),
            d => FrameEncoder.Encode(new SkipFrame(9), d),
            d => FrameEncoder.Encode(new AckFrame(9), d),
            d => FrameEncoder.Encode(new PingFrame(ulong.MaxValue), d),
            d => FrameEncoder.Encode(new PongFrame(7), d),
            d => FrameEncoder.Encode(new RekeyFrame(2, new byte[100]), d),
            d => FrameEncoder.Encode(new ReadFrame(new byte[3 * ReadFrame.IdSize]), d),
            d => FrameEncoder.Encode(default(ReadStoredFrame), d),
            d => FrameEncoder.Encode(new FileOfferFrame(id, "Grüße.txt", long.MaxValue), d),
            d => FrameEncoder.Encode(new FileWantedFrame(id), d),
            d => FrameEncoder.Encode(new FileTakeFrame(id, 1, 70_000, long.MaxValue), d),
            d => FrameEncoder.Encode(new FileCreditFrame(id, 1, 1 << 21), d),
            d => FrameEncoder.Encode(new FileDataFrame(id, 1, 1L << 40, new byte[1000]), d),
            d => FrameEncoder.Encode(new FileEndFrame(id, 1, new byte[32]), d),
            d => FrameEncoder.Encode(new FileDoneFrame(id, new byte[32]), d),
            d => FrameEncoder.Encode(new FileStopFrame(id, FileStopReason.Suspended), d),
            d => FrameEncoder.Encode(new CloseFrame(CloseReason.Goodbye), d),
        ];
        foreach (Encoder encoder in encoders)
        {
            byte[] buffer = new byte[4096];
            yield return buffer[..encoder(buffer)];
        }
    }

    private sealed class FrameCounter : IFrameHandler, IFileFrameHandler
    {
        public bool HasEnded { get; private set; }

        public int LargestFrame => Limits.MaxFrame;

        public IFileFrameHandler Files => this;

        public void On(in FileOfferFrame frame) => Require(frame.Length >= 0 && System.Text.Encoding.UTF8.GetByteCount(frame.Name) is >= 1 and <= Limits.MaxFileNameBytes);

        public void On(in FileWantedFrame frame)
        {
        }

        public void On(in FileTakeFrame frame) => Require(frame.Round >= 0 && frame.Offset >= 0 && frame.Limit >= 0);

        public void On(in FileCreditFrame frame) => Require(frame.Round >= 0 && frame.Limit >= 0);

        public void On(in FileDataFrame frame) => Require(frame.Round >= 0 && frame.Offset >= 0 && frame.Data.Length is >= 1 and <= Limits.MaxFileChunk);

        public void On(in FileEndFrame frame) => Require(frame.Sha256.Length == 32);

        public void On(in FileDoneFrame frame) => Require(frame.Sha256.Length == 32);

        public void On(in FileStopFrame frame) => Require(frame.Reason >= 0);

        public void On(in HelloFrame frame) => Require(PeerName.IsUsable(frame.Profile.Name) && frame.Profile.Port is >= 0 and <= ushort.MaxValue && frame.Profile.Capabilities.Count <= Limits.MaxCapabilities);

        public void On(in ResumeFrame frame) => Require(frame.Base >= 0 && frame.Received >= 0);

        public void On(in MessageFrame frame) => Require(frame.Sequence >= 0 && frame.SentAt >= 0 && frame.Text.Length <= Limits.MaxTextBytes && System.Text.Unicode.Utf8.IsValid(frame.Text.Span));

        public void On(in SkipFrame frame) => Require(frame.Sequence >= 0);

        public void On(in AckFrame frame) => Require(frame.Sequence >= 0);

        public void On(in PingFrame frame)
        {
        }

        public void On(in PongFrame frame)
        {
        }

        public void On(in CloseFrame frame) => HasEnded = true;

        public void On(in ReadFrame frame) => Require(frame.Ids.Length % ReadFrame.IdSize == 0 && frame.Ids.Length <= Limits.MaxReadIds * ReadFrame.IdSize);

        public void On(in ReadStoredFrame frame)
        {
        }

        public void On(in RekeyFrame frame) => Require(frame.Step >= 0);

        private static void Require(bool condition)
        {
            if (!condition)
            {
                throw new FindingException("a frame with a value out of its range");
            }
        }
    }
}

/// <summary>The profile in handshake message 3.</summary>
internal sealed class ProfileTarget : Target
{
    public override IReadOnlyList<byte[]> Valid { get; } =
    [
        FrameEncoder.EncodeProfile(new Profile("ana", [], 0)),
        FrameEncoder.EncodeProfile(new Profile("Żółć 2", [1, 2, -3, int.MaxValue], 65535)),
        FrameEncoder.EncodeProfile(new Profile(new string('n', PeerName.MaxBytes), [.. Enumerable.Range(0, Limits.MaxCapabilities)], 8095)),
    ];

    public override void Run(byte[] input)
    {
        try
        {
            Profile profile = FrameDecoder.DecodeProfile(input);
            if (!PeerName.IsUsable(profile.Name) || profile.Port is < 0 or > ushort.MaxValue || profile.Capabilities.Count > Limits.MaxCapabilities)
            {
                throw new FindingException("a profile with a value out of its range");
            }
        }
        catch (ProtocolException)
        {
            // the one error there is
        }
    }
}

/// <summary>The certificate of a static key.</summary>
internal sealed class CertificateTarget : Target
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly IdentityKeyPair _identity = IdentityKeyPair.FromSeed(new byte[IdentityKeyPair.SeedSize]);
    private readonly X25519KeyPair _static = X25519KeyPair.Generate(SystemRandomSource.Instance);

    public override IReadOnlyList<byte[]> Valid => field ??= [StaticKeyCertificate.Issue(_identity, _static.PublicKey, s_now)];

    public override void Run(byte[] input)
    {
        bool valid = StaticKeyCertificate.TryVerify(input, _static.PublicKey, s_now, out _, out CertificateStatus status);
        if (valid != (status == CertificateStatus.Valid) || valid != input.AsSpan().SequenceEqual(Valid[0]))
        {
            throw new FindingException("a certificate that nobody issued");
        }
    }
}
