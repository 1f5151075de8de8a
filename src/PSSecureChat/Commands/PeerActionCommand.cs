using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that does one thing to each peer named.</summary>
public abstract class PeerActionCommand : NamedPeersCommand
{
    /// <summary>Names or wildcards of the peers. A wildcard means those to whom it can be done.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>Emits the peers as they stand afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in MeantPeers(engine, Name, MayBeMeant))
        {
            long told = EndOfStory(engine, peer);
            bool done = ShouldProcess(peer.Name) && TryAwait(token => ActAsync(engine, peer.Fingerprint, token), peer.Name);
            TellStory(engine, peer, told);
            if (done && PassThru)
            {
                WriteObject(engine.GetPeers().FirstOrDefault(now => now.Fingerprint == peer.Fingerprint) ?? peer);
            }
        }
    }

    private protected abstract bool MayBeMeant(ChatPeer peer);

    private protected abstract Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken);
}
