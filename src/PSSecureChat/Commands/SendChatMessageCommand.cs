using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Sends texts and objects to peers.</summary>
/// <remarks>
/// <para>A text is stored before the command ends, and goes out when its peer is connected: nothing is lost when either side is away or is restarted. A warning says when it waits.</para>
/// <para>With -WaitFor Delivered the command ends when the peer has stored the text, and it is an error when that does not happen in time. A failure of one recipient keeps no text from the others.</para>
/// <para>From the pipeline it takes what is to be sent: a text, a number, a date or another single value as its text, every other object whole, as with
/// -InputObject. Peers, messages and rows mean more.</para>
/// <para>A peer, as of Get-ChatPeer, is a recipient. One word beside it is the text, unless it is the name of a peer: then -Message gives the text. A
/// transfer, as of Get-ChatTransfer, with a text given by -Message stands for the peer of its file.</para>
/// <para>A message, as of Get-ChatInbox, is answered by a text given with -Message. The answer goes to the sender, by the server that received the message, and
/// names what it answers as -InReplyTo does; of a message that was sent from here it goes to the recipient. A recipient typed beside -Message gets the
/// text in their place. A recipient without a text, and one word alone is that, has the message passed on to it as it came. With neither,
/// what was sent from here is sent again, and what was received is an error.</para>
/// <para>A row, as of a CSV file, is sent as the text in its column Message or Text, and nothing else of it. An object is a row when it has no columns but To,
/// Name, Message, Text, InReplyTo and ExpiresIn; with other columns too when no recipient is typed and it names one in To or Name.
/// With -Message the text goes to whom the row names. InReplyTo and ExpiresIn count like the parameters, which go before them. A hashtable is no row.</para>
/// <para>An object travels as JSON: its properties as they are now. The receiver finds it in the property Body of the message, as a plain object
/// of the type name PSSecureChat.Received#&lt;name of the sender's type&gt;; the property Text is the JSON. Dates are texts in ISO 8601 then, bytes are Base64.</para>
/// <para>A text, and the JSON of an object, has at most 1 MiB; an object holds at most 65,536 values.</para>
/// </remarks>
/// <example>
/// <para>Say something.</para>
/// <code>Send-ChatMessage bob 'Backup finished.'</code>
/// </example>
/// <example>
/// <para>Go on only when the other side has it.</para>
/// <code>Send-ChatMessage bob 'Disk full on web1' -WaitFor Delivered -TimeoutSec 10</code>
/// </example>
/// <example>
/// <para>Write to several peers.</para>
/// <code>Get-ChatPeer b* | Send-ChatMessage 'Lunch at noon?' -PassThru</code>
/// </example>
/// <example>
/// <para>Answer every new message.</para>
/// <code>Get-ChatInbox -Unread | Send-ChatMessage -Message 'I am away until Monday.'</code>
/// </example>
/// <example>
/// <para>Send to each what a list says.</para>
/// <code>
/// 'To,Message,ExpiresIn', 'bob,Your turn.,', 'b*,Lunch at noon.,3:00' | ConvertFrom-Csv | Send-ChatMessage
/// </code>
/// </example>
/// <example>
/// <para>Send the output of a command, a message a line.</para>
/// <code>'one', 'two', 'three' | Send-ChatMessage bob</code>
/// </example>
/// <example>
/// <para>Send what is worth nothing tomorrow.</para>
/// <code>Send-ChatMessage bob 'Coffee is ready' -ExpiresIn '0:15'</code>
/// </example>
/// <seealso cref="GetChatInboxCommand"/>
/// <seealso cref="GetChatOutboxCommand"/>
/// <seealso cref="ConnectChatPeerCommand"/>
/// <example>
/// <para>Send an object; the other side has its properties.</para>
/// <code>Send-ChatMessage bob -InputObject @{ Disk = 'sda1'; FreeGB = 3 }</code>
/// </example>
[Cmdlet(VerbsCommunications.Send, "ChatMessage", SupportsShouldProcess = true, DefaultParameterSetName = TextSet)]
[OutputType(typeof(ChatMessage))]
public sealed partial class SendChatMessageCommand : ServerCommand
{
    /// <summary>How long, in milliseconds, the meaning of the typed names is kept while texts stream in.</summary>
    private const long KeepRecipients = 100;

    private const string TextSet = "Text";
    private const string ObjectSet = "Object";
    private const string PipedSet = "Piped";

