using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine;

/// <summary>All failures a user can meet, their words and their ways out, in one place.</summary>
internal static class ChatErrors
{
    public static ChatException NameNotUsable(string name) => new(
        ChatErrorId.NameNotUsable,
        $"The name '{name}' cannot be used.",
        $"Use 1 to {PeerName.MaxBytes} bytes of letters, digits and . _ - + @, the first a letter or digit, with single spaces between words.",
        name);

    public static ChatException AddressNotUsable(string address) => new(
        ChatErrorId.AddressNotUsable,
        $"'{address}' is not an address.",
        "Give a host name, an IPv4 or an IPv6 address, and the port apart or as host:port or [address]:port.",
        address);

    public static ChatException PortNotUsable(int port) => new(
        ChatErrorId.AddressNotUsable,
        $"{port} is not a port to connect to.",
        "Give the port the peer listens on, 1 to 65535.",
        port);

    public static ChatException PortInUse(string endpoint, int port, Exception cause) => new(
        ChatErrorId.PortInUse,
        $"Cannot listen on {endpoint}: another program listens on port {port}.",
        "Choose another port, or port 0 for any free one.",
        endpoint,
        cause);

    public static ChatException AddressNotLocal(string address, Exception? cause) => new(
        ChatErrorId.AddressNotLocal,
        $"Cannot listen on {address}: the address does not belong to this machine.",
        "Leave the address out to listen on all addresses, or give one of this machine's own.",
        address,
        cause);

    public static ChatException ListenForbidden(string endpoint, int port, Exception cause) => new(
        ChatErrorId.PermissionDenied,
        $"Cannot listen on {endpoint}: permission denied.",
        port is > 0 and < 1024 ? "Ports below 1024 are reserved; choose a higher one." : "Choose another port, or ask who administers this machine.",
        endpoint,
        cause);

    public static ChatException ServerStopped(string name) => new(
        ChatErrorId.ServerStopped,
        $"The server '{name}' is stopped.",
        "Start it again with Start-ChatServer.",
        name);

    public static ChatException PeerUnknown(string peer) => new(
        ChatErrorId.PeerUnknown,
        $"No peer is known as '{peer}'.",
        "Connect-ChatPeer makes a peer known; Get-ChatPeer lists those that are.",
        peer);

    public static ChatException PeerNotApproved(string peer) => new(
        ChatErrorId.PeerNotApproved,
        $"'{peer}' waits to be approved.",
        "Approve-ChatPeer lets it in; Connect-ChatPeer to its address does too.",
        peer);

    public static ChatException PeerBlocked(string peer) => new(
        ChatErrorId.PeerBlocked,
        $"'{peer}' is blocked.",
        "Unblock-ChatPeer lets it in again.",
        peer);

    public static ChatException KeyChanged(string peer, string known, string found) => new(
        ChatErrorId.KeyChanged,
        $"What answers for '{peer}' has another identity key. Known: {known}. Found: {found}.",
        "Either the peer has a new store or somebody stands between. Messages stay queued. Compare Get-ChatPeer's NewSafetyNumber with the person over another way; Approve-ChatPeer -SafetyNumber then goes on with the new key.",
        peer);

    public static ChatException KeyChangedAgain(string peer, string? lookedAt, string? now) => new(
        ChatErrorId.KeyChanged,
        $"Since it was looked at, the key that answers for '{peer}' has changed. Looked at: {lookedAt ?? "the known key"}. Now: {now ?? "the known key"}. Nothing was approved.",
        "Look again with Get-ChatPeer, and compare NewSafetyNumber with the person over another way.",
        peer);

    public static ChatException PeerAlreadyKnown(string peer, string known, string found) => new(
        ChatErrorId.PeerAlreadyKnown,
        $"What answers for '{peer}' has the key of '{known}', whom you know: {found}.",
        $"If '{peer}' has another address now, Connect-ChatPeer to that. If both are the same person, Remove-ChatPeer '{known}' first, and approve '{peer}' then.",
        peer);

    public static ChatException SafetyNumberNotUsable(string text) => new(
        ChatErrorId.FingerprintMismatch,
        $"'{text}' is not a safety number. Nothing was changed.",
        "A safety number has sixty digits; spaces between them do not matter. Get-ChatPeer shows it on both sides.",
        text);

