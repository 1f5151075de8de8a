using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Refuses a peer, or a stranger who waits, until Unblock-ChatPeer: its conversation ends, and nothing is sent or taken. Its messages stay.</summary>
[Cmdlet(VerbsSecurity.Block, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class BlockChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State != ChatPeerState.Blocked;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.BlockAsync(fingerprint, cancellationToken);
}
