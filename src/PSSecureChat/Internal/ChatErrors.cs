using System.Management.Automation;
using PSSecureChat.Engine;
using static PSSecureChat.Internal.AskedServer;

namespace PSSecureChat.Internal;

/// <summary>The one place where error records are made.</summary>
internal static class ChatErrors
{
    /// <summary>The record of a failure. Its id is the failure's name, its target what the user typed.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="target">What the user typed; null for what the failure itself names.</param>
    public static ErrorRecord Record(ChatException failure, object? target) => failure is { ErrorId: ChatErrorId.ServerStopped, Target: string name } && FailedServer(name) is { } failed
        ? Record(ServerStopped(failed), target)
        : Record(failure, failure.ErrorId.ToString(), Category(failure.ErrorId), target ?? failure.Target, failure.Recommendation);

    // Whoever waited was told only that it has stopped; why it failed is known a moment later.
    private static ChatServer? FailedServer(string name) =>
        System.Management.Automation.Runspaces.Runspace.DefaultRunspace is not null && ServerList.Current.Find(name) is { State: ChatServerState.Failed } server ? server : null;

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
        $"Start it again with Start-ChatServer.{Elsewhere(server)}",
        server);

    public static ChatException ServerUnknown(string name) => new(
        ChatErrorId.NoServer,
        $"No server named '{name}' runs in this session.",
        "Get-ChatServer lists the servers of this session; -Server says which is meant, and takes one of another runspace as an object.",
        name);

    public static ChatException PeerUnknown(string name, ChatServer asked) => new(
        ChatErrorId.PeerUnknown,
        $"No peer is named '{name}'{At(asked)}.",
        $"Get-ChatPeer lists the known peers; Connect-ChatPeer makes one known.{Elsewhere(asked, engine => engine.GetPeers().Any(peer => IsNamed(peer.Name, name)))}",
        name);

    /// <summary>A peer from the pipeline is not known any more; its name may be another's.</summary>
    public static ChatException PipedPeerUnknown(string name, string fingerprint, string? namesake, ChatServer asked) => new(
        ChatErrorId.PeerUnknown,
        $"The '{name}' from the pipeline, with the fingerprint {fingerprint}, is not known{At(asked)}.{(namesake is null ? "" : $" Who is named so now has another key: {namesake}.")}",
        $"Get-ChatPeer shows the peers as they are now.{Elsewhere(asked, engine => engine.FindPeer(fingerprint) is not null)}",
        name);

    /// <summary>The one word beside messages from the pipeline, which is whom they are sent on to, was perhaps meant as an answer.</summary>
    public static ChatException PeerToPassOnToUnknown(string name, ChatServer asked)
    {
        ChatException unknown = PeerUnknown(name, asked);
        return new(
            unknown.ErrorId,
            $"{unknown.Message} The one word beside messages from the pipeline is the peer to pass them on to.",
            $"{ToAnswer(name)} {unknown.Recommendation}",
            name);
    }

    public static ChatException InvitationUnknown(string id, ChatServer asked) => new(
        ChatErrorId.InvitationUnknown,
        $"No open invitation is listed as '{id}'{At(asked)}.",
        $"Get-ChatInvitation lists those that are open. One that is not among them was used or withdrawn, or its time is over.{Elsewhere(asked, engine => engine.GetInvitations().Any(open => open.Id == id))}",
        id);

    public static ChatException MessageUnknown(Guid id, ChatServer asked) => new(
        ChatErrorId.MessageUnknown,
        $"No message with the id {id} is stored {(At(asked) is { Length: > 0 } there ? there.TrimStart() : "here")}.",
        $"Get-ChatHistory and Get-ChatOutbox list the messages that are.{Elsewhere(asked)}",
        id);

    public static ChatException ConsumerUnknown(string name, ChatServer asked) => new(
        ChatErrorId.ConsumerUnknown,
        $"No consumer is named '{name}'{At(asked)}.",
        $"Get-ChatConsumer lists those there are; Receive-ChatMessage -Consumer makes a new one.{Elsewhere(asked, engine => engine.ConsumerNames.Any(consumer => IsNamed(consumer, name)))}",
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
    /// <param name="asked">Where it was waited.</param>
    public static ChatException AnswerTimedOut(string whom, TimeSpan limit, object? question, ChatServer asked) => new(
        ChatErrorId.TimedOut,
        $"No {(question is null ? "message" : "answer")} came from {whom} within {Seconds(limit)}{At(asked)}.",
        $"Wait-ChatMessage again waits on, and finds what has come meanwhile; -TimeoutSec waits longer.{Elsewhere(asked)}",
        question);

    public static ChatException TransferUnknown(Guid id, ChatServer asked) => new(
        ChatErrorId.TransferUnknown,
        $"No transfer has the id {id}{At(asked)}.",
        $"Get-ChatTransfer lists the transfers.{Elsewhere(asked, engine => engine.GetTransfers().Any(transfer => transfer.Id == id))}",
        id);

    public static ChatException TransferUnknown(string name, ChatServer asked) => new(
        ChatErrorId.TransferUnknown,
        $"No such transfer of a file named '{name}' is under way{At(asked)}.",
        $"Get-ChatTransfer lists the transfers.{Elsewhere(asked, engine => engine.GetTransfers().Any(transfer => !transfer.HasEnded && IsNamed(transfer.Name, name)))}",
        name);

    public static ChatException NothingOffered(string name, ChatServer asked) => new(
        ChatErrorId.TransferUnknown,
        $"No file named '{name}' is offered{At(asked)}.",
        $"Get-ChatTransfer -State Offered lists the offers; -Wait waits for the next one.{Elsewhere(asked, engine => engine.GetTransfers().Any(transfer => transfer is { State: ChatTransferState.Offered, Direction: ChatDirection.Incoming } && IsNamed(transfer.Name, name)))}",
        name);

    public static ChatException OfferTimedOut(TimeSpan limit, ChatServer asked) => new(
        ChatErrorId.TimedOut,
        $"No such file was offered within {Seconds(limit)}{At(asked)}.",
        $"Give more time with -TimeoutSec.{Elsewhere(asked)}");

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

    /// <summary>A server is named, by the user or by an object that belongs to it, and several of that name run.</summary>
    public static ErrorRecord ServerAmbiguous(string name) => Misuse(
        nameof(ServerAmbiguous),
        $"Several servers of this session are named '{name}': the name does not tell which of them is meant.",
        "Hand over the server itself: -Server $server, as Start-ChatServer returned it. Start-ChatServer -Name gives each a name of its own.",
        name);

    /// <summary>Something was piped that says of nobody whom is meant; its property Server alone would mean everyone.</summary>
    public static ErrorRecord InputMeansNobody(string takes, string named = "-From") => Misuse(
        nameof(InputMeansNobody),
        $"What came from the pipeline is none of what this command takes: {takes}.",
        $"Name the peers with {named}. The copy of an object that Select-Object or ConvertFrom-Json makes is another object.",
        null);

    /// <summary>A message that has lost its type is no message, and its To may be ourselves.</summary>
    public static ErrorRecord MessageCopyNotKnown(object? piped) => Misuse(
        nameof(MessageCopyNotKnown),
        "What came from the pipeline looks like the copy of a chat message, but has lost its type: it is not known whom it is meant for.",
        "Name the recipient with -To, and the message that is answered with -InReplyTo. A copy by Select-Object *, Export-Clixml or a job keeps its type; one of ConvertFrom-Json does not.",
        piped);

    /// <summary>$null was piped where something to send was due.</summary>
    public static ErrorRecord NothingPiped() => Misuse(
        nameof(NothingPiped),
        "$null came from the pipeline: there is nothing to send.",
        "Leave it out: ... | Where-Object { $null -ne $_ } | Send-ChatMessage bob",
        null);

    /// <summary>A row has a place for a text, and no text there.</summary>
    public static ErrorRecord RowHasNoText(object row) => Misuse(
        nameof(RowHasNoText),
        "The row has no text to send.",
        "Put it into the column Message or Text; an empty text is one, too. Nothing was sent of this row. With -InputObject any object is sent whole.",
        row);

    /// <summary>Peers were piped, and the one word beside them may be a recipient as well.</summary>
    public static ErrorRecord PipedPeerBesidePeer(string word) => Misuse(
        nameof(PipedPeerBesidePeer),
        $"A peer came from the pipeline, and '{SafeText.ForOneLine(word)}' is the name of a peer, too: it may be a recipient or the text.",
        $"Recipients come from the pipeline or from -To, not from both. A text that is a name is given as Get-ChatPeer | Send-ChatMessage -Message '{SafeText.ForOneLine(word)}'",
        word);

    /// <summary>Peers were piped, and the command line does not say what to send them.</summary>
    public static ErrorRecord PipedPeerNeedsOneText(object? peer) => Misuse(
        nameof(PipedPeerNeedsOneText),
        "A peer came from the pipeline: give one text and no recipient.",
        "Write: Get-ChatPeer | Send-ChatMessage -Message 'text'",
        peer);

    /// <summary>Peers were piped, and the command line does not say which files they get.</summary>
    public static ErrorRecord PipedPeerNeedsFiles(object peer) => Misuse(
        nameof(PipedPeerNeedsFiles),
        "A peer came from the pipeline: give the files and no recipient.",
        "Write: Get-ChatPeer | Send-ChatFile ./report.pdf",
        peer);

    /// <summary>Received messages were piped, and the command line does not say what to do with them.</summary>
    public static ErrorRecord PipedMessageNeedsTextOrRecipient(object? message) => Misuse(
        nameof(PipedMessageNeedsTextOrRecipient),
        "A received message came from the pipeline: give a text to answer it, or a recipient to pass it on to.",
        $"{ToAnswer("text")} To pass the messages on: Get-ChatInbox | Send-ChatMessage bob",
        message);

    /// <summary>Objects were piped, and the command line leaves nothing for them to say.</summary>
    public static ErrorRecord PipedObjectIsNotSent(object? item) => Misuse(
        nameof(PipedObjectIsNotSent),
        "An object came from the pipeline, and both the recipient and what to send were given beside it: nothing of the object would be sent.",
        "Leave out -Message or -InputObject to send the objects themselves; leave out -To when they name the recipients.",
        item);

    /// <param name="column">Its name.</param>
    /// <param name="value">What stands there.</param>
    /// <param name="row">The row.</param>
    public static ErrorRecord ColumnNotUsable(string column, object value, object row) => Misuse(
        nameof(ColumnNotUsable),
        $"'{SafeText.ForOneLine(value.ToString())}' cannot stand in the column {column} of a row.",
        "InReplyTo takes the id of a message, ExpiresIn a time such as 00:10:00; an empty column is none. Nothing was sent of this row.",
        row);

    /// <summary>It is said whose files are taken, or how large ones, and not where to.</summary>
    public static ErrorRecord FileRuleNeedsFolder() => Misuse(
        nameof(FileRuleNeedsFolder),
        "No folder is given that takes files: without one, -ReceiveFilesFrom and -MaxFileSize mean nothing.",
        "Give the folder with -ReceiveFilesTo, or leave them out: each offer waits for Receive-ChatFile then.",
        null);

    /// <summary>A place or a passphrase was given for what is not kept.</summary>
    public static ErrorRecord EphemeralKeepsNothing(string? path) => Misuse(
        nameof(EphemeralKeepsNothing),
        "-Ephemeral keeps nothing on the disk: beside it, -Path and -Passphrase mean nothing.",
        "Leave out -Ephemeral to keep identity and messages, or leave out -Path and -Passphrase.",
        path);

    /// <summary>-OutBuffer keeps back what the consumer would take for handed over.</summary>
    public static ErrorRecord ConsumerTakesNoBuffer(string consumer) => Misuse(
        nameof(ConsumerTakesNoBuffer),
        "-OutBuffer and -Consumer do not go together: what stands in the buffer has not been taken yet.",
        "Leave out -OutBuffer.",
        consumer);

    private static string ToAnswer(string text) => $"To answer each sender: Get-ChatInbox | Send-ChatMessage -Message '{text.Replace("'", "''", StringComparison.Ordinal)}'.";

    private static ErrorRecord Misuse(string id, string message, string wayOut, object? target) =>
        Record(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target, wayOut);

    private static bool IsNamed(string its, string typed) => string.Equals(its, typed, StringComparison.OrdinalIgnoreCase);

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
