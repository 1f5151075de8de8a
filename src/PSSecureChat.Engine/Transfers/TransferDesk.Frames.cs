using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>What the peer says about files. Called by the receiving loop.</summary>
internal sealed partial class TransferDesk : IFileFrameHandler
{
    void IFileFrameHandler.On(in FileOfferFrame frame)
    {
        lock (book.Gate)
        {
            if (_closed)
            {
                return;
            }

            if (frame.Length > Limits.MaxSequence || book.Find(Peer, ChatDirection.Outgoing, frame.Id) is not null)
            {
                throw new ProtocolException("an offer of an impossible file");
            }

            if (book.Find(Peer, ChatDirection.Incoming, frame.Id) is Transfer known)
            {
                OfferedAgain(known, frame);
            }
            else if (book.Offer(this, frame) is null)
            {
                Answer(frame.Id, FileStopReason.TooMany);
            }
        }
    }

    void IFileFrameHandler.On(in FileWantedFrame frame)
    {
        lock (book.Gate)
        {
            Transfer? transfer = book.Find(Peer, ChatDirection.Outgoing, frame.Id);
            if (transfer is null || transfer.Row.HasEnded)
            {
                Answer(frame.Id, transfer is null ? FileStopReason.NotKnown : FileStopReason.Stopped);
            }
            else if (transfer.Row.Phase == TransferPhase.Suspended)
            {
                Answer(frame.Id, FileStopReason.Suspended);
            }
        }
    }

    void IFileFrameHandler.On(in FileTakeFrame frame)
    {
        lock (book.Gate)
        {
            if (book.Find(Peer, ChatDirection.Outgoing, frame.Id) is not { Offered: true } transfer || transfer.Desk != this)
            {
                return; // it was stopped, or is to be offered anew, or another conversation has it now
            }

            if (frame.Round <= transfer.Round || frame.Offset > transfer.Row.Length || frame.Limit < frame.Offset)
            {
                throw new ProtocolException("a take of a file that is not due");
            }

            transfer.Round = frame.Round;
            if (transfer.Row.Phase != TransferPhase.Open)
            {
                return; // our Suspended is on its way
            }

            TransferBook.Halt(transfer, now: true);
            transfer.HeldByPeer = false;
            transfer.Take = frame;
            transfer.TakePending = true;
            transfer.Limit = frame.Limit;
            transfer.Done = frame.Offset;
            book.Changed(transfer);
            StartNext();
        }
    }

    void IFileFrameHandler.On(in FileCreditFrame frame)
    {
        lock (book.Gate)
        {
            if (book.Find(Peer, ChatDirection.Outgoing, frame.Id) is not { Offered: true } transfer || transfer.Desk != this || frame.Round < transfer.Round)
            {
                return;
            }

            if (frame.Round > transfer.Round || (transfer.Take is not null && frame.Limit < transfer.Limit))
            {
                throw new ProtocolException("a credit for a file that is not due");
            }

            if (transfer.Take is FileTakeFrame take)
            {
                // What it lets us send beyond the first window is what it has written.
                transfer.Limit = frame.Limit;
                transfer.Sender?.Allow(frame.Limit);
                book.Advance(transfer, Math.Min(transfer.Row.Length, take.Offset + (frame.Limit - take.Limit)));
                wake();
            }
        }
    }

    void IFileFrameHandler.On(in FileDataFrame frame)
    {
        FileReceiver? receiver = Receiver(frame.Id, frame.Round, out long limit);
        receiver?.Take(frame, limit);
    }

    void IFileFrameHandler.On(in FileEndFrame frame)
    {
        FileReceiver? receiver = Receiver(frame.Id, frame.Round, out _);
        receiver?.Take(frame);
    }

