using System.Collections;
using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that emits stored messages and notes what the pipeline has taken: marks it as read, unless it keeps an account of its own.</summary>
public abstract class ReadingCommand : ListingCommand
{
    /// <summary>How many taken messages are marked together: one commit for all of them.</summary>
    private const int Batch = 512;

    /// <summary>How long an early stop downstream waits for what was taken to be marked.</summary>
    private static readonly TimeSpan MarkingLimit = TimeSpan.FromSeconds(5);

    private static readonly ScriptBlock s_nothing = ScriptBlock.Create("do { } while ($false)");

    private readonly List<ChatMessage> _taken = [];

    /// <summary>Whether what is emitted stays unread.</summary>
    private protected virtual bool LeavesUnread => false;

    private Task _marking = Task.CompletedTask;
    private int _unmarked;
    private string? _full;

    /// <summary>The fingerprints of the peers meant; null for all. Names that no peer has are left out.</summary>
    private protected string[]? Fingerprints(ChatEngine engine, string[]? from, out List<string> unknown)
    {
        unknown = [];
        if (from is null)
        {
            return null;
        }

        if (PipedFingerprint is { } fingerprint)
        {
            ChatPeer? piped = engine.FindPeer(fingerprint);
            unknown = piped is null ? [.. from] : [];
            return piped is null ? [] : [piped.Fingerprint];
        }

        return [.. PeerSelection.Select(engine.GetPeers(), from, PeerSelection.Any, out unknown).Select(static peer => peer.Fingerprint)];
    }

    /// <summary>Tells which of the peers meant are not known; true when none is.</summary>
    private protected bool KnowsNone(ChatEngine engine, string[] from)
    {
        Fingerprints(engine, from, out List<string> unknown);
        foreach (string name in unknown)
        {
            if (PipedFingerprint is { } fingerprint)
            {
                WritePipedUnknown(engine, name, fingerprint);
            }
            else
            {
                WriteFailure(ChatErrors.PeerUnknown(name, engine.Server), name);
            }
        }

        return unknown.Count == from.Length;
    }

    /// <summary>Emits messages as they are read from the store. Ends with what was there at the beginning, also when each message taken causes the next one.</summary>
    /// <returns>The index of the last one, or 0.</returns>
    private protected long Emit(ChatEngine engine, MessageQuery query)
    {
        long last = 0;
        long end = engine.LastIndex;
        try
        {
            foreach (ChatMessage message in Each(token => engine.ReadMessages(query, token)))
            {
                if (message.Index > end)
                {
                    if (query.NewestFirst)
                    {
                        continue;
                    }

                    break;
                }

                last = message.Index;
                Emit(engine, message);
            }

            AwaitMarked(engine);
        }
        finally
        {
            Settle(engine);
        }

        return last;
    }

    /// <summary>Emits one message.</summary>
    private protected void EmitOne(ChatEngine engine, ChatMessage message)
    {
        try
        {
            Emit(engine, message);
            AwaitMarked(engine);
        }
        finally
        {
            Settle(engine);
        }
    }

    /// <summary>Waits until there is a message beyond an index; false when the time is over.</summary>
    private protected bool More(ChatEngine engine, long cursor, CancellationToken deadline)
    {
        try
        {
            Await(_ => engine.WaitForMessagesAsync(cursor, deadline).WaitAsync(deadline));
            return true;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return false;
        }
    }

    // What was shown was shown: a full disk is no reason to fail.
    private void AwaitMarked(ChatEngine engine)
    {
        Await(_ => MarkTaken(engine));
        if (Interlocked.Exchange(ref _unmarked, 0) is var unmarked and > 0)
        {
            WriteWarning($"{_full} What is shown stays unread: {unmarked} {(unmarked == 1 ? "message" : "messages")} could not be marked as read.");
        }
    }

    // Not the token of this cmdlet: what was taken stays taken when the pipeline is stopped.
    private async Task MarkAsync(ChatEngine engine, ChatMessage[] messages)
    {
        try
        {
            await engine.MarkReadAsync(messages, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ChatException failure) when (failure.ErrorId == ChatErrorId.DiskFull)
        {
            _full = failure.Message;
            Interlocked.Add(ref _unmarked, messages.Length);
        }
    }

    // After an early stop downstream the next command must find what was taken marked; after Ctrl+C nothing is waited for.
    private void Settle(ChatEngine engine)
    {
        Task marking = MarkTaken(engine);
        if (StopToken.IsCancellationRequested)
        {
            return;
        }

        try
        {
            marking.Wait((int)MarkingLimit.TotalMilliseconds, StopToken);
        }
        catch (Exception e) when (e is AggregateException or OperationCanceledException)
        {
            // The pipeline already ends for another reason; a message that could not be marked stays unread.
        }
    }

    private void Emit(ChatEngine engine, ChatMessage message)
    {
        object? newest = NewestError();
        try
        {
            WriteObject(message);
        }
        catch (FlowControlException)
        {
            // break and continue downstream: whoever said so has had the object.
            Take(message);
            throw;
        }
        catch (PipelineStoppedException) when (ReferenceEquals(NewestError(), newest) && !IsStopping())
        {
            // Nothing failed downstream and nobody stops the pipeline: this is Select-Object -First, which has had the object too.
            // After an error, a throw or Ctrl+C the message stays unread.
            Take(message);
            throw;
        }

        Take(message);
        if (_taken.Count >= Batch)
        {
            Await(_ => _marking);
            MarkTaken(engine);
        }
    }

    // PowerShell shows a command upstream the same exception for Select-Object -First and for an error; only the error stands in $Error by then.
    private object? NewestError() => SessionState.PSVariable.GetValue("global:Error") is IList { Count: > 0 } errors ? errors[0] : null;

    // Of several commands the innermost is stopped first, so that Ctrl+C can be seen here before this cmdlet is told. PowerShell itself knows:
    // it begins no script in a pipeline that is being stopped.
    private bool IsStopping()
    {
        if (StopToken.IsCancellationRequested)
        {
            return true;
        }

        try
        {
            InvokeCommand.InvokeScript(useLocalScope: false, s_nothing, null);
            return false;
        }
        catch (PipelineStoppedException)
        {
            return true;
        }
    }

    /// <summary>The pipeline has taken a message.</summary>
    private protected virtual void Take(ChatMessage message)
    {
        // A damaged one is Failed, and is new only once, too.
        if (message is { Direction: ChatDirection.Incoming, State: not ChatMessageState.Read } && !LeavesUnread)
        {
            _taken.Add(message);
        }
    }

    /// <summary>Stores what was taken; completes when it is committed.</summary>
    private protected virtual Task MarkTaken(ChatEngine engine)
    {
        if (_taken.Count > 0)
        {
            _marking = Task.WhenAll(_marking, MarkAsync(engine, [.. _taken]));
            _taken.Clear();
        }

        return _marking;
    }
}
