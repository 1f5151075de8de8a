using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// The files of one conversation: what its receiving loop hears about them, and what its sending loop has to say. Its state is
/// guarded by the gate of the book.
/// </summary>
internal sealed partial class TransferDesk(TransferBook book, PeerRecord peer, Action wake)
{
    private readonly Queue<Transfer> _due = new();
    private readonly Queue<FileStopFrame> _answers = new();
    private readonly List<FileSender> _sending = [];
    private bool _open;
    private bool _closed;
    private int _turn;

    public PeerRecord Peer { get; } = peer;

    /// <summary>Tells the sending loop to look again.</summary>
    public void Wake() => wake();

    /// <summary>Begins with the transfers there are.</summary>
    public void Begin(IEnumerable<Transfer> transfers)
    {
        _open = true;
        foreach (Transfer transfer in transfers.Where(static transfer => !transfer.Row.HasEnded))
        {
            Attach(transfer);
            if (transfer is { IsOutgoing: false, Row.Phase: TransferPhase.Open })
            {
                MarkDue(transfer, TransferDue.Wanted);
            }

            book.Changed(transfer);
        }

        OfferNext();
    }

    public void Attach(Transfer transfer) => transfer.Desk = this;

    /// <summary>The conversation ends. Takes the gate itself.</summary>
    public void Close()
    {
        lock (book.Gate)
        {
            if (!_closed)
            {
                _closed = true;
                book.Closed(this);
            }
        }
    }

    /// <summary>Has a frame sent.</summary>
    public void MarkDue(Transfer transfer, TransferDue due)
    {
        if (transfer.Due == TransferDue.None)
        {
            _due.Enqueue(transfer);
        }

        transfer.Due |= due;
        wake();
    }

    /// <summary>Tells the peer that a file does not go on, in place of all else that was to be said of it.</summary>
    public void Say(Transfer transfer, FileStopReason reason)
    {
        if (transfer.IsOutgoing && !transfer.Offered)
        {
            return; // it never heard of it
        }

        transfer.StopReason = reason;
        MarkDue(transfer, TransferDue.Stop);
        transfer.Due = TransferDue.Stop;
    }

    /// <summary>Asks the sender for the data from an offset on.</summary>
    public void Ask(Transfer transfer, long round, long from, long limit)
    {
        transfer.Round = round;
        transfer.Take = new FileTakeFrame(transfer.Row.Id, round, from, limit);
        transfer.Limit = limit;
        MarkDue(transfer, TransferDue.Take);
    }

    /// <summary>A transfer is open again on our side.</summary>
    public void Continue(Transfer transfer)
    {
        if (transfer.IsOutgoing && transfer.Offered)
        {
            MarkDue(transfer, TransferDue.Offer);
        }
        else if (transfer.IsOutgoing)
        {
            OfferNext();
        }
        else if (transfer is { Offered: true, HeldByPeer: false })
        {
            StartNext();
        }
        else
        {
            MarkDue(transfer, TransferDue.Wanted);
        }
    }

    /// <summary>Offers what waits, as long as not too many offers are open.</summary>
    public void OfferNext()
    {
        if (!_open || _closed)
        {
            return;
        }

        List<Transfer> outgoing = [.. book.Of(this).Where(static transfer => transfer.IsOutgoing)];
        int room = Limits.OpenOffers - outgoing.Count(static transfer => transfer.Offered);
        foreach (Transfer transfer in outgoing.Where(static transfer => transfer is { Row.Phase: TransferPhase.Open, Offered: false }).Take(room))
        {
            transfer.Offered = true;
            MarkDue(transfer, TransferDue.Offer);
            book.Changed(transfer);
        }
    }

    /// <summary>Starts what is due to flow, in both directions, as long as not too many files do.</summary>
    public void StartNext()
    {
        if (_closed)
        {
            return;
        }

        List<Transfer> all = [.. book.Of(this)];
        foreach (Transfer transfer in all.Where(transfer => transfer.IsOutgoing && transfer is { Row.Phase: TransferPhase.Open, TakePending: true, Working: false, Sender: null })
            .Take(Math.Max(0, book.Limits.FilesAtOnce - all.Count(static transfer => transfer.IsOutgoing && (transfer.Flows || transfer.Working)))))
        {
            transfer.TakePending = false;
            _sending.Add(book.StartSending(transfer, this));
        }

        foreach (Transfer transfer in all.Where(transfer => !transfer.IsOutgoing && transfer is { Row.Phase: TransferPhase.Open, Offered: true, HeldByPeer: false, Working: false, Receiver: null })
            .Take(Math.Max(0, book.Limits.FilesAtOnce - all.Count(static transfer => !transfer.IsOutgoing && (transfer.Flows || transfer.Working)))))
        {
            book.StartReceiving(transfer);
        }
    }

    /// <summary>Nothing more of a transfer is sent.</summary>
    public void Drop(Transfer transfer)
    {
        if (transfer.Sender is FileSender sender)
        {
            _sending.Remove(sender);
        }
    }

    /// <summary>Adds what is to be said to a record. For the sending loop.</summary>
    public void GatherControl(RecordBuilder builder)
    {
        lock (book.Gate)
        {
            while (builder.Length < Limits.RecordTarget && _answers.TryDequeue(out FileStopFrame answer))
            {
                builder.Advance(FrameEncoder.Encode(answer, builder.GetSpan(FrameEncoder.ControlFrame)));
            }

            while (builder.Length < Limits.RecordTarget && _due.TryDequeue(out Transfer? transfer))
            {
                if (transfer.Desk == this)
                {
                    Encode(transfer, builder);
                }
            }
        }
    }

    /// <summary>Adds one piece of a file to a record, of each file in turn. For the sending loop.</summary>
    /// <returns>Whether there was one.</returns>
    public bool GatherData(RecordBuilder builder)
    {
        for (int tried = 0; ; tried++)
        {
            FileSender next;
            lock (book.Gate)
            {
                if (tried >= _sending.Count)
                {
                    return false;
                }

                _turn = (_turn + 1) % _sending.Count;
                next = _sending[_turn];
            }

            if (next.TryEncode(builder))
            {
                return true;
            }
        }
    }

    // Stop comes first: what follows it was decided after it.
    private static void Encode(Transfer transfer, RecordBuilder builder)
    {
        TransferDue due = transfer.Due;
        transfer.Due = TransferDue.None;
        Guid id = transfer.Row.Id;
        if (due.HasFlag(TransferDue.Stop))
        {
            builder.Advance(FrameEncoder.Encode(new FileStopFrame(id, transfer.StopReason), builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (due.HasFlag(TransferDue.Offer))
        {
            builder.Advance(FrameEncoder.Encode(new FileOfferFrame(id, transfer.Row.Name, transfer.Row.Length), builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (due.HasFlag(TransferDue.Wanted))
        {
            builder.Advance(FrameEncoder.Encode(new FileWantedFrame(id), builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (due.HasFlag(TransferDue.Take))
        {
            builder.Advance(FrameEncoder.Encode(transfer.Take!.Value, builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (due.HasFlag(TransferDue.Credit))
        {
            builder.Advance(FrameEncoder.Encode(new FileCreditFrame(id, transfer.Round, transfer.Limit), builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (due.HasFlag(TransferDue.Done))
        {
            builder.Advance(FrameEncoder.Encode(new FileDoneFrame(id, transfer.Row.Sha256), builder.GetSpan(FrameEncoder.ControlFrame)));
        }
    }
}
