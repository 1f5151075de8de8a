using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// The one writer of a store, on a thread of its own because SQLite blocks. It takes whatever waits and commits
/// it as one transaction; when that fails, it tries each piece alone, so that only the guilty one fails.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private readonly Channel<Item> _queue;
    private readonly WriterSession _session;
    private readonly Limits _limits;
    private readonly string _path;
    private readonly Action _committed;
    private readonly Action<Exception> _broken;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly List<Item> _batch = [];
    private readonly ConcurrentQueue<PeerRecord> _acknowledged = new();
    private readonly List<PeerRecord> _saving = []; // whose acknowledgements this transaction saves
    private ChatException? _gone;
    private bool _emptiesLog;
    private int _waiting; // 1 while the thread waits for work

    /// <param name="session">The writer's own from now on.</param>
    /// <param name="limits">Queue and batch sizes.</param>
    /// <param name="path">For errors.</param>
    /// <param name="committed">Called on the writer's thread after every commit; must be short.</param>
    /// <param name="broken">Told when nothing more is stored: the files are gone, or the writer ended by a mistake of the program.</param>
    public StoreWriter(WriterSession session, Limits limits, string path, Action committed, Action<Exception> broken)
    {
        _broken = broken;
        _session = session;
        _limits = limits;
        _path = path;
        _committed = committed;
        _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(limits.WriterQueue) { SingleReader = true });
        _thread = new Thread(Run) { IsBackground = true, Name = "PSSecureChat store" };
        _thread.Start();
    }

    /// <summary>A message, or work. A struct, so that a message costs no allocation on its way.</summary>
    private readonly record struct Item(StoreWork? Work, PeerRecord? Peer, ChatMessage? Message, ChatSender? Sender)
    {
        public int Weight => Work?.Weight ?? 1;

        public void Fail(ChatException failure)
        {
            Work?.Failed(failure);
            if (Message is not null)
            {
                Peer!.Waiting.Release(Encoding.UTF8.GetByteCount(Message.Text));
                (Message.Sequence, Message.Index) = (ChatMessage.NotStored, 0); // its numbers are the next one's
            }

            Sender?.Settle(failure);
        }
    }

    /// <summary>The largest message row that is committed.</summary>
    public long CommittedRow => _session.CommittedRow;

    /// <summary>Who wants to hear of states that are stored.</summary>
    public Watch.StoredStates StoredStates => _session.StoredStates;

    /// <summary>When the next message expires, in milliseconds since 1970.</summary>
    public long NextExpiry => _session.NextExpiry;

    /// <summary>How many pieces of work wait for this writer's thread.</summary>
    internal int WaitingForTestingOnly => _queue.Reader.Count;

    /// <summary>Hands over work; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The store is closing.</exception>
    public ValueTask EnqueueAsync(StoreWork work, CancellationToken cancellationToken) =>
        TryEnqueue(work) ? ValueTask.CompletedTask : WriteAsync(new Item(work, null, null, null), cancellationToken);

    /// <summary>Hands over work unless the queue is full or closed.</summary>
    public bool TryEnqueue(StoreWork work) => TryWrite(new Item(work, null, null, null));

    /// <summary>Hands over an outgoing message; waits while the queue is full.</summary>
    /// <exception cref="ChatException">OutboxFull: as much waits for the peer as may.</exception>
    public ValueTask EnqueueAsync(PeerRecord peer, ChatMessage message, ChatSender sender, CancellationToken cancellationToken)
    {
        int bytes = Encoding.UTF8.GetByteCount(message.Text);
        if (!peer.Waiting.TryReserve(bytes, _limits))
        {
            throw ChatErrors.OutboxFull(message.Peer, peer.Waiting.Now);
        }

        Item item = new(null, peer, message, sender);
        sender.Queued();
        return TryWrite(item) ? ValueTask.CompletedTask : EnqueueSlowlyAsync(item, bytes, cancellationToken);
    }

    private async ValueTask EnqueueSlowlyAsync(Item item, int bytes, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            item.Peer!.Waiting.Release(bytes);
            item.Sender!.NotQueued();
            throw;
        }
    }

    private bool TryWrite(in Item item)
    {
        bool written = _queue.Writer.TryWrite(item);
        if (written)
        {
            WakeThread();
        }

        return written;
    }

    private async ValueTask WriteAsync(Item item, CancellationToken cancellationToken)
    {
        await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        WakeThread();
    }

    /// <summary>
    /// Has what a peer acknowledged saved with the next commit, or with <see cref="Tidy"/>: a commit of its own would
    /// keep the next message waiting, and after a crash before it the peer says the same again.
    /// </summary>
    public void Acknowledged(PeerRecord peer)
    {
        if (Interlocked.Exchange(ref peer.AcknowledgedUnsaved, 1) == 0)
        {
            _acknowledged.Enqueue(peer);
        }
    }

    /// <summary>Saves what was acknowledged and has met no commit, and empties the log of what was removed. Called about once a second.</summary>
    public void Tidy()
    {
        Volatile.Write(ref _emptiesLog, _session.LogHoldsRemoved);
        if (!_acknowledged.IsEmpty || _emptiesLog)
        {
            TryEnqueue(new Nothing()); // on a full queue it goes with what is there
        }
    }

    /// <summary>Does something in the store and completes when it is committed.</summary>
    public async Task RunAsync(Action<WriterSession> action, CancellationToken cancellationToken)
    {
        AwaitedWork work = new(action);
        await EnqueueAsync(work, cancellationToken).ConfigureAwait(false);
        await work.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits what waits and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        Tidy();
        _queue.Writer.TryComplete();
        WakeThread();
        await _ended.Task.ConfigureAwait(false);
        _session.Dispose();
        _work.Dispose();
    }

    // The exchange is a fence: either the thread sees what was written before it, or it is seen waiting here.
    private void WakeThread()
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 1)
        {
            try
            {
                _work.Set();
            }
            catch (ObjectDisposedException)
            {
                // the thread saw by itself what was written, and has ended
            }
        }
    }

    // An event and not the channel's own wait: that goes over the thread pool first, which costs as much again.
    private bool WaitForWork()
    {
        while (!_queue.Reader.TryPeek(out _))
        {
            if (_queue.Reader.Completion.IsCompleted)
            {
                return false;
            }

            Interlocked.Exchange(ref _waiting, 1);
            if (!_queue.Reader.TryPeek(out _) && !_queue.Reader.Completion.IsCompleted)
            {
                _work.WaitOne();
            }
        }

        return true;
    }

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                int weight = 0;
                while (weight < _limits.CommitBatch && _queue.Reader.TryRead(out Item item))
                {
                    _batch.Add(item);
                    weight += item.Weight;
                }

                CommitBatch();
                _batch.Clear();
                if (Volatile.Read(ref _emptiesLog))
                {
                    Volatile.Write(ref _emptiesLog, false);
                    _session.TryEmptyLog();
                }
            }
        }
        catch (Exception e) // the top of the thread: an exception here would end the user's whole process
        {
            _queue.Writer.TryComplete(e);
            FailAll(ChatErrors.FromStore(_path, e));
            _broken(e);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    // Nobody waits for ever for what will not be stored any more.
    private void FailAll(ChatException failure)
    {
        while (_queue.Reader.TryRead(out Item item))
        {
            _batch.Add(item);
        }

        _batch.ForEach(item => item.Fail(failure));
        _batch.Clear();
    }

    private void CommitBatch()
    {
        if (TryCommit(0, _batch.Count, out ChatException? failure))
        {
            Finish(0, _batch.Count, null);
            return;
        }

        for (int i = 0; i < _batch.Count; i++)
        {
            bool committed = _batch.Count > 1 && _gone is null && TryCommit(i, 1, out failure);
            Finish(i, 1, committed ? null : failure);
        }
    }

    private bool TryCommit(int start, int count, out ChatException? failure)
    {
        failure = _gone;
        if (failure is not null)
        {
            return false;
        }

        try
        {
            _session.Begin();
            while (_acknowledged.TryDequeue(out PeerRecord? peer))
            {
                Interlocked.Exchange(ref peer.AcknowledgedUnsaved, 0); // first, so that what comes from here on is noted again
                _saving.Add(peer);
                _session.Touch(peer);
            }

            for (int i = start; i < start + count; i++)
            {
                Item item = _batch[i];
                if (item.Work is not null)
                {
                    _session.InsertMessages();
                    item.Work.Execute(_session);
                }
                else
                {
                    _session.InsertOutgoing(item.Peer!, item.Message!);
                }
            }

            _session.Commit();
            _saving.Clear();
            failure = null;
            return true;
        }
        catch (Exception e) // the writer's thread must outlive every failure; the work learns of it
        {
            failure = ChatErrors.FromStore(_path, e);
            _saving.ForEach(Acknowledged); // with the next one
            _saving.Clear();
            try
            {
                _session.Rollback();
            }
            catch (SqliteException rollback)
            {
                failure = ChatErrors.FromStore(_path, rollback);
            }

            if (failure.ErrorId == ChatErrorId.StoreGone)
            {
                _gone = failure;
                _broken(failure);
            }

            return false;
        }
    }

    private void Finish(int start, int count, ChatException? failure)
    {
        // Work first: the numbers it retires are known before others beside them are announced.
        for (int i = start; i < start + count; i++)
        {
            Item item = _batch[i];
            if (failure is null && item.Work is null)
            {
                continue;
            }

            _batch[i] = default; // told once, whatever comes
            if (failure is not null)
            {
                item.Fail(failure);
            }
            else
            {
                item.Work!.Committed();
            }
        }

        PeerRecord? last = null;
        for (int i = start; i < start + count; i++)
        {
            Item item = _batch[i];
            if (item.Message is not null && item.Peer!.Tail is OutboxTail tail)
            {
                // Work of this batch may have retired it while there was another tail, or none: this one was not told.
                if (item.Peer.Retired.Count == 0 || !item.Peer.IsSettled(item.Message.Sequence, item.Message.Sequence))
                {
                    tail.Add(item.Message);
                }

                if (last is not null && last != item.Peer)
                {
                    last.Tail?.Announce(last.OutReleased);
                }

                last = item.Peer;
            }
        }

        last?.Tail?.Announce(last.OutReleased);
        for (int i = start; i < start + count && failure is null; i++)
        {
            ChatSender? sender = _batch[i].Sender;
            _batch[i] = default;
            sender?.Settle(null); // last: whoever waits for it does not hold up what goes out
        }

        _committed();
    }

    /// <summary>Has a commit made.</summary>
    private sealed class Nothing : StoreWork
    {
        public override void Execute(WriterSession session)
        {
        }
    }
}
