using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Sends texts to peers. A text is stored before the command ends, and goes out when its peer is connected.</summary>
[Cmdlet(VerbsCommunications.Send, "ChatMessage")]
[OutputType(typeof(ChatMessage))]
public sealed class SendChatMessageCommand : ServerCommand
{
    private readonly HashSet<ChatEngine> _unflushed = [];
    private readonly HashSet<string> _warned = [];

    /// <summary>Names or wildcards of the recipients.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] To { get; set; } = [];

    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Text")]
    public string Message { get; set; } = string.Empty;

    /// <summary>The message this one answers: the message itself or its id.</summary>
    [Parameter]
    [MessageIdTransformation]
    public Guid? InReplyTo { get; set; }

    /// <summary>Waits until each message is sent, delivered or read, and emits it.</summary>
    [Parameter]
    [ValidateSet(nameof(ChatMessageState.Sent), nameof(ChatMessageState.Delivered), nameof(ChatMessageState.Read))]
    public ChatMessageState? WaitFor { get; set; }

    /// <summary>How many seconds -WaitFor waits for each text; 30 when it is not given. A message whose time is over remains queued.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>Emits each message once it is stored.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        List<ChatMessage> queued = [];
        foreach (ChatPeer peer in SelectPeers(engine, To, static peer => peer.State is not (ChatPeerState.Requested or ChatPeerState.Blocked)))
        {
            if (Queue(engine, peer) is { } message)
            {
                queued.Add(message);
            }
        }

        if (queued.Count == 0)
        {
            return;
        }

        if (WaitFor is null && !PassThru)
        {
            _unflushed.Add(engine);
            return;
        }

        Await(engine.FlushAsync);
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
        foreach (ChatEngine engine in _unflushed)
        {
            Await(engine.FlushAsync);
        }
    }

    private ChatMessage? Queue(ChatEngine engine, ChatPeer peer)
    {
        ChatMessage message;
        try
        {
            ValueTask<ChatMessage> queueing = engine.QueueAsync(peer.Fingerprint, Message, InReplyTo, StopToken);
            message = queueing.IsCompletedSuccessfully ? queueing.Result : AwaitOrThrow(_ => queueing.AsTask());
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, peer.Name);
            return null;
        }

        if (peer.State != ChatPeerState.Online && _warned.Add(peer.Fingerprint))
        {
            WriteWarning(peer.State == ChatPeerState.KeyChanged
                ? $"The key of '{peer.Name}' has changed. The message is queued and goes out when that is settled."
                : $"'{peer.Name}' is not connected. The message is queued and goes out when '{peer.Name}' is.");
        }

        return message;
    }

    private void EmitWhen(ChatEngine engine, List<ChatMessage> messages, ChatMessageState state)
    {
        TimeSpan limit = TimeSpan.FromSeconds(TimeoutSec);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        deadline.CancelAfter(limit);
        Task<ChatMessage>[] waits = [.. messages.Select(message => engine.WaitForStateAsync(message, state, deadline.Token))];
        for (int i = 0; i < waits.Length; i++)
        {
            ChatMessage message;
            try
            {
                message = AwaitOrThrow(_ => waits[i].WaitAsync(deadline.Token));
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                WriteFailure(ChatErrors.DeliveryTimedOut(messages[i], state, limit), messages[i]);
                continue;
            }
            catch (ChatException failure)
            {
                WriteFailure(failure, messages[i]);
                continue;
            }

            WriteObject(message);
        }
    }
}
