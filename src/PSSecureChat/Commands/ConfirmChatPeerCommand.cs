using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Marks a peer verified: its safety number was compared with the person over another way. A number that is not the peer's changes nothing.</summary>
[Cmdlet(VerbsLifecycle.Confirm, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class ConfirmChatPeerCommand : ServerCommand
{
    /// <summary>The name of the peer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The sixty digits that the other side's Get-ChatPeer shows, with or without spaces.</summary>
    /// <remarks>Not from the pipeline: a ChatPeer brings the number of this side, which proves nothing.</remarks>
    [Parameter(Mandatory = true, Position = 1)]
    public string SafetyNumber { get; set; } = string.Empty;

    /// <summary>Emits the peer as it stands after the confirmation.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, [Name], static _ => false))
        {
            if (ShouldProcess(peer.Name) && TryAwait(token => engine.ConfirmAsync(peer.Fingerprint, SafetyNumber, token), peer.Name) && PassThru)
            {
                WriteObject(engine.GetPeers().FirstOrDefault(now => now.Fingerprint == peer.Fingerprint) ?? peer);
            }
        }
    }
}
