using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Events;

namespace PSSecureChat.Commands;

/// <summary>Subscribes to events of a server: messages that come, peers that connect, what becomes of sent messages.</summary>
/// <remarks>
/// <para>Works like Register-ObjectEvent: with -Action the commands run between the commands of the session, and a job that holds their output is
/// emitted; without it the events wait for Wait-Event and Get-Event. $EventArgs has the properties EventName, Number, Server, Message, Peer
/// and Failure, as far as they apply.</para>
/// <para>What happens from now on is told, as long as the subscription lasts: Unregister-Event ends it, and so do Stop-ChatServer, Remove-Module and
/// the end of the runspace. A message that is told is not marked as read.</para>
/// <para>PowerShell runs actions one after the other, and only when the session has nothing else to do or waits. When they fall behind by
/// 1000 events, or when 1000 events wait to be fetched, no more are raised until there is room. No message is left out: they wait in the
/// store. Of other events what was missed meanwhile is left out, and Number tells so for changes of state. A bot that must handle every message, also those that come while it is not running, uses
/// Receive-ChatMessage -Consumer.</para>
/// </remarks>
/// <example>
/// <para>Show every message that comes while the session does something else.</para>
/// <code>
/// $job = Register-ChatEvent MessageReceived -SourceIdentifier chat -Action { Write-Host $EventArgs.Message }
/// Unregister-Event chat
/// </code>
/// <para>The second line ends it.</para>
/// </example>
/// <example>
/// <para>Wait for an event.</para>
/// <code>
/// Register-ChatEvent MessageReceived -From bob -SourceIdentifier answer
/// Send-ChatMessage ana 'here I am' -Server bob
/// (Wait-Event answer -Timeout 30).SourceEventArgs.Message
/// Unregister-Event answer
/// </code>
/// <para>The second line stands for the person at the other machine.</para>
/// </example>
/// <seealso cref="ReceiveChatMessageCommand"/>
/// <seealso cref="WaitChatMessageCommand"/>
[Cmdlet(VerbsLifecycle.Register, "ChatEvent")]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterChatEventCommand : ServerCommand
{
    /// <summary>The event: MessageReceived, MessageStateChanged, PeerConnected, PeerDisconnected, PeerRequested, PeerKeyChanged, ServerFailed or TransferProgress.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ChatEventName EventName { get; set; }

    /// <summary>Only events about peers of these names; wildcards mean also who comes later.</summary>
    [Parameter]
    [Alias("Peer", "With")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>A peer from the pipeline, which is the one the events are about.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public ChatPeer? InputPeer { get; set; }

    /// <summary>A name for the subscription, for Wait-Event, Get-Event and Unregister-Event. A GUID when it is not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SourceIdentifier { get; set; }

    /// <summary>The commands to run at each event. $Event, $EventArgs and $Event.MessageData are known in them.</summary>
    [Parameter(Position = 1)]
    public ScriptBlock? Action { get; set; }

    /// <summary>Anything the commands of -Action need: they find it in $Event.MessageData.</summary>
    [Parameter]
    public PSObject? MessageData { get; set; }

    /// <summary>After how many events the subscription ends by itself; 0, as when it is not given, for never.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxTriggerCount { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _ = Engine; // tells when there is none
        string identifier = SourceIdentifier ?? Guid.NewGuid().ToString();
        if (Events.GetEventSubscribers(identifier).Any())
        {
            WriteError(Internal.ChatErrors.SubscriberExists(identifier));
            return;
        }

        EventQueue queue = new(Events, identifier, MessageData, Action is not null);
        ChatEventSource source = new(Server ?? Internal.ServerList.Current.Newest!, EventName, From ?? NameOf(InputPeer), queue);
        PSEventSubscriber subscriber = Events.SubscribeEvent(source, EventName.ToString(), identifier, MessageData, Action, supportEvent: false, forwardEvent: false, MaxTriggerCount);
        EventList.Current.Add(subscriber, source, queue);
        if (Action is not null)
        {
            WriteObject(subscriber.Action);
        }
    }
}
