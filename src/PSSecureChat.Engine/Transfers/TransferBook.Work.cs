using System.Threading.Channels;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>What desks and workers do to transfers. The members for desks are called with the gate held.</summary>
internal sealed partial class TransferBook
{
    /// <summary>The desk of a conversation in which messages begin to flow.</summary>
    /// <param name="peer">With whom.</param>
    /// <param name="takesFiles">Whether the peer knows of files.</param>
    /// <param name="wake">Called when there is something to send.</param>
    /// <param name="closes">Whether the conversation is about to end, so that nothing begins in it.</param>
    public TransferDesk Open(PeerRecord peer, bool takesFiles, Action wake, bool closes)
    {
        TransferDesk desk = new(this, peer, wake);
        lock (Gate)
        {
            if (closes || _closed)
            {
                desk.Close();
                return desk;
            }

            _desks.GetValueOrDefault(peer)?.Close();
            _desks[peer] = desk;
            if (takesFiles)
            {
                desk.Begin(_all.Values.Where(transfer => transfer.Peer == peer));
            }
            else
            {
                foreach (Transfer transfer in _all.Values.Where(transfer => transfer.Peer == peer && transfer is { IsOutgoing: true, Row.Phase: TransferPhase.Open }).ToList())
                {
                    End(transfer, TransferPhase.Failed, $"{peer.Label} takes no files", null);
                    Save(transfer);
                }
            }
        }

        return desk;
    }

    /// <summary>The desk is closed: its conversation ends.</summary>
    public void Closed(TransferDesk desk)
    {
        if (_desks.GetValueOrDefault(desk.Peer) == desk)
        {
            _desks.Remove(desk.Peer);
        }

        foreach (Transfer transfer in _all.Values.Where(transfer => transfer.Desk == desk))
        {
            transfer.Sender?.Stop();
            transfer.Receiver?.Complete();
            (transfer.Sender, transfer.Receiver) = (null, null);
            transfer.Detach();
            Changed(transfer);
        }
    }

    public Transfer? Find(PeerRecord peer, ChatDirection direction, Guid id) => _byId.GetValueOrDefault((peer, direction, id));

    /// <summary>The transfers of a desk, oldest first.</summary>
    public IEnumerable<Transfer> Of(TransferDesk desk) => _all.Values.Where(transfer => transfer.Desk == desk);

