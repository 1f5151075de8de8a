namespace PSSecureChat.Faults.Proxy;

/// <summary>What becomes of one connection: what is done at which byte of which direction, and how its bytes travel.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Forward">From the dialler to the listener, or back.</param>
/// <param name="At">After this many bytes of that direction.</param>
/// <param name="Piece">The most bytes that travel together.</param>
/// <param name="Pause">The longest pause between two pieces.</param>
internal sealed record Fate(FateKind Kind, bool Forward, long At, int Piece, TimeSpan Pause)
{
    public static Fate None { get; } = new(FateKind.None, true, long.MaxValue, int.MaxValue, TimeSpan.Zero);

    public static Fate Draw(Random plan)
    {
        // A stall costs seconds until the ping finds it, so there are few of them; small pieces with pauses would take minutes.
        FateKind kind = plan.Next(25) == 0 ? FateKind.Stall : (FateKind)plan.Next(1, 4);
        bool pauses = plan.Next(4) == 0;
        int piece = pauses ? plan.Next(300, 10_000) : plan.Next(3) == 0 ? (int)plan.Magnitude(5_000) : int.MaxValue;
        return new Fate(kind, plan.Next(2) == 0, plan.Magnitude(300_000), piece, pauses ? TimeSpan.FromMilliseconds(plan.NextDouble() * 5) : TimeSpan.Zero);
    }
}

internal enum FateKind
{
    None,

    /// <summary>Both ends get a reset.</summary>
    Reset,

    /// <summary>Both ends see an orderly end in the middle.</summary>
    End,

    /// <summary>One bit is another.</summary>
    Flip,

    /// <summary>Nothing passes any more and nobody is told.</summary>
    Stall,
}
