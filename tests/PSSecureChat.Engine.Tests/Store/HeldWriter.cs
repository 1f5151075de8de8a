using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>Holds a store's writer inside a transaction, as a slow disk does: what is queued meanwhile is one batch after it.</summary>
internal sealed class HeldWriter
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StoreWriter _writer;

    private HeldWriter(StoreWriter writer) => _writer = writer;

    public int Waiting => _writer.WaitingForTestingOnly;

    public static async Task<HeldWriter> OfAsync(StoreWriter writer)
    {
        HeldWriter held = new(writer);
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = writer.RunAsync(
            _ =>
            {
                entered.SetResult();
                held._gate.Task.Wait(TwoPeers.Patience);
            },
            TwoPeers.Patience);
        await entered.Task.WaitAsync(TwoPeers.Patience);
        return held;
    }

    public static Task<HeldWriter> OfAsync(ChatEngine engine) => OfAsync(Refusal.StoreOf(engine).Writer);

    /// <summary>Waits until something more is queued than before.</summary>
    public Task UntilMoreAsync(int than) => TwoPeers.UntilAsync(() => Waiting > than);

    /// <summary>Lets it go on, and waits until it has done what was queued.</summary>
    public async Task GoOnAsync()
    {
        _gate.TrySetResult();
        await _writer.RunAsync(_ => { }, TwoPeers.Patience);
    }

    /// <summary>Lets it go on.</summary>
    public void GoOn() => _gate.TrySetResult();
}