    /// <summary>A new offer; null when too many of this peer's wait.</summary>
    public Transfer? Offer(TransferDesk desk, in FileOfferFrame frame)
    {
        List<Transfer> open = [.. _all.Values.Where(transfer => transfer.Peer == desk.Peer && transfer is { IsOutgoing: false, Row.HasEnded: false })];
        if (open.Count >= Limits.OpenOffers)
        {
            // One that was offered before and nobody took makes room: its sender offers it again when it can.
            if (open.Find(transfer => transfer is { Row.Phase: TransferPhase.Offered, Offered: false }) is not Transfer old)
            {
                return null;
            }

            Remove(old);
        }

        Transfer transfer = Add(desk.Peer, new TransferRow
        {
            Row = _store.NextTransferId(),
            Peer = desk.Peer.Id,
            Direction = ChatDirection.Incoming,
            Id = frame.Id,
            Name = SafeFileName.From(frame.Name),
            Length = frame.Length,
            BegunAt = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
        desk.Attach(transfer);
        transfer.Offered = true;
        if (_rule is not null && _rule.Takes(desk.Peer.Label, frame.Length))
        {
            transfer.Work = Task.Run(() => TakeByRuleAsync(transfer));
        }

        Changed(transfer);
        return transfer;
    }

    /// <summary>An offer that was not taken is there no more.</summary>
    public void Withdraw(Transfer transfer)
    {
        Remove(transfer);
        Changed(transfer);
    }

    /// <summary>Has a transfer wait, and says so to the peer.</summary>
    public void Suspend(Transfer transfer, string? reason)
    {
        transfer.Row = transfer.Row with { Phase = TransferPhase.Suspended, Reason = reason };
        Halt(transfer, now: false);
        transfer.Desk?.Say(transfer, FileStopReason.Suspended);
        Changed(transfer);
    }

    /// <summary>Ends a transfer.</summary>
    /// <param name="transfer">The transfer.</param>
    /// <param name="phase">How.</param>
    /// <param name="reason">For the user.</param>
    /// <param name="tell">What the peer is told; null for nothing.</param>
    public void End(Transfer transfer, TransferPhase phase, string? reason, FileStopReason? tell)
    {
        TransferDesk? desk = transfer.Desk;
        if (tell is FileStopReason stop)
        {
            desk?.Say(transfer, stop);
        }

        transfer.Row = transfer.Row with { Phase = phase, Reason = reason, EndedAt = _time.GetUtcNow().ToUnixTimeMilliseconds() };
        transfer.Offered = false;
        transfer.HeldByPeer = false;
        transfer.TakePending = false;
        Halt(transfer, now: true);
        if (!transfer.Working)
        {
            transfer.Work = Task.Run(() => Tidy(transfer.Row)); // else its worker does it
        }

        Changed(transfer);
        desk?.OfferNext();
        desk?.StartNext();
        MakeRoom();
    }

    /// <summary>Ends the worker of a transfer: at once, or when it has written what has come.</summary>
    public static void Halt(Transfer transfer, bool now)
    {
        transfer.Sender?.Stop();
        if (now)
        {
            transfer.Receiver?.Stop();
        }
        else
        {
            transfer.Receiver?.Complete();
        }

        transfer.Desk?.Drop(transfer);
        (transfer.Sender, transfer.Receiver) = (null, null);
    }

    /// <summary>Begins to send a round of a file.</summary>
    public FileSender StartSending(Transfer transfer, TransferDesk desk)
    {
        FileSender sender = new(transfer.Row, transfer.Take!.Value with { Limit = transfer.Limit }, desk.Wake);
        transfer.Sender = sender;
        transfer.Working = true;
        transfer.Rate.Start(transfer.Done);
        transfer.Work = Task.Run(() => SendAsync(transfer, sender));
        Changed(transfer);
        return sender;
    }

    /// <summary>Begins to receive a file.</summary>
    public void StartReceiving(Transfer transfer)
    {
        FileReceiver receiver = new(this, transfer, transfer.Round + 1);
        TransferRow row = transfer.Row;
        transfer.Receiver = receiver;
        transfer.Working = true;
        transfer.Work = Task.Run(() => ReceiveAsync(transfer, receiver, row));
        Changed(transfer);
    }

    /// <summary>Something about a transfer is another now.</summary>
    public void Changed(Transfer transfer)
    {
        transfer.Version = Interlocked.Increment(ref _version);
        transfer.Announced = _time.GetTimestamp();
        _changed.Pulse();
    }

    /// <summary>Has a transfer written as it stands when the writer comes to it.</summary>
    public void Save(Transfer transfer) => _ = SaveQuietlyAsync(transfer);

    /// <summary>How far the receiver is. Announced a few times a second.</summary>
    public void Advance(Transfer transfer, long done)
    {
        transfer.Done = done;
        if (_time.GetElapsedTime(transfer.Announced) >= Limits.FileProgress)
        {
            transfer.Rate.Sample(done);
            Changed(transfer);
        }
    }

    /// <summary>The worker of an incoming file is ready for its data.</summary>
    public void Ask(Transfer transfer, FileReceiver receiver, long from)
    {
        lock (Gate)
        {
            if (transfer.Receiver == receiver && transfer.Desk is TransferDesk desk)
            {
                transfer.Done = from;
                transfer.Rate.Start(from);
                desk.Ask(transfer, receiver.Round, from, from + Limits.FileWindow);
                Changed(transfer);
            }
        }
    }

    /// <summary>The sender may send more.</summary>
    public void Credit(Transfer transfer, FileReceiver receiver, long limit)
    {
        lock (Gate)
        {
            if (transfer.Receiver == receiver)
            {
                transfer.Limit = limit;
                transfer.Desk?.MarkDue(transfer, TransferDue.Credit);
            }
        }
    }

    /// <summary>So much is written.</summary>
    public void Progress(Transfer transfer, FileReceiver receiver, long done)
    {
        lock (Gate)
        {
            if (transfer.Receiver == receiver)
            {
                Advance(transfer, done);
            }
        }
    }

    /// <summary>So much is on the disk.</summary>
    public void Mark(Transfer transfer, long done)
    {
        lock (Gate)
        {
            transfer.Row = transfer.Row with { Marker = done };
        }

        Save(transfer);
    }

    /// <summary>The file is about to be written to a part of this name. Completes when that is stored.</summary>
    public Task BegunAsync(Transfer transfer, string part)
    {
        lock (Gate)
        {
            transfer.Row = transfer.Row with { Part = part, Marker = 0 };
        }

        return SaveAsync(transfer);
    }

    /// <summary>The file is about to get its name. Completes when that is stored.</summary>
    public Task FinishingAsync(Transfer transfer, string path, byte[] sha256)
    {
        lock (Gate)
        {
            transfer.Row = transfer.Row with { Path = path, Sha256 = sha256, Marker = transfer.Row.Length };
        }

        return SaveAsync(transfer);
    }

    private void Take(Transfer transfer, string folder, bool replace)
    {
        transfer.Row = transfer.Row with { Phase = TransferPhase.Open, Path = Path.Combine(folder, transfer.Row.Name), Replace = replace, Reason = null };
        transfer.Desk?.Continue(transfer);
        Changed(transfer);
    }

    private async Task TakeByRuleAsync(Transfer transfer)
    {
        long promised;
        lock (Gate)
        {
            promised = Promised();
        }

        string? reason = null;
        try
        {
            FileRoom.Require(_rule!.Folder, promised + transfer.Row.Length, Limits.FileReserve);
        }
        catch (ChatException e)
        {
            reason = e.Message; // it waits for the user, who sees why
        }

        lock (Gate)
        {
            if (transfer.Row.Phase != TransferPhase.Offered || !_all.ContainsKey(transfer.Row.Row))
            {
                return;
            }

            if (reason is not null)
            {
                transfer.Row = transfer.Row with { Reason = reason };
                Changed(transfer);
                return;
            }

            Take(transfer, _rule!.Folder, replace: false);
        }

        await SaveQuietlyAsync(transfer).ConfigureAwait(false);
    }

    private async Task SendAsync(Transfer transfer, FileSender sender)
    {
        FileStoppedException? stopped = null;
        byte[]? sha256 = null;
        try
        {
            sha256 = await sender.ReadAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (FileStoppedException e)
        {
            stopped = e;
        }
        catch (Exception e) // the top of this worker: whatever it was ends this transfer and nothing else
        {
            stopped = new FileStoppedException(FileStopReason.Unreadable, e.Message);
        }

        sender.Dispose();
        lock (Gate)
        {
            transfer.Working = false;
            if (transfer.Sender == sender && stopped is not null)
            {
                End(transfer, TransferPhase.Failed, stopped.Message, stopped.Reason);
                Save(transfer);
            }
            else if (transfer.Sender == sender && sha256 is not null)
            {
                transfer.Row = transfer.Row with { Sha256 = sha256 };
            }

            transfer.Desk?.StartNext();
        }
    }

    private async Task ReceiveAsync(Transfer transfer, FileReceiver receiver, TransferRow row)
    {
        Exception? failure = null;
        byte[]? sha256 = null;
        try
        {
            sha256 = await receiver.WriteAsync(row).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) // the top of this worker
        {
            failure = e;
        }

        receiver.Dispose();
        bool decided;
        lock (Gate)
        {
            decided = Settle(transfer, receiver, sha256, failure);
            transfer.Working = false;
            row = transfer.Row;
        }

        Tidy(row);
        if (decided)
        {
            await SaveQuietlyAsync(transfer).ConfigureAwait(false);
        }

        lock (Gate)
        {
            if (decided && transfer.Row.Phase == TransferPhase.Completed)
            {
                transfer.Desk?.MarkDue(transfer, TransferDue.Done); // only now: what is done is stored
            }

            transfer.Desk?.StartNext();
        }
    }

    // What the end of a worker means for its transfer; false when it was decided before.
    private bool Settle(Transfer transfer, FileReceiver receiver, byte[]? sha256, Exception? failure)
    {
        if (sha256 is not null)
        {
            // Also when it was to be stopped meanwhile: the file is there under its name.
            transfer.Row = transfer.Row with { Sha256 = sha256 };
            transfer.Done = transfer.Row.Length;
            End(transfer, TransferPhase.Completed, null, null);
            return true;
        }

        if (transfer.Row.HasEnded)
        {
            return false;
        }

        if (failure is FileStoppedException stopped)
        {
            End(transfer, TransferPhase.Failed, stopped.Message, stopped.Reason);
            return true;
        }

        if (failure is not null && transfer.Receiver == receiver)
        {
            Suspend(transfer, $"it could not be written: {failure.Message.TrimEnd('.')}"); // a disk that is full need not stay so
            return true;
        }

        return false;
    }

    private static void Tidy(TransferRow row)
    {
        if (row.Phase is TransferPhase.Failed or TransferPhase.Stopped && row is { Direction: ChatDirection.Incoming, Part.Length: > 0 })
        {
            PartFile.Delete(row.Part);
        }
    }

    // The oldest that have ended make room.
    private void MakeRoom()
    {
        List<Transfer> ended = [.. _all.Values.Where(static transfer => transfer.Row.HasEnded)];
        foreach (Transfer transfer in ended.Take(Math.Max(0, ended.Count - Limits.EndedTransfers)))
        {
            Remove(transfer);
            _ = DeleteQuietlyAsync(transfer.Row.Row);
        }
    }

    private Task SaveAsync(Transfer transfer) => _store.Writer.RunAsync(
        session =>
        {
            TransferRow? row;
            lock (Gate)
            {
                row = _all.ContainsKey(transfer.Row.Row) ? transfer.Row : null;
            }

            if (row is not null)
            {
                session.SaveTransfer(row);
            }
        },
        CancellationToken.None);

    private async Task SaveQuietlyAsync(Transfer transfer)
    {
        try
        {
            await SaveAsync(transfer).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or ChatException)
        {
            // the store closes or fails: after the next start both sides agree anew
        }
    }

    private async Task DeleteQuietlyAsync(long row)
    {
        try
        {
            await _store.Writer.RunAsync(session => session.DeleteTransfer(row), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or ChatException)
        {
            // it is listed once more after the next start
        }
    }
}
