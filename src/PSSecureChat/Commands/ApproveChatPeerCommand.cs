using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>
/// Lets a stranger in who dialled and waits; or goes on with the new key of a peer whose key has changed: what waits for
/// the peer is delivered to whoever holds that key, so it asks before.
/// </summary>
[Cmdlet(VerbsLifecycle.Approve, "ChatPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ChatPeer))]
public sealed class ApproveChatPeerCommand : ServerCommand
{
    /// <summary>Names or wildcards of the peers; a wildcard means those that wait for approval, never those with a changed key.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The sixty digits that the other side's Get-ChatPeer shows, with or without spaces: the peer is then verified. Any other number changes nothing.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SafetyNumber { get; set; }

    /// <summary>Goes on with a changed key without asking.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the peers as they stand after the approval.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Name, static peer => peer.State == ChatPeerState.Requested))
        {
            if (ShouldProcess(peer.Name) && IsMeant(peer) && TryAwait(token => engine.ApproveAsync(peer.Fingerprint, SafetyNumber, token), peer.Name) && PassThru)
            {
                WriteObject(engine.GetPeers().FirstOrDefault(now => now.Fingerprint == (peer.NewFingerprint ?? peer.Fingerprint)) ?? peer);
            }
        }
    }

    // A stranger is let in as it is asked for; a changed key is the one thing here that cannot be taken back, so it is asked
    // about unless that was answered already: by -Confirm or -Confirm:$false, or by a safety number, which must be right.
    private bool IsMeant(ChatPeer peer) =>
        peer.State != ChatPeerState.KeyChanged || Force || MyInvocation.BoundParameters.ContainsKey("Confirm") || !string.IsNullOrEmpty(SafetyNumber) || ShouldContinue(
            $"The key of '{peer.Name}' has changed.\nKnown: {peer.Fingerprint}\nNew:   {peer.NewFingerprint}\nSafety number with the new key: {peer.NewSafetyNumber}\n"
            + $"If somebody stands between, {peer.Queued} waiting messages and all further ones go to them. Go on with the new key?",
            "Approve-ChatPeer");
}
