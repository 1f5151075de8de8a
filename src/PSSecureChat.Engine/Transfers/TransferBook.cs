using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// Every transfer of one server, and what is decided about them. One gate guards the state of all; nothing is read, written or
/// sent while it is held.
/// </summary>
internal sealed partial class TransferBook : IAsyncDisposable
{
    private readonly ChatStore _store;
    private readonly TimeProvider _time;
    private readonly ChangeSignal _changed;
    private readonly FileRule? _rule;
    private readonly SortedDictionary<long, Transfer> _all = [];
    private readonly Dictionary<(PeerRecord Peer, ChatDirection Direction, Guid Id), Transfer> _byId = [];
    private readonly Dictionary<PeerRecord, TransferDesk> _desks = [];
    private long _version;
    private bool _closed;

    public TransferBook(ChatStore store, Limits limits, TimeProvider time, ChangeSignal changed, FileRule? rule)
    {
        _store = store;
        Limits = limits;
        _time = time;
        _changed = changed;
        _rule = rule;
        Dictionary<long, PeerRecord> peers = store.Peers.ToDictionary(peer => peer.Id);
        foreach (TransferRow row in store.Transfers)
        {
            if (peers.TryGetValue(row.Peer, out PeerRecord? peer))
            {
                Add(peer, row);
            }
        }
    }

    public Limits Limits { get; }

    /// <summary>Held while anything of a transfer is read or changed.</summary>
    public object Gate { get; } = new();

    /// <summary>The number of the last change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The transfers, oldest first.</summary>
    public List<ChatTransfer> Snapshot(string server)
    {
        lock (Gate)
        {
            return [.. _all.Values.Select(transfer => transfer.Snapshot(server))];
        }
    }

    /// <summary>One of them; null when it is no longer listed.</summary>
    public ChatTransfer? Snapshot(long row, string server)
    {
        lock (Gate)
        {
            return _all.TryGetValue(row, out Transfer? transfer) ? transfer.Snapshot(server) : null;
        }
    }

    /// <summary>Begins to send a file. Completes when that is stored.</summary>
    public async Task<long> SendAsync(PeerRecord peer, string path, long length, long modified)
    {
        DateTimeOffset now = _time.GetUtcNow();
        TransferRow row = new()
        {
            Row = _store.NextTransferId(),
            Peer = peer.Id,
            Direction = ChatDirection.Outgoing,
            Id = UuidV7.Create(now),
            Name = SafeFileName.ForOffer(Path.GetFileName(path)),
            Length = length,
            Modified = modified,
            Path = path,
            BegunAt = now.ToUnixTimeMilliseconds(),
            Phase = TransferPhase.Open,
        };
        await _store.Writer.RunAsync(session => session.SaveTransfer(row), CancellationToken.None).ConfigureAwait(false);
        lock (Gate)
        {
            Transfer transfer = Add(peer, row);
            if (_desks.GetValueOrDefault(peer) is TransferDesk desk)
            {
                desk.Attach(transfer);
                desk.OfferNext();
            }

            Changed(transfer);
        }

        return row.Row;
    }

    /// <summary>Takes an offer. Completes when that is stored.</summary>
    /// <param name="row">The transfer.</param>
    /// <param name="folder">Where the file is to stand, a full path.</param>
    /// <param name="replace">Whether a file of its name is replaced.</param>
    /// <exception cref="ChatException">TransferUnknown, TransferNotOffered, DestinationNotUsable, NotEnoughSpace.</exception>
    public async Task TakeAsync(long row, string folder, bool replace)
    {
        Transfer transfer;
        long promised;
        lock (Gate)
        {
            transfer = Find(row);
            RequireOffered(transfer);
            promised = Promised();
        }

        await Task.Run(() => FileRoom.Require(folder, promised + transfer.Row.Length, Limits.FileReserve)).ConfigureAwait(false);
        lock (Gate)
        {
            RequireOffered(transfer = Find(row)); // it may have been withdrawn meanwhile
            Take(transfer, folder, replace);
        }

        await SaveAsync(transfer).ConfigureAwait(false);
    }

