using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>What the functions of the prompt find in <c>$Host.PrivateData</c>.</summary>
public sealed class HostServices
{
    private readonly Output? _output;
    private volatile string? _lentFor;

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>The function has told the user that this peer is connected: it need not be announced as well.</summary>
    public void PeerTold(string fingerprint) => _told[fingerprint] = true;

    /// <summary>
    /// Hands the terminal over to a command that draws on it itself, until what is returned is disposed of. Null when it cannot be had: for a
    /// runspace that is not the prompt's, or without a person. Notices wait meanwhile; messages of the peer need none, since the command shows them.
    /// </summary>
    public IDisposable? LendTerminal(string peer)
    {
        if (_output is null || _lentFor is not null || Runspace.DefaultRunspace is not { } runspace || runspace != Prompt)
        {
            return null;
        }

        _lentFor = peer;
        _output.Hold();
        return new Loan(this);
    }

    /// <summary>The runspace of the prompt.</summary>
    internal Runspace? Prompt { get; set; }

    /// <summary>Whether a command shows the messages of a peer now.</summary>
    internal bool ShowsLive(string peer) => _lentFor == peer;

    /// <summary>A command given with -Command has come to its end.</summary>
    public void Ended(bool succeeded) => Succeeded = succeeded;

    /// <summary>What <see cref="Ended"/> was told. A command that returned early said nothing and did not fail.</summary>
    internal bool Succeeded { get; private set; } = true;

    internal HostServices(Output? output) => _output = output;

    internal bool TakeTold(string fingerprint) => _told.TryRemove(fingerprint, out _);

    private sealed class Loan(HostServices services) : IDisposable
    {
        public void Dispose()
        {
            services._lentFor = null;
            services._output!.Release();
        }
    }
}
