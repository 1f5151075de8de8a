using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>Frames that a transfer has to send. What is said twice before it is sent is sent once, as it stands then.</summary>
[Flags]
internal enum TransferDue
{
    None = 0,
    Stop = 1,
    Offer = 2,
    Wanted = 4,
    Take = 8,
    Credit = 16,
    Done = 32,
}

/// <summary>One file on its way, in either direction. Everything here is read and changed under the gate of its book.</summary>
internal sealed class Transfer(PeerRecord peer, TransferRow row, TransferRate rate)
{
    public PeerRecord Peer { get; } = peer;

    /// <summary>What is stored of it.</summary>
    public TransferRow Row { get; set; } = row;

    public bool IsOutgoing => Row.Direction == ChatDirection.Outgoing;

    /// <summary>The conversation that knows of it: where it was offered, or is to be.</summary>
    public TransferDesk? Desk { get; set; }

    /// <summary>Whether its offer is open in that conversation.</summary>
    public bool Offered { get; set; }

    /// <summary>Whether the other side has it wait.</summary>
    public bool HeldByPeer { get; set; }

    /// <summary>The last take in this conversation; null before.</summary>
    public FileTakeFrame? Take { get; set; }

    /// <summary>Whether that take is still to be answered.</summary>
    public bool TakePending { get; set; }

    /// <summary>The largest round in this conversation.</summary>
    public long Round { get; set; }

    /// <summary>Up to where data may be sent, or may come.</summary>
    public long Limit { get; set; }

    /// <summary>Reads and offers the data of an outgoing file, while it is taken.</summary>
    public FileSender? Sender { get; set; }

    /// <summary>Writes an incoming file, while it is taken.</summary>
    public FileReceiver? Receiver { get; set; }

    /// <summary>Whether a worker has the file open: the next one begins when it has closed it.</summary>
    public bool Working { get; set; }

    /// <summary>The last worker.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>What is to be sent about it.</summary>
    public TransferDue Due { get; set; }

    /// <summary>What a Stop that is due says.</summary>
    public FileStopReason StopReason { get; set; }

    /// <summary>Bytes the receiver has written.</summary>
    public long Done { get; set; } = row.Phase == TransferPhase.Completed ? row.Length : row.Marker;

    public TransferRate Rate { get; } = rate;

    /// <summary>When its progress was last announced, as a timestamp of the clock.</summary>
    public long Announced { get; set; }

    /// <summary>The number of its last change.</summary>
    public long Version { get; set; }

    /// <summary>Whether data flows or is about to.</summary>
    public bool Flows => Sender is not null || Receiver is not null;

    public ChatTransferState State => Row.Phase switch
    {
        TransferPhase.Offered => ChatTransferState.Offered,
        TransferPhase.Suspended => ChatTransferState.Suspended,
        TransferPhase.Completed => ChatTransferState.Completed,
        TransferPhase.Failed => ChatTransferState.Failed,
        TransferPhase.Stopped => ChatTransferState.Stopped,
        _ when HeldByPeer => ChatTransferState.Suspended,
        _ when Flows => ChatTransferState.Transferring,
        _ when IsOutgoing && Offered && Take is null => ChatTransferState.Offered,
        _ => ChatTransferState.Queued,
    };

    /// <summary>Forgets the conversation.</summary>
    public void Detach()
    {
        Desk = null;
        Offered = false;
        HeldByPeer = false;
        Take = null;
        TakePending = false;
        Round = 0;
        Limit = 0;
        Due = TransferDue.None;
    }

    /// <summary>What scripts see of it now.</summary>
    public ChatTransfer Snapshot(string server) => new()
    {
        Id = Row.Id,
        Row = Row.Row,
        Version = Version,
        Peer = Peer.Label,
        PeerFingerprint = Peer.Identity.Fingerprint,
        Server = server,
        Direction = Row.Direction,
        Name = SafeText.ForOneLine(Row.Name), // a file of ours may be named as somebody else liked
        Path = Row.Path.Length == 0 ? null : Row.Path,
        Length = Row.Length,
        BytesDone = Done,
        Rate = Flows ? Rate.BytesPerSecond : 0,
        State = State,
        Reason = Reason,
        IsStalled = Row.Phase == TransferPhase.Suspended && Row.Reason is not null,
        Sha256 = Row.Sha256.IsEmpty ? null : Convert.ToHexString(Row.Sha256.Span),
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(Row.BegunAt).ToLocalTime(),
        EndedAt = Row.EndedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Row.EndedAt).ToLocalTime(),
    };

    private string? Reason => Row.Reason
        ?? (HeldByPeer ? $"{Peer.Label} has suspended it"
            : State != ChatTransferState.Queued ? null
            : Desk is null ? $"{Peer.Label} is not connected"
            : "its turn comes");
}
