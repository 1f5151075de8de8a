using System.Collections.Concurrent;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>What the functions of the prompt find in <c>$Host.PrivateData</c>.</summary>
public sealed class HostServices
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>The function has told the user that this peer is connected: it need not be announced as well.</summary>
    public void PeerTold(string fingerprint) => _told[fingerprint] = true;

    /// <summary>A command given with -Command has come to its end.</summary>
    public void Ended(bool succeeded) => Succeeded = succeeded;

    /// <summary>What <see cref="Ended"/> was told. A command that returned early said nothing and did not fail.</summary>
    internal bool Succeeded { get; private set; } = true;

    internal bool TakeTold(string fingerprint) => _told.TryRemove(fingerprint, out _);
}
