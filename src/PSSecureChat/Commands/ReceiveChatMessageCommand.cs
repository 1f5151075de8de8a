using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the unread messages; with -Wait as a stream that goes on as messages come.</summary>
/// <remarks>
/// <para>What the pipeline takes counts as read; after Ctrl+C or an error downstream the message that was not taken stays unread.</para>
/// </remarks>
/// <example>
/// <para>Take what is there.</para>
/// <code>Receive-ChatMessage</code>
/// </example>
/// <example>
/// <para>Go on for a while, as Get-Content -Wait does.</para>
/// <code>Receive-ChatMessage -Wait -TimeoutSec 1 | ForEach-Object { "$($_.From) wrote $($_.Text.Length) characters" }</code>
/// <para>Without -TimeoutSec the stream ends with Ctrl+C.</para>
/// </example>
/// <example>
/// <para>Look without marking anything as read.</para>
/// <code>Receive-ChatMessage bob -Peek</code>
/// </example>
[Cmdlet(VerbsCommunications.Receive, "ChatMessage")]
[OutputType(typeof(ChatMessage))]
public sealed class ReceiveChatMessageCommand : ReadingCommand
{
    /// <summary>Names or wildcards of the senders; everyone when it is not given.</summary>
    [Parameter(Position = 0)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>Goes on with messages as they come, until Ctrl+C or until the time is over.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Only looks: the messages stay unread.</summary>
    [Parameter]
    public SwitchParameter Peek { get; set; }

    /// <summary>How many seconds -Wait goes on; without end when it is not given. The stream then ends without an error.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double? TimeoutSec { get; set; }

    private protected override string PeerParameter => nameof(From);

    private protected override bool LeavesUnread => Peek;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (TimeoutSec is { } seconds)
        {
            deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        Fingerprints(engine, From, out List<string> unknown);
        unknown.ForEach(name => WriteFailure(ChatErrors.PeerUnknown(name), name));
        if (From is not null && unknown.Count == From.Length)
        {
            return;
        }

        // A cursor over all messages, not only the wanted ones: a message of somebody else must not end every wait at once.
        long cursor = 0;
        do
        {
            long stored = engine.LastIndex;
            string[]? peers = Fingerprints(engine, From, out _); // a wildcard also means who comes later
            if (peers is null or { Length: > 0 })
            {
                long last = Emit(engine, new MessageQuery { Peers = peers, Direction = ChatDirection.Incoming, UnreadOnly = true, AfterIndex = cursor });
                stored = Math.Max(stored, last);
            }

            cursor = stored;
        }
        while (Wait && More(engine, cursor, deadline.Token));
    }

    private bool More(ChatEngine engine, long cursor, CancellationToken deadline)
    {
        try
        {
            Await(_ => engine.WaitForMessagesAsync(cursor, deadline).WaitAsync(deadline));
            return true;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return false;
        }
    }
}
