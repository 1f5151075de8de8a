using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Marks a peer verified, whose safety number was compared over another way.</summary>
/// <remarks>
/// <para>At first contact somebody could stand between. Ask the person for the sixty digits that Get-ChatPeer shows there, over a way on which you know the voice or the hand. They are the same on both sides when nobody does. A number that is not the peer's changes nothing and is an error.</para>
/// </remarks>
/// <example>
/// <para>Compare the number that the other side reads out.</para>
/// <code>
/// $number = (Get-ChatPeer ana -Server bob).SafetyNumber
/// Confirm-ChatPeer bob $number
/// </code>
/// <para>The first line stands for the person at the other machine. A number of your own Get-ChatPeer proves nothing.</para>
/// </example>
/// <example>
/// <para>See the peer verified.</para>
/// <code>
/// $number = (Get-ChatPeer ana -Server bob).SafetyNumber
/// Confirm-ChatPeer bob -SafetyNumber $number -PassThru | ForEach-Object Trust
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Confirm, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class ConfirmChatPeerCommand : NamedPeersCommand
{
    /// <summary>The name of the peer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The sixty digits that the other side's Get-ChatPeer shows, with or without spaces.</summary>
    /// <remarks>Not from the pipeline: a ChatPeer brings the number of this side, which proves nothing.</remarks>
    [Parameter(Mandatory = true, Position = 1)]
    public string SafetyNumber { get; set; } = string.Empty;

    /// <summary>Emits the peer as it stands after the confirmation.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        if (MeantPeer(engine, Name) is { } peer && ShouldProcess(peer.Name) && TryAwait(token => engine.ConfirmAsync(peer.Fingerprint, SafetyNumber, token), peer.Name) && PassThru)
        {
            WriteObject(engine.FindPeer(peer.Fingerprint) ?? peer);
        }
    }
}
