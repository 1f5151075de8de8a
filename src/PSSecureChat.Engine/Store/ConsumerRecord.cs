namespace PSSecureChat.Engine.Store;

/// <summary>A named consumer: how far it has come, and whether somebody receives under its name.</summary>
/// <param name="id">Its row.</param>
/// <param name="name">Its name, as it was first typed.</param>
internal sealed class ConsumerRecord(long id, string name)
{
    private long _taken;
    private long _cursor;
    private long _usedAt;

    public long Id => id;

    public string Name => name;

    /// <summary>The last message that was taken. Whoever holds the name moves it; the row follows.</summary>
    public long Taken
    {
        get => Volatile.Read(ref _taken);
        set => Volatile.Write(ref _taken, value);
    }

    /// <summary>The same as it is committed. Changed by the writer.</summary>
    public long Cursor
    {
        get => Volatile.Read(ref _cursor);
        set => Volatile.Write(ref _cursor, value);
    }

    /// <summary>When it last took something, in milliseconds since 1970.</summary>
    public long UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>Whether somebody receives under its name. Changed by <see cref="ConsumerBook"/>.</summary>
    public bool IsHeld;
}
