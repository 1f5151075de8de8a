using System.Formats.Cbor;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

/// <summary>Frames as another program may write them: every key, its type and its range.</summary>
public class FrameFieldTests
{
    private static readonly byte[] s_id = Noise.HandshakePair.Filled(16, 9);
    private static readonly object[] s_hello = [0, 1, 1, "ana", 2, Array.Empty<int>(), 3, 8095];
    private static readonly object[] s_resume = [0, 2, 1, s_id, 2, 5];
    private static readonly object[] s_message = [0, 3, 1, 1, 2, s_id, 3, 0, 4, "text"];

    /// <summary>A whole frame of each type, with the keys it must have.</summary>
    public static TheoryData<string> Whole => ["hello", "resume", "message", "skip", "ack", "ping", "pong", "close", "rekey", "read"];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_frame_is_taken_with_its_keys_and_refused_without_any_one_of_them(string type)
    {
        object[] whole = Frame(type);
        Assert.Single(Read(whole));
        for (int key = 2; key < whole.Length; key += 2)
        {
            AssertRefused([.. whole[..key], .. whole[(key + 2)..]]);
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_value_of_another_type_is_an_error(string type)
    {
        object[] whole = Frame(type);
        for (int key = 2; key < whole.Length; key += 2)
        {
            object other = whole[key + 1] is bool or int or long ? "text" : 1;
            AssertRefused([.. whole[..(key + 1)], other, .. whole[(key + 2)..]]);
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_negative_number_is_an_error_wherever_it_stands(string type)
    {
        object[] whole = Frame(type);
        for (int key = 2; key < whole.Length; key += 2)
        {
            if (whole[key + 1] is int)
            {
                AssertRefused([.. whole[..(key + 1)], -1, .. whole[(key + 2)..]]);
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(0)]
    public void An_id_has_sixteen_bytes(int length)
    {
        byte[] id = new byte[length];
        AssertRefused([0, 2, 1, id, 2, 5]);
        AssertRefused([.. s_resume, 3, id, 4, 1]);
        AssertRefused([0, 3, 1, 1, 2, id, 3, 0, 4, "text"]);
        AssertRefused([.. s_message, 5, id]);
    }

    [Fact]
    public void A_known_stream_comes_with_its_number_or_not_at_all()
    {
        Assert.Equal(new ResumeFrame(new Guid(s_id, bigEndian: true), 5, new Guid(s_id, bigEndian: true), 7), Assert.Single(Read([.. s_resume, 3, s_id, 4, 7])));
        Assert.Equal(new ResumeFrame(new Guid(s_id, bigEndian: true), 5, Guid.Empty, 0), Assert.Single(Read(s_resume)));
        AssertRefused([.. s_resume, 3, s_id]);
        AssertRefused([.. s_resume, 4, 7]);
    }

    [Fact]
    public void What_a_message_may_have_is_read_and_what_it_lacks_is_nothing()
    {
        Guid id = new(s_id, bigEndian: true);
        Assert.Equal((1L, id, 0L, "text", (Guid?)null, 0L, ChatMessageKind.Text), Assert.Single(Read(s_message)));
        Assert.Equal((1L, id, 0L, "text", (Guid?)id, 0L, ChatMessageKind.Text), Assert.Single(Read([.. s_message, 5, s_id])));
        Assert.Equal((1L, id, 0L, "text", (Guid?)null, 44L, ChatMessageKind.Text), Assert.Single(Read([.. s_message, 6, 44])));
        Assert.Equal((1L, id, 0L, "text", (Guid?)null, 0L, ChatMessageKind.Object), Assert.Single(Read([.. s_message, 7, 1])));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(65535, true)]
    [InlineData(65536, false)]
    public void A_port_has_sixteen_bits(int port, bool accepted) => AssertTaken([.. s_hello[..7], port], accepted);

    [Theory]
    [InlineData(Limits.MaxCapabilities - 1, true)]
    [InlineData(Limits.MaxCapabilities, true)]
    [InlineData(Limits.MaxCapabilities + 1, false)]
    public void A_profile_names_so_many_capabilities_and_no_more(int count, bool accepted) =>
        AssertTaken([0, 1, 1, "ana", 2, Enumerable.Range(1, count).ToArray(), 3, 1], accepted);

    [Theory]
    [InlineData(PeerName.MaxBytes, true)]
    [InlineData(PeerName.MaxBytes + 1, false)]
    public void A_name_is_so_long_and_no_longer(int length, bool accepted) =>
        AssertTaken([0, 1, 1, new string('n', length), 2, Array.Empty<int>(), 3, 1], accepted);

    [Fact]
    public void A_Hello_says_Wait_only_where_it_does()
    {
        Assert.Equal(("ana", "", 8095, false), Assert.Single(Read(s_hello)));
        Assert.Equal(("ana", "", 8095, true), Assert.Single(Read([.. s_hello, 4, true])));
        Assert.Equal(("ana", "", 8095, false), Assert.Single(Read([.. s_hello, 4, false])));
    }

    [Theory]
    [InlineData(8L, int.MaxValue - 1L, int.MaxValue - 1)]
    [InlineData(8L, int.MaxValue + 1L, int.MaxValue)]
    [InlineData(8L, long.MaxValue, int.MaxValue)]
    public void A_reason_nobody_knows_is_still_a_farewell(long type, long reason, int read) =>
        Assert.Equal(new CloseFrame((CloseReason)read), Assert.Single(Read([0, type, 1, reason])));

    [Fact]
    public void A_step_beyond_all_steps_is_read_as_one() =>
        Assert.Equal((int.MaxValue, ""), Assert.Single(Read([0, 9, 1, long.MaxValue])));

    [Fact]
    public void Bytes_behind_a_frame_or_a_profile_are_an_error()
    {
        byte[] frame = Map([0, 5, 1, 7]);
        Assert.Throws<ProtocolException>(() => Take([.. frame, 0]));
        byte[] profile = Map([1, "ana", 2, Array.Empty<int>(), 3, 1]);
        Assert.Equal("ana", FrameDecoder.DecodeProfile(profile).Name);
        Assert.Throws<ProtocolException>(() => FrameDecoder.DecodeProfile((byte[])[.. profile, 0]));
        Assert.Throws<ProtocolException>(() => FrameDecoder.DecodeProfile(profile.AsMemory(0, profile.Length - 1)));
        Assert.Throws<ProtocolException>(() => FrameDecoder.DecodeProfile(Array.Empty<byte>()));
    }

    [Theory]
    [InlineData(new[] { 1 })]
    [InlineData(new[] { 2 })]
    [InlineData(new[] { 3 })]
    public void A_profile_without_one_of_its_keys_is_an_error(int[] without)
    {
        object[] whole = [1, "ana", 2, Array.Empty<int>(), 3, 1];
        int at = (without[0] - 1) * 2;
        Assert.Throws<ProtocolException>(() => FrameDecoder.DecodeProfile(Map([.. whole[..at], .. whole[(at + 2)..]])));
    }

    [Theory]
    [InlineData("A30105028003187B")] // a name that is a number
    [InlineData("A30163616E610280031BFFFFFFFFFFFFFFFF")] // a port larger than a signed number
    [InlineData("A30163616E61028003")] // cut
    [InlineData("A30163616E61029FFF0301")] // capabilities of indefinite length
    [InlineData("BF0163616E6102800301FF")]
    [InlineData("A30163616E610280023900")] // a key twice
    [InlineData("A30163616E61028003390001")] // a negative port
    public void What_is_not_quite_a_profile_is_an_error(string hex) => Assert.Throws<ProtocolException>(() => FrameDecoder.DecodeProfile(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("A0")] // a map of nothing
    [InlineData("A10001")] // a Hello of nothing
    [InlineData("A20105")] // its second pair is missing
    [InlineData("BF00050107FF")] // a map of indefinite length
    [InlineData("A2000501C101")] // a tag where a number is due
    [InlineData("A2000501FA00000000")] // a fraction
    [InlineData("A200050118")] // cut
    [InlineData("A20005011BFFFFFFFFFFFFFFFF")] // larger than a signed number
    [InlineData("A2613000")] // a key that is no number
    [InlineData("A3000501070100")] // a key twice
    [InlineData("8200")]
    [InlineData("00")]
    [InlineData("A30005010702")] // an unknown key without its value
    [InlineData("A300050107029F00FF")] // an unknown array of indefinite length
    [InlineData("A30005010702BF0000FF")] // an unknown map of indefinite length
    [InlineData("A300050107025F4100FF")] // an unknown byte string in pieces
    [InlineData("A300050107027F6161FF")] // an unknown text in pieces
    [InlineData("A30005010702819F00FF")] // one inside
    public void What_is_not_quite_a_frame_is_an_error(string hex) => Assert.Throws<ProtocolException>(() => Take(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("A30005010702A10000")] // a map
    [InlineData("A30005010702A0")]
    [InlineData("A3000501070280")]
    [InlineData("A3000501070282A1008101F6")] // maps and arrays in each other
    [InlineData("A30005010702C1C101")] // tags on a tag
    [InlineData("A30005010702C181C101")]
    [InlineData("A30005010702F6")]
    [InlineData("A30005010702FB3FF0000000000000")]
    public void Whatever_an_unknown_key_holds_is_passed_over(string hex) => Assert.Equal(new AckFrame(7), Assert.Single(Take(Convert.FromHexString(hex))));

    [Fact]
    public void A_frame_that_was_refused_leaves_nothing_to_the_next()
    {
        Assert.Throws<ProtocolException>(() => Take(Convert.FromHexString("A3000501070281")));
        Assert.Equal(new AckFrame(7), Assert.Single(Read([0, 5, 1, 7])));
    }

    private static object[] Frame(string type) => type switch
    {
        "hello" => s_hello,
        "resume" => s_resume,
        "message" => s_message,
        "skip" => [0, 4, 1, 7],
        "ack" => [0, 5, 1, 7],
        "ping" => [0, 6, 1, 7],
        "pong" => [0, 7, 1, 7],
        "close" => [0, 8, 1, 2],
        "rekey" => [0, 9, 1, 4],
        _ => [0, 10, 1, s_id],
    };

    private static void AssertTaken(object[] pairs, bool accepted)
    {
        if (accepted)
        {
            Assert.Single(Read(pairs));
        }
        else
        {
            AssertRefused(pairs);
        }
    }

    private static void AssertRefused(object[] pairs) => Assert.Throws<ProtocolException>(() => Read(pairs));

    private static List<object> Read(object[] pairs) => Take(Map(pairs));

    private static List<object> Take(byte[] frame)
    {
        RecordedFrames recorded = new();
        FrameDecoder.Decode(frame, recorded);
        return recorded.All;
    }

    private static byte[] Map(object[] pairs)
    {
        CborWriter writer = new(CborConformanceMode.Lax);
        writer.WriteStartMap(pairs.Length / 2);
        foreach (object value in pairs)
        {
            Write(writer, value);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private static void Write(CborWriter writer, object value)
    {
        switch (value)
        {
            case int number:
                writer.WriteInt32(number);
                break;
            case long number:
                writer.WriteInt64(number);
                break;
            case bool flag:
                writer.WriteBoolean(flag);
                break;
            case string text:
                writer.WriteTextString(text);
                break;
            case byte[] bytes:
                writer.WriteByteString(bytes);
                break;
            case int[] numbers:
                writer.WriteStartArray(numbers.Length);
                Array.ForEach(numbers, writer.WriteInt32);
                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException("Not a value of a frame.", nameof(value));
        }
    }
}
