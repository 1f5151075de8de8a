using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Deletes a peer and all messages from and to it.</summary>
/// <remarks>
/// <para>Also those that wait to be delivered. If it comes back, it is a stranger: a key that is not pinned any more. It asks before; -Confirm:$false does not.</para>
/// </remarks>
/// <example>
/// <para>Delete one peer.</para>
/// <code>Remove-ChatPeer bob</code>
/// </example>
/// <example>
/// <para>Delete without being asked.</para>
/// <code>Get-ChatPeer c* | Remove-ChatPeer -Confirm:$false</code>
/// </example>
/// <seealso cref="BlockChatPeerCommand"/>
[Cmdlet(VerbsCommon.Remove, "ChatPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveChatPeerCommand : NamedPeersCommand
{
    /// <summary>Names or wildcards of the peers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in MeantPeers(engine, Name, PeerSelection.Any))
        {
            if (ShouldProcess($"{peer.Name} ({peer.Fingerprint})", "Delete the peer and all its messages"))
            {
                TryAwait(token => engine.RemoveAsync(peer.Fingerprint, token), peer.Name);
            }
        }
    }
}
