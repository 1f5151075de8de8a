using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets conversations, both directions, oldest first.</summary>
/// <remarks>
/// <para>Marks nothing as read. With -Search the hits come as they are found, the newest first. The filters run in the store; Where-Object does the rest.</para>
/// </remarks>
/// <example>
/// <para>Read the last twenty messages of a conversation.</para>
/// <code>Get-ChatHistory bob -Last 20</code>
/// </example>
/// <example>
/// <para>Show a conversation as people write it down.</para>
/// <code>Get-ChatHistory bob | Format-Table -View Conversation</code>
/// </example>
/// <example>
/// <para>Search everything of the last week.</para>
/// <code>Get-ChatHistory -Search backup -After (Get-Date).AddDays(-7)</code>
/// </example>
/// <seealso cref="GetChatInboxCommand"/>
/// <seealso cref="ReceiveChatMessageCommand"/>
[Cmdlet(VerbsCommon.Get, "ChatHistory")]
[OutputType(typeof(ChatMessage))]
public sealed class GetChatHistoryCommand : SelectingCommand
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

    private protected override string PeerParameter => nameof(With);

    private protected override bool LeavesUnread => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        string[]? peers = Meant(With) is not { } with ? null : [.. ReadPeers(engine, with).Select(static peer => peer.Fingerprint)];
        Emit(engine, new MessageQuery
        {
            Peers = peers,
            Search = Search,
            NewestFirst = Search is not null,
            After = After,
            Before = Before,
            Last = Last,
        });
    }
}
