using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Removes messages here, and withdraws those that were not sent yet.</summary>
/// <remarks>
/// <para>A message that was not sent never leaves then. What was sent stays with its peer, and a warning says so.</para>
/// </remarks>
/// <example>
/// <para>Clear a conversation.</para>
/// <code>Get-ChatHistory bob | Remove-ChatMessage</code>
/// </example>
/// <example>
/// <para>Withdraw a message that waits.</para>
/// <code>
/// Disconnect-ChatPeer bob
/// $message = Send-ChatMessage bob 'too hasty' -PassThru
/// Remove-ChatMessage $message
/// </code>
/// </example>
/// <seealso cref="GetChatHistoryCommand"/>
/// <seealso cref="GetChatOutboxCommand"/>
[Cmdlet(VerbsCommon.Remove, "ChatMessage", SupportsShouldProcess = true, DefaultParameterSetName = MessageSet)]
[OutputType(typeof(void))]
public sealed class RemoveChatMessageCommand : ServerCommand
{
    private const string MessageSet = "Message";
    private const string IdSet = "Id";

    /// <summary>How many messages are removed together: one commit for all of them.</summary>
    private const int Batch = 512;

    /// <summary>The most characters of a text that the question shows.</summary>
    private const int Shown = 40;

    private readonly Dictionary<ChatEngine, List<ChatMessage>> _chosen = [];

    /// <summary>The messages.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = MessageSet)]
    [ValidateNotNull]
    public ChatMessage[] Message { get; set; } = [];

    /// <summary>The ids of the messages.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ValidateNotNull]
    public Guid[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == MessageSet)
        {
            Array.ForEach(Message, message => Choose(EngineOf(message.Server), message));
            return;
        }

        ChatEngine engine = Engine;
        foreach (Guid id in Id)
        {
            IReadOnlyList<ChatMessage> found = Await(_ => Task.FromResult(engine.FindMessages(id)));
            if (found.Count == 0)
            {
                WriteFailure(ChatErrors.MessageUnknown(id, engine.Server), id);
            }

            foreach (ChatMessage message in found)
            {
                Choose(engine, message);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach ((ChatEngine engine, List<ChatMessage> messages) in _chosen)
        {
            Remove(engine, messages);
        }
    }

    private void Choose(ChatEngine engine, ChatMessage message)
    {
        string text = message.Text.Length > Shown ? message.Text[..Shown] + "…" : message.Text;
        if (!ShouldProcess($"{message.From} to {message.To}: {text}"))
        {
            return;
        }

        if (!_chosen.TryGetValue(engine, out List<ChatMessage>? messages))
        {
            _chosen[engine] = messages = [];
        }

        messages.Add(message);
        if (messages.Count == Batch)
        {
            Remove(engine, messages);
        }
    }

    private void Remove(ChatEngine engine, List<ChatMessage> messages)
    {
        ChatMessage[] batch = [.. messages];
        messages.Clear();
        IReadOnlyList<ChatRemoval> removals = Await(token => engine.RemoveAsync(batch, token));
        for (int i = 0; i < batch.Length; i++)
        {
            switch (removals[i])
            {
                case ChatRemoval.NotFound:
                    WriteFailure(ChatErrors.MessageUnknown(batch[i].Id, engine.Server), batch[i]);
                    break;
                case ChatRemoval.MayHaveArrived:
                    WriteWarning($"The message {batch[i].Id} to '{batch[i].To}' had been sent already and cannot be withdrawn: it is removed here, but '{batch[i].To}' may have it.");
                    break;
                case ChatRemoval.Withdrawn:
                    WriteVerbose($"The message {batch[i].Id} to '{batch[i].To}' is withdrawn.");
                    break;
                default:
                    WriteVerbose($"The message {batch[i].Id} is removed.");
                    break;
            }
        }
    }
}
