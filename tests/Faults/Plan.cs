namespace PSSecureChat.Faults;

/// <summary>The choices of one round, the same each time for the same seed.</summary>
internal static class Plan
{
    public static Random Of(int seed, int round) => new(unchecked((seed * 31) + (round * (int)0x9E3779B9)));

    /// <summary>A number from 1 to the largest, small ones as likely as large ones by their order of magnitude.</summary>
    public static long Magnitude(this Random plan, long largest) => (long)Math.Exp(plan.NextDouble() * Math.Log(largest));
}
