using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Internal;

/// <summary>The one place where error records are made.</summary>
internal static class ChatErrors
{
    /// <summary>The record of a failure. Its id is the failure's name, its target what the user typed.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="target">What the user typed; null for what the failure itself names.</param>
    public static ErrorRecord Record(ChatException failure, object? target) =>
        Record(failure, failure.ErrorId.ToString(), Category(failure.ErrorId), target ?? failure.Target, failure.Recommendation);

    /// <summary>A subscription of the name that was given is there.</summary>
    public static ErrorRecord SubscriberExists(string identifier) => Record(
        new InvalidOperationException($"An event subscription named '{SafeText.ForOneLine(identifier)}' exists already."),
        "SubscriberExists",
        ErrorCategory.ResourceExists,
        identifier,
        "Give another -SourceIdentifier, or end the other one with Unregister-Event.");

    public static ChatException NoServer() => new(
        ChatErrorId.NoServer,
        "No server was started in this session.",
        "Start one with Start-ChatServer, or hand over one of another runspace with -Server $using:server.");

    public static ChatException ServerStopped(ChatServer server) => new(
        ChatErrorId.ServerStopped,
        server.State == ChatServerState.Failed ? $"The server '{server.Name}' has failed: {server.Failure}" : $"The server '{server.Name}' has been stopped.",
        "Start it again with Start-ChatServer.",
        server);

    public static ChatException ServerUnknown(string name) => new(
        ChatErrorId.NoServer,
        $"No server named '{name}' was started in this session.",
        "Get-ChatServer lists the servers of this session; a server of another runspace is handed over as an object.",
        name);

    public static ChatException PeerUnknown(string name) => new(
        ChatErrorId.PeerUnknown,
        $"No peer is named '{name}'.",
        "Get-ChatPeer lists the known peers; Connect-ChatPeer makes one known.",
        name);

    public static ChatException InvitationUnknown(string id) => new(
        ChatErrorId.InvitationUnknown,
        $"No open invitation is listed as '{id}'.",
        "Get-ChatInvitation lists those that are open. One that is not among them was used or withdrawn, or its time is over.",
        id);

    public static ChatException MessageUnknown(Guid id) => new(
        ChatErrorId.MessageUnknown,
        $"No message with the id {id} is stored here.",
        "Get-ChatHistory and Get-ChatOutbox list the messages that are.",
        id);

    public static ChatException ConsumerUnknown(string name) => new(
        ChatErrorId.ConsumerUnknown,
        $"No consumer is named '{name}'.",
        "Get-ChatConsumer lists those there are; Receive-ChatMessage -Consumer makes a new one.",
        name);

    public static ChatException ObjectTooDeep() => new(
        ChatErrorId.ObjectTooLarge,
        $"The object holds others deeper than {ObjectLimits.Depth} levels, or itself.",
        "Send only what is needed of it, with Select-Object for example.");

    public static ChatException ObjectTooLarge() => new(
        ChatErrorId.ObjectTooLarge,
        $"The object holds more than {ObjectLimits.Values} values.",
        "Send only what is needed of it, or a file.");

    public static ChatException ObjectTextTooLarge() => new(
        ChatErrorId.TextTooLarge,
        $"As JSON the object has more than {ObjectLimits.Bytes} bytes.",
        "Send only what is needed of it, or a file.");

    public static ChatException ObjectTextNotUsable() => new(
        ChatErrorId.TextNotUsable,
        "The object holds a text that is not valid Unicode.",
        "Remove halves of surrogate pairs from its texts.");

    /// <param name="whom">Who did not answer.</param>
    /// <param name="limit">How long was waited.</param>
    /// <param name="question">What was asked.</param>
    public static ChatException AnswerTimedOut(string whom, TimeSpan limit, object? question) => new(
        ChatErrorId.TimedOut,
        question is null ? $"No message came from {whom} within {Seconds(limit)}." : $"No answer came from {whom} within {Seconds(limit)}.",
        "Wait-ChatMessage again waits on, and finds what has come meanwhile; -TimeoutSec waits longer.",
        question);

    public static ChatException TransferUnknown(Guid id) => new(
        ChatErrorId.TransferUnknown,
        $"No transfer has the id {id}.",
        "Get-ChatTransfer lists the transfers.",
        id);

    public static ChatException TransferUnknown(string name) => new(
        ChatErrorId.TransferUnknown,
        $"No such transfer of a file named '{name}' is under way.",
        "Get-ChatTransfer lists the transfers.",
        name);

    public static ChatException NothingOffered(string name) => new(
        ChatErrorId.TransferUnknown,
        $"No file named '{name}' is offered.",
        "Get-ChatTransfer -State Offered lists the offers; -Wait waits for the next one.",
        name);