    public static ChatException SafetyNumberMismatch(string peer) => new(
        ChatErrorId.FingerprintMismatch,
        $"This is not the safety number with '{peer}'. Nothing was changed.",
        "Read it again from the other side's Get-ChatPeer. If both sides read their own right and they still differ, somebody stands between.",
        peer);

    public static ChatException SafetyNumberOfNewKey(string peer) => new(
        ChatErrorId.KeyChanged,
        $"This is the safety number with the new key that answers for '{peer}', which is not approved. Nothing was changed.",
        "Approve-ChatPeer with this -SafetyNumber goes on with the new key.",
        peer);

    public static ChatException InvitationNotUsable(string why) => new(
        ChatErrorId.InvitationNotUsable,
        $"The invitation cannot be used: {why}.",
        "Copy the whole line again, or ask for a new one.");

    public static ChatException InvitationExpired(DateTimeOffset at, Exception? cause) => new(
        ChatErrorId.InvitationExpired,
        $"The invitation was good until {at.ToLocalTime():g}.",
        "Ask for a new one.",
        innerException: cause);

    public static ChatException InvitationRefused(string endpoint, string fingerprint, Exception? cause) => new(
        ChatErrorId.InvitationRefused,
        $"{endpoint} did not take the invitation: it was used before, or another program answers there.",
        $"If you used it yourself, Connect-ChatPeer to the address with -Fingerprint {fingerprint} goes on. If you did not, somebody else may have: tell the person who invited you, and ask for a new one.",
        endpoint,
        cause);

    public static ChatException InvitationLifeNotUsable(TimeSpan life) => new(
        ChatErrorId.InvitationNotUsable,
        $"An invitation cannot be good for {life}.",
        $"Give more than a second and at most {Limits.MaxInvitationLife.TotalDays:0} days.",
        life);

    public static ChatException InvitationHostsNotUsable(int count) => new(
        ChatErrorId.AddressNotUsable,
        count == 0 ? "This machine has no address that another one could reach." : $"An invitation names at most {Limits.MaxInvitationHosts} addresses, not {count}.",
        "Give the addresses under which the other side reaches this machine with -Address.");

    public static ChatException TooManyInvitations(int count) => new(
        ChatErrorId.TooManyInvitations,
        $"{count} invitations are open, as many as there may be.",
        "Each ends when it is used or its time is over. Get-ChatInvitation lists them, Remove-ChatInvitation takes one back; give shorter ones with -ExpiresIn.");

    public static ChatException InvitationUnknown(string mark) => new(
        ChatErrorId.InvitationUnknown,
        $"No open invitation is listed as '{mark}'.",
        "Get-ChatInvitation lists those that are open. One that is not among them was used or withdrawn, or its time is over.",
        mark);

    public static ChatException FingerprintMismatch(string endpoint, string expected, string found) => new(
        ChatErrorId.FingerprintMismatch,
        $"The peer at {endpoint} has the fingerprint {found}, not {expected}.",
        "Ask the person for the fingerprint again; if it is right, somebody else answers at this address.",
        endpoint);

    public static ChatException FingerprintNotUsable(string fingerprint) => new(
        ChatErrorId.FingerprintMismatch,
        $"'{fingerprint}' is not a fingerprint.",
        "A fingerprint is 32 letters and digits in eight groups, as Get-ChatServer shows it on the other side.",
        fingerprint);

    public static ChatException HostUnknown(string host, Exception cause) => new(
        ChatErrorId.HostUnknown,
        $"The host '{host}' is unknown.",
        "Check the spelling, or give the address itself.",
        host,
        cause);

    public static ChatException ConnectionRefused(string endpoint, Exception cause) => new(
        ChatErrorId.ConnectionRefused,
        $"Nothing listens at {endpoint}.",
        "Check the port, and that the other side has started its server.",
        endpoint,
        cause);

    public static ChatException HostUnreachable(string endpoint, Exception cause) => new(
        ChatErrorId.HostUnreachable,
        $"There is no way to {endpoint}: {cause.Message}",
        "Check the address and the network.",
        endpoint,
        cause);

