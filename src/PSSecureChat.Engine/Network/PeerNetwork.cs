using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Every conversation of one server: takes those who dial, dials those it knows, sees to it that there is one
/// conversation a peer, and knows each peer's state.
/// </summary>
internal sealed partial class PeerNetwork : IAsyncDisposable
{
    private readonly ChatStore _store;
    private readonly LocalParty _local;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ChatAcceptance _acceptFrom;
    private readonly ChangeSignal _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private readonly ConcurrentDictionary<Conversation, bool> _conversations = [];
    private readonly ITimer _heartbeat;
    private readonly InvitationBook _invitations;
    private readonly object _requests = new();
    private long _lastRequest;
    private Listener? _listener;

    public PeerNetwork(ChatStore store, LocalParty local, Limits limits, TimeProvider time, ChatAcceptance acceptFrom, ChangeSignal changed)
    {
        _store = store;
        _local = local;
        _limits = limits;
        _time = time;
        _acceptFrom = acceptFrom;
        _changed = changed;
        Book = new PeerBook(local.Identity, store.Peers);
        _invitations = new InvitationBook(store.Invitations, limits.Invitations, time);
        _heartbeat = time.CreateTimer(_ => Tick(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>The peers.</summary>
    public PeerBook Book { get; }

    /// <summary>Starts taking connections on a bound socket and dialling the peers that are known.</summary>
    public void Start(Socket socket, Action<Exception> failed)
    {
        _listener = new Listener(socket, _limits, _time, AnswerAsync, failed);
        foreach (Peer peer in Book.All)
        {
            Redial(peer);
        }
    }

    /// <summary>Dials for the user. Returns the peer once messages flow or its user has been asked to approve.</summary>
    /// <exception cref="ChatException">Why not.</exception>
    public async Task<Peer> ConnectAsync(PeerAddress address, string? fingerprint, Action<string>? progress, CancellationToken cancellationToken)
    {
        Peer? before = Book.FindTyped(address);
        if (before is { Conversation.Flowing: true } && (fingerprint is null || fingerprint == before.Identity.Fingerprint))
        {
            progress?.Invoke($"already connected to {before.Label}");
            return before;
        }

        return await ReachAsync(address, null, _limits, identity => Pin(identity, address, fingerprint, before), fingerprint is not null, progress, cancellationToken).ConfigureAwait(false);
    }

    // Dials, makes whoever answers known, and waits until messages flow or the other side asks its user.
    private async Task<Peer> ReachAsync(PeerAddress address, PreSharedKey? invitation, Limits limits, Action<IdentityKey> pin, bool verified, Action<string>? progress, CancellationToken cancellationToken)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        SecureSession session = await Dialer.DialAsync(address, invitation, _local, limits, _time, pin, progress, both.Token).ConfigureAwait(false);
        Conversation conversation = Begin(session, saysWait: false, out Task<ConversationEnd> end);
        try
        {
            await conversation.Established.WaitAsync(_limits.Handshake, _time, both.Token).ConfigureAwait(false);
            if (conversation.Profile is not Profile profile)
            {
                throw conversation.RemoteClose is CloseReason refusal
                    ? ChatErrors.RefusedByPeer(address.ToString(), ReasonOf(new ConversationEnd(refusal, ByRemote: true, null)))
                    : ChatErrors.HandshakeFailed(address.ToString(), "it did not say who it is", null);
            }

            Peer peer = await KnowAsync(session.Remote, profile.Name, address, verified, null, both.Token).ConfigureAwait(false);
            peer.Paused = false;
            peer.RedialPause = TimeSpan.Zero;
            // A farewell already: it was one of two dialled at once, and the other stays.
            if (conversation.RemoteClose is null && !Attach(peer, conversation, end))
            {
                conversation.Close(CloseReason.Refused);
                throw peer.IsBlocked ? ChatErrors.PeerBlocked(peer.Label) : ChatErrors.PeerUnknown(peer.Label);
            }

            progress?.Invoke($"{peer.Label} answers as {profile.Name}");
            await WaitUntilSettledAsync(peer, conversation, end, both.Token).ConfigureAwait(false);
            return peer;
        }
        catch (TimeoutException)
        {
            conversation.Abort();
            throw ChatErrors.HandshakeTimedOut(address.ToString(), _limits.Handshake);
        }
        catch (Exception e)
        {
            conversation.Close(CloseReason.Goodbye);
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw ChatErrors.ServerStopped(_local.Profile.Name);
            }

            throw;
        }
    }

    /// <summary>Ends the conversation and does not dial again by itself.</summary>
    public Task DisconnectAsync(Peer peer)
    {
        peer.Paused = true;
        return EndAsync(peer, CloseReason.Disconnected);
    }

    /// <summary>Says farewell to everyone and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        if (_listener is not null)
        {
            await _listener.DisposeAsync().ConfigureAwait(false);
        }

        foreach (Peer peer in Book.All)
        {
            peer.Conversation?.Close(CloseReason.Goodbye);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        Task all = Task.WhenAll(running);
        await Task.WhenAny(all, Task.Delay(2 * _limits.Farewell, _time)).ConfigureAwait(false);
        foreach (Conversation conversation in _conversations.Keys) // also those of peers that are no longer listed
        {
            conversation.Abort();
        }

        await all.ConfigureAwait(false);
        _invitations.Dispose();
    }

    private void Pin(IdentityKey identity, PeerAddress address, string? fingerprint, Peer? before)
    {
        if (fingerprint is not null && identity.Fingerprint != fingerprint)
        {
            throw ChatErrors.FingerprintMismatch(address.ToString(), fingerprint, identity.Fingerprint);
        }

        if (before is not null && before.Identity != identity)
        {
            throw Changed(before, identity);
        }

        ThrowIfBlocked(identity);
    }

    private void ThrowIfBlocked(IdentityKey identity)
    {
        if (Book.Find(identity) is { IsBlocked: true } blocked)
        {
            throw ChatErrors.PeerBlocked(blocked.Label);
        }
    }

    // Another key answers where a known peer should. What goes on is the user's to say, whatever fingerprint was given.
    private ChatException Changed(Peer known, IdentityKey found)
    {
        known.ChangedKey = found;
        _changed.Pulse();
        return ChatErrors.KeyChanged(known.Label, known.Identity.Fingerprint, found.Fingerprint);
    }

    // Those who dial us. Must not throw: it runs on its own.
    private async Task AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        string host = (socket.RemoteEndPoint as IPEndPoint)?.Address is IPAddress remote
            ? (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).ToString()
            : "unknown";
        NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            SecureSession? session = await Handshake.AcceptAsync(stream, _local, _invitations, IsSilent, host, cancellationToken).ConfigureAwait(false);
            if (session is not null)
            {
                await WelcomeAsync(session, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception) // a stranger's bytes end here, whatever they did: it did not become a peer, and learns nothing more
        {
        }

        await stream.DisposeAsync().ConfigureAwait(false);
    }

    // Who takes nobody but the invited and knows nobody has nothing to say to others.
    private bool IsSilent => _acceptFrom == ChatAcceptance.Invited && !Book.All.Any(peer => peer.Record is { IsBlocked: false });

    private async Task WelcomeAsync(SecureSession session, CancellationToken cancellationToken)
    {
        string name = session.Profile!.Value.Name;
        Peer? peer = Book.Find(session.Remote);
        bool blocked = peer is { IsBlocked: true };
        if (session.Invitation is not null)
        {
            peer = blocked ? null : await AdmitInvitedAsync(session, name, cancellationToken).ConfigureAwait(false);
            if (peer is null)
            {
                session.Dispose();
                return;
            }
        }

        bool known = peer?.Record is not null;
        bool refused = blocked || (!known && _acceptFrom is ChatAcceptance.Known or ChatAcceptance.Invited);
        if (refused && _acceptFrom == ChatAcceptance.Invited)
        {
            session.Dispose();
            return;
        }

        bool waits = !known && !refused && _acceptFrom == ChatAcceptance.Request;
        Conversation conversation = Begin(session, waits, out Task<ConversationEnd> end, refused);
        try
        {
            await conversation.Established.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (refused)
            {
                conversation.Close(CloseReason.Refused);
                return;
            }

            if (waits)
            {
                peer = Ask(session.Remote, name);
            }
            else if (!known)
            {
                peer = await KnowAsync(session.Remote, name, null, false, null, cancellationToken).ConfigureAwait(false);
            }

            if (peer!.Record is PeerRecord record)
            {
                await SeenAtAsync(record, session.Address, cancellationToken).ConfigureAwait(false);
            }

            peer.Paused = false;
            if (!Attach(peer, conversation, end))
            {
                // blocked, deleted or replaced since we looked, or a request that made room at once
                conversation.Close(peer.Record is null ? CloseReason.RequestDropped : CloseReason.Refused);
            }
        }
        catch
        {
            conversation.Abort();
            throw;
        }
    }

    private Conversation Begin(SecureSession session, bool saysWait, out Task<ConversationEnd> end, bool refuses = false)
    {
        Conversation conversation = new(session, _store, _local, _limits, _time, _changed) { SaysWait = saysWait, Refuses = refuses };
        _conversations.TryAdd(conversation, true);
        end = Track(conversation.RunAsync());
        _ = end.ContinueWith(_ => _conversations.TryRemove(conversation, out bool _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return conversation;
    }

    private Task<T> Track<T>(Task<T> task)
    {
        lock (_running)
        {
            _running.Add(task);
        }

        _ = task.ContinueWith(
            done =>
            {
                lock (_running)
                {
                    _running.Remove(done);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    // Makes a peer known, or finds it, and notes the address our user gave. What else is to be stored goes along.
    private async Task<Peer> KnowAsync(IdentityKey identity, string name, PeerAddress? typed, bool verified, Action<WriterSession>? also, CancellationToken cancellationToken)
    {
        Peer peer = Book.GetOrAdd(identity, name, isRequest: false);
        Task<PeerRecord> insert;
        bool fresh = false;
        lock (peer)
        {
            fresh = peer.Record is null && peer.Insert is null;
            insert = fresh ? peer.Insert = InsertAsync(peer, PeerStanding.Accepted, typed, verified, also)
                : peer.Record is PeerRecord known ? Task.FromResult(known)
                : peer.Insert!;
        }

        PeerRecord record = await insert.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!fresh && (also is not null || (typed is not null && typed != record.Typed) || (verified && record.Trust != ChatTrust.Verified)))
        {
            lock (peer)
            {
                ThrowIfGone(peer);
                record.Typed = typed ?? record.Typed;
                record.Trust = verified ? ChatTrust.Verified : record.Trust;
            }

            await _store.Writer.RunAsync(
                session =>
                {
                    session.UpdatePeer(record);
                    also?.Invoke(session);
                },
                cancellationToken).ConfigureAwait(false);
        }

        _changed.Pulse();
        return peer;
    }

    // The record counts once it is stored: messages must not hang on a row that is not there.
    private async Task<PeerRecord> InsertAsync(Peer peer, PeerStanding standing, PeerAddress? typed, bool verified, Action<WriterSession>? also)
    {
        await Task.Yield(); // the caller first keeps this task
        PeerRecord? record = null;
        try
        {
            record = Book.Choose(peer, label => new PeerRecord { Id = _store.NextPeerId(), Identity = peer.Identity, Label = label, Standing = standing });
            record.Typed = typed;
            record.Trust = verified ? ChatTrust.Verified : ChatTrust.Unverified;
            PeerRecord row = record;
            await _store.Writer.RunAsync(
                session =>
                {
                    session.InsertPeer(row);
                    also?.Invoke(session);
                },
                CancellationToken.None).ConfigureAwait(false);
            lock (peer)
            {
                peer.Record = record;
            }

            return record;
        }
        finally
        {
            if (peer.Record is null)
            {
                Book.Unchoose(peer, stays: peer.Conversation is not null);
            }

            peer.Insert = null;
        }
    }

    private async Task SeenAtAsync(PeerRecord record, PeerAddress seen, CancellationToken cancellationToken)
    {
        if (seen.Port > 0 && seen != record.Seen)
        {
            record.Seen = seen;
            await _store.Writer.RunAsync(session => session.UpdatePeer(record), cancellationToken).ConfigureAwait(false);
        }
    }

    // One conversation a peer. Of two dialled at once, both sides keep the one whose dialler has the smaller key;
    // otherwise the newer one is right, because whoever dialled it had lost the older. False when the peer is no longer
    // one to talk to: whatever made it so holds the same lock, and ends the conversation it finds.
    private bool Attach(Peer peer, Conversation conversation, Task<ConversationEnd> end)
    {
        Conversation? loser;
        lock (peer)
        {
            if (peer.IsBlocked || !Book.Lists(peer))
            {
                return false;
            }

            Conversation? existing = peer.Conversation;
            bool simultaneous = existing is not null && existing.Session.WeDialled != conversation.Session.WeDialled
                && _time.GetElapsedTime(existing.Started, conversation.Started).Duration() < _limits.Simultaneous;
            bool ourKeyIsSmaller = _local.Identity.CompareTo(peer.Identity) < 0;
            bool keepExisting = simultaneous && existing!.Session.WeDialled == ourKeyIsSmaller;
            loser = keepExisting ? conversation : existing;
            loser?.Close(CloseReason.Duplicate); // before anybody finds the other one: it must not take the messages from it
            if (!keepExisting)
            {
                peer.Conversation = conversation;
                peer.Reason = null;
                peer.ChangedKey = null; // it proved the key we know
            }
        }

        if (loser != conversation)
        {
            Track(FollowAsync(peer, conversation, end));
        }

        if (peer.Record is PeerRecord record)
        {
            peer.Conversation?.Accept(record); // the kept one may be a request that dialling has just approved
        }

        _changed.Pulse();
        return true;
    }

    // Ends the conversation, if there is one, and waits until it has ended.
    private async Task EndAsync(Peer peer, CloseReason reason)
    {
        Conversation? conversation = peer.Conversation;
        conversation?.Close(reason);
        if (conversation is not null)
        {
            Task ended = _changed.WhenAsync(() => peer.Conversation != conversation, _stop.Token);
            try
            {
                await ended.WaitAsync(2 * _limits.Farewell, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                conversation.Abort(); // it does not read, so it hears no farewell
                await ended.ConfigureAwait(false);
            }
        }
    }

    // When a conversation ends: say why, and dial again if that is wanted.
    private async Task<bool> FollowAsync(Peer peer, Conversation conversation, Task<ConversationEnd> ending)
    {
        ConversationEnd end = await ending.ConfigureAwait(false);
        lock (peer)
        {
            if (peer.Conversation != conversation)
            {
                return false;
            }

            peer.Conversation = null;
            peer.Reason = ReasonOf(end);
            peer.RedialPause = end.Reason is CloseReason.Refused or CloseReason.RequestDropped or CloseReason.StoreFailure ? _limits.RedialLast
                : end.Reason is CloseReason.Duplicate && peer.RedialPause < _limits.RedialFirst ? _limits.RedialFirst
                : _time.GetElapsedTime(conversation.Started) >= _limits.RedialDoubled ? TimeSpan.Zero
                : peer.RedialPause;
            peer.Paused |= end is { Reason: CloseReason.Disconnected, ByRemote: true };
            if (peer.Record is PeerRecord record)
            {
                record.SetLastSeen(_time.GetUtcNow().ToUnixTimeMilliseconds());
            }
            else
            {
                Book.RemoveRequest(peer); // it lives as long as its connection
            }
        }

        _changed.Pulse();
        Redial(peer);
        return true;
    }

    private static string ReasonOf(ConversationEnd end) => end switch
    {
        { Reason: CloseReason.Goodbye, ByRemote: true } => "its server was stopped",
        { Reason: CloseReason.Disconnected, ByRemote: true } => "it disconnected",
        { Reason: CloseReason.Disconnected } => "disconnected",
        { Reason: CloseReason.Refused } => "its user blocks us, or it takes no strangers",
        { Reason: CloseReason.RequestDropped } => "too many requests wait there",
        { Reason: CloseReason.StoreFailure, ByRemote: true } => "it cannot store messages now",
        { Reason: CloseReason.StoreFailure } => "messages cannot be stored here now",
        { Reason: not null } => "the conversation was closed",
        { Failure: ProtocolException protocol } => protocol.Message,
        { Failure: OperationCanceledException } => "it does not answer",
        _ => "the connection was lost",
    };

    private async Task WaitUntilSettledAsync(Peer peer, Conversation conversation, Task<ConversationEnd> end, CancellationToken cancellationToken)
    {
        // Ended as a duplicate: the other conversation is about to be there.
        bool HasEnded() => end.IsCompletedSuccessfully && end.Result.Reason != CloseReason.Duplicate && peer.Conversation is null;
        await _changed.WhenAsync(() => peer.Conversation is { Flowing: true } or { WaitsForApproval: true } || HasEnded(), cancellationToken)
            .WaitAsync(_limits.Handshake, _time, cancellationToken).ConfigureAwait(false);
        if (HasEnded())
        {
            ConversationEnd ended = await end.ConfigureAwait(false);
            throw ended.Reason is not null && ended.ByRemote
                ? ChatErrors.RefusedByPeer(peer.Label, ReasonOf(ended))
                : ChatErrors.ConnectionLost(peer.Label, ended.Failure);
        }
    }

    // A stranger asks to be let in. When too many wait, those who came first make room.
    private Peer Ask(IdentityKey identity, string name)
    {
        Peer asking;
        List<Peer> dropped = [];
        lock (_requests)
        {
            if (Book.Find(identity) is null)
            {
                List<Peer> waiting = [.. Book.All.Where(peer => peer is { Record: null, Chosen: false }).OrderBy(peer => peer.RequestNumber)];
                dropped.AddRange(waiting.Take(Math.Max(0, waiting.Count + 1 - _limits.Requests)).Where(Book.RemoveRequest));
            }

            asking = Book.GetOrAdd(identity, name, isRequest: true);
            if (asking.RequestNumber == 0)
            {
                asking.RequestNumber = ++_lastRequest;
            }
        }

        dropped.ForEach(peer => peer.Conversation?.Close(CloseReason.RequestDropped));
        return asking;
    }

    private void Tick()
    {
        _store.Expiry.Start(_store.Writer);
        foreach (Peer peer in Book.All)
        {
            peer.Conversation?.Tick();
        }

        ForgetExpiredInvitations();
    }
}
