using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Refuses a peer, or a stranger who waits, until Unblock-ChatPeer: its conversation ends, and nothing is sent or taken. Its messages stay.</summary>
[Cmdlet(VerbsSecurity.Block, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class BlockChatPeerCommand : ServerCommand
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
        foreach (ChatPeer peer in SelectPeers(engine, Name, static peer => peer.State != ChatPeerState.Blocked))
        {
            if (ShouldProcess(peer.Name))
            {
                TryAwait(token => engine.BlockAsync(peer.Fingerprint, token), peer.Name);
            }
        }
    }
}
