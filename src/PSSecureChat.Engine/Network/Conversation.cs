using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>How a conversation ended.</summary>
/// <param name="Reason">The other side's or our own farewell; null when there was none.</param>
/// <param name="ByRemote">Whether the other side said it.</param>
/// <param name="Failure">What went wrong, when there was no farewell.</param>
internal readonly record struct ConversationEnd(CloseReason? Reason, bool ByRemote, Exception? Failure);

/// <summary>
/// One encrypted connection with one peer: a loop that receives and a loop that sends. The receiving loop owns
/// what is received, the sending loop what is sent; they tell each other through the fields below. Messages flow
/// once <see cref="Accept"/> was called and the other side's Resume has come.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "RunAsync disposes of everything at its end.")]
internal sealed partial class Conversation
{
    private readonly SecureSession _session;
    private readonly ChatStore _store;
    private readonly TransferBook _transfers;
    private readonly LocalParty _local;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ChangeSignal _changed;
    private readonly CancellationTokenSource _abort = new();
    private readonly RecordReader _reader;
    private readonly object _gate = new();
    private readonly TaskCompletionSource _established = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WakeSignal _wake = new();

    private PeerRecord? _record;
    private ResumeFrame? _ourResume;
    private ResumeFrame? _theirResume;
    private Profile? _profile;
    private TransferDesk? _desk;
    private long _lastReceived;
    private long _lastPing;
    private volatile bool _flowing;
    private volatile bool _waitsForApproval;
    private volatile bool _endedInSilence;
    private volatile bool _lostRoom;
    private ITimer? _closingLimit;
    private volatile Box<CloseReason>? _closing;
    private volatile Box<CloseReason>? _remoteClose;

    /// <param name="session">Owned from now on.</param>
    /// <param name="store">Where messages come from and go to.</param>
    /// <param name="transfers">The files.</param>
    /// <param name="local">Our profile.</param>
    /// <param name="limits">Times and bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Told of every change others may wait for.</param>
    public Conversation(SecureSession session, ChatStore store, TransferBook transfers, LocalParty local, Limits limits, TimeProvider time, ChangeSignal changed)
    {
        _session = session;
        _store = store;
        _transfers = transfers;
        _local = local;
        _limits = limits;
        _time = time;
        _changed = changed;
        _profile = session.Profile;
        _slots = new SemaphoreSlim(limits.ReceiveBatches, limits.ReceiveBatches);
        _reader = new RecordReader(session.Stream, session.Keys.Receiving);
        _builder = new RecordBuilder(session.Keys.Sending);
        _rekey = new Rekey(local, session.Remote, session.WeDialled, session.Keys.HandshakeHash.ToArray());
        Started = _lastReceived = time.GetTimestamp();
    }

    /// <summary>The session beneath.</summary>
    public SecureSession Session => _session;

    /// <summary>The other side's farewell, once it has come.</summary>
    public CloseReason? RemoteClose => _remoteClose?.Value;

    /// <summary>Whether the dialler is refused, and learns nothing of us but that.</summary>
    public bool Refuses { get; init; }

    /// <summary>Whether our Hello tells the dialler to wait for approval.</summary>
    public bool SaysWait { get; init; }

    /// <summary>Told how many of its messages the other side knows as acknowledged that are not here: this store is an older copy. Set before <see cref="Accept"/>.</summary>
    public Action<long>? Missed { get; set; }

    /// <summary>The memory for frames that are not yet whole, shared with other conversations; null for no bound.</summary>
    public PartialFrames? Partials { get; init; }

    /// <summary>Where it asks to be called soon after the store refused something; null to be called without asking.</summary>
    public Heartbeat? Heartbeat { get; init; }

    /// <summary>When the handshake was done, as a timestamp of the clock.</summary>
    public long Started { get; }

    /// <summary>Completes when the first frame of the other side was opened; fails when the conversation ends before.</summary>
    public Task Established => _established.Task;

    /// <summary>What the other side says of itself; null for a dialler until established.</summary>
    public Profile? Profile => _profile;

    /// <summary>Whether messages flow in both directions.</summary>
    public bool Flowing => _flowing;

