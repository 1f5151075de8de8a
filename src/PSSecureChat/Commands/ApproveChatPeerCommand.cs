using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets a stranger in who dialled and waits: from now on the peer is known and its messages arrive.</summary>
[Cmdlet(VerbsLifecycle.Approve, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class ApproveChatPeerCommand : ServerCommand
{
    /// <summary>Names or wildcards of the peers; a wildcard means those that wait for approval.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>Emits the peers as they stand after the approval.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Name, static peer => peer.State == ChatPeerState.Requested))
        {
            if (ShouldProcess(peer.Name) && TryAwait(token => engine.ApproveAsync(peer.Fingerprint, token), peer.Name) && PassThru)
            {
                WriteObject(engine.GetPeers().FirstOrDefault(now => now.Fingerprint == peer.Fingerprint) ?? peer);
            }
        }
    }
}
