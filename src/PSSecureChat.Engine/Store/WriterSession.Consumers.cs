using System.Text;

namespace PSSecureChat.Engine.Store;

/// <summary>What the writer does about consumers.</summary>
internal sealed partial class WriterSession
{
    private Statement? _moveCursor;

    /// <summary>
    /// Stores a new consumer. It begins with the oldest message that nobody has read, or, when that is earlier, where the first of the other
    /// consumers began: what they have taken is read only on their account.
    /// </summary>
    /// <returns>Its cursor.</returns>
    public long InsertConsumer(ConsumerRecord consumer)
    {
        byte[] plain = Encoding.UTF8.GetBytes(consumer.Name);
        byte[] name = new byte[plain.Length + RowSealer.Overhead];
        _sealer.Seal(plain, new RowPlace(SealedColumn.ConsumerName, consumer.Id), name);
        using Statement oldest = new(_connection, "SELECT (SELECT min(id) - 1 FROM message WHERE state = 6), (SELECT min(began) FROM consumer)");
        oldest.Step();
        long cursor = Math.Min(oldest.IsNull(0) ? _lastRow : oldest.Int64(0), oldest.IsNull(1) ? _lastRow : oldest.Int64(1));
        oldest.Reset();
        using Statement insert = new(_connection, "INSERT INTO consumer (id, name, cursor, began, used_at) VALUES (?1, ?2, ?3, ?3, ?4)");
        insert.Bind(1, consumer.Id).Bind(2, name).Bind(3, cursor).Bind(4, Now).Execute();
        return cursor;
    }

    public void MoveCursor(ConsumerRecord consumer, long cursor)
    {
        _moveCursor ??= Prepare("UPDATE consumer SET cursor = ?2, used_at = ?3 WHERE id = ?1");
        _moveCursor.Bind(1, consumer.Id).Bind(2, cursor).Bind(3, Now).Execute();
    }

    public void DeleteConsumer(ConsumerRecord consumer)
    {
        using Statement delete = new(_connection, "DELETE FROM consumer WHERE id = ?1");
        delete.Bind(1, consumer.Id).Execute();
    }
}
