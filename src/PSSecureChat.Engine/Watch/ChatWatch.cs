namespace PSSecureChat.Engine.Watch;

/// <summary>
/// Looks at an engine as long as somebody wants to know, and tells what it sees, in order and one at a time, on threads of the pool. The
/// engine does not know of it: it wakes whoever waits for a change, and does nothing more. Ends with the engine.
/// </summary>
public sealed class ChatWatch : IDisposable
{
    private readonly ChatEngine _engine;
    private readonly Look _look;
    private readonly Func<ChatEventArgs, CancellationToken, ValueTask> _tell;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private long _number;
    private int _disposed;

    private ChatWatch(ChatEngine engine, Look look, Func<ChatEventArgs, CancellationToken, ValueTask> tell)
    {
        _engine = engine;
        _look = look;
        _tell = tell;
        _stopped = _stop.Token;
    }

    /// <summary>What ended it, when that was a failure.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Starts looking: what happens from now on is told.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">What is to be told.</param>
    /// <param name="isMeant">Of which peers, by name; called on other threads.</param>
    /// <param name="tell">Is told; while it does not return nothing more is read.</param>
    public static ChatWatch Start(ChatEngine engine, ChatEventName name, Func<string, bool> isMeant, Func<ChatEventArgs, CancellationToken, ValueTask> tell)
    {
        Look look = name switch
        {
            ChatEventName.MessageReceived => new LookForMessages(engine, isMeant),
            ChatEventName.MessageStateChanged => new LookForStates(engine, isMeant),
            ChatEventName.TransferProgress => new LookForTransfers(engine, isMeant),
            ChatEventName.ServerFailed => new LookForFailure(engine),
            _ => new LookForPeers(engine, name, isMeant),
        };
        ChatWatch watch = new(engine, look, tell);
        _ = Task.Run(watch.RunAsync);
        return watch;
    }

    /// <summary>Ends it. What is being told at this moment is told.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            bool running = true;
            while (running)
            {
                Task next = _engine.Changed;
                running = _engine.Server.State == ChatServerState.Running;
                foreach (ChatEventArgs seen in _look.Changes(_stopped))
                {
                    seen.Number = ++_number;
                    await _tell(seen, _stopped).ConfigureAwait(false);
                }

                _number += _look.TakeLeftOut();
                if (running)
                {
                    await next.WaitAsync(_stopped).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // nobody listens any more
        }
        catch (ChatException e) when (e.ErrorId == ChatErrorId.ServerStopped)
        {
            // in the middle of a look
        }
        catch (Exception e) // the top of the loop: nobody awaits it
        {
            Failure = e;
        }
        finally
        {
            _look.Dispose();
        }
    }
}
