using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Refuses a peer, or a stranger who waits, until Unblock-ChatPeer.</summary>
/// <remarks>
/// <para>Its conversation ends, and nothing is sent to it or taken from it. Its messages stay. The identity key is what is blocked: another name or address does not help the peer.</para>
/// </remarks>
/// <example>
/// <para>Refuse a stranger who waits.</para>
/// <code>Block-ChatPeer carol</code>
/// </example>
/// <example>
/// <para>See whom a wildcard would block.</para>
/// <code>Get-ChatPeer c* | Block-ChatPeer -WhatIf</code>
/// </example>
[Cmdlet(VerbsSecurity.Block, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class BlockChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State != ChatPeerState.Blocked;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.BlockAsync(fingerprint, cancellationToken);
}
