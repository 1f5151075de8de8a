using System.Collections.Concurrent;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>What the functions of the prompt find in <c>$Host.PrivateData</c>.</summary>
public sealed class HostServices
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>The function has told the user that this peer is connected: it need not be announced as well.</summary>
    public void PeerTold(string fingerprint) => _told[fingerprint] = true;

    internal bool TakeTold(string fingerprint) => _told.TryRemove(fingerprint, out _);
}