    /// <summary>Has a transfer wait. Nothing when it waits or has ended.</summary>
    public async Task SuspendAsync(long row)
    {
        Transfer transfer;
        lock (Gate)
        {
            transfer = Find(row);
            if (transfer.Row.Phase != TransferPhase.Open)
            {
                return;
            }

            Suspend(transfer, null);
        }

        await SaveAsync(transfer).ConfigureAwait(false);
    }

    /// <summary>Has a transfer go on. Nothing when it does.</summary>
    /// <exception cref="ChatException">TransferUnknown, TransferEnded, TransferNotTaken.</exception>
    public async Task ResumeAsync(long row)
    {
        Transfer transfer;
        lock (Gate)
        {
            transfer = Find(row);
            if (transfer.Row.HasEnded)
            {
                throw ChatErrors.TransferEnded(transfer.Row.Name, transfer.State.ToString());
            }

            if (transfer.Row.Phase == TransferPhase.Offered)
            {
                throw ChatErrors.TransferNotTaken(transfer.Row.Name);
            }

            if (transfer.Row.Phase == TransferPhase.Open)
            {
                return;
            }

            transfer.Row = transfer.Row with { Phase = TransferPhase.Open, Reason = null };
            transfer.Desk?.Continue(transfer);
            Changed(transfer);
        }

        await SaveAsync(transfer).ConfigureAwait(false);
    }

    /// <summary>Ends a transfer, or refuses an offer. Nothing when it has ended.</summary>
    public async Task StopAsync(long row)
    {
        Transfer transfer;
        lock (Gate)
        {
            transfer = Find(row);
            if (transfer.Row.HasEnded)
            {
                return;
            }

            End(transfer, TransferPhase.Stopped, transfer.Row.Phase == TransferPhase.Offered ? "refused" : "stopped", FileStopReason.Stopped);
        }

        await SaveAsync(transfer).ConfigureAwait(false);
    }

    /// <summary>A peer was deleted: so is what was on its way.</summary>
    public void Forget(PeerRecord peer)
    {
        lock (Gate)
        {
            foreach (Transfer transfer in _all.Values.Where(transfer => transfer.Peer == peer).ToList())
            {
                if (!transfer.Row.HasEnded)
                {
                    End(transfer, TransferPhase.Stopped, "its peer was removed", FileStopReason.Stopped);
                }

                Remove(transfer);
                Changed(transfer);
            }
        }
    }

    /// <summary>Has every worker write what it has and end.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] work;
        lock (Gate)
        {
            _closed = true;
            foreach (TransferDesk desk in _desks.Values.ToList())
            {
                desk.Close();
            }

            work = [.. _all.Values.Select(transfer => transfer.Work)];
        }

        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static void RequireOffered(Transfer transfer)
    {
        if (transfer.Row.Phase != TransferPhase.Offered)
        {
            throw transfer.Row.HasEnded ? ChatErrors.TransferEnded(transfer.Row.Name, transfer.State.ToString()) : ChatErrors.TransferNotOffered(transfer.Row.Name);
        }
    }

    private Transfer Find(long row) => _all.TryGetValue(row, out Transfer? transfer) ? transfer : throw ChatErrors.TransferUnknown(null);

    // Bytes that were promised to files on their way and are not written yet.
    private long Promised() => _all.Values.Where(transfer => !transfer.IsOutgoing && transfer.Row.Phase is TransferPhase.Open or TransferPhase.Suspended)
        .Sum(transfer => transfer.Row.Length - transfer.Done);

    private Transfer Add(PeerRecord peer, TransferRow row)
    {
        Transfer transfer = new(peer, row, new TransferRate(_time));
        _all.Add(row.Row, transfer);
        _byId.Add((peer, row.Direction, row.Id), transfer);
        return transfer;
    }

    private void Remove(Transfer transfer)
    {
        _all.Remove(transfer.Row.Row);
        _byId.Remove((transfer.Peer, transfer.Row.Direction, transfer.Row.Id));
        transfer.Detach();
    }
}
