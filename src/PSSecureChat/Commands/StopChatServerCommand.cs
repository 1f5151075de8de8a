using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Events;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Stops servers: peers are told, what waits is stored, and the port is free again.</summary>
/// <remarks>
/// <para>Servers also stop when the module is removed and when the session ends. A store is opened again by Start-ChatServer, and what waits goes out then.</para>
/// </remarks>
/// <example>
/// <para>Stop the newest server.</para>
/// <code>Stop-ChatServer</code>
/// </example>
/// <example>
/// <para>Stop all servers of this session.</para>
/// <code>Get-ChatServer | Stop-ChatServer</code>
/// </example>
/// <example>
/// <para>Stop servers by name.</para>
/// <code>Stop-ChatServer b*</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "ChatServer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatServer))]
public sealed class StopChatServerCommand : ChatCommand
{
    /// <summary>The servers to stop: objects, or names or wildcards of servers of this session. The newest running one when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ServerTransformation(Several = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNull]
    public ChatServer[]? Server { get; set; }

    /// <summary>Emits the servers that were stopped.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Server is null && ServerList.Current.Newest is null)
        {
            ThrowTerminatingError(ChatErrors.Record(ChatErrors.NoServer(), null));
        }

        foreach (ChatServer server in Server ?? [ServerList.Current.Newest!])
        {
            if (UnknownServer.NameOf(server) is { } name)
            {
                WriteFailure(ChatErrors.ServerUnknown(name), name);
            }
            else
            {
                Stop(server);
            }
        }
    }

    private void Stop(ChatServer server)
    {
        // A stopped or failed server is stopped once more: that only takes it off the list.
        if (!ShouldProcess(server.ToString()))
        {
            return;
        }

        try
        {
            AwaitTelling(tell => ChatEngine.Of(server).StopAsync(tell), StopToken);
            ServerList.Current.Remove(server);
            EventList.End(Runspace.DefaultRunspace, Events, server);
            if (PassThru)
            {
                WriteObject(server);
            }
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, server);
        }
    }
}
