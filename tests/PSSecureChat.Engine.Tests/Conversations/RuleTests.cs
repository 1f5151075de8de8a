using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>What a peer must not say, and when: the conversation ends. What is just allowed goes on.</summary>
public class RuleTests
{
    private static readonly Guid s_stream = Guid.NewGuid();

    private static readonly Dictionary<string, (string Reason, HandMadePeer.Encoder Frame)> s_early = new()
    {
        ["a message"] = ("a message before both sides said where to go on", HandMadePeer.Message(1)),
        ["a skip"] = ("a message before both sides said where to go on", Skip(1)),
        ["an acknowledgement"] = ("an acknowledgement of what was not sent", Ack(0)),
        ["a Read"] = ("a Read that is not due", Read(1)),
    };

    private static readonly Dictionary<string, (string Reason, HandMadePeer.Encoder[] Frames)> s_wrong = new()
    {
        ["a number left out"] = ("a message out of order", [HandMadePeer.Message(2)]),
        ["a message twice"] = ("a message out of order", [HandMadePeer.Message(1), HandMadePeer.Message(1)]),
        ["a skip backwards"] = ("a skip backwards or too far", [HandMadePeer.Message(1), Skip(1)]),
        ["a skip too far"] = ("a skip backwards or too far", [Skip(Limits.MaxSequence + 1)]),
        ["a message behind a skip over it"] = ("a message out of order", [Skip(5), HandMadePeer.Message(5)]),
        ["an acknowledgement too far"] = ("an acknowledgement of what was not sent", [Ack(1)]),
        ["a second Resume"] = ("a Resume that is not due", [Resume(s_stream, 0, 0)]),
        ["a Hello of who dialled"] = ("a Hello that is not due", [Hello(waiting: false)]),
        ["two Reads at once"] = ("a Read that is not due", [Read(1), Read(1)]),
        ["an answer to no Read"] = ("an answer to a Read that was not sent", [d => FrameEncoder.Encode(default(ReadStoredFrame), d)]),
        ["a rekey of fresh keys"] = ("a rekey long before it is due", [d => FrameEncoder.Encode(new RekeyFrame(1, new byte[1216]), d)]),
    };

