using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Receives messages: the unread ones, or those that a named consumer has not taken yet; with -Wait a stream that goes on as messages come.</summary>
/// <remarks>
/// <para>What the pipeline takes counts as read. Without -Consumer it emits what is unread.</para>
/// <para>With -Consumer it emits every message that came after the last one this consumer took, in the order of arrival, read or not. The
/// place is stored with the messages and moves past a message only after the pipeline has taken it: when the commands behind the pipe
/// end with an error, are stopped by Ctrl+C or are killed, the message comes again the next time. Select-Object -First, break and continue have taken it. So a bot that is started again misses nothing; after a
/// kill it sees the message it was at once more, and perhaps the few before it whose places were not on the disk yet.</para>
/// <para>Each name has a place of its own and receives every message, whatever others take or read. A new consumer begins with the oldest
/// unread message, or where the first of the other consumers began, if that is earlier. There is one place, whatever -From says: messages of
/// others are passed over for good, so give a consumer the same -From each time.</para>
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
/// <example>
/// <para>Handle every message once, also those that come while the bot is not running.</para>
/// <code>Receive-ChatMessage -Consumer tickets | ForEach-Object { "ticket for $($_.From): $($_.Text)" }</code>
/// <para>The place of the consumer is stored and moves only after the pipeline has taken the message. With -Wait the bot goes on.</para>
/// </example>
[Cmdlet(VerbsCommunications.Receive, "ChatMessage")]
[OutputType(typeof(ChatMessage))]
public sealed class ReceiveChatMessageCommand : ReadingCommand
{
    private ConsumerCursor? _cursor;

    /// <summary>Names or wildcards of the senders; everyone when it is not given.</summary>
    [Parameter(Position = 0)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>A peer from the pipeline, which is the sender.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public ChatPeer? InputPeer { get; set; }

    /// <summary>Goes on with messages as they come, until Ctrl+C or until the time is over.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>The name of a consumer, which has a stored place of its own and gets every message at least once. One command at a time may receive under a name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConsumerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Consumer { get; set; }

    /// <summary>Only looks: the messages stay unread, and a consumer's place stays where it is.</summary>
    [Parameter]
    public SwitchParameter Peek { get; set; }

    /// <summary>How many seconds -Wait goes on; without end when it is not given. The stream then ends without an error.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double? TimeoutSec { get; set; }

    private protected override string PeerParameter => nameof(From);

    private string[]? Named => NamedBy(From, InputPeer);

    private protected override bool LeavesUnread => Peek;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Consumer is not null && !Peek && MyInvocation.BoundParameters.ContainsKey("OutBuffer"))
        {
            ThrowTerminatingError(ChatErrors.ConsumerTakesNoBuffer(Consumer));
        }

        if (MyInvocation.ExpectingInput && Named is null && InputServer is null)
        {
            WriteError(ChatErrors.InputMeansNobody("peers and servers"));
            return;
        }

        ChatEngine engine = Engine;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (TimeoutSec is { } seconds)
        {
            deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        string[]? named = Named;
        if (named is not null && KnowsNone(engine, named))
        {
            return;
        }

        long? place = Consumer is { } name ? PlaceOf(engine, name) : null;
        using ConsumerCursor? held = _cursor;
        try
        {
            Stream(engine, place, deadline.Token);
        }
        finally
        {
            _cursor = null;
        }
    }

    /// <inheritdoc/>
    private protected override void Take(ChatMessage message)
    {
        base.Take(message);
        _cursor?.MoveTo(message.Index);
    }

    /// <inheritdoc/>
    private protected override Task MarkTaken(ChatEngine engine) =>
        _cursor is null ? base.MarkTaken(engine) : Task.WhenAll(base.MarkTaken(engine), _cursor.FlushAsync(CancellationToken.None));

    // Where the consumer goes on. Who only looks does not hold the name, and makes no consumer; null then stands for the unread ones,
    // with which a new consumer would begin.
    private long? PlaceOf(ChatEngine engine, string name)
    {
        if (Peek)
        {
            return engine.FindConsumer(name);
        }

        Task<ConsumerCursor> opening = engine.OpenConsumerAsync(name, StopToken);
        try
        {
            _cursor = Await(_ => opening, name);
        }
        catch (PipelineStoppedException)
        {
            _ = opening.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        return _cursor.Position;
    }

    private void Stream(ChatEngine engine, long? place, CancellationToken deadline)
    {
        // A cursor over all messages, not only the wanted ones: a message of somebody else must not end every wait at once.
        long cursor = place ?? 0;
        do
        {
            long stored = engine.LastIndex;
            string[]? peers = Fingerprints(engine, Named, out _); // a wildcard also means who comes later
            if (peers is null or { Length: > 0 })
            {
                long last = Emit(engine, new MessageQuery { Peers = peers, Direction = ChatDirection.Incoming, UnreadOnly = place is null, AfterIndex = cursor });
                stored = Math.Max(stored, last);
            }

            cursor = stored;
            _cursor?.MoveTo(stored); // past what is not for it, too
        }
        while (Wait && More(engine, cursor, deadline));

        Await(_ => MarkTaken(engine));
    }
}
