using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>The messages that were not delivered, each with the reason: what it waits for, or why it never will be.</summary>
[Cmdlet(VerbsCommon.Get, "ChatOutbox")]
[OutputType(typeof(ChatMessage))]
public sealed class GetChatOutboxCommand : ListingCommand
{
    /// <summary>Names or wildcards of the recipients; everyone when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? To { get; set; }

    private protected override string PeerParameter => nameof(To);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        string[]? peers = Meant(To) is not { } to ? null : [.. SelectPeers(engine, to, PeerSelection.Any).Select(static peer => peer.Fingerprint)];
        foreach (ChatMessage message in Each(token => engine.ReadOutbox(peers, token)))
        {
            WriteObject(message);
        }
    }
}