    public static ChatException NotAChatPeer(string endpoint, Exception? cause) => new(
        ChatErrorId.NotAChatPeer,
        $"What answers at {endpoint} is not a PSSecureChat peer, or does not want to be known as one.",
        "Check address and port. A peer that gets very many connections may refuse one: then try again.",
        endpoint,
        cause);

    public static ChatException ClosedInSilence(string endpoint) => new(
        ChatErrorId.NotAChatPeer,
        $"{endpoint} took the connection and closed it without a word: no PSSecureChat peer, one that answers only the invited, or one that gets too many connections at once.",
        "Check address and port. If they are right, wait a few seconds and try again, or ask for an invitation.",
        endpoint);

    public static ChatException VersionMismatch(string endpoint, int version) => new(
        ChatErrorId.VersionMismatch,
        $"The peer at {endpoint} speaks version {version} of the protocol, this side speaks 1.",
        "Bring the older side to the newer version.",
        endpoint);

    public static ChatException HandshakeFailed(string endpoint, string why, Exception? cause) => new(
        ChatErrorId.HandshakeFailed,
        $"The handshake with {endpoint} failed: {why}.",
        "Try again; if it stays so, somebody may be changing the traffic.",
        endpoint,
        cause);

    /// <param name="endpoint">Who shows the certificate.</param>
    /// <param name="from">When it begins to hold: between then and its end the other side's clock stands.</param>
    /// <param name="until">Its end.</param>
    /// <param name="now">Our clock.</param>
    public static ChatException Clock(string endpoint, DateTimeOffset from, DateTimeOffset until, DateTimeOffset now) => new(
        ChatErrorId.ClockWrong,
        $"The certificate of {endpoint} is for {from:u} to {until:u}, and here it is {now:u}: its clock is {Span(from > now ? from - now : now - until)} or more {(from > now ? "ahead of" : "behind")} ours.",
        "Set the clock on the side that is wrong.",
        endpoint);

    public static ChatException WaitsForApproval(string peer) => new(
        ChatErrorId.WaitsForApproval,
        $"The user of '{peer}' has not let us in yet.",
        "Messages wait until the other side says Approve-ChatPeer, or dials us itself.",
        peer);

    public static ChatException NoAddress(string peer) => new(
        ChatErrorId.PeerOffline,
        $"'{peer}' is not connected, and no address of it is known here.",
        "It has to dial us, or Connect-ChatPeer with its address.",
        peer);

    public static ChatException NotWanted(string peer, string? why) => new(
        ChatErrorId.PeerOffline,
        $"'{peer}' answers with the key we know, but the conversation was ended{(why is null ? "" : $": {why}")}.",
        "Connect-ChatPeer begins it again.",
        peer);

    public static ChatException PingTimedOut(string peer, TimeSpan time) => new(
        ChatErrorId.TimedOut,
        $"A conversation with '{peer}' stands, but no answer came within {time.TotalSeconds:0.#} seconds.",
        "The network between may be gone; the conversation ends by itself when nothing comes for half a minute, and is dialled again.",
        peer);

    public static ChatException OwnAddress(string endpoint) => new(
        ChatErrorId.OwnAddress,
        $"{endpoint} leads back to this server itself.",
        "Give the address of the other side.",
        endpoint);

    public static ChatException RefusedByPeer(string peer, string why) => new(
        ChatErrorId.RefusedByPeer,
        $"{peer} refused the connection: {why}.",
        "Ask the person on the other side.",
        peer);

    public static ChatException ConnectionLost(string peer, Exception? cause) => new(
        ChatErrorId.ConnectionLost,
        $"The connection with {peer} was lost.",
        "Try again; Get-ChatPeer shows whether the peer is connected, and why not.",
        peer,
        cause);

    public static ChatException ClosedAfterHandshake(string endpoint, Exception? cause) => new(
        ChatErrorId.ConnectionLost,
        $"{endpoint} is a PSSecureChat peer, and closed the connection without a word once it knew who dials.",
        "Most likely it takes only those it has invited or knows: ask its user for an invitation (New-ChatInvitation). It may also have too many connections, or a clock that is far from ours: then wait a few seconds, or set the clock, and try again.",
        endpoint,
        cause);

