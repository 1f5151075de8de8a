using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Conversations, both directions, oldest first; with -Search the newest hit first. Marks nothing as read.</summary>
[Cmdlet(VerbsCommon.Get, "ChatHistory")]
[OutputType(typeof(ChatMessage))]
public sealed class GetChatHistoryCommand : ListingCommand
{
    /// <summary>Names or wildcards of the peers; everyone when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? With { get; set; }

    /// <summary>Only texts that contain this, in any case. Hits come as they are found, the newest first; with -Last oldest first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Search { get; set; }

    /// <summary>Only messages stored after this moment.</summary>
    [Parameter]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only messages stored before this moment.</summary>
    [Parameter]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only the newest this many of those that fit, oldest first.</summary>
    [Parameter]
    [Alias("Tail")]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    private protected override string PeerParameter => nameof(With);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        string[]? peers = Meant(With) is not { } with ? null : [.. SelectPeers(engine, with, PeerSelection.Any).Select(static peer => peer.Fingerprint)];
        MessageQuery query = new()
        {
            Peers = peers,
            Search = Search,
            NewestFirst = Search is not null,
            After = After,
            Before = Before,
            Last = Last,
        };
        long end = engine.LastIndex; // a pipeline whose messages cause others ends all the same
        foreach (ChatMessage message in Each(token => engine.ReadMessages(query, token)))
        {
            if (message.Index <= end)
            {
                WriteObject(message);
            }
            else if (!query.NewestFirst)
            {
                break;
            }
        }
    }
}
