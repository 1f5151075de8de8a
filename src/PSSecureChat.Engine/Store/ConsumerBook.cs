using System.Text;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>The consumers of a store by name, in any case. One lock decides who holds a name.</summary>
internal sealed class ConsumerBook
{
    private readonly Dictionary<string, ConsumerRecord> _consumers = new(StringComparer.OrdinalIgnoreCase);
    private long _last;

    /// <summary>All of them, by name.</summary>
    public List<(ConsumerRecord Consumer, bool IsHeld)> All
    {
        get
        {
            lock (_consumers)
            {
                return [.. _consumers.Values.OrderBy(consumer => consumer.Name, StringComparer.OrdinalIgnoreCase).Select(consumer => (consumer, consumer.IsHeld))];
            }
        }
    }

    public static ConsumerBook Load(SqliteConnection connection, RowOpener opener)
    {
        ConsumerBook book = new();
        using Statement read = new(connection, "SELECT id, name, cursor, used_at FROM consumer ORDER BY id");
        while (read.Step())
        {
            long id = read.Int64(0);
            string name = Encoding.UTF8.GetString(opener.Open(read.Blob(1), new RowPlace(SealedColumn.ConsumerName, id)));
            book._consumers.Add(name, new ConsumerRecord(id, name) { Taken = read.Int64(2), Cursor = read.Int64(2), UsedAt = read.Int64(3) });
            book._last = id;
        }

        return book;
    }

    /// <summary>Looks without holding; null when there is none.</summary>
    public ConsumerRecord? Find(string name)
    {
        lock (_consumers)
        {
            return _consumers.GetValueOrDefault(name);
        }
    }

    /// <summary>Holds a name for one caller.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isNew">Whether it was not there: the caller stores it, and calls <see cref="Remove"/> when that fails.</param>
    /// <exception cref="ChatException">ConsumerInUse, TooManyConsumers.</exception>
    public ConsumerRecord Hold(string name, out bool isNew)
    {
        lock (_consumers)
        {
            isNew = !_consumers.TryGetValue(name, out ConsumerRecord? consumer);
            if (isNew && _consumers.Count == Limits.MaxConsumers)
            {
                throw ChatErrors.TooManyConsumers(name);
            }

            consumer ??= _consumers[name] = new ConsumerRecord(++_last, name);
            return HoldFree(consumer);
        }
    }

    /// <summary>Holds a name that is there, so that nobody receives under it while it is removed; null when it is not there.</summary>
    /// <exception cref="ChatException">ConsumerInUse.</exception>
    public ConsumerRecord? HoldKnown(string name)
    {
        lock (_consumers)
        {
            return _consumers.TryGetValue(name, out ConsumerRecord? consumer) ? HoldFree(consumer) : null;
        }
    }

    public void Release(ConsumerRecord consumer)
    {
        lock (_consumers)
        {
            consumer.IsHeld = false;
        }
    }

    /// <summary>Forgets a consumer that the caller holds.</summary>
    public void Remove(ConsumerRecord consumer)
    {
        lock (_consumers)
        {
            _consumers.Remove(consumer.Name);
        }
    }

    private static ConsumerRecord HoldFree(ConsumerRecord consumer)
    {
        if (consumer.IsHeld)
        {
            throw ChatErrors.ConsumerInUse(consumer.Name);
        }

        consumer.IsHeld = true;
        return consumer;
    }
}