    public static ChatException ConnectTimedOut(string endpoint, TimeSpan time) => new(
        ChatErrorId.TimedOut,
        $"{endpoint} did not answer within {time.TotalSeconds:0.#} seconds.",
        "Check the address and the firewalls between.",
        endpoint);

    public static ChatException HandshakeTimedOut(string endpoint, TimeSpan time) => new(
        ChatErrorId.TimedOut,
        $"{endpoint} took the connection but did not shake hands within {time.TotalSeconds:0.#} seconds.",
        "Check that a PSSecureChat peer listens there, and not another program.",
        endpoint);

    public static ChatException ConsumerNameNotUsable(string name) => new(
        ChatErrorId.NameNotUsable,
        $"The consumer name '{name}' cannot be used.",
        $"Use 1 to {PeerName.MaxBytes} bytes of letters, digits and . _ - + @, the first a letter or digit, with single spaces between words.",
        name);

    public static ChatException ConsumerInUse(string name) => new(
        ChatErrorId.ConsumerInUse,
        $"Somebody receives as consumer '{name}' already.",
        "Stop the other Receive-ChatMessage, or give this one a consumer name of its own: each name gets every message.",
        name);

    public static ChatException ConsumerUnknown(string name) => new(
        ChatErrorId.ConsumerUnknown,
        $"No consumer is named '{name}'.",
        "Get-ChatConsumer lists those there are; Receive-ChatMessage -Consumer makes a new one.",
        name);

    public static ChatException TooManyConsumers(string name) => new(
        ChatErrorId.TooManyConsumers,
        $"There are {Limits.MaxConsumers} consumers already, as many as there may be.",
        "Give a bot the same name at each start; Get-ChatConsumer shows those that are not used any more, Remove-ChatConsumer removes them.",
        name);

    public static ChatException TextTooLarge(long bytes) => new(
        ChatErrorId.TextTooLarge,
        $"The text has {bytes} bytes of UTF-8; a message holds at most {Limits.MaxTextBytes} (1 MiB).",
        "Divide it into several messages, or send it as a file.");

    public static ChatException TextNotUsable() => new(
        ChatErrorId.TextNotUsable,
        "The text holds half of a surrogate pair, which no encoding can carry.",
        "It was probably cut in the middle of a character: cut it elsewhere.");

    public static ChatException ExpiryNotUsable(TimeSpan life) => new(
        ChatErrorId.ExpiryNotUsable,
        $"A message cannot expire in {life}.",
        "Give the time it may take to be delivered, for example 00:10:00 for ten minutes.",
        life);

    public static ChatException DeliveryFailed(string peer, string? why) => new(
        ChatErrorId.DeliveryFailed,
        $"The message to {peer} was not delivered: {why ?? "it failed"}.",
        "Get-ChatOutbox shows what waits and why.",
        peer);

    public static ChatException OutboxFull(string peer, (long Messages, long Bytes) waiting) => new(
        ChatErrorId.OutboxFull,
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The outbox of '{peer}' is full: {waiting.Messages:N0} messages with {waiting.Bytes / (1024 * 1024.0):N1} MiB wait there. This one was not stored."),
        $"Wait until '{peer}' is connected and has taken some, or withdraw some: Get-ChatOutbox '{peer}' | Remove-ChatMessage.",
        peer);

    public static ChatException StoreGone(string path) => new(
        ChatErrorId.StoreGone,
        $"The files of the store {path} were deleted, moved or replaced while the server ran. Nothing is stored any more.",
        "Put them back from a backup and start the server again, or start it with another -Path. What this side had not confirmed its peers still have and send again.",
        path);

    public static ChatException FileNotUsable(string path, string why, Exception? cause = null) => new(
        ChatErrorId.FileNotUsable,
        $"The file {path} cannot be sent: {why}.",
        "Give a file that you may read; a folder is sent as its files: Get-ChildItem -File | Send-ChatFile.",
        path,
        cause);

    public static ChatException PeerTakesNoFiles(string peer) => new(
        ChatErrorId.PeerTakesNoFiles,
        $"{peer} takes no files: its program does not know of them.",
        "Send a text, or ask the person on the other side to update.",
        peer);

