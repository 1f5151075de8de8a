using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PSSecureChat.Terminal.Hosting;

namespace PSSecureChat.Terminal.Prompt;

/// <summary>Tells what happens while nobody asks: messages that arrive, peers that come.</summary>
internal sealed class Announcer : IDisposable
{
    private readonly string _manifest;
    private readonly Output _output;
    private readonly HostServices _services;
    private readonly Dictionary<string, ServerWatch> _watches = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly List<(string Fingerprint, string Line)> _held = [];
    private bool _holding;

    public Announcer(string manifest, Output output, HostServices services)
    {
        _manifest = manifest;
        _output = output;
        _services = services;
    }

    /// <summary>Watches the servers that run and are not watched yet.</summary>
    public void Watch(IEnumerable<PSObject?> servers)
    {
        foreach (PSObject server in servers.OfType<PSObject>()) // a null on the pipeline arrives as null
        {
            string key = $"{server.Properties["Fingerprint"]?.Value} {server.Properties["StartedAt"]?.Value:O}";
            if (server.Properties["State"]?.Value?.ToString() == "Running" && !_watches.ContainsKey(key))
            {
                _watches[key] = new ServerWatch(_manifest, server, this);
            }
        }
    }

    /// <summary>A command begins: it may connect to somebody and say so itself.</summary>
    public void HoldConnections()
    {
        lock (_lock)
        {
            _holding = true;
        }
    }

    /// <summary>The command has ended: tells the connections it did not tell.</summary>
    public void ReleaseConnections()
    {
        lock (_lock)
        {
            _holding = false;
            foreach ((string fingerprint, string line) in _held)
            {
                TellConnection(fingerprint, line);
            }

            _held.Clear();
        }
    }

    public void Dispose()
    {
        foreach (ServerWatch watch in _watches.Values)
        {
            watch.Dispose();
        }
    }

    internal void Message(string line) => _output.Notify(line);

    /// <summary>A message has come. While a command shows those of its sender live, it is no news.</summary>
    internal void Message(string from, string line)
    {
        if (!_services.ShowsLive(from))
        {
            Message(line);
        }
    }

    internal void Connected(string fingerprint, string line)
    {
        lock (_lock)
        {
            if (_holding)
            {
                _held.Add((fingerprint, line));
            }
            else
            {
                TellConnection(fingerprint, line);
            }
        }
    }

    /// <summary>The connection was there before the command that told it: nothing is left to be kept quiet.</summary>
    internal void ForgetTold(string fingerprint) => _services.TakeTold(fingerprint);

    private void TellConnection(string fingerprint, string line)
    {
        if (!_services.TakeTold(fingerprint))
        {
            _output.Notify(line);
        }
    }
}
