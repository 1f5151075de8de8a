using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets a blocked peer in again. A stranger who was blocked while waiting is a stranger again.</summary>
[Cmdlet(VerbsSecurity.Unblock, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnblockChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State == ChatPeerState.Blocked;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.UnblockAsync(fingerprint, cancellationToken);
}