    public static ChatException DestinationNotUsable(string folder, string why) => new(
        ChatErrorId.DestinationNotUsable,
        $"The folder {folder} cannot take files: {why}.",
        "Give a folder that is there and can be written to.",
        folder);

    public static ChatException NotEnoughSpace(string folder, long needed, long free) => new(
        ChatErrorId.NotEnoughSpace,
        $"The disk of {folder} has room for {free} more bytes; this file and those already taken need {needed}.",
        "Make room, or give a folder on another disk.",
        folder);

    public static ChatException TransferUnknown(Guid? id) => new(
        ChatErrorId.TransferUnknown,
        id is null ? "This transfer is not listed any more." : $"No transfer has the id {id}.",
        "Get-ChatTransfer lists those there are.",
        id);

    public static ChatException TransferEnded(string name, string state) => new(
        ChatErrorId.TransferEnded,
        $"The transfer of '{name}' has ended: {state}.",
        "Send the file again.",
        name);

    public static ChatException TransferNotOffered(string name) => new(
        ChatErrorId.TransferNotOffered,
        $"'{name}' has already been taken.",
        "Get-ChatTransfer shows where it goes to.",
        name);

    public static ChatException TransferNotTaken(string name) => new(
        ChatErrorId.TransferNotOffered,
        $"'{name}' has not been taken yet.",
        "Take it with Receive-ChatFile.",
        name);

    public static ChatException StoreDamaged(string path, string why, Exception? cause = null) => new(
        ChatErrorId.StoreDamaged,
        $"The store {path} is damaged: {why}.",
        "Restore it from a backup, or start with another -Path. Nothing was changed.",
        path,
        cause);

    public static ChatException StoreTooNew(string path, int found, int known) => new(
        ChatErrorId.StoreTooNew,
        $"The store {path} was written by a newer version (schema {found}, this one knows {known}).",
        "Update PSSecureChat. Nothing was changed.",
        path);

    public static ChatException StoreInUse(string path, string owner) => new(
        ChatErrorId.StoreInUse,
        $"The store {path} is in use by {owner}.",
        "Stop that server first, or start this one with another -Name or -Path.",
        path);

    public static ChatException StorePermission(string path, Exception cause) => new(
        ChatErrorId.PermissionDenied,
        $"The store {path} cannot be used: {(cause is UnauthorizedAccessException ? "permission denied" : cause.Message.TrimEnd('.'))}.",
        "Check that the folder exists, that it is yours and can be written to, or start with another -Path.",
        path,
        cause);

    public static ChatException NoRoomToRemove(string path, Exception cause) => new(
        ChatErrorId.DiskFull,
        $"The disk that holds {path} is full. To remove takes a little room as well: nothing was removed.",
        "Make room on that disk by something else first.",
        path,
        cause);

    public static ChatException NothingToBackUp() => new(
        ChatErrorId.NothingToBackUp,
        "An ephemeral server keeps nothing that could be backed up.",
        "Start the server without -Ephemeral.");

    public static ChatException BackupExists(string path) => new(
        ChatErrorId.BackupExists,
        $"The file {path} is already there.",
        "Give another -Path, or -Force to replace it.",
        path);

    public static ChatException StoreExists(string path) => new(
        ChatErrorId.StoreExists,
        $"{path} is already there; a restore replaces nothing.",
        "Give another -Destination, or move what is there out of the way.",
        path);

    public static ChatException BackupNotFound(string path) => new(
        ChatErrorId.BackupNotFound,
        $"There is no file {path}.",
        "Check the path.",
        path);

    public static ChatException NotABackup(string path) => new(
        ChatErrorId.BackupDamaged,
        $"{path} is not a backup made by Backup-ChatStore.",
        "Check the path.",
        path);

    public static ChatException BackupDamaged(string path) => new(
        ChatErrorId.BackupDamaged,
        $"The backup {path} is damaged.",
        "Use another copy of it, or another backup. Nothing was restored.",
        path);

    public static ChatException BackupIncomplete(string path) => new(
        ChatErrorId.BackupIncomplete,
        $"The backup {path} ends too early: a part of it is missing.",
        "Copy it again, or use another backup. Nothing was restored.",
        path);

