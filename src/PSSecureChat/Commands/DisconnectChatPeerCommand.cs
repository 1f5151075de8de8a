using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Ends the conversation with a peer until Connect-ChatPeer, or until the peer itself dials. It stays known.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State is ChatPeerState.Online or ChatPeerState.Offline or ChatPeerState.Waiting;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.DisconnectAsync(fingerprint);
}