    public static ChatException OfferTimedOut(TimeSpan limit) => new(
        ChatErrorId.TimedOut,
        $"No such file was offered within {Seconds(limit)}.",
        "Give more time with -TimeoutSec.");

    public static ChatException TransferFailed(ChatTransfer transfer) => new(
        ChatErrorId.TransferFailed,
        $"'{transfer.Name}' {(transfer.Direction == ChatDirection.Incoming ? "from" : "to")} '{transfer.Peer}' did not arrive: {transfer.Reason ?? "it is not listed any more"}.",
        "Send the file again.",
        transfer);

    public static ChatException TransferStalled(ChatTransfer transfer) => new(
        ChatErrorId.TransferFailed,
        $"'{transfer.Name}' stands still: {transfer.Reason}.",
        "Nothing is lost: set right what is wrong, make room on the disk say, and Resume-ChatTransfer goes on.",
        transfer);

    public static ChatException NoSuchFolder(string path) => new(
        ChatErrorId.FileNotUsable,
        $"'{path}' means no file: there is no such folder.",
        "Give a path of files that are there.",
        path);

    public static ChatException NotAFile(string path, string provider) => new(
        ChatErrorId.FileNotUsable,
        $"'{path}' is no file: it belongs to {provider}.",
        "Give a path of the file system.",
        path);

    public static ChatException PassphraseEmpty() => new(
        ChatErrorId.PassphraseNeeded,
        "The passphrase is empty.",
        "Give at least one character; Read-Host -AsSecureString reads it without showing it.");

    public static ChatException AddressNotUsable(string address, string why) => new(
        ChatErrorId.AddressNotUsable,
        $"The address '{address}' cannot be used: {why}",
        "Give a host and a port: Connect-ChatPeer 192.168.0.21 8095, host:port, or [IPv6 address]:port.",
        address);

    public static ChatException InvitationHasPort(int port) => new(
        ChatErrorId.AddressNotUsable,
        $"An invitation has its own address and port, and port {port} was given beside it.",
        "Leave the port out. If the inviter has moved, ask for a new invitation, or connect to the address itself.",
        port);

    public static ChatException ConnectTimedOut(string address, TimeSpan limit) => new(
        ChatErrorId.TimedOut,
        $"{address} did not answer within {Seconds(limit)}.",
        "Check that the peer runs and that no firewall drops the connection, or give more time with -TimeoutSec.",
        address);

    /// <param name="message">The message as it stood when the time was over.</param>
    /// <param name="wanted">What was waited for.</param>
    /// <param name="limit">How long.</param>
    public static ChatException DeliveryTimedOut(ChatMessage message, ChatMessageState wanted, TimeSpan limit)
    {
        string late = $"The message to '{message.To}' was not {Wording(wanted)} within {Seconds(limit)}.";
        return message.State is ChatMessageState.Delivered or ChatMessageState.Read
            ? new(
                ChatErrorId.TimedOut,
                $"{late} It is delivered: '{message.To}' has it.",
                $"That it was read is told only by a peer that runs with Start-ChatServer -ReadReceipt; -TimeoutSec waits longer.",
                message)
            : new(
                ChatErrorId.TimedOut,
                $"{late} It is not lost: it remains queued until '{message.To}' has it.",
                "Get-ChatPeer shows whether the peer is connected; -TimeoutSec waits longer.",
                message);
    }

    /// <param name="why">What is missing.</param>
    public static ChatException NotInteractive(string why) => new(
        ChatErrorId.NotInteractive,
        $"A live conversation needs a person at a terminal, and here {why}.",
        "Scripts, jobs and other runspaces use Send-ChatMessage and Receive-ChatMessage -Wait.");

    public static ChatException PeerBlocked(string peer) => new(
        ChatErrorId.PeerBlocked,
        $"'{peer}' is blocked.",
        "Unblock-ChatPeer lets it in again.",
        peer);

    public static ChatException KeyChangeNotAsked(ChatPeer peer) => new(
        ChatErrorId.KeyChanged,
        $"The key of '{peer.Name}' has changed, and this session cannot ask whether to go on with the new one.",
        "Compare the peer's NewSafetyNumber with the person and give it as -SafetyNumber; -Force goes on without it.",
        peer.Name);

    public static ChatException PeerNotApproved(string peer) => new(
        ChatErrorId.PeerNotApproved,
        $"'{peer}' waits to be approved.",
        "Approve-ChatPeer lets it in; Connect-ChatPeer to its address does too.",
        peer);