    public static ChatException BackupTooNew(string path) => new(
        ChatErrorId.StoreTooNew,
        $"The backup {path} was written by a newer version.",
        "Update PSSecureChat.",
        path);

    public static ChatException WrongBackupPassphrase(string path) => new(
        ChatErrorId.WrongPassphrase,
        $"The passphrase does not open the backup {path}.",
        "Give the passphrase the backup was made with; capital letters and the keyboard layout matter.",
        path);

    public static ChatException NotABackupPath(string path, string why) => new(
        ChatErrorId.DestinationNotUsable,
        $"No backup can be written to {path}: {why}.",
        "Give the path of a file in a folder that is there.",
        path);

    /// <summary>The failure behind an exception while a backup is written or read.</summary>
    /// <param name="path">What was to be written.</param>
    /// <param name="cause">The exception.</param>
    public static ChatException FromBackup(string path, Exception cause) => FromStore(path, cause) switch
    {
        { ErrorId: ChatErrorId.DiskFull } full => new(ChatErrorId.DiskFull, full.Message, "Make room, or give a path on another disk. Nothing was left behind.", path, cause),
        { ErrorId: ChatErrorId.PermissionDenied } => new(
            ChatErrorId.PermissionDenied,
            $"{path} cannot be written: {(cause is UnauthorizedAccessException ? "permission denied" : cause.Message.TrimEnd('.'))}.",
            "Check that its folder is there and that you may write to it, or give another path. Nothing was left behind.",
            path,
            cause),
        { ErrorId: not ChatErrorId.EngineFailure } known => known,
        _ => new(ChatErrorId.EngineFailure, $"{path} could not be written: {cause.Message}", "Check the path and the disk. Nothing was left behind.", path, cause),
    };

    /// <summary>The failure behind an exception of the store.</summary>
    public static ChatException FromStore(string path, Exception cause) => cause switch
    {
        ChatException known => known,
        SqliteException { SqliteErrorCode: 13 } => new(ChatErrorId.DiskFull, $"The disk that holds {path} is full.", "Make room. What was not acknowledged was not stored.", path, cause),
        System.Security.Cryptography.CryptographicException => StoreDamaged(path, "a sealed value does not open", cause),
        SqliteException { SqliteErrorCode: 11 or 26 } => StoreDamaged(path, "SQLite cannot read it", cause),
        SqliteException { SqliteErrorCode: 5 or 6 } => StoreInUse(path, "another program"),
        SqliteException { SqliteErrorCode: 14 } when !Directory.Exists(path) => StoreDamaged(path, "its folder is gone", cause),
        SqliteException { SqliteErrorCode: 3 or 8 or 14 } or UnauthorizedAccessException => StorePermission(path, cause),
        IOException { HResult: unchecked((int)0x80070070) or 28 } => new(ChatErrorId.DiskFull, $"The disk that holds {path} is full.", "Make room. What was not acknowledged was not stored.", path, cause),
        IOException => StorePermission(path, cause),
        _ => new(ChatErrorId.EngineFailure, $"The store {path} failed: {cause.Message}", "Stop the server and start it again; nothing that was acknowledged is lost.", path, cause),
    };

    /// <summary>The failure behind a socket's refusal to listen.</summary>
    public static ChatException FromListen(string address, string endpoint, int port, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => PortInUse(endpoint, port, cause),
        SocketError.AddressNotAvailable => AddressNotLocal(address, cause),
        SocketError.AccessDenied => ListenForbidden(endpoint, port, cause),
        _ => new(ChatErrorId.EngineFailure, $"Cannot listen on {endpoint}: {cause.Message}", "Choose another address or port.", endpoint, cause),
    };

    /// <summary>The failure behind a socket's refusal to connect.</summary>
    private static string Span(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays:0.#} days" : $"{span.TotalHours:0.#} hours";

    public static ChatException FromConnect(string host, string endpoint, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => HostUnknown(host, cause),
        SocketError.ConnectionRefused => ConnectionRefused(endpoint, cause),
        _ => HostUnreachable(endpoint, cause),
    };
}
