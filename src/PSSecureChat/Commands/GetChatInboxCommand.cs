using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>The messages that were received, oldest first. What the pipeline takes counts as read.</summary>
[Cmdlet(VerbsCommon.Get, "ChatInbox")]
[OutputType(typeof(ChatMessage))]
public sealed class GetChatInboxCommand : ReadingCommand
{
    /// <summary>Names or wildcards of the senders; everyone when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>Only messages that were not read yet.</summary>
    [Parameter]
    public SwitchParameter Unread { get; set; }

    /// <summary>Only messages that arrived after this moment.</summary>
    [Parameter]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only messages that arrived before this moment.</summary>
    [Parameter]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only the newest this many of those that fit; still oldest first.</summary>
    [Parameter]
    [Alias("Tail")]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    private protected override string PeerParameter => nameof(From);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        string[]? peers = Fingerprints(engine, Meant(From), out List<string> unknown);
        unknown.ForEach(name => WriteFailure(ChatErrors.PeerUnknown(name), name));
        if (peers is null or { Length: > 0 })
        {
            Emit(engine, new MessageQuery
            {
                Peers = peers,
                Direction = ChatDirection.Incoming,
                UnreadOnly = Unread,
                After = After,
                Before = Before,
                Last = Last,
            });
        }
    }
}
