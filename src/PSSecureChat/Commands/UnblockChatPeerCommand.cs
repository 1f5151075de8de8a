using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets a blocked peer in again.</summary>
/// <remarks>
/// <para>It may connect and be connected to, and what waited for it goes out. A stranger who was blocked while waiting is a stranger again.</para>
/// </remarks>
/// <example>
/// <para>Let one peer in again.</para>
/// <code>
/// Block-ChatPeer bob
/// Unblock-ChatPeer bob
/// </code>
/// </example>
/// <example>
/// <para>Let everybody in again.</para>
/// <code>Get-ChatPeer | Where-Object State -eq Blocked | Unblock-ChatPeer -PassThru</code>
/// </example>
[Cmdlet(VerbsSecurity.Unblock, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class UnblockChatPeerCommand : PeerActionCommand
{
    private protected override bool MayBeMeant(ChatPeer peer) => peer.State == ChatPeerState.Blocked;

    private protected override Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken) => engine.UnblockAsync(fingerprint, cancellationToken);
}