    public static TheoryData<string> Early => [.. s_early.Keys];

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Early))]
    public async Task Before_both_sides_said_where_to_go_on_there_is_no(string what)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        await peer.SayAsync(Resume(peer.Stream, 0, 0)); // we have not let it in yet
        await peer.AssertGoesOnAsync();
        await peer.SayAsync(s_early[what].Frame);
        await peer.AssertEndsAsync(s_early[what].Reason);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_conversation_ends_with(string what)
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.AssertGoesOnAsync();
        await peer.SayAsync(s_wrong[what].Frames);
        await peer.AssertEndsAsync(s_wrong[what].Reason);
    }

    [Fact]
    public async Task What_is_just_allowed_goes_on()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.SayAsync(Ack(0), HandMadePeer.Message(1), Skip(2), HandMadePeer.Message(3), Read(1));
        await peer.HearAsync<ReadStoredFrame>();
        await peer.SayAsync(Read(2));
        await peer.HearAsync<ReadStoredFrame>();
        await peer.SayAsync(Skip(Limits.MaxSequence));
        while ((await peer.HearAsync<AckFrame>()).Sequence != Limits.MaxSequence)
        {
        }

        await peer.AssertGoesOnAsync();
    }

    [Theory]
    [InlineData(Limits.MaxSequence - 1, true)]
    [InlineData(Limits.MaxSequence, true)]
    [InlineData(Limits.MaxSequence + 1, false)]
    public async Task A_message_has_a_number_so_large_and_no_larger(long number, bool accepted)
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(from: number - 1 - (accepted ? 0 : 1));
        await peer.SayAsync(accepted ? [HandMadePeer.Message(number)] : [HandMadePeer.Message(number - 1), HandMadePeer.Message(number)]);
        if (accepted)
        {
            await peer.AssertGoesOnAsync();
        }
        else
        {
            await peer.AssertEndsAsync("a message out of order");
        }
    }

    [Theory]
    [InlineData(false, 0, 0, false)]
    [InlineData(true, Limits.MaxSequence + 1, 0, false)]
    [InlineData(true, 0, Limits.MaxSequence + 1, false)]
    [InlineData(true, Limits.MaxSequence, Limits.MaxSequence, true)]
    public async Task A_Resume_names_a_stream_and_possible_numbers(bool stream, long from, long received, bool accepted)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(Resume(stream ? peer.Stream : Guid.Empty, from, received));
        if (accepted)
        {
            await peer.AssertGoesOnAsync();
            Assert.True(peer.Conversation.Flowing);
        }
        else
        {
            await peer.AssertEndsAsync("a Resume that is not due");
        }
    }

    [Fact]
    public async Task Who_was_dialled_says_Hello_first()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(weDialled: true);
        await peer.SayAsync(Resume(peer.Stream, 0, 0));
        await peer.AssertEndsAsync("a Resume that is not due");
    }

    [Fact]
    public async Task A_first_record_without_a_Hello_is_an_error()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(weDialled: true);
        await peer.SayAsync(d => FrameEncoder.Encode(new PongFrame(0), d));
        await peer.AssertEndsAsync("a first frame that is not Hello");
        await Assert.ThrowsAsync<ChatException>(() => peer.Conversation.Established);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_dialled_says_Hello_once(bool waiting)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(weDialled: true);
        await peer.HearAsync<PingFrame>(); // proves that our side is there before we know whose the other is
        await peer.SayAsync(Hello(waiting));
        await peer.Conversation.Established.WaitAsync(TwoPeers.Patience);
        Assert.Equal(("them", waiting), (peer.Conversation.Profile!.Value.Name, peer.Conversation.WaitsForApproval));
        await peer.SayAsync(Resume(peer.Stream, 0, 0));
        await peer.AssertGoesOnAsync();
        Assert.False(peer.Conversation.WaitsForApproval, "a Resume is an approval");
        await peer.SayAsync(Hello(waiting));
        await peer.AssertEndsAsync("a Hello that is not due");
    }

    [Theory]
    [InlineData(false, Limits.MaxEarlyFrame, true)]
    [InlineData(false, Limits.MaxEarlyFrame + 1, false)]
    [InlineData(true, Limits.MaxEarlyFrame + 1, true)]
    public async Task A_frame_is_large_only_once_messages_flow(bool flowing, int length, bool accepted)
    {
        await using HandMadePeer peer = flowing ? await HandMadePeer.FlowAsync() : await HandMadePeer.MeetAsync();
        await peer.SayAsync(d => Large(length, d));
        if (accepted)
        {
            await peer.AssertGoesOnAsync();
        }
        else
        {
            await peer.AssertEndsAsync("a frame too long or empty");
        }
    }

    [Fact]
    public async Task A_connection_that_ends_without_a_farewell_has_failed()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.LeaveAsync();
        await peer.AssertEndsAsync("the connection ended without a farewell");
    }

    [Fact]
    public async Task Behind_a_farewell_nothing_is_taken()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.SayAsync(HandMadePeer.Message(1), d => FrameEncoder.Encode(new CloseFrame(CloseReason.Goodbye), d), HandMadePeer.Message(2));
        ConversationEnd end = await peer.EndAsync();
        Assert.Equal((CloseReason.Goodbye, true, null), (end.Reason, end.ByRemote, end.Failure));
    }

    private static HandMadePeer.Encoder Skip(long to) => d => FrameEncoder.Encode(new SkipFrame(to), d);

    private static HandMadePeer.Encoder Ack(long number) => d => FrameEncoder.Encode(new AckFrame(number), d);

    private static HandMadePeer.Encoder Read(byte id) => d => FrameEncoder.Encode(new ReadFrame(Noise.HandshakePair.Filled(ReadFrame.IdSize, id)), d);

    private static HandMadePeer.Encoder Resume(Guid stream, long from, long received) => d => FrameEncoder.Encode(new ResumeFrame(stream, from, s_stream, received), d);

    private static HandMadePeer.Encoder Hello(bool waiting) => d => FrameEncoder.Encode(new HelloFrame(new Profile("them", [], 2), waiting), d);

    // A Ping with an unknown key whose value makes it as long as wanted.
    private static int Large(int length, Span<byte> destination)
    {
        System.Formats.Cbor.CborWriter writer = new();
        writer.WriteStartMap(3);
        writer.WriteInt32(0);
        writer.WriteInt32((int)FrameType.Ping);
        writer.WriteInt32(1);
        writer.WriteInt32(7);
        writer.WriteInt32(2);
        writer.WriteByteString(new byte[length - 9]); // a map, five small numbers and the string's own header of three bytes stand before it
        writer.WriteEndMap();
        byte[] frame = writer.Encode();
        System.Formats.Cbor.CborWriter outer = new();
        Assert.Equal(length, frame.Length);
        outer.WriteByteString(frame);
        return outer.Encode(destination);
    }
}
