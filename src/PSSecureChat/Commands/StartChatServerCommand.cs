using System.Management.Automation;
using System.Security;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Starts a chat server in this session: from now on peers can reach you, and you them.</summary>
[Cmdlet(VerbsLifecycle.Start, "ChatServer", DefaultParameterSetName = StoredSet)]
[OutputType(typeof(ChatServer))]
public sealed class StartChatServerCommand : ChatCommand
{
    private const string StoredSet = "Stored";
    private const string EphemeralSet = "Ephemeral";

    /// <summary>The address of this machine to listen on; all of them when it is not given.</summary>
    [Parameter(Position = 0)]
    [Alias("Host", "HostName", "ComputerName", "IPAddress")]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>The port to listen on; 0, the default, for any free one.</summary>
    [Parameter(Position = 1)]
    [PortTransformation]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>The name peers see; the name of the user when it is not given.</summary>
    [Parameter(Position = 2)]
    [Alias("User", "UserName")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The folder that keeps identity and messages; a folder of the user's, named like the server, when it is not given.</summary>
    [Parameter(ParameterSetName = StoredSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The passphrase that protects what is stored.</summary>
    [Parameter(ParameterSetName = StoredSet)]
    [ValidateNotNull]
    public SecureString? Passphrase { get; set; }

    /// <summary>Leaves nothing on the disk when the server stops: a new identity each time, and no history.</summary>
    [Parameter(ParameterSetName = EphemeralSet, Mandatory = true)]
    public SwitchParameter Ephemeral { get; set; }

    /// <summary>Which strangers are taken: wait as a request (the default), anyone, only known peers and those with an invitation, or the same in silence.</summary>
    [Parameter]
    public ChatAcceptance AcceptFrom { get; set; }

    /// <summary>Tells senders when their messages were read. Nobody is told when it is not given.</summary>
    [Parameter]
    public SwitchParameter ReadReceipts { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        char[] passphrase = Secret.Read(Passphrase);
        try
        {
            if (Passphrase is not null && passphrase.Length == 0)
            {
                // Whoever gave one, if only by an empty answer to Read-Host, must not end up with an unprotected store.
                ThrowTerminatingError(ChatErrors.Record(ChatErrors.PassphraseEmpty(), null));
            }

            ChatServerOptions options = new()
            {
                Name = Name ?? Environment.UserName,
                Address = Address,
                Port = Port,
                Path = Path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path),
                Ephemeral = Ephemeral,
                Passphrase = passphrase,
                AcceptFrom = AcceptFrom,
                ReadReceipts = ReadReceipts,
            };
            WriteVerbose($"Starting the server '{options.Name}'.");
            ChatServer server = Start(options);
            WriteVerbose($"Now listening on {server.Endpoint}.");
            WriteObject(server);
        }
        finally
        {
            Array.Clear(passphrase);
        }
    }

    private ChatEngine Start(ChatServerOptions options, Action<Task<ChatEngine>> started)
    {
        try
        {
            return AwaitTelling(
                tell =>
                {
                    options.Progress = tell;
                    Task<ChatEngine> start = ChatEngine.StartAsync(options, StopToken);
                    started(start);
                    return start;
                },
                StopToken);
        }
        catch (ChatException failure)
        {
            ThrowTerminatingError(ChatErrors.Record(failure, null));
            throw; // not reached: the line above throws
        }
    }

    private ChatServer Start(ChatServerOptions options)
    {
        Task<ChatEngine>? start = null;
        bool owned = false;
        try
        {
            ChatServer server = Start(options, started => start = started).Server;
            ServerList.Current.Add(server);
            owned = true;
            return server;
        }
        finally
        {
            if (!owned)
            {
                // Stopped while it was starting: what comes up after all has no owner.
                start?.ContinueWith(
                    static started => started.Result.StopAsync(),
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnRanToCompletion,
                    TaskScheduler.Default);
            }
        }
    }
}
