using PSSecureChat.Engine;

namespace PSSecureChat.Faults;

/// <summary>How the peers of these runs are set: they dial again at once, and nobody limits how often.</summary>
internal static class Patience
{
    /// <summary>How long anything may take to come to rest. Only a failing run ever waits so long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Limits Impatient { get; } = Limits.Default with
    {
        RedialFirst = TimeSpan.FromMilliseconds(5),
        RedialDoubled = TimeSpan.FromMilliseconds(40),
        RedialLast = TimeSpan.FromMilliseconds(80),
        FileMarker = 1024 * 1024,
        AcceptPerAddress = 100_000,
        AcceptPerAddressBurst = 100_000,
        AcceptInAll = 100_000,
    };

    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;
}
