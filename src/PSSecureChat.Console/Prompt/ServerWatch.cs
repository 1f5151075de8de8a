using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PSSecureChat.Terminal.Hosting;

namespace PSSecureChat.Terminal.Prompt;

/// <summary>
/// Watches one server from runspaces of its own, because the one of the prompt is busy whenever a command runs.
/// Messages come by Receive-ChatMessage -Wait -Peek, which leaves them unread; peers are looked up every
/// second, which Get-ChatPeer answers from memory.
/// </summary>
internal sealed class ServerWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const string MessageScript = """
        param($Server)
        Receive-ChatMessage -Wait -Peek -Server $Server | ForEach-Object {
            [PSSecureChat.SafeText]::ForOneLine($_.From)
            [PSSecureChat.SafeText]::ForTerminal($_.Text)
        }
        """;

    private readonly string _manifest;
    private readonly PSObject _server;
    private readonly Announcer _announcer;
    private readonly CancellationTokenSource _ended = new();
    private readonly HashSet<string> _online = new(StringComparer.Ordinal);
    private volatile PowerShell? _messages;

    public ServerWatch(string manifest, PSObject server, Announcer announcer)
    {
        _manifest = manifest;
        _server = server;
        _announcer = announcer;
        Start(WatchMessages);
        Start(WatchPeers);
    }

    private bool IsRunning => $"{_server.Properties["State"].Value}" == "Running";

    public void Dispose()
    {
        _ended.Cancel();
        _messages?.BeginStop(null, null);
    }

    private void Start(Action watch) => new Thread(() =>
    {
        try
        {
            watch();
        }
        catch (Exception failure)
        {
            // Whatever it was, it must not end the conversation; and when the server was stopped it is no news.
            if (!_ended.IsCancellationRequested && IsRunning)
            {
                _announcer.Message($"Nothing is announced any more: {failure.Message}");
            }
        }
    })
    { IsBackground = true, Name = "Announcer" }.Start();

    private void WatchMessages()
    {
        using Runspace runspace = Open();
        using PowerShell shell = PowerShell.Create(runspace);
        shell.AddScript(MessageScript, useLocalScope: true).AddArgument(_server);
        using PSDataCollection<string> texts = [];
        texts.DataAdded += (_, _) =>
        {
            // A message is two texts: who, and what.
            if (texts.Count == 2)
            {
                Collection<string> message = texts.ReadAll();
                _announcer.Message(message[0], MessageNotice.Of(message));
            }
        };
        _messages = shell;
        if (!_ended.IsCancellationRequested)
        {
            shell.Invoke<string, string>(null, texts, null);
            if (shell.HadErrors)
            {
                throw new RuntimeException(shell.Streams.Error.FirstOrDefault()?.ToString());
            }
        }
    }

    private void WatchPeers()
    {
        using Runspace runspace = Open();
        using PowerShell shell = PowerShell.Create(runspace); // used again and again: nothing to parse or to compile each time
        shell.AddCommand("Get-ChatPeer").AddParameter("Server", _server);
        do
        {
            foreach (PSObject peer in shell.Invoke())
            {
                string fingerprint = $"{peer.Properties["Fingerprint"].Value}";
                if ($"{peer.Properties["State"].Value}" != "Online")
                {
                    _online.Remove(fingerprint);
                }
                else if (_online.Add(fingerprint))
                {
                    _announcer.Connected(fingerprint, $"Now connected to {peer.Properties["Name"].Value}");
                }
                else
                {
                    _announcer.ForgetTold(fingerprint);
                }
            }
        }
        while (!_ended.Token.WaitHandle.WaitOne(Interval));
    }

    private Runspace Open()
    {
        Runspace runspace = RunspaceFactory.CreateRunspace(Session.InitialState());
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        shell.AddCommand("Import-Module").AddParameter("Name", _manifest).Invoke();
        return runspace;
    }
}
