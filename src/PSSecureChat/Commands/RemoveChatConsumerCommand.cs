using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Removes named consumers that are not needed any more. No message is touched.</summary>
/// <remarks><para>If Receive-ChatMessage uses the name again, it is a new consumer. A consumer that somebody receives under at this moment is not removed.</para></remarks>
/// <example>
/// <para>Remove a consumer that is not needed any more.</para>
/// <code>
/// $null = Receive-ChatMessage -Consumer tickets
/// Remove-ChatConsumer tickets
/// </code>
/// </example>
/// <example>
/// <para>See which ones a wildcard would remove.</para>
/// <code>Get-ChatConsumer t* | Remove-ChatConsumer -WhatIf</code>
/// </example>
/// <seealso cref="ReceiveChatMessageCommand"/>
[Cmdlet(VerbsCommon.Remove, "ChatConsumer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveChatConsumerCommand : ServerCommand
{
    /// <summary>Names or wildcards of the consumers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ConsumerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        List<ChatConsumer> consumers = [.. Each(_ => engine.GetConsumers())];
        List<ChatConsumer> meant = ConsumerSelection.Select(consumers, Name, out List<string> unknown);
        unknown.ForEach(name => WriteFailure(ChatErrors.ConsumerUnknown(name, engine.Server), name));
        foreach (ChatConsumer consumer in meant)
        {
            if (ShouldProcess($"consumer '{consumer.Name}' of {consumer.Server}", "Remove"))
            {
                TryAwait(_ => engine.RemoveConsumerAsync(consumer.Name), consumer.Name);
            }
        }
    }
}
