using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Ends the conversation with a peer. It stays known.</summary>
/// <remarks>
/// <para>The peer is not dialled any more until Connect-ChatPeer; it may still dial us. What is sent to it meanwhile waits.</para>
/// </remarks>
/// <example>
/// <para>Hang up.</para>
/// <code>Disconnect-ChatPeer bob</code>
/// </example>
/// <example>
/// <para>Hang up on everybody who is connected.</para>
/// <code>Get-ChatPeer | Where-Object State -eq Online | Disconnect-ChatPeer -PassThru</code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class DisconnectChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State is ChatPeerState.Online or ChatPeerState.Offline or ChatPeerState.Waiting;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.DisconnectAsync(fingerprint);
}
