using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Stops a server: peers are told, what waits is stored, the port is free again.</summary>
[Cmdlet(VerbsLifecycle.Stop, "ChatServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopChatServerCommand : ServerCommand
{
    /// <summary>The server to stop: an object, or the name of a server of this session. The newest running one when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public override ChatServer? Server { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // A stopped or failed server is stopped once more: that only takes it off the list.
        ChatServer server = Server ?? Engine.Server;
        if (ShouldProcess(server.ToString()) && TryAwait(_ => ChatEngine.Of(server).StopAsync(), server))
        {
            ServerList.Current.Remove(server);
        }
    }
}
