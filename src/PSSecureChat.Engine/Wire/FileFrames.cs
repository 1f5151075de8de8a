namespace PSSecureChat.Engine.Wire;

/// <summary>Why a side says that a file does not go on. Travels as a number, which never changes.</summary>
internal enum FileStopReason
{
    /// <summary>Not now: a later offer or take goes on. The only reason that is not final.</summary>
    Suspended = 1,

    /// <summary>The user does not want it (any more).</summary>
    Stopped = 2,

    /// <summary>This side knows nothing of it.</summary>
    NotKnown = 3,

    /// <summary>The sender's file is not the one that was offered.</summary>
    Changed = 4,

    /// <summary>What arrived does not have the hash of what was sent.</summary>
    Damaged = 5,

    /// <summary>The sender's file cannot be read.</summary>
    Unreadable = 6,

    /// <summary>Too many offers wait.</summary>
    TooMany = 7,
}

/// <summary>A file that the sender has. The same offer comes again in each conversation, and when the sender goes on after a suspension.</summary>
/// <param name="Id">Made once.</param>
/// <param name="Name">What the sender calls it. Nothing a receiver may use as a path.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct FileOfferFrame(Guid Id, string Name, long Length);

/// <summary>The receiver has taken this file and waits for its offer.</summary>
internal readonly record struct FileWantedFrame(Guid Id);

/// <summary>The receiver takes an offered file from an offset on. Begins a round: what still comes of an earlier one is dropped.</summary>
/// <param name="Id">The file.</param>
/// <param name="Round">Larger than that of any take of this file in this conversation.</param>
/// <param name="Offset">Where the data begins.</param>
/// <param name="Limit">The offset up to which data may be sent now.</param>
internal readonly record struct FileTakeFrame(Guid Id, long Round, long Offset, long Limit);

/// <summary>More may be sent.</summary>
/// <param name="Id">The file.</param>
/// <param name="Round">Of the take.</param>
/// <param name="Limit">The offset up to which data may be sent now.</param>
internal readonly record struct FileCreditFrame(Guid Id, long Round, long Limit);

/// <summary>A piece of a file: <see cref="Limits.MaxFileChunk"/> bytes, or what is left of it if that is less.</summary>
/// <param name="Id">The file.</param>
/// <param name="Round">Of the take.</param>
/// <param name="Offset">Where it stands in the file.</param>
/// <param name="Data">A slice of the receiver's buffer: valid during the call only.</param>
internal readonly record struct FileDataFrame(Guid Id, long Round, long Offset, ReadOnlyMemory<byte> Data);

/// <summary>All data was sent.</summary>
/// <param name="Id">The file.</param>
/// <param name="Round">Of the take.</param>
/// <param name="Sha256">The hash of the whole file. A slice of the receiver's buffer.</param>
internal readonly record struct FileEndFrame(Guid Id, long Round, ReadOnlyMemory<byte> Sha256);

/// <summary>The receiver has the whole file under its name, and stored that it has.</summary>
/// <param name="Id">The file.</param>
/// <param name="Sha256">The hash of what it has. A slice of the receiver's buffer.</param>
internal readonly record struct FileDoneFrame(Guid Id, ReadOnlyMemory<byte> Sha256);

/// <summary>Either side: the file does not go on.</summary>
internal readonly record struct FileStopFrame(Guid Id, FileStopReason Reason);

/// <summary>Takes the frames of files. Throws <see cref="ProtocolException"/> for what must not come now.</summary>
internal interface IFileFrameHandler
{
    void On(in FileOfferFrame frame);

    void On(in FileWantedFrame frame);

    void On(in FileTakeFrame frame);

    void On(in FileCreditFrame frame);

    void On(in FileDataFrame frame);

    void On(in FileEndFrame frame);

    void On(in FileDoneFrame frame);

    void On(in FileStopFrame frame);
}