    private readonly Dictionary<ChatEngine, ChatSender> _senders = [];
    private readonly HashSet<string> _warned = [];
    private readonly Dictionary<string, bool> _answers = [];
    private List<ChatPeer> _recipients = [];
    private string[]? _recipientsNamed;
    private ChatEngine? _recipientsOf;
    private long _recipientsUntil;

    /// <summary>Names or wildcards of the recipients.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] To { get; set; } = [];

    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = TextSet)]
    [Alias("Text")]
    [TextTransformation]
    [AllowEmptyString] // the blank lines of Get-Content are lines too
    public string Message { get; set; } = string.Empty;

    /// <summary>An object to send whole, where it does not come from the pipeline; an array is one message. A text, a number or another single value goes as its text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet)]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>
    /// How many levels are opened of objects that are not plain data: a file or a process, its properties, the properties of those. 2 when it is
    /// not given. What lies deeper goes as its text. Plain data (dictionaries, arrays, custom objects) is sent whole, up to 16 levels.
    /// </summary>
    [Parameter(ParameterSetName = ObjectSet)]
    [Parameter(ParameterSetName = PipedSet)]
    [ValidateRange(1, ObjectLimits.Depth)]
    public int Depth { get; set; } = 2;

    /// <summary>The object from the pipeline, whatever was typed beside it: a peer, a message, a row, or what is to be sent.</summary>
    /// <remarks>The only one that is bound by value: a second one would cost a stream of texts a tenth of its speed.</remarks>
    [Parameter(ParameterSetName = TextSet, ValueFromPipeline = true, DontShow = true)]
    [Parameter(ParameterSetName = ObjectSet, ValueFromPipeline = true, DontShow = true)]
    [Parameter(Mandatory = true, ParameterSetName = PipedSet, ValueFromPipeline = true, DontShow = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public PSObject? Piped { get; set; }

    /// <summary>
    /// The server to speak through: an object, or the name of a server of this session. When it is not given, that of a peer from the pipeline or of a
    /// message that is answered, or of the column Server beside a recipient from the pipeline, so that two peers of one name, known to two servers, never mix; else the newest running one.
    /// </summary>
    /// <remarks>Not from the pipeline: any object may be sent as text, and many have a property of this name.</remarks>
    [Parameter]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public override ChatServer? Server { get; set; }

    /// <summary>The message this one answers: the message itself or its id. An id is taken as it stands: the message may have been removed here. Not needed for messages from the pipeline.</summary>
    [Parameter]
    [MessageIdTransformation]
    [ArgumentCompleter(typeof(MessageIdCompleter))]
    public Guid? InReplyTo { get; set; }

    /// <summary>How long a message may take to be delivered, '0:15' for a quarter of an hour; after that it is not sent any more. Without end when it is not given.</summary>
    [Parameter]
    [DurationTransformation]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? ExpiresIn { get; set; }

    /// <summary>Waits until each message is sent, delivered or read, and emits it.</summary>
    [Parameter]
    [ValidateSet(nameof(ChatMessageState.Sent), nameof(ChatMessageState.Delivered), nameof(ChatMessageState.Read))]
    public ChatMessageState? WaitFor { get; set; }

    /// <summary>How many seconds -WaitFor waits for each text; 30 when it is not given. A message whose time is over remains queued.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>Emits each message once it is stored; with -WaitFor also one whose time was over.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Order order = new() { InReplyTo = InReplyTo, ExpiresIn = ExpiresIn };
        if (!TryReadOrder(ref order))
        {
            return;
        }

        ChatEngine engine = EngineOf(order.Server);
        if (!_senders.TryGetValue(engine, out ChatSender? sender))
        {
            _senders[engine] = sender = engine.OpenSender();
        }

        List<ChatMessage>? queued = WaitFor is not null || PassThru ? [] : null;
        foreach (ChatPeer peer in Recipients(engine, order))
        {
            if (Shall(peer) && Queue(sender, peer, order) is { } message)
            {
                queued?.Add(message);
            }
        }

        if (queued is null or { Count: 0 })
        {
            return;
        }

        Await(sender.FlushAsync);
        if (WaitFor is { } state)
        {
            EmitWhen(engine, queued, state);
        }
        else
        {
            WriteObject(queued, enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (ChatSender sender in _senders.Values)
        {
            Await(sender.FlushAsync);
        }
    }

    /// <summary>A wildcard means those who may be written to.</summary>
    private static bool MayBeMeant(ChatPeer peer) => peer.State is not (ChatPeerState.Requested or ChatPeerState.Blocked);

    private List<ChatPeer> Recipients(ChatEngine engine, in Order order)
    {
        if (order.Other is { } other)
        {
            if (engine.FindPeer(other.Fingerprint) is { } known)
            {
                return [known];
            }

            WriteFailure(ChatErrors.PeerUnknown(other.Name, engine.Server), Piped);
            return [];
        }

        // The same array is the same typed names; those of a row, or of a script block, are new with each object.
        if (_recipientsNamed == To && _recipientsOf == engine && Environment.TickCount64 < _recipientsUntil)
        {
            return _recipients;
        }

        _recipients = PeerSelection.Select(engine.GetPeers(), To, MayBeMeant, out List<string> unknown);
        foreach (string name in unknown)
        {
            WriteFailure(order.PassesOn && To.Length == 1 ? ChatErrors.PeerToPassOnToUnknown(name, engine.Server) : ChatErrors.PeerUnknown(name, engine.Server), name);
        }


        if (_recipients.Count == 0 && unknown.Count == 0)
        {
            WriteWarning($"Nobody who may be written to is named '{string.Join("', '", To)}': nothing was sent.");
        }

        // A name that is unknown is an error of each text.
        _recipientsNamed = To;
        _recipientsOf = engine;
        _recipientsUntil = unknown.Count == 0 ? Environment.TickCount64 + KeepRecipients : 0;
        return _recipients;
    }

    // Asked once for each recipient: a question for each line of a stream would be none, and costs more than the line.
    private bool Shall(ChatPeer peer)
    {
        if (!_answers.TryGetValue(peer.Fingerprint, out bool answer))
        {
            _answers[peer.Fingerprint] = answer = ShouldProcess(peer.Name);
        }

        return answer;
    }

    private ChatMessage? Queue(ChatSender sender, ChatPeer peer, in Order order)
    {
        ChatMessage message;
        try
        {
            ValueTask<ChatMessage> queueing = sender.QueueAsync(peer.Fingerprint, order.Text, order.Kind, order.InReplyTo, order.ExpiresIn, StopToken);
            message = queueing.IsCompletedSuccessfully ? queueing.Result : AwaitQueueing(queueing);
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, peer.Name);
            return null;
        }

        if (peer.State != ChatPeerState.Online && _warned.Add(peer.Fingerprint))
        {
            WriteWarning(peer.State switch
            {
                ChatPeerState.KeyChanged => $"The key of '{peer.Name}' has changed. The message is queued and goes out when that is settled.",
                ChatPeerState.Waiting => $"The user of '{peer.Name}' has not let us in yet. The message is queued and goes out then.",
                _ => $"'{peer.Name}' is not connected. The message is queued and goes out when '{peer.Name}' is.",
            });
        }

        return message;
    }

    private ChatMessage AwaitQueueing(ValueTask<ChatMessage> queueing) => AwaitOrThrow(_ => queueing.AsTask());

    private void EmitWhen(ChatEngine engine, List<ChatMessage> messages, ChatMessageState state)
    {
        TimeSpan limit = TimeSpan.FromSeconds(TimeoutSec);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        deadline.CancelAfter(limit);
        Task<ChatMessage>[] waits = [.. messages.Select(message => engine.WaitForStateAsync(message, state, deadline.Token))];
        try
        {
            for (int i = 0; i < waits.Length; i++)
            {
                EmitWhen(engine, waits[i], messages[i], now => ChatErrors.DeliveryTimedOut(now, state, limit));
            }
        }
        finally
        {
            deadline.Cancel(); // a stop downstream of one message leaves no wait for the others behind
        }
    }

    private void EmitWhen(ChatEngine engine, Task<ChatMessage> wait, ChatMessage message, Func<ChatMessage, ChatException> timedOut)
    {
        try
        {
            message = AwaitTellingStory(engine, message, wait);
        }
        catch (OperationCanceledException)
        {
            message = Await(token => engine.WaitForStateAsync(message, ChatMessageState.Queued, token)); // as it stands now
            WriteFailure(timedOut(message), message);
            if (!PassThru)
            {
                return;
            }
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, message);
            return;
        }

        WriteObject(message);
    }
}
