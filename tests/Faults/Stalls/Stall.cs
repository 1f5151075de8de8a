using System.Globalization;

namespace PSSecureChat.Faults.Stalls;

/// <summary>Where a thread of the engine may be held up, as the system may hold up any thread anywhere.</summary>
public static class Stall
{
    /// <summary>The variable by which a process that runs the woven engine is told how often it is held up.</summary>
    internal const string Variable = "PSSECURECHAT_STALLS";

    private static readonly int s_oneIn = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int oneIn) ? oneIn : 0;

    /// <summary>Whether this process runs the woven engine.</summary>
    internal static bool IsOn => s_oneIn > 0;

    /// <summary>The engine passes here.</summary>
    public static void Here()
    {
        if (Random.Shared.Next(s_oneIn) == 0)
        {
            Thread.Sleep(Random.Shared.Next(8) == 0 ? Random.Shared.Next(60) : Random.Shared.Next(4));
        }
    }
}
