using System.Management.Automation;
using System.Security;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Starts a chat server in this session: from now on peers can reach you, and you them.</summary>
/// <remarks>
/// <para>Identity and messages are kept in a folder of the user, named like the server, unless -Path names another one or -Ephemeral keeps nothing. One store has one server at a time.</para>
/// <para>A stranger who dials waits as a request until Approve-ChatPeer; -AcceptFrom changes that. The server stops with Stop-ChatServer, when the module is removed, and when the session ends.</para>
/// </remarks>
/// <example>
/// <para>Try it on this machine, and leave nothing behind.</para>
/// <code>Start-ChatServer 127.0.0.1 -Name dora -Ephemeral</code>
/// <para>Between machines: Start-ChatServer -Port 8095 -Name dora.</para>
/// </example>
/// <example>
/// <para>Keep identity and messages in a folder, protected by a passphrase.</para>
/// <code>Start-ChatServer 127.0.0.1 -Name dora -Path ./dora -Passphrase (Read-Host -AsSecureString 'Passphrase')</code>
/// </example>
/// <example>
/// <para>Take every stranger at once, and use the free port that was found.</para>
/// <code>
/// $server = Start-ChatServer 127.0.0.1 0 dora -Ephemeral -AcceptFrom Anyone
/// $server.Endpoint
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "ChatServer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatServer))]
public sealed class StartChatServerCommand : ChatCommand
{
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
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The passphrase that protects what is stored.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Passphrase { get; set; }

    /// <summary>Leaves nothing on the disk when the server stops: a new identity each time, and no history. Does not go with -Path and -Passphrase.</summary>
    [Parameter]
    public SwitchParameter Ephemeral { get; set; }

    /// <summary>Which strangers are taken: wait as a request (the default), anyone, only known peers and those with an invitation, or the same in silence.</summary>
    [Parameter]
    public ChatAcceptance AcceptFrom { get; set; }

    /// <summary>A folder that takes the files of peers without asking. Without it each offer waits for Receive-ChatFile.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReceiveFilesTo { get; set; }

    /// <summary>With -ReceiveFilesTo: names or wildcards of the peers whose files are taken so; all peers that are let in when it is not given.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ReceiveFilesFrom { get; set; } = ["*"];

    /// <summary>With -ReceiveFilesTo: the largest file that is taken so, in bytes; 1 GB when it is not given. A larger one waits for Receive-ChatFile.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxFileSize { get; set; } = 1L << 30;

    /// <summary>Tells senders when their messages were read. Nobody is told when it is not given.</summary>
    [Parameter]
    [Alias("ReadReceipts")]
    public SwitchParameter ReadReceipt { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Ephemeral && (Path is not null || Passphrase is not null))
        {
            ThrowTerminatingError(ChatErrors.EphemeralKeepsNothing(Path));
        }

        if (ReceiveFilesTo is null && (MyInvocation.BoundParameters.ContainsKey(nameof(ReceiveFilesFrom)) || MyInvocation.BoundParameters.ContainsKey(nameof(MaxFileSize))))
        {
            ThrowTerminatingError(ChatErrors.FileRuleNeedsFolder());
        }

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
                Path = Path is null ? null : FilePath(Path),
                Ephemeral = Ephemeral,
                Passphrase = passphrase,
                AcceptFrom = AcceptFrom,
                ReadReceipts = ReadReceipt,
                ReceiveFilesTo = ReceiveFilesTo is null ? null : FilePath(ReceiveFilesTo),
                ReceiveFilesFrom = ReceiveFilesFrom,
                ReceiveFilesUpTo = MaxFileSize,
            };
            if (!ShouldProcess($"{options.Name} ({options.Address ?? "*"}:{options.Port})"))
            {
                return;
            }

            if (ServerList.Current.Find(options.Name) is { State: ChatServerState.Running })
            {
                WriteWarning($"Another server of this session is named '{options.Name}' too. -Server '{options.Name}' tells none of them from the others: hand over the object.");
            }

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
