using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>The peers a server knows, as they stand now.</summary>
/// <remarks>With -Verbose it also tells what lately happened with each: connections, why they ended, and attempts to dial it again.</remarks>
[Cmdlet(VerbsCommon.Get, "ChatPeer")]
[OutputType(typeof(ChatPeer))]
public sealed class GetChatPeerCommand : ListingCommand
{
    /// <summary>Names or wildcards; all peers when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in SelectPeers(engine, Meant(Name) ?? ["*"], PeerSelection.Any))
        {
            TellStory(engine, peer, 0);
            WriteObject(peer);
        }
    }
}