    void IFileFrameHandler.On(in FileDoneFrame frame)
    {
        lock (book.Gate)
        {
            if (book.Find(Peer, ChatDirection.Outgoing, frame.Id) is not { Offered: true } transfer || transfer.Desk != this)
            {
                return;
            }

            if (!transfer.Row.Sha256.IsEmpty && !transfer.Row.Sha256.Span.SequenceEqual(frame.Sha256.Span))
            {
                book.End(transfer, TransferPhase.Failed, $"{Peer.Label} has something else than what was sent: the hashes differ", null);
            }
            else
            {
                transfer.Row = transfer.Row with { Sha256 = frame.Sha256.ToArray() };
                transfer.Done = transfer.Row.Length;
                book.End(transfer, TransferPhase.Completed, null, null);
            }

            book.Save(transfer);
        }
    }

    void IFileFrameHandler.On(in FileStopFrame frame)
    {
        lock (book.Gate)
        {
            Transfer? transfer = book.Find(Peer, ChatDirection.Outgoing, frame.Id) ?? book.Find(Peer, ChatDirection.Incoming, frame.Id);
            if (transfer is null || transfer.Row.HasEnded || transfer.Desk != this)
            {
                return;
            }

            if (transfer.Row.Phase == TransferPhase.Offered && frame.Reason != FileStopReason.Suspended)
            {
                book.Withdraw(transfer); // nothing was agreed, so nothing is kept
                return;
            }

            if (frame.Reason == FileStopReason.Suspended)
            {
                TransferBook.Halt(transfer, now: false);
                transfer.HeldByPeer = true;
                transfer.TakePending = false;
                book.Changed(transfer);
                StartNext();
                return;
            }

            bool failed = frame.Reason is FileStopReason.Changed or FileStopReason.Damaged or FileStopReason.Unreadable or FileStopReason.TooMany;
            book.End(transfer, failed ? TransferPhase.Failed : TransferPhase.Stopped, Words(transfer, frame.Reason), null);
            book.Save(transfer);
        }
    }

    private void OfferedAgain(Transfer known, in FileOfferFrame frame)
    {
        if (known.Row.Length != frame.Length)
        {
            throw new ProtocolException("an offer that is another than before");
        }

        Attach(known);
        if (known.Row.Phase == TransferPhase.Completed)
        {
            MarkDue(known, TransferDue.Done);
            return;
        }

        if (known.Row.HasEnded)
        {
            Say(known, FileStopReason.Stopped);
            return;
        }

        known.Offered = true;
        known.HeldByPeer = false;
        if (known.Row.Phase == TransferPhase.Suspended)
        {
            Say(known, FileStopReason.Suspended);
        }

        book.Changed(known);
        StartNext();
    }

    // Data of an earlier round, or of a file that was suspended or stopped, may still be on its way: it is dropped.
    private FileReceiver? Receiver(Guid id, long round, out long limit)
    {
        lock (book.Gate)
        {
            limit = 0;
            if (book.Find(Peer, ChatDirection.Incoming, id) is not Transfer transfer)
            {
                return null;
            }

            if (transfer.Desk == this && round > transfer.Round && !transfer.Row.HasEnded)
            {
                throw new ProtocolException("data of a file that was not asked for");
            }

            limit = transfer.Limit;
            return transfer.Desk == this && transfer.Receiver?.Round == round ? transfer.Receiver : null;
        }
    }

    // Whoever asks and does not read the answers must not fill our memory.
    private void Answer(Guid id, FileStopReason reason)
    {
        if (_answers.Count >= Limits.OpenOffers)
        {
            throw new ProtocolException("more files than answers are read");
        }

        _answers.Enqueue(new FileStopFrame(id, reason));
        wake();
    }

    private string Words(Transfer transfer, FileStopReason reason) => reason switch
    {
        FileStopReason.NotKnown => $"{Peer.Label} knows nothing of it any more",
        FileStopReason.Changed => $"{Peer.Label} changed the file after it was offered",
        FileStopReason.Damaged => "what arrived is not what was sent: the hashes differ",
        FileStopReason.Unreadable => $"{Peer.Label} cannot read the file",
        FileStopReason.TooMany => $"too many files wait at {Peer.Label}",
        _ when transfer.IsOutgoing && transfer.Take is null => $"{Peer.Label} refused it",
        _ => $"{Peer.Label} stopped it",
    };
}
