using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Ends the conversation with a peer until Connect-ChatPeer, or until the peer itself dials. It stays known.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectChatPeerCommand : ServerCommand
{
    /// <summary>Names or wildcards of the peers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Name, static peer => peer.State is ChatPeerState.Online or ChatPeerState.Offline))
        {
            if (ShouldProcess(peer.Name))
            {
                TryAwait(_ => engine.DisconnectAsync(peer.Fingerprint), peer.Name);
            }
        }
    }
}
