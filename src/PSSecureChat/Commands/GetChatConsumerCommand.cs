using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Lists the named consumers of a server: how far each has come, and how many messages wait for it.</summary>
/// <remarks><para>A consumer comes into being with Receive-ChatMessage -Consumer and stays, with its place, until Remove-ChatConsumer.</para></remarks>
/// <example>
/// <para>See how far each consumer has come.</para>
/// <code>
/// $null = Receive-ChatMessage -Consumer tickets
/// Get-ChatConsumer
/// </code>
/// </example>
/// <example>
/// <para>Find those that are behind.</para>
/// <code>Get-ChatConsumer | Where-Object Waiting -gt 0</code>
/// </example>
/// <seealso cref="ReceiveChatMessageCommand"/>
[Cmdlet(VerbsCommon.Get, "ChatConsumer")]
[OutputType(typeof(ChatConsumer))]
public sealed class GetChatConsumerCommand : ListingCommand
{
    /// <summary>Names or wildcards; all consumers when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ConsumerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        List<ChatConsumer> consumers = [.. Each(_ => engine.GetConsumers())];
        List<string> unknown = [];
        WriteObject(Meant(Name) is { } names ? ConsumerSelection.Select(consumers, names, out unknown) : consumers, enumerateCollection: true);
        unknown.ForEach(name => WriteFailure(ChatErrors.ConsumerUnknown(name, engine.Server), name));
    }
}