    /// <summary>Whether the other side's user has not let us in yet.</summary>
    public bool WaitsForApproval => _waitsForApproval;

    /// <summary>The last number handed to the network.</summary>
    public long SentUpTo => Volatile.Read(ref _sentUpTo);

    /// <summary>The last measured round trip, or null.</summary>
    public TimeSpan? RoundTrip => Volatile.Read(ref _roundTrip) is > 0 and long ticks ? new TimeSpan(ticks) : null;

    /// <summary>Runs both loops until the end, and disposes of the session.</summary>
    public async Task<ConversationEnd> RunAsync()
    {
        Task receiving = ReceiveAsync(_abort.Token);
        Task sending = SendAsync(_abort.Token);
        Exception? failure = null;
        try
        {
            Task first = await Task.WhenAny(receiving, sending).ConfigureAwait(false);
            if (first == sending && sending.IsCompletedSuccessfully)
            {
                await WaitForTheirEndAsync(receiving).ConfigureAwait(false);
            }

            await first.ConfigureAwait(false);
        }
        catch (Exception e) // the top of this conversation's loops: whatever it was ends this conversation and no other
        {
            failure = _lostRoom ? new NoRoomException() : e;
        }

        await _abort.CancelAsync().ConfigureAwait(false);
        Wake();
        _session.Stream.Dispose();
        await Task.WhenAll(receiving, sending).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        Clean();
        Box<CloseReason>? reason = _remoteClose ?? _closing;
        ConversationEnd end = new(reason?.Value, _remoteClose is not null, reason is null ? failure : null);
        _established.TrySetException(_endedInSilence || failure is IOException
            ? ChatErrors.ClosedAfterHandshake(_session.Address.ToString(), failure)
            : ChatErrors.ConnectionLost(_session.Address.ToString(), failure));
        _ = _established.Task.Exception; // observed: nobody need wait for it
        return end;
    }

    /// <summary>Lets the peer in: our Resume goes out, and messages flow once theirs has come.</summary>
    public void Accept(PeerRecord record)
    {
        lock (_gate)
        {
            if (_record is not null)
            {
                return;
            }

            _record = record;
            InboundPosition received = record.In;
            _ourResume = new ResumeFrame(_store.Stream, record.OutAcked, received.Stream, received.Received);
            Interlocked.Exchange(ref _resumeDue, 1); // before messages may flow: they follow it
        }

        BeginFlow();
        Wake();
    }

    /// <summary>Sends a farewell and ends; <see cref="RunAsync"/> completes soon.</summary>
    public void Close(CloseReason reason)
    {
        lock (_gate)
        {
            _closing ??= new Box<CloseReason>(reason);
            if (!_abort.IsCancellationRequested)
            {
                // a peer that does not read must not keep us
                _closingLimit ??= _time.CreateTimer(static self => ((Conversation)self!).Abort(), this, 2 * _limits.Farewell, Timeout.InfiniteTimeSpan);
            }
        }

        Wake();
    }

    /// <summary>Ends without a word.</summary>
    public void Abort()
    {
        _abort.Cancel();
        Wake();
    }

    /// <summary>Pings after silence, gives up after long silence, renews keys that have become old.</summary>
    /// <returns>How long it need not be called again; null when the conversation is at its end.</returns>
    public TimeSpan? Tick()
    {
        long now = _time.GetTimestamp();
        TimeSpan silence = _time.GetElapsedTime(Volatile.Read(ref _lastReceived), now);
        TimeSpan age = KeyAge;
        if (_abort.IsCancellationRequested || silence >= _limits.DeadAfter || age >= _limits.RekeyOverdue)
        {
            Abort();
            return null;
        }

        WatchKeys(0, 0);
        ForgetKeptReceipts();
        TryAgain();
        TimeSpan unasked = silence;
        if (silence >= PingAfter)
        {
            ForgetSpareBatches();
            unasked = _time.GetElapsedTime(Volatile.Read(ref _lastPing), now);
            if (unasked >= PingAfter)
            {
                MarkPing(now);
                _wake.WakeHere(); // a thousand at a beat: each in a work item of its own would cost more than the ping
                unasked = TimeSpan.Zero;
            }
        }

        TimeSpan keys = (age < _limits.RekeyAfter ? _limits.RekeyAfter : _limits.RekeyOverdue) - age;
        return Min(keys, Min(PingAfter - unasked, _limits.DeadAfter - silence));

        static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }

