using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>Has an engine's store refuse one kind of change, and only that, as a full disk refuses whatever comes at the wrong moment.</summary>
internal sealed class Refusal
{
    private int _times;
    private volatile bool _over;

    /// <summary>How often it has refused.</summary>
    public int Times => Volatile.Read(ref _times);

    /// <param name="engine">Whose store.</param>
    /// <param name="change">What is refused, as a trigger names it.</param>
    public static async Task<Refusal> OfAsync(ChatEngine engine, string change)
    {
        Refusal refusal = new();
        await StoreOf(engine).Writer.RunAsync(session => refusal.Begin(ConnectionOf(session), change), TwoPeers.Patience);
        return refusal;
    }

    public void End() => _over = true;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    public static extern ref ChatStore StoreOf(ChatEngine engine);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connection")]
    private static extern ref SqliteConnection ConnectionOf(WriterSession session);

    private void Begin(SqliteConnection connection, string change)
    {
        connection.CreateFunction("refuse", Refuse);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"CREATE TEMP TRIGGER refusal BEFORE {change} BEGIN SELECT RAISE(ABORT, 'refused') WHERE refuse(); END";
        command.ExecuteNonQuery();
    }

    private bool Refuse()
    {
        if (_over)
        {
            return false;
        }

        Interlocked.Increment(ref _times);
        return true;
    }
}
