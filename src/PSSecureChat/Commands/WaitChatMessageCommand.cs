using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Waits for one message, as a rule the answer to one that was sent, and emits it. That none came in time is an error.</summary>
/// <remarks>
/// <para>With -InReplyTo it emits an answer to that message, from the peer it was sent to, or from those that -From names. An answer that
/// came before the command began is found, also when something else has read it. Of several answers each call emits the next
/// one: a script that asks again gets the later answer, as long as the server runs.</para>
/// <para>Without -InReplyTo it emits the oldest unread message, and waits for one when there is none.</para>
/// <para>The message counts as read. Of several messages from the pipeline the answer to each is waited for in turn; any object with the id of a message in
/// its property Id stands for the message.</para>
/// </remarks>
/// <example>
/// <para>Ask, and wait for the answer.</para>
/// <code>
/// $question = Send-ChatMessage bob 'May I restart web1?' -PassThru
/// Send-ChatMessage ana 'yes' -InReplyTo $question -Server bob
/// $answer = Wait-ChatMessage -InReplyTo $question -TimeoutSec 600
/// if ($answer.Text -eq 'yes') { 'restarting' }
/// </code>
/// <para>The second line stands for the person at the other machine.</para>
/// </example>
/// <example>
/// <para>Wait for whatever somebody says next.</para>
/// <code>Wait-ChatMessage -From bob -TimeoutSec 60</code>
/// </example>
/// <seealso cref="ReceiveChatMessageCommand"/>
/// <seealso cref="SendChatMessageCommand"/>
[Cmdlet(VerbsLifecycle.Wait, "ChatMessage")]
[OutputType(typeof(ChatMessage))]
public sealed class WaitChatMessageCommand : ReadingCommand
{
    private Guid? _question;

    /// <summary>The message whose answer is waited for: the message itself or its id.</summary>
    [Parameter(Position = 0)]
    [MessageIdTransformation]
    [ArgumentCompleter(typeof(MessageIdCompleter))]
    [ValidateNotNull] // a question that was not sent is no reason to take what anybody says for its answer
    public Guid? InReplyTo { get; set; }

    /// <summary>A message from the pipeline whose answer is waited for.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    [ValidateNotNull]
    public ChatMessage? InputMessage { get; set; }

    /// <summary>The id of a message whose answer is waited for, of any object from the pipeline.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [Alias("Id")]
    [ValidateNotNull]
    public Guid? InputId { get; set; }

    /// <summary>A peer from the pipeline, which is the one whose message is waited for.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public ChatPeer? InputPeer { get; set; }

    /// <summary>Names or wildcards of those whose message is waited for. Without it and with -InReplyTo: whom the message was sent to.</summary>
    [Parameter(Position = 1)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>How many seconds to wait; without end when it is not given. 0 looks for what is there already.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double? TimeoutSec { get; set; }

    private protected override string PeerParameter => nameof(From);

    private string[]? Named => NamedBy(From, InputPeer);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _question = InputMessage?.Id ?? InputId ?? InReplyTo;
        if (MyInvocation.ExpectingInput && _question is null && Named is null && InputServer is null)
        {
            WriteError(ChatErrors.InputMeansNobody("messages, peers and servers"));
            return;
        }

        ChatEngine engine = Engine;
        string[]? asked = null;
        if (Named is { } named)
        {
            if (KnowsNone(engine, named))
            {
                return;
            }
        }
        else if (_question is { } question && (asked = Asked(engine, question)) is null)
        {
            WriteFailure(ChatErrors.MessageUnknown(question, engine.Server), question);
            return;
        }

        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (TimeoutSec is { } seconds)
        {
            deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        if (Next(engine, asked, deadline.Token) is { } message)
        {
            EmitOne(engine, message);
        }
        else
        {
            WriteFailure(ChatErrors.AnswerTimedOut(Whom(engine, asked), TimeSpan.FromSeconds(TimeoutSec ?? 0), (object?)InputMessage ?? _question, engine.Server), null);
        }
    }

    /// <inheritdoc/>
    private protected override void Take(ChatMessage message)
    {
        base.Take(message);
        if (_question is { } question)
        {
            Engine.AnswerGiven(question, message.Index);
        }
    }

    // Whom a message was sent to, or who wrote it: who else names its id is not asked.
    private string[]? Asked(ChatEngine engine, Guid question)
    {
        if (InputMessage is not null)
        {
            return engine.FindPeer(InputMessage.PeerFingerprint) is null ? null : [InputMessage.PeerFingerprint]; // null when it is another server's
        }

        string[] asked = [.. Await(_ => Task.FromResult(engine.FindMessages(question)), question).Select(static message => message.PeerFingerprint)];
        return asked.Length == 0 ? null : asked;
    }

    private ChatMessage? Next(ChatEngine engine, string[]? asked, CancellationToken deadline)
    {
        while (true)
        {
            long seen = engine.LastIndex;
            string[]? peers = asked ?? Fingerprints(engine, Named, out _); // a wildcard also means who comes later
            if (peers is null or { Length: > 0 } && Await(token => Task.FromResult(Find(engine, peers, token))) is { } message)
            {
                return message;
            }

            if (!More(engine, seen, deadline))
            {
                return null;
            }
        }
    }

    private ChatMessage? Find(ChatEngine engine, string[]? peers, CancellationToken cancellationToken) => _question is { } question
        ? engine.FindAnswer(question, peers, cancellationToken)
        : engine.ReadMessages(new MessageQuery { Peers = peers, Direction = ChatDirection.Incoming, UnreadOnly = true }, cancellationToken).FirstOrDefault();

    private string Whom(ChatEngine engine, string[]? asked) => Named is { } named
        ? string.Join(", ", named)
        : asked is null ? "anyone" : string.Join(", ", engine.GetPeers().Where(peer => asked.Contains(peer.Fingerprint)).Select(static peer => peer.Name));
}
