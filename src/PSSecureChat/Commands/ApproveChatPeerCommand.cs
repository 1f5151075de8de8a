using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Lets in a peer who waits for it, or goes on with the changed key of a peer.</summary>
/// <remarks>
/// <para>A stranger who dials this server waits as a request; Get-ChatPeer shows it with the state Requested. Approve-ChatPeer lets it in, and what it has sent is delivered.</para>
/// <para>When another identity key answers in the place of a known peer, its state is KeyChanged and messages to it wait. Approve-ChatPeer goes on with that key: all that waits is then delivered to whoever holds it, so it asks before. Compare the new safety number with the person first, and give it as -SafetyNumber. Only the key that was looked at is approved, in the question or in the peer from the pipeline: if yet another one answers meanwhile, that is an error.</para>
/// </remarks>
/// <example>
/// <para>Let one stranger in.</para>
/// <code>Approve-ChatPeer carol</code>
/// </example>
/// <example>
/// <para>Let everybody in who waits, and see who they are.</para>
/// <code>Get-ChatPeer | Where-Object State -eq Requested | Approve-ChatPeer -PassThru</code>
/// </example>
/// <example>
/// <para>Let one in whose safety number was compared.</para>
/// <code>
/// $number = (Get-ChatPeer ana -Server carol).SafetyNumber
/// Approve-ChatPeer carol -SafetyNumber $number
/// </code>
/// <para>The first line stands for the person at the other machine, who reads the sixty digits to you. The peer is verified then.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Approve, "ChatPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ChatPeer))]
public sealed class ApproveChatPeerCommand : NamedPeersCommand
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

    /// <summary>The changed key of a peer from the pipeline, as somebody has looked at it: no other one is approved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [Alias("NewFingerprint")]
    public string? InputNewFingerprint { get; set; }

    private protected override string PeerParameter => nameof(Name);

    // What was looked at: in the object from the pipeline, else now, by whoever answers the question.
    private string? LookedAt(ChatPeer peer) => PipedFingerprint is null || !MyInvocation.BoundParameters.ContainsKey(nameof(InputNewFingerprint)) ? peer.NewFingerprint
        : string.IsNullOrEmpty(InputNewFingerprint) ? null
        : InputNewFingerprint;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in MeantPeers(engine, Name, static peer => peer.State == ChatPeerState.Requested))
        {
            string? lookedAt = LookedAt(peer);
            if (ShouldProcess(peer.Name) && (lookedAt != peer.NewFingerprint || IsMeant(peer)) // the engine refuses what was not looked at
                && TryAwait(token => engine.ApproveAsync(peer.Fingerprint, lookedAt, SafetyNumber, token), peer.Name) && PassThru)
            {
                WriteObject(engine.GetPeers().FirstOrDefault(now => now.Fingerprint == (peer.NewFingerprint ?? peer.Fingerprint)) ?? peer);
            }
        }
    }

    // A stranger is let in as it is asked for; a changed key is the one thing here that cannot be taken back, so it is asked
    // about unless that was answered already: by -Confirm or -Confirm:$false, or by a safety number, which must be right.
    private bool IsMeant(ChatPeer peer)
    {
        if (peer.State != ChatPeerState.KeyChanged || Force || MyInvocation.BoundParameters.ContainsKey("Confirm") || !string.IsNullOrEmpty(SafetyNumber))
        {
            return true;
        }

        try
        {
            return ShouldContinue(
                $"The key of '{peer.Name}' has changed.\nKnown: {peer.Fingerprint}\nNew:   {peer.NewFingerprint}\nSafety number with the new key: {peer.NewSafetyNumber}\n"
                + $"If somebody stands between, {peer.Queued} waiting messages and all further ones go to them. Go on with the new key?",
                "Approve-ChatPeer");
        }
        catch (Exception e) when (e is PSInvalidOperationException or System.Management.Automation.Host.HostException or NotImplementedException)
        {
            WriteFailure(ChatErrors.KeyChangeNotAsked(peer), peer.Name); // nobody there to be asked
            return false;
        }
    }
}
