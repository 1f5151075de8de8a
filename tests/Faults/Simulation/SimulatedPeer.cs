using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Faults.Simulation;

/// <summary>
/// One side of a simulation: a store on the disk and the conversations on it. What PeerNetwork does between sockets
/// and conversations is done here: a newer conversation takes the older one's place.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "CloseAsync disposes of what a life owns; the next one opens it anew.")]
internal sealed class SimulatedPeer(string name, string root, TimeProvider passing, Ledger outgoing, Ledger incoming)
{
    private readonly object _lock = new();
    private readonly ChangeSignal _changed = new();
    private readonly List<SimulatedLink> _links = [];
    private readonly List<Task> _conversations = [];
    private LocalParty? _local;
    private volatile Life? _life;
    private Conversation? _conversation;
    private string _folder = Path.Combine(root, name);
    private Task _sending = Task.CompletedTask;
    private int _lives;
    private volatile bool _down = true;

    /// <summary>A store and what it knows of the other side: told together, so that nobody takes the one of this life and the other of the last.</summary>
    private sealed record Life(ChatStore Store, PeerRecord? Record);

    public SimulatedClock Clock { get; } = new(passing);

    public LocalParty Local => _local!;

    public IdentityKey Identity => Store.Identity.PublicKey;

    /// <summary>Whether messages can flow.</summary>
    public bool IsConnected => _conversation is { Flowing: true };

    /// <summary>Whether the other side has acknowledged everything.</summary>
    public bool IsSettled => Record is var record && record.OutAcked >= record.OutStored;

    private ChatStore Store => _life!.Store;

    private PeerRecord Record => _life!.Record!;

    public void Open()
    {
        ChatStore store = ChatStore.Open(_folder, default, Limits.Default, Clock, _changed.Pulse, _ => { }, CancellationToken.None);
        _local = new LocalParty(store.Identity, Clock, SystemRandomSource.Instance) { Profile = new Profile(name, [], 1) };
        _life = new Life(store, store.Peers.Count > 0 ? store.Peers[0] : null);
        _down = false;
    }

    public async Task KnowAsync(IdentityKey other)
    {
        PeerRecord record = new() { Id = Store.NextPeerId(), Identity = other, Label = "other", Standing = PeerStanding.Accepted };
        await Store.Writer.RunAsync(session => session.InsertPeer(record), Patience.Token);
        _life = new Life(Store, record);
    }

    /// <summary>Takes a connection that has shaken hands. Ends when messages may flow or the connection has ended.</summary>
    public async Task TakeAsync(SecureSession session, SimulatedLink link)
    {
        Life life = _life!;
        Conversation conversation = new(session, life.Store, new TransferBook(life.Store, Limits.Default, Clock, _changed, null), _local!, Limits.Default, Clock, _changed);
        Task end = conversation.RunAsync();
        lock (_lock)
        {
            _links.Add(link);
            _conversations.Add(end);
        }

        try
        {
            await conversation.Established.WaitAsync(Limits.Default.Handshake, Clock);
        }
        catch (Exception e) when (e is ChatException or TimeoutException)
        {
            conversation.Abort();
            return;
        }

        lock (_lock)
        {
            _conversation?.Close(CloseReason.Duplicate);
            _conversation = conversation;
        }

        conversation.Accept(life.Record!);
        _ = end.ContinueWith(_ => Interlocked.CompareExchange(ref _conversation, null, conversation), TaskScheduler.Default);
    }

    /// <summary>Queues messages, behind those of earlier calls, and promises each part that was flushed. Ends early when the store does.</summary>
    public Task SendAsync(int count, int flushEvery) => _sending = SendAsync(_sending, count, flushEvery);

    private async Task SendAsync(Task before, int count, int flushEvery)
    {
        await before;
        long first = outgoing.Issue(count);
        Life life = _life!;
        ChatSender sender = new(null!);
        try
        {
            for (long from = first; from < first + count; from += flushEvery)
            {
                long to = Math.Min(from + flushEvery, first + count);
                for (long i = from; i < to; i++)
                {
                    await life.Store.Writer.EnqueueAsync(life.Record!, Message(Ledger.TextOf(i)), sender, Patience.Token);
                }

                // In this order: it is down until the next life is there.
                if (await IsStoredAsync(sender) && !_down && _life == life)
                {
                    outgoing.Promise(from, to - 1);
                }
            }
        }
        catch (Exception e) when (e is ChatException or System.Threading.Channels.ChannelClosedException)
        {
            // what was not promised may be there or not
        }
    }

