using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the messages that were not delivered, each with the reason.</summary>
/// <remarks>
/// <para>The property Reason tells what a message waits for, or why it will never be delivered. Remove-ChatMessage withdraws what was not sent yet.</para>
/// </remarks>
/// <example>
/// <para>See what waits.</para>
/// <code>
/// Disconnect-ChatPeer bob
/// Send-ChatMessage bob 'for later'
/// Get-ChatOutbox
/// </code>
/// </example>
/// <example>
/// <para>Withdraw what waits for one peer.</para>
/// <code>Get-ChatOutbox bob | Remove-ChatMessage</code>
/// </example>
/// <seealso cref="SendChatMessageCommand"/>
/// <seealso cref="RemoveChatMessageCommand"/>
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
        string[]? peers = Meant(To) is not { } to ? null : [.. ReadPeers(engine, to).Select(static peer => peer.Fingerprint)];
        foreach (ChatMessage message in Each(token => engine.ReadOutbox(peers, token)))
        {
            // A type name of its own: its table shows why a message waits.
            PSObject shown = PSObject.AsPSObject(message);
            shown.TypeNames.Insert(0, "PSSecureChat.ChatMessage#Outbox");
            WriteObject(shown);
        }
    }
}
