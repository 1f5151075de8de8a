using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that does one thing to each peer named.</summary>
public abstract class PeerActionCommand : ServerCommand
{
    /// <summary>Names or wildcards of the peers. A wildcard means those to whom it can be done.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Name, MayBeMeant))
        {
            if (ShouldProcess(peer.Name))
            {
                long told = EndOfStory(engine, peer);
                TryAwait(token => ActAsync(engine, peer.Fingerprint, token), peer.Name);
                TellStory(engine, peer, told);
            }
        }
    }

    private protected abstract bool MayBeMeant(ChatPeer peer);

    private protected abstract Task ActAsync(ChatEngine engine, string fingerprint, CancellationToken cancellationToken);
}
