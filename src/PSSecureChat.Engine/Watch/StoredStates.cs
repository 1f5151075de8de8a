using System.Collections.Concurrent;

namespace PSSecureChat.Engine.Watch;

/// <summary>Who wants to hear of states that were stored. The writer asks whether there is anybody before it keeps anything.</summary>
internal sealed class StoredStates
{
    private volatile StateObserver[] _observers = [];

    public bool IsWanted => _observers.Length > 0;

    public void Add(StateObserver observer)
    {
        lock (this)
        {
            _observers = [.. _observers, observer];
        }
    }

    public void Remove(StateObserver observer)
    {
        lock (this)
        {
            _observers = [.. _observers.Where(other => other != observer)];
        }
    }

    /// <summary>Called by the writer after a commit.</summary>
    public void Tell(List<long> rows)
    {
        foreach (StateObserver observer in _observers)
        {
            rows.ForEach(observer.Add);
        }
    }
}

/// <summary>The rows whose state was stored and that were not looked at yet. Bounded: what does not fit is left out and counted.</summary>
internal sealed class StateObserver
{
    private readonly ConcurrentQueue<long> _rows = new();
    private int _leftOut;

    public void Add(long row)
    {
        if (_rows.Count < Limits.MaxStatesWaiting)
        {
            _rows.Enqueue(row);
        }
        else
        {
            Interlocked.Increment(ref _leftOut);
        }
    }

    public bool TryTake(out long row) => _rows.TryDequeue(out row);

    public int TakeLeftOut() => Interlocked.Exchange(ref _leftOut, 0);
}
