using PSSecureChat.Engine.Network;

namespace PSSecureChat.Engine.Tests.Conversations;

public class WakeSignalTests
{
    private readonly WakeSignal _signal = new();

    [Fact]
    public async Task What_was_said_before_the_wait_is_heard_once()
    {
        _signal.Wake();
        _signal.Wake();
        await _signal.WaitAsync();
        Assert.False(_signal.WaitAsync().AsTask().IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_ends_with_the_next_word_and_so_does_the_one_after(bool here)
    {
        for (int i = 0; i < 2; i++)
        {
            Task wait = _signal.WaitAsync().AsTask();
            Assert.False(wait.IsCompleted);
            Say(here);
            await wait;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_loop_goes_on_on_the_thread_that_says_so_and_on_no_other(bool here)
    {
        // What waits for the loop must not go on on the thread that wakes it, as the loop itself does.
        TaskCompletionSource<int> woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = LoopAsync();
        int saidOn = 0;
        Thread saying = new(() =>
        {
            saidOn = Environment.CurrentManagedThreadId;
            Say(here);
        });
        saying.Start();
        int wokenOn = await woken.Task.WaitAsync(TwoPeers.Patience);
        Assert.Equal(here, wokenOn == saidOn);

        async Task LoopAsync()
        {
            await _signal.WaitAsync().ConfigureAwait(false);
            woken.SetResult(Environment.CurrentManagedThreadId);
        }
    }

    [Fact]
    public async Task Nothing_that_was_done_before_a_word_is_missed()
    {
        const int Rounds = 100_000;
        int[] done = new int[2];
        Thread[] threads = [.. Enumerable.Range(0, done.Length).Select(i => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                Volatile.Write(ref done[i], round + 1);
                Say(here: round % 2 == 0);
            }
        }))];
        Task loop = LoopAsync();
        Array.ForEach(threads, thread => thread.Start());
        await loop.WaitAsync(TwoPeers.Patience);

        async Task LoopAsync()
        {
            while (done.Any(i => i < Rounds))
            {
                await _signal.WaitAsync().ConfigureAwait(false);
            }
        }
    }

    private void Say(bool here)
    {
        if (here)
        {
            _signal.WakeHere();
        }
        else
        {
            _signal.Wake();
        }
    }
}
