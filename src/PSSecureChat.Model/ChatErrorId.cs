namespace PSSecureChat;

/// <summary>The stable names of what can go wrong. Each is the first part of an ErrorRecord's FullyQualifiedErrorId.</summary>
public enum ChatErrorId
{
    /// <summary>An unexpected failure; the inner exception has the details.</summary>
    EngineFailure,

    /// <summary>Another program listens on the port.</summary>
    PortInUse,

    /// <summary>The address to listen on does not belong to this machine.</summary>
    AddressNotLocal,

    /// <summary>The operating system forbids it.</summary>
    PermissionDenied,

    /// <summary>The address or port cannot be read as one.</summary>
    AddressNotUsable,

    /// <summary>No server was started in this session.</summary>
    NoServer,

    /// <summary>The server has been stopped.</summary>
    ServerStopped,

    /// <summary>No peer has this name.</summary>
    PeerUnknown,

    /// <summary>The peer is not connected.</summary>
    PeerOffline,

    /// <summary>The peer waits for approval.</summary>
    PeerNotApproved,

    /// <summary>The peer is blocked.</summary>
    PeerBlocked,

    /// <summary>The peer's identity key is not the one we know.</summary>
    KeyChanged,

    /// <summary>The fingerprint or safety number given is not the peer's.</summary>
    FingerprintMismatch,

    /// <summary>The host name cannot be resolved.</summary>
    HostUnknown,

    /// <summary>Nothing listens at that address.</summary>
    ConnectionRefused,

    /// <summary>The network has no way to that address.</summary>
    HostUnreachable,

    /// <summary>What answers there does not speak this protocol.</summary>
    NotAChatPeer,

    /// <summary>The other side speaks another version.</summary>
    VersionMismatch,

    /// <summary>The handshake failed.</summary>
    HandshakeFailed,

    /// <summary>The address leads back to this server.</summary>
    OwnAddress,

    /// <summary>The peer refused the connection.</summary>
    RefusedByPeer,

    /// <summary>The connection ended.</summary>
    ConnectionLost,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The text is larger than a message may be.</summary>
    TextTooLarge,

    /// <summary>The text cannot be carried as UTF-8.</summary>
    TextNotUsable,

    /// <summary>The name cannot be used.</summary>
    NameNotUsable,

    /// <summary>The time after which a message expires cannot be used.</summary>
    ExpiryNotUsable,

    /// <summary>No open invitation is listed under this.</summary>
    InvitationUnknown,

    /// <summary>As many messages wait for the peer as may.</summary>
    OutboxFull,

    /// <summary>The message could not be delivered.</summary>
    DeliveryFailed,

    /// <summary>No message has this id.</summary>
    MessageUnknown,

    /// <summary>The store's files were deleted or replaced while the server ran.</summary>
    StoreGone,

    /// <summary>The passphrase does not open the store.</summary>
    WrongPassphrase,

    /// <summary>The store is protected by a passphrase and none was given, or the other way round.</summary>
    PassphraseNeeded,

    /// <summary>The store's files are damaged.</summary>
    StoreDamaged,

    /// <summary>Another process or server has the store open.</summary>
    StoreInUse,

    /// <summary>The store was written by a newer version.</summary>
    StoreTooNew,

    /// <summary>The backup is damaged, or is none.</summary>
    BackupDamaged,

    /// <summary>A part of the backup is missing.</summary>
    BackupIncomplete,

    /// <summary>There is no such backup.</summary>
    BackupNotFound,

    /// <summary>The backup would replace a file.</summary>
    BackupExists,

    /// <summary>The server keeps nothing on disk.</summary>
    NothingToBackUp,

    /// <summary>The restored store would replace something.</summary>
    StoreExists,

    /// <summary>The disk is full.</summary>
    DiskFull,

    /// <summary>The key that answers for one peer is another known peer's.</summary>
    PeerAlreadyKnown,

    /// <summary>The text is not a whole invitation, or not one this version can use.</summary>
    InvitationNotUsable,

    /// <summary>The invitation's time is over.</summary>
    InvitationExpired,

    /// <summary>Nobody at the invitation's addresses took it: it was used before, or its server is gone.</summary>
    InvitationRefused,

    /// <summary>As many invitations are open as there may be.</summary>
    TooManyInvitations,

    /// <summary>The other side's certificate is of another time: one of the two clocks is wrong by more than a day.</summary>
    ClockWrong,

    /// <summary>The peer's user has not let us in yet.</summary>
    WaitsForApproval,

    /// <summary>The command needs a person at a terminal.</summary>
    NotInteractive,

    /// <summary>Somebody receives under this consumer name already.</summary>
    ConsumerInUse,

    /// <summary>No consumer has this name.</summary>
    ConsumerUnknown,

    /// <summary>The store has as many consumers as it may have.</summary>
    TooManyConsumers,

    /// <summary>The object nests too deep or holds too many values to be sent.</summary>
    ObjectTooLarge,

    /// <summary>The file to send is not there, is a folder, or cannot be read.</summary>
    FileNotUsable,

    /// <summary>The peer's program does not know of files.</summary>
    PeerTakesNoFiles,

    /// <summary>The folder for received files, or the path for a backup, is not there or cannot be written to.</summary>
    DestinationNotUsable,

    /// <summary>The disk has no room for the file.</summary>
    NotEnoughSpace,

    /// <summary>No transfer has this id.</summary>
    TransferUnknown,

    /// <summary>The transfer has ended and cannot go on.</summary>
    TransferEnded,

    /// <summary>The file is not an offer that waits to be taken, or is one still.</summary>
    TransferNotOffered,

    /// <summary>The file will not arrive, or was stopped.</summary>
    TransferFailed,
}
