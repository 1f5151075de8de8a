using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the messages that were received, oldest first.</summary>
/// <remarks>
/// <para>What the pipeline takes counts as read: with Select-Object -First 1 that is one message. The filters run in the store; Where-Object does the rest. Get-ChatHistory reads without marking.</para>
/// </remarks>
/// <example>
/// <para>Read what is new.</para>
/// <code>Get-ChatInbox -Unread</code>
/// </example>
/// <example>
/// <para>Find messages by their text.</para>
/// <code>Get-ChatInbox bob | Where-Object Text -like '*backup*'</code>
/// </example>
/// <example>
/// <para>Answer each new message.</para>
/// <code>Get-ChatInbox -Unread | Send-ChatMessage -Message 'Thank you.'</code>
/// </example>
/// <seealso cref="GetChatHistoryCommand"/>
/// <seealso cref="ReceiveChatMessageCommand"/>
[Cmdlet(VerbsCommon.Get, "ChatInbox")]
[OutputType(typeof(ChatMessage))]
public sealed class GetChatInboxCommand : SelectingCommand
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

    private protected override string PeerParameter => nameof(From);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        string[]? peers = Meant(From) is not { } from ? null : [.. ReadPeers(engine, from).Select(static peer => peer.Fingerprint)];
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