    private static async Task<bool> IsStoredAsync(ChatSender sender)
    {
        try
        {
            await sender.FlushAsync(Patience.Token);
            return true;
        }
        catch (ChatException)
        {
            return false; // on a full disk, say
        }
    }

    /// <summary>
    /// The process ends at a commit: just before it or just after, before anybody learns of it. What is on the disk at
    /// that instant is all that is left.
    /// </summary>
    public async Task CrashAsync(bool beforeCommit)
    {
        string left = Path.Combine(root, $"{name}-{++_lives}");
        Crash crash = new(beforeCommit, () => EndAt(left));
        await Store.Writer.EnqueueAsync(crash, Patience.Token);
        await crash.Done;
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
        _folder = left;
        Open();
    }

    /// <summary>Ends in order and opens again.</summary>
    public async Task RestartAsync()
    {
        _conversation?.Close(CloseReason.Goodbye);
        await CloseAsync();
        Open();
    }

    /// <summary>Lets the disk be full, or not any more.</summary>
    public Task FillDiskAsync(bool full) => Store.Writer.RunAsync(session => session.SetMostPagesForTestingOnly(full ? 1 : int.MaxValue / 2), Patience.Token);

    /// <summary>What a second's timer does.</summary>
    public void Tick() => _conversation?.Tick();

    public async Task CloseAsync()
    {
        _down = true;
        Task[] conversations;
        lock (_lock)
        {
            _links.ForEach(link => link.Cut());
            _links.Clear();
            conversations = [.. _conversations];
            _conversations.Clear();
        }

        await Task.WhenAll(conversations);
        await Store.DisposeAsync();
        _local!.Dispose();
    }

    /// <summary>Reads what was received into the ledger.</summary>
    public void Report()
    {
        MessageFinder finder = new(Store, new MessageQuery { Direction = ChatDirection.Incoming }, [Record.Id], Store.Writer.CommittedRow, name);
        foreach (MessageReader.Row row in finder.Find(Patience.Token))
        {
            incoming.Find(Ledger.NumberOf(row.Text));
        }
    }

    public string Describe() => $"{name}: stored {Record.OutStored}, acknowledged {Record.OutAcked}, received {Record.In.Received}, connected {IsConnected}";

    // On the writer's thread, between two statements: nobody else writes to these files.
    private void EndAt(string left)
    {
        _down = true;
        lock (_lock)
        {
            _links.ForEach(link => link.Cut());
        }

        Directory.CreateDirectory(left);
        foreach (string file in new[] { "store.db", "store.db-wal", "store.key" })
        {
            using FileStream source = new(Path.Combine(_folder, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using FileStream target = File.Create(Path.Combine(left, file));
            source.CopyTo(target);
        }
    }

    private ChatMessage Message(string text)
    {
        DateTimeOffset now = Clock.GetUtcNow();
        return new ChatMessage
        {
            Id = UuidV7.Create(now),
            Peer = "other",
            PeerFingerprint = "",
            Server = name,
            Direction = ChatDirection.Outgoing,
            Text = text,
            SentAt = now,
            StoredAt = now,
            State = ChatMessageState.Queued,
        };
    }

    private sealed class Crash(bool beforeCommit, Action end) : StoreWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public override void Execute(WriterSession session)
        {
            if (beforeCommit && !Done.IsCompleted)
            {
                End();
            }
        }

        public override void Committed()
        {
            if (!Done.IsCompleted)
            {
                End();
            }
        }

        public override void Failed(ChatException failure) => Committed();

        private void End()
        {
            try
            {
                end();
                _done.TrySetResult();
            }
            catch (Exception e) // to the simulation, not to the writer
            {
                _done.TrySetException(e);
            }
        }
    }
}
