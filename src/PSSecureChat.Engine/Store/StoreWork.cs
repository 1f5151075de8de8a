using System.Buffers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Store;

/// <summary>A piece of work for the store's writer. It runs inside a transaction, possibly more than once when the first is rolled back.</summary>
internal abstract class StoreWork
{
    /// <summary>How many rows it stands for, so that a commit stays of a bearable size.</summary>
    public virtual int Weight => 1;

    /// <summary>Does the work. Called by the writer.</summary>
    public abstract void Execute(WriterSession session);

    /// <summary>Called by the writer after the commit.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>Called by the writer when it could not be committed.</summary>
    public virtual void Failed(ChatException failure)
    {
    }
}

/// <summary>Work whose end somebody awaits.</summary>
internal sealed class AwaitedWork(Action<WriterSession> action) : StoreWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public override void Execute(WriterSession session) => action(session);

    public override void Committed() => _done.TrySetResult();

    public override void Failed(ChatException failure) => _done.TrySetException(failure);
}

/// <summary>
/// The messages of one received record, up to the first for which the inbox has no room. Owns a copy of their texts until
/// they are committed; after that it may be filled again.
/// </summary>
/// <param name="peer">Who sent them.</param>
/// <param name="stream">Under which id.</param>
/// <param name="finished">Told at the end, with the batch: null, or why the conversation cannot go on.</param>
internal sealed class IncomingBatch(PeerRecord peer, Guid stream, Action<IncomingBatch, CloseReason?> finished) : StoreWork
{
    private const int EntriesOfRecord = 64; // as many messages of 250 bytes fill a record
    private Entry[] _entries = [];
    private int _count;
    private byte[] _texts = [];
    private bool _full;
    private int _used;

    private readonly record struct Entry(long Previous, long Sequence, Guid Id, long SentAt, Guid? InReplyTo, long ExpiresAt, int Offset, int Length, ChatMessageKind Kind, bool IsSkip);

    public override int Weight => _count;

    /// <summary>Takes a message that follows directly on the number before.</summary>
    public void Add(in MessageFrame frame)
    {
        if (_texts.Length - _used < frame.Text.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Limits.RecordTarget, _used + frame.Text.Length));
            _texts.AsSpan(0, _used).CopyTo(larger);
            ReleaseTexts();
            _texts = larger;
        }

        frame.Text.Span.CopyTo(_texts.AsSpan(_used));
        Add(new Entry(frame.Sequence - 1, frame.Sequence, frame.Id, frame.SentAt, frame.InReplyTo, frame.ExpiresAt, _used, frame.Text.Length, frame.Kind, IsSkip: false));
        _used += frame.Text.Length;
    }

    /// <summary>Takes a skip over everything behind a number.</summary>
    public void Add(in SkipFrame frame, long previous) => Add(new Entry(previous, frame.Sequence, default, 0, null, 0, 0, 0, default, IsSkip: true));

    public override void Execute(WriterSession session)
    {
        _full = false;
        foreach (ref readonly Entry entry in _entries.AsSpan(0, _count))
        {
            // What came before may have failed to be stored. To go past it would acknowledge what is not there.
            WriterSession.RequireReceived(peer, stream, entry.Previous);
            if (entry.IsSkip)
            {
                session.SkipIncoming(peer, entry.Sequence);
            }
            else
            {
                MessageFrame frame = new(entry.Sequence, entry.Id, entry.SentAt, _texts.AsMemory(entry.Offset, entry.Length), entry.InReplyTo, entry.ExpiresAt, entry.Kind);
                if (!session.TryInsertIncoming(peer, frame))
                {
                    _full = true;
                    return;
                }
            }
        }
    }

    public override void Committed()
    {
        Release();
        finished(this, _full ? CloseReason.InboxFull : null);
    }

    public override void Failed(ChatException failure)
    {
        Release();
        finished(this, CloseReason.StoreFailure);
    }

    private void Add(in Entry entry)
    {
        if (_count == _entries.Length)
        {
            Entry[] larger = ArrayPool<Entry>.Shared.Rent(Math.Max(EntriesOfRecord, 2 * _count));
            _entries.CopyTo(larger, 0);
            ReleaseEntries();
            _entries = larger;
        }

        _entries[_count++] = entry;
    }

    private void Release()
    {
        ReleaseTexts();
        ReleaseEntries();
        _count = _used = 0;
    }

    private void ReleaseTexts()
    {
        if (_texts.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_texts, clearArray: true);
            _texts = [];
        }
    }

    private void ReleaseEntries()
    {
        if (_entries.Length > 0)
        {
            ArrayPool<Entry>.Shared.Return(_entries);
            _entries = [];
        }
    }
}
