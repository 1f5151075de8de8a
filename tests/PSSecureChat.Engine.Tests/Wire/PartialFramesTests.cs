using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

/// <summary>The memory of frames that are not yet whole.</summary>
public class PartialFramesTests
{
    private static readonly Limits s_limits = Limits.Default with { PartialFrames = 64 * 1024, PartialFrameTime = TimeSpan.FromSeconds(30) };

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void So_much_is_held_by_all_together_and_no_more(int kilobytes, bool held)
    {
        PartialFrames all = new(s_limits, TimeProvider.System);
        PartialFrames.Share first = all.Open(Never);
        PartialFrames.Share second = all.Open(Never);
        Assert.True(first.TryHold(32 * 1024));
        Assert.Equal(held, second.TryHold((kilobytes - 32) * 1024));
        Assert.Equal(held ? kilobytes * 1024 : 32 * 1024, all.Held);
        first.Release();
        first.Release();
        Assert.True(second.TryHold(64 * 1024));
        second.Release();
        Assert.Equal(0, all.Held);
    }

    [Theory]
    [InlineData(29.9, false)]
    [InlineData(30, true)]
    [InlineData(30.1, true)]
    public void Who_takes_too_long_makes_room_the_oldest_first(double seconds, bool makesRoom)
    {
        HandClock time = new();
        PartialFrames all = new(s_limits, time);
        List<string> ended = [];
        PartialFrames.Share first = all.Open(() => ended.Add("first"));
        PartialFrames.Share second = all.Open(() => ended.Add("second"));
        PartialFrames.Share third = all.Open(Never);
        Assert.True(first.TryHold(16 * 1024));
        Assert.True(second.TryHold(16 * 1024));
        Assert.True(first.TryHold(32 * 1024)); // growing makes it no younger
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(makesRoom, third.TryHold(32 * 1024));
        Assert.Equal(makesRoom ? ["first"] : [], ended);
        Assert.Equal(!makesRoom, first.TryHold(32 * 1024));
        Assert.Equal(48 * 1024, all.Held);
        first.Release();
        Assert.Equal(makesRoom ? 48 * 1024 : 16 * 1024, all.Held);
    }

    [Fact]
    public void Who_asks_makes_no_room_for_itself_however_old_it_is()
    {
        HandClock time = new();
        PartialFrames all = new(s_limits, time);
        PartialFrames.Share only = all.Open(Never);
        Assert.True(only.TryHold(64 * 1024));
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(only.TryHold(128 * 1024));
        Assert.Equal(64 * 1024, all.Held);
    }

    [Fact]
    public void A_large_frame_costs_what_has_come_of_it_and_nothing_once_it_is_whole()
    {
        PartialFrames all = new(Limits.Default, TimeProvider.System);
        byte[] frame = new byte[Limits.MaxFrame];
        int length = FrameEncoder.EncodeMessage(1, Guid.NewGuid(), 0, new string('x', Limits.MaxTextBytes), null, 0, ChatMessageKind.Text, frame);
        byte[] stream = new byte[(length + Limits.PaddingBlock - 1) / Limits.PaddingBlock * Limits.PaddingBlock];
        frame.AsSpan(0, length).CopyTo(stream);
        RecordedFrames recorded = new();
        using FrameAssembler assembler = new(all.Open(Never));
        for (int at = 0; at < stream.Length; at += Limits.PaddingBlock)
        {
            int come = at + Limits.PaddingBlock;
            assembler.Take(stream.AsMemory(at, Limits.PaddingBlock), recorded);
            long held = all.Held;
            Assert.True(come == stream.Length || come <= Limits.PartialFrameFree ? held == 0 : held >= come && held < 2 * come, $"{held} for {come}");
        }

        Assert.Single(recorded.All);
        Assert.True(assembler.IsAtBoundary);
    }

    [Theory]
    [InlineData(Limits.PartialFrameFree - Limits.PaddingBlock, 0)]
    [InlineData(Limits.PartialFrameFree, 0)]
    [InlineData(Limits.PartialFrameFree + Limits.PaddingBlock, 2 * Limits.PartialFrameFree)]
    public void A_small_frame_asks_nobody(int come, int asked)
    {
        PartialFrames all = new(s_limits, TimeProvider.System);
        byte[] stream = new byte[come];
        stream[0] = 0x5A;
        stream[2] = 0x08; // half a megabyte
        using (FrameAssembler assembler = new(all.Open(Never)))
        {
            assembler.Take(stream, new RecordedFrames());
            Assert.Equal(asked, all.Held);
        }

        Assert.Equal(0, all.Held);
    }

    [Fact]
    public void Where_there_is_no_room_the_frame_is_not_taken()
    {
        PartialFrames all = new(s_limits with { PartialFrames = 32 * 1024 }, TimeProvider.System);
        byte[] block = new byte[Limits.PartialFrameFree];
        block[0] = 0x5A;
        block[2] = 0x08;
        using FrameAssembler assembler = new(all.Open(Never));
        assembler.Take(block, new RecordedFrames());
        assembler.Take(block, new RecordedFrames());
        Assert.Throws<NoRoomException>(() => assembler.Take(block, new RecordedFrames()));
    }

    private static void Never() => Assert.Fail("nobody's room is needed");

    private sealed class HandClock : TimeProvider
    {
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _now += by;

        public override long GetTimestamp() => _now.Ticks;
    }
}
