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
    private readonly List<Item> _batch = [];
    private ChatException? _gone;

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
    }

    /// <summary>The largest message row that is committed.</summary>
    public long CommittedRow => _session.CommittedRow;

    /// <summary>Who wants to hear of states that are stored.</summary>
    public Watch.StoredStates StoredStates => _session.StoredStates;

    /// <summary>When the next message expires, in milliseconds since 1970.</summary>
    public long NextExpiry => _session.NextExpiry;

    /// <summary>Hands over work; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The store is closing.</exception>
    public ValueTask EnqueueAsync(StoreWork work, CancellationToken cancellationToken) =>
        _queue.Writer.WriteAsync(new Item(work, null, null, null), cancellationToken);

    /// <summary>Hands over work unless the queue is full or closed.</summary>
    public bool TryEnqueue(StoreWork work) => _queue.Writer.TryWrite(new Item(work, null, null, null));

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
        return _queue.Writer.TryWrite(item) ? ValueTask.CompletedTask : EnqueueSlowlyAsync(item, bytes, cancellationToken);
    }

    private async ValueTask EnqueueSlowlyAsync(Item item, int bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            item.Peer!.Waiting.Release(bytes);
            throw;
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
        _queue.Writer.TryComplete();
        await _ended.Task.ConfigureAwait(false);
        _session.Dispose();
    }

    private void Run()
    {
        try
        {
            ChannelReader<Item> reader = _queue.Reader;
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                int weight = 0;
                while (weight < _limits.CommitBatch && reader.TryRead(out Item item))
                {
                    _batch.Add(item);
                    weight += item.Weight;
                }

                CommitBatch();
                _batch.Clear();
            }
        }
        catch (Exception e) // the top of the thread: an exception here would end the user's whole process
        {
            _queue.Writer.TryComplete(e);
            _broken(e);
        }
        finally
        {
            _ended.TrySetResult();
        }
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
            for (int i = start; i < start + count; i++)
            {
                Item item = _batch[i];
                if (item.Work is not null)
                {
                    item.Work.Execute(_session);
                }
                else
                {
                    _session.InsertOutgoing(item.Peer!, item.Message!);
                }
            }

            _session.Commit();
            failure = null;
            return true;
        }
        catch (Exception e) // the writer's thread must outlive every failure; the work learns of it
        {
            failure = ChatErrors.FromStore(_path, e);
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
        PeerRecord? last = null;
        for (int i = start; i < start + count; i++)
        {
            Item item = _batch[i];
            if (failure is not null)
            {
                item.Work?.Failed(failure);
                item.Sender?.Fail(failure);
                item.Peer?.Waiting.Release(Encoding.UTF8.GetByteCount(item.Message!.Text));
                continue;
            }

            item.Work?.Committed();
            if (item.Message is not null && item.Peer!.Tail is OutboxTail tail)
            {
                tail.Add(item.Message);
                if (last is not null && last != item.Peer)
                {
                    last.Tail?.Announce(last.OutReleased);
                }

                last = item.Peer;
            }
        }

        last?.Tail?.Announce(last.OutReleased);
        _committed();
    }
}
