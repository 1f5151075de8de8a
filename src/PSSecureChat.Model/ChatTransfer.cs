using System.Globalization;

namespace PSSecureChat;

/// <summary>How far a file has come.</summary>
public enum ChatTransferState
{
    /// <summary>Offered to the other side, whose user has not taken it yet; an incoming one waits for Receive-ChatFile.</summary>
    Offered,

    /// <summary>It waits for the peer to be connected, or for its turn.</summary>
    Queued,

    /// <summary>It is on its way.</summary>
    Transferring,

    /// <summary>One side has it wait; Resume-ChatTransfer on that side goes on.</summary>
    Suspended,

    /// <summary>All of it is there, checked against the sender's hash.</summary>
    Completed,

    /// <summary>It will not arrive; the transfer says why.</summary>
    Failed,

    /// <summary>One side does not want it.</summary>
    Stopped,
}

/// <summary>A file on its way to or from a peer, as it stood when it was read. Immutable.</summary>
public sealed class ChatTransfer
{
    // Nobody else: see ChatMessage.
    internal ChatTransfer()
    {
    }

    /// <summary>The id both sides know it by, a version 7 UUID made once by the sender.</summary>
    public required Guid Id { get; init; }

    /// <summary>The other side, under the name it has here.</summary>
    public required string Peer { get; init; }

    /// <summary>The fingerprint of the peer's identity key.</summary>
    public required string PeerFingerprint { get; init; }

    /// <summary>The name of the local server.</summary>
    public required string Server { get; init; }

    /// <summary>Which way it goes.</summary>
    public required ChatDirection Direction { get; init; }

    /// <summary>The name of the file, made safe to use here: never a path, never the name of a device, nothing that steers a terminal.</summary>
    public required string Name { get; init; }

    /// <summary>The file that is sent, or the file it becomes; null for an offer that was not taken.</summary>
    public string? Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>How many bytes the receiver has written.</summary>
    public long BytesDone { get; init; }

    /// <summary>Bytes a second at this moment; 0 while it does not flow.</summary>
    public double Rate { get; init; }

    /// <summary>How far it has come.</summary>
    public required ChatTransferState State { get; init; }

    /// <summary>Why it waits, failed or was stopped.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it stands still for a trouble of this side, such as a full disk, until Resume-ChatTransfer.</summary>
    public bool IsStalled { get; init; }

    /// <summary>The SHA-256 of the whole file in hexadecimal, as Get-FileHash shows it; null until it is known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When it was offered.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Its row, by which the engine finds it.</summary>
    internal long Row { get; init; }

    /// <summary>The number of the change that made it so.</summary>
    internal long Version { get; init; }

    /// <summary>Who sends it.</summary>
    public string From => Direction == ChatDirection.Incoming ? Peer : Server;

    /// <summary>Who receives it.</summary>
    public string To => Direction == ChatDirection.Incoming ? Server : Peer;

    /// <summary>How much of it is there, 0 to 100; 100 only when it is completed.</summary>
    public int PercentComplete => State == ChatTransferState.Completed ? 100 : Length == 0 ? 0 : (int)Math.Min(99, BytesDone * 100.0 / Length);

    /// <summary>The time left at this rate; null while it does not flow.</summary>
    public TimeSpan? TimeLeft => State == ChatTransferState.Transferring && Rate >= 1 ? TimeSpan.FromSeconds(Math.Min((Length - BytesDone) / Rate, TimeSpan.FromDays(999).TotalSeconds)) : null;

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool HasEnded => State is ChatTransferState.Completed or ChatTransferState.Failed or ChatTransferState.Stopped;

    /// <summary>What goes where and how far it is, on one line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name} {(Direction == ChatDirection.Incoming ? "from" : "to")} {Peer}: {State}, {PercentComplete}% of {Length} bytes");
}
