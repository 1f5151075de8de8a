namespace PSSecureChat.Faults.Simulation;

internal enum LinkFaultKind
{
    None,

    /// <summary>Both ends learn that the connection is gone; what was under way is lost.</summary>
    Cut,

    /// <summary>Nothing passes any more and nobody is told.</summary>
    Mute,

    /// <summary>One bit is another.</summary>
    Flip,

    /// <summary>Some bytes come a second time.</summary>
    Repeat,

    /// <summary>Some bytes never come, and the later ones do.</summary>
    Drop,
}

/// <summary>What becomes of a simulated connection.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Forward">In the dialler's direction, or in the other.</param>
/// <param name="At">After this many bytes.</param>
/// <param name="Piece">The most bytes of one read.</param>
/// <param name="Latency">How long each write is under way.</param>
internal sealed record LinkFault(LinkFaultKind Kind, bool Forward, long At, int Piece, TimeSpan Latency)
{
    public static LinkFault None { get; } = new(LinkFaultKind.None, true, long.MaxValue, int.MaxValue, TimeSpan.Zero);

    public static LinkFault Draw(Random plan) => new(
        (LinkFaultKind)plan.Next(0, 6),
        plan.Next(2) == 0,
        plan.Magnitude(120_000),
        plan.Next(3) == 0 ? (int)plan.Magnitude(3_000) : int.MaxValue,
        plan.Next(3) == 0 ? TimeSpan.FromMilliseconds(plan.Magnitude(3_000)) : TimeSpan.Zero);
}