    // The side that was dialled asks first: a server of thousands asks them together, and is not woken by each of them in turn.
    private TimeSpan PingAfter => _session.WeDialled ? _limits.PingAfter + Heartbeat.Together : _limits.PingAfter;

    private void MarkPing(long now)
    {
        Volatile.Write(ref _lastPing, now);
        Interlocked.Exchange(ref _pingDue, 1);
    }

    private void RequestPing()
    {
        MarkPing(_time.GetTimestamp());
        _wake.Wake();
    }

    // Has the sending loop look for everything there may be to send.
    private void Wake()
    {
        Volatile.Write(ref _lookDue, 1); // before the wake
        _wake.Wake();
    }

    // Both Resumes are there: agree where each stream goes on. Both sides compute the same numbers from the same two frames.
    private void BeginFlow()
    {
        PeerRecord record;
        ResumeFrame ours;
        ResumeFrame theirs;
        long received;
        lock (_gate)
        {
            if (_flowing || _record is null || _theirResume is null || _abort.IsCancellationRequested)
            {
                return;
            }

            record = _record;
            ours = _ourResume!.Value;
            theirs = _theirResume.Value;
            _receiveFrom = ours.KnownStream == theirs.Stream ? Math.Max(ours.Received, theirs.Base) : theirs.Base;
            Volatile.Write(ref _expected, _receiveFrom + 1);
            _ackSent = _receiveFrom;
            received = theirs.KnownStream == ours.Stream ? Math.Max(theirs.Received, ours.Base) : ours.Base;
            if (received > record.OutStored)
            {
                _store.RenewStream();
                Close(CloseReason.Goodbye);
                return;
            }

            _nextToSend = 1 + received; // the sending loop's from here on
            Volatile.Write(ref _sentUpTo, received);
            _tail = new OutboxTail(_limits, _time, received, record.OutSent, Wake);
            if (_closing is null)
            {
                // One that closes sends nothing new: its place may be another's already, and must not be taken back.
                record.Tail = _tail;
                Release(record, _tail, received);
            }

            _desk = _transfers.Open(record, _profile!.Value.Capabilities.Contains(Capability.Files), Wake, closes: _closing is not null);
            _flowing = true;
        }

        if (ours.KnownStream == theirs.Stream && theirs.Base > ours.Received)
        {
            Missed?.Invoke(theirs.Base - ours.Received);
        }

        Acknowledged(record, received);
        ReceiptsDue();
        _changed.Pulse();
        RequestPing();
    }

    private void Acknowledged(PeerRecord record, long sequence)
    {
        if (record.Acknowledge(sequence))
        {
            _store.Writer.Acknowledged(record);
            _changed.Pulse();
        }
    }

    private async Task WaitForTheirEndAsync(Task receiving)
    {
        // Our farewell is on its way; closing with unread bytes would make TCP throw it away.
        if (_session.Stream is System.Net.Sockets.NetworkStream network)
        {
            network.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        }

        await Task.WhenAny(receiving, Task.Delay(_limits.Farewell, _time, _abort.Token)).ConfigureAwait(false);
    }

    private void Clean()
    {
        lock (_gate)
        {
            // Nothing begins to flow any more: whoever lets the peer in now finds the conversation aborted.
            if (_record is not null && _record.Tail == _tail)
            {
                _record.Tail = null;
            }

            _flowing = false;
            _closingLimit?.Dispose();
        }

        _desk?.Close();
        _builder.Dispose();
        _rekey.Dispose();
        while (TryTakeRekey(out (RekeyFrame Frame, Noise.CipherState? SendUnder) unsent))
        {
            unsent.SendUnder?.Dispose();
        }

        _receiveUnder?.Dispose();
        _session.Dispose();
    }

    /// <summary>A value that is published whole.</summary>
    private sealed record Box<T>(T Value);
}
