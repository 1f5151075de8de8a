using System.Globalization;

namespace PSSecureChat.Faults.Stalls;

/// <summary>Where a thread of the engine may be held up, as the system may hold up any thread anywhere.</summary>
/// <remarks>
/// Of many places a few are hot for a moment, others in the next: whoever comes by is held up for longer than a disk needs. Short
/// stalls everywhere would slow all threads alike, and so change little in who is first.
/// </remarks>
public static class Stall
{
    /// <summary>The variable by which a process that runs the woven engine is told how few places are hot at a time: one in so many.</summary>
    internal const string Variable = "PSSECURECHAT_STALLS";

    private const int Moment = 64; // milliseconds
    private const int Longest = 60;
    private static readonly int s_oneIn = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int oneIn) ? oneIn : 0;

    [ThreadStatic]
    private static (long Moment, int Place) t_last;

    /// <summary>Whether this process runs the woven engine.</summary>
    internal static bool IsOn => s_oneIn > 0;

    /// <summary>The engine passes a place.</summary>
    public static void Here(int place)
    {
        long moment = Environment.TickCount64 / Moment;
        if ((uint)HashCode.Combine(moment, place) % s_oneIn == 0 && t_last != (moment, place)) // once: a loop would never end
        {
            t_last = (moment, place);
            Thread.Sleep(Random.Shared.Next(Longest));
        }
    }
}
