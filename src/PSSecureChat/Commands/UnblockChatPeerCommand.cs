using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets a blocked peer in again. A stranger who was blocked while waiting is a stranger again.</summary>
[Cmdlet(VerbsSecurity.Unblock, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnblockChatPeerCommand : ServerCommand
{
    /// <summary>Names or wildcards of the peers; a wildcard means those that are blocked.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Name, static peer => peer.State == ChatPeerState.Blocked))
        {
            if (ShouldProcess(peer.Name))
            {
                TryAwait(token => engine.UnblockAsync(peer.Fingerprint, token), peer.Name);
            }
        }
    }
}
