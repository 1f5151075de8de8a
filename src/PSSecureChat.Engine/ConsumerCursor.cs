using System.Threading.Channels;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>
/// A consumer name held by one caller, and the place it has come to. The place is written behind the caller's back, many
/// moves in one commit, always in order: after a crash it may lie a little behind and never ahead of what was taken. For one
/// thread at a time; the name is free again once it is disposed.
/// </summary>
public sealed class ConsumerCursor : IDisposable
{
    private readonly ChatStore _store;
    private readonly ConsumerRecord _consumer;
    private readonly string _server;
    private readonly MoveWork _work;
    private int _disposed;

    internal ConsumerCursor(ChatStore store, ConsumerRecord consumer, string server)
    {
        _store = store;
        _consumer = consumer;
        _server = server;
        _work = new MoveWork(consumer);
    }

    /// <summary>The <see cref="ChatMessage.Index"/> of the last message taken: the next one is larger.</summary>
    public long Position => _consumer.Taken;

    /// <summary>Notes that everything up to here was taken. Never goes back.</summary>
    public void MoveTo(long index)
    {
        if (index > _consumer.Taken)
        {
            _consumer.Taken = index;
            _work.Start(_store.Writer);
        }
    }

    /// <summary>Completes when the place is committed.</summary>
    /// <exception cref="ChatException">Why it could not be.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_consumer.Cursor == _consumer.Taken)
        {
            return;
        }

        AwaitedWork barrier = new(session => session.MoveCursor(_consumer, _consumer.Taken));
        long taken = _consumer.Taken;
        try
        {
            await _store.Writer.EnqueueAsync(barrier, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw ChatErrors.ServerStopped(_server);
        }

        await barrier.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        _consumer.Cursor = Math.Max(_consumer.Cursor, taken);
    }

    /// <summary>Frees the name. What was moved and not flushed is still written.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _store.Consumers.Release(_consumer);
        }
    }

    /// <summary>Has the place stored: at most one such work waits at a time, and it takes the place as it is then.</summary>
    private sealed class MoveWork(ConsumerRecord consumer) : StoreWork
    {
        private int _waiting;
        private long _written;
        private long _at;

        public void Start(StoreWriter writer)
        {
            if (Interlocked.Exchange(ref _waiting, 1) == 0 && !writer.TryEnqueue(this))
            {
                Volatile.Write(ref _waiting, 0); // a full queue: the next move or the flush brings it along
            }
        }

        public override void Execute(WriterSession session)
        {
            Interlocked.Exchange(ref _waiting, 0); // a move from here on comes with a work of its own
            (_written, _at) = (consumer.Taken, session.Now);
            session.MoveCursor(consumer, _written);
        }

        // It may not even have been begun: the next move starts it again.
        public override void Failed(ChatException failure) => Interlocked.Exchange(ref _waiting, 0);

        public override void Committed() => (consumer.Cursor, consumer.UsedAt) = (_written, _at);
    }
}