    /// <summary>Peers were piped, and the command line does not say what to send them.</summary>
    public static ErrorRecord PipedPeerNeedsOneText(object? peer) => Record(
        new PSArgumentException("A peer came from the pipeline: give one text and no recipient."),
        "PipedPeerNeedsOneText",
        ErrorCategory.InvalidArgument,
        peer,
        "Write: Get-ChatPeer | Send-ChatMessage -Message 'text'");

    // What some views of errors call the target is its text, which a peer may have chosen; the target itself stays what it is.
    private static ErrorRecord Record(Exception failure, string id, ErrorCategory category, object? target, string recommendation)
    {
        ErrorRecord record = new(failure, id, category, target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = recommendation },
        };
        record.CategoryInfo.TargetName = SafeText.ForOneLine(record.CategoryInfo.TargetName);
        return record;
    }

    private static string Wording(ChatMessageState state) => state switch
    {
        ChatMessageState.Sent => "sent",
        ChatMessageState.Delivered => "delivered",
        _ => "read",
    };

    private static string Seconds(TimeSpan limit) => FormattableString.Invariant($"{limit.TotalSeconds:0.###} s");

    private static ErrorCategory Category(ChatErrorId id) => id switch
    {
        ChatErrorId.PortInUse or ChatErrorId.StoreInUse or ChatErrorId.ConsumerInUse => ErrorCategory.ResourceBusy,
        ChatErrorId.AddressNotLocal or ChatErrorId.AddressNotUsable or ChatErrorId.NameNotUsable or ChatErrorId.ExpiryNotUsable or ChatErrorId.TextNotUsable => ErrorCategory.InvalidArgument,
        ChatErrorId.InvitationNotUsable or ChatErrorId.InvitationExpired => ErrorCategory.InvalidArgument,
        ChatErrorId.InvitationRefused => ErrorCategory.PermissionDenied,
        ChatErrorId.FileNotUsable => ErrorCategory.OpenError,
        ChatErrorId.PeerTakesNoFiles => ErrorCategory.NotImplemented,
        ChatErrorId.DestinationNotUsable or ChatErrorId.TransferUnknown => ErrorCategory.ObjectNotFound,
        ChatErrorId.TransferEnded or ChatErrorId.TransferNotOffered => ErrorCategory.InvalidOperation,
        ChatErrorId.TransferFailed => ErrorCategory.ConnectionError,
        ChatErrorId.TextTooLarge or ChatErrorId.TooManyInvitations or ChatErrorId.TooManyConsumers or ChatErrorId.ObjectTooLarge or ChatErrorId.OutboxFull => ErrorCategory.LimitsExceeded,
        ChatErrorId.PermissionDenied or ChatErrorId.PeerBlocked or ChatErrorId.PeerNotApproved or ChatErrorId.RefusedByPeer or ChatErrorId.WaitsForApproval => ErrorCategory.PermissionDenied,
        ChatErrorId.NoServer or ChatErrorId.ServerStopped or ChatErrorId.OwnAddress or ChatErrorId.NothingToBackUp or ChatErrorId.NotInteractive => ErrorCategory.InvalidOperation,
        ChatErrorId.PeerUnknown or ChatErrorId.MessageUnknown or ChatErrorId.InvitationUnknown or ChatErrorId.BackupNotFound or ChatErrorId.ConsumerUnknown => ErrorCategory.ObjectNotFound,
        ChatErrorId.PeerOffline or ChatErrorId.ConnectionRefused or ChatErrorId.HostUnreachable or ChatErrorId.HostUnknown or ChatErrorId.ConnectionLost => ErrorCategory.ConnectionError,
        ChatErrorId.KeyChanged or ChatErrorId.PeerAlreadyKnown or ChatErrorId.FingerprintMismatch or ChatErrorId.HandshakeFailed or ChatErrorId.ClockWrong => ErrorCategory.SecurityError,
        ChatErrorId.WrongPassphrase or ChatErrorId.PassphraseNeeded => ErrorCategory.AuthenticationError,
        ChatErrorId.NotAChatPeer or ChatErrorId.VersionMismatch => ErrorCategory.ProtocolError,
        ChatErrorId.TimedOut => ErrorCategory.OperationTimeout,
        ChatErrorId.BackupExists or ChatErrorId.StoreExists => ErrorCategory.ResourceExists,
        ChatErrorId.StoreDamaged or ChatErrorId.StoreTooNew or ChatErrorId.BackupDamaged or ChatErrorId.BackupIncomplete => ErrorCategory.InvalidData,
        ChatErrorId.DiskFull or ChatErrorId.StoreGone or ChatErrorId.NotEnoughSpace => ErrorCategory.WriteError,
        ChatErrorId.DeliveryFailed => ErrorCategory.ConnectionError,
        _ => ErrorCategory.NotSpecified,
    };
}
