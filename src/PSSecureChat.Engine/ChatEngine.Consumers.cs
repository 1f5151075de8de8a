using System.Threading.Channels;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>Named consumers: each receives every message, from where it last was.</summary>
public sealed partial class ChatEngine
{
    /// <summary>Holds a consumer's name; a new consumer begins with the oldest unread message, or where the first of the others began. Dispose what is returned.</summary>
    /// <exception cref="ChatException">NameNotUsable, ConsumerInUse, TooManyConsumers.</exception>
    public async Task<ConsumerCursor> OpenConsumerAsync(string name, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        if (!PeerName.IsUsable(name))
        {
            throw ChatErrors.ConsumerNameNotUsable(name);
        }

        ConsumerRecord consumer = _store.Consumers.Hold(name, out bool isNew);
        if (isNew)
        {
            try
            {
                // Not the caller's token: a consumer is whole, in the book and in the store, or not there.
                await WriteAsync(session => consumer.Taken = session.InsertConsumer(consumer), CancellationToken.None).ConfigureAwait(false);
                consumer.Cursor = consumer.Taken;
                consumer.UsedAt = _time.GetUtcNow().ToUnixTimeMilliseconds();
            }
            catch
            {
                _store.Consumers.Remove(consumer);
                throw;
            }
        }

        ConsumerCursor cursor = new(_store, consumer, Server.Name);
        if (cancellationToken.IsCancellationRequested)
        {
            cursor.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return cursor;
    }

    /// <summary>Where a consumer is, without holding its name; null when there is none.</summary>
    public long? FindConsumer(string name)
    {
        ThrowIfStopped();
        return _store.Consumers.Find(name)?.Taken;
    }

    /// <summary>The names of the consumers, from memory.</summary>
    public IEnumerable<string> ConsumerNames => _store.Consumers.All.Select(static entry => entry.Consumer.Name);

    /// <summary>The consumers, by name, on the calling thread, as they are enumerated: what waits for each is counted.</summary>
    public IEnumerable<ChatConsumer> GetConsumers()
    {
        ThrowIfStopped();
        return _store.Consumers.All.Select(entry => new ChatConsumer
        {
            Name = entry.Consumer.Name,
            Server = Server.Name,
            Position = entry.Consumer.Taken,
            Waiting = Read(reader => reader.CountIncoming(entry.Consumer.Taken)),
            LastUsed = FromMilliseconds(entry.Consumer.UsedAt),
            InUse = entry.IsHeld,
        });
    }

    /// <summary>Forgets a consumer. Messages are not touched.</summary>
    /// <exception cref="ChatException">ConsumerUnknown, ConsumerInUse.</exception>
    public async Task RemoveConsumerAsync(string name)
    {
        ThrowIfStopped();
        ConsumerRecord consumer = _store.Consumers.HoldKnown(name) ?? throw ChatErrors.ConsumerUnknown(name);
        try
        {
            await WriteAsync(session => session.DeleteConsumer(consumer), CancellationToken.None).ConfigureAwait(false);
            _store.Consumers.Remove(consumer);
        }
        finally
        {
            _store.Consumers.Release(consumer);
        }
    }
}
