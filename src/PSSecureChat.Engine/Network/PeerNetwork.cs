using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Every conversation of one server: takes those who dial, dials those it knows, sees to it that there is one
/// conversation a peer, and knows each peer's state.
/// </summary>
internal sealed partial class PeerNetwork : IAsyncDisposable
{
    private readonly ChatStore _store;
    private readonly TransferBook _transfers;
    private readonly LocalParty _local;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ChatAcceptance _acceptFrom;
    private readonly ChangeSignal _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private readonly ConcurrentDictionary<Conversation, bool> _conversations = [];
    private readonly HashSet<Peer> _endedForRoom = []; // whose last conversation ended because its messages had no room here
    private readonly Heartbeat _heartbeat;
    private readonly ITimer _timer;
    private readonly InvitationBook _invitations;
    private readonly PartialFrames _partials;
    private readonly object _requests = new();
    private long _lastRequest;
    private Listener? _listener;

    public PeerNetwork(ChatStore store, TransferBook transfers, LocalParty local, Limits limits, TimeProvider time, ChatAcceptance acceptFrom, ChangeSignal changed)
    {
        _store = store;
        _transfers = transfers;
        _local = local;
        _limits = limits;
        _time = time;
        _acceptFrom = acceptFrom;
        _changed = changed;
        Book = new PeerBook(local.Identity, store.Peers);
        _partials = new PartialFrames(limits, time);
        _invitations = new InvitationBook(store.Invitations, limits.Invitations, time);
        _heartbeat = new Heartbeat(time);
        _timer = time.CreateTimer(_ => Tick(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>The peers.</summary>
    public PeerBook Book { get; }

    /// <summary>The memory that frames which are not yet whole take now.</summary>
    internal long PartialFramesForTestingOnly => _partials.Held;

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
            return fingerprint is null ? before : await KnowAsync(before.Identity, before.Label, null, verified: true, null, cancellationToken).ConfigureAwait(false);
        }

        return await ReachAsync(address, null, _limits, identity => Pin(identity, address, fingerprint, before, progress), fingerprint is not null, progress, cancellationToken).ConfigureAwait(false);
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
            if (conversation.RemoteClose is not null)
            {
                // A farewell already: it was one of two dialled at once, and the other stays. That may be a request, which
                // dialling has just approved.
                peer.Conversation?.Accept(peer.Record!);
            }
            else if (!Attach(peer, conversation, end))
            {
                conversation.Close(CloseReason.Refused);
                throw peer.IsBlocked ? ChatErrors.PeerBlocked(peer.Label) : ChatErrors.PeerUnknown(peer.Label);
            }

            progress?.Invoke($"{peer.Label} answers as {profile.Name}");
            await WaitUntilSettledAsync(peer, conversation, end, both.Token).ConfigureAwait(false);
            progress?.Invoke(peer.Conversation is { Flowing: true } flowing ? flowing.Position : $"the user of {peer.Label} has not let us in yet; messages wait");
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
        lock (peer)
        {
            peer.Paused = true; // whoever attaches a conversation sees it, or the conversation is found and ended
        }

        return EndAsync(peer, CloseReason.Disconnected);
    }

    /// <summary>Says farewell to everyone and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
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

    private void Pin(IdentityKey identity, PeerAddress address, string? fingerprint, Peer? before, Action<string>? progress)
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
        progress?.Invoke(fingerprint is not null ? "that is the fingerprint that was asked for"
            : Book.Find(identity)?.Record is not null ? $"that is the one known as {Book.Find(identity)!.Label}"
            : "nobody is known by it yet: it is pinned at this first contact, unverified");
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
        if (known.ChangedKey != found)
        {
            known.ChangedKey = found;
            Tell(known, $"another key answers: {found.Fingerprint}, not {known.Identity.Fingerprint}");
        }

        _changed.Pulse();
        return ChatErrors.KeyChanged(known.Label, known.Identity.Fingerprint, found.Fingerprint);
    }

    private Conversation Begin(SecureSession session, bool saysWait, out Task<ConversationEnd> end, bool refuses = false)
    {
        Conversation conversation = new(session, _store, _transfers, _local, _limits, _time, _changed) { SaysWait = saysWait, Refuses = refuses, Partials = _partials, Heartbeat = _heartbeat };
        _conversations.TryAdd(conversation, true);
        end = Track(conversation.RunAsync());
        _heartbeat.Add(conversation);
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

    // One conversation a peer. Of two dialled at once, both sides keep the one whose dialler has the smaller key;
    // otherwise the newer one is right, because whoever dialled it had lost the older. False when the peer is no longer
    // one to talk to: whatever made it so holds the same lock, and ends the conversation it finds. Here, too, and not before, a
    // pause ends: until then the end of the older conversation may begin one. Dialling again by itself ends none.
    private bool Attach(Peer peer, Conversation conversation, Task<ConversationEnd> end, bool again = false)
    {
        Conversation? loser;
        lock (peer)
        {
            if (peer.IsBlocked || !Book.Lists(peer) || (again && peer.Paused))
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
                conversation.Missed = count => Tell(peer, $"this store is older than what it had confirmed: {count} {(count == 1 ? "message" : "messages")} that {peer.Label} knows as delivered are not here, and do not come again");
                peer.Conversation = conversation;
                peer.Paused = false;
                peer.Reason = null;
                peer.RefusesUs = false;
                peer.ChangedKey = null; // it proved the key we know
            }
        }

        if (loser != conversation)
        {
            Tell(peer, $"{(conversation.Session.WeDialled ? "we dialled" : "it dialled us from")} {conversation.Session.Address}");
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
                _changed.Pulse(); // for whoever waited for this one
                return false;
            }

            NoteEnd(peer, conversation, end);
            if (peer.Record is PeerRecord record)
            {
                record.SetLastSeen(_time.GetUtcNow().ToUnixTimeMilliseconds());
            }
            else
            {
                Book.RemoveRequest(peer); // it lives as long as its connection
            }

            TimeSpan lasted = _time.GetElapsedTime(conversation.Started);
            Tell(peer, FormattableString.Invariant($"the conversation ended after {lasted:hh\\:mm\\:ss}, its keys renewed {conversation.Rekeys} times: {peer.Reason}"));
            peer.Conversation = null; // last: whoever waited for it finds the end with its reason and its story
        }

        _changed.Pulse();
        Redial(peer);
        return true;
    }

    // What an end says of the peer. Under its lock.
    private void NoteEnd(Peer peer, Conversation conversation, in ConversationEnd end)
    {
        peer.Reason = ReasonOf(end);
        peer.RefusesUs = end is { Reason: CloseReason.Refused or CloseReason.RequestDropped or CloseReason.InboxFull, ByRemote: true };
        peer.RedialPause = end.Reason is CloseReason.Refused or CloseReason.RequestDropped or CloseReason.StoreFailure or CloseReason.InboxFull ? _limits.RedialLast
            : end.Reason is CloseReason.Duplicate && peer.RedialPause < _limits.RedialFirst ? _limits.RedialFirst
            : _time.GetElapsedTime(conversation.Started) >= _limits.RedialDoubled ? TimeSpan.Zero
            : peer.RedialPause;
        peer.TheirInboxIsFull = end is { Reason: CloseReason.InboxFull, ByRemote: true };
        lock (_endedForRoom)
        {
            _ = end is { Reason: CloseReason.InboxFull, ByRemote: false } ? _endedForRoom.Add(peer) : _endedForRoom.Remove(peer);
        }

        peer.Paused |= end is { Reason: CloseReason.Disconnected, ByRemote: true };
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
        { Reason: CloseReason.InboxFull, ByRemote: true } => "its inbox is full",
        { Reason: CloseReason.InboxFull } => "its messages fill the inbox here",
        { Reason: not null } => "the conversation was closed",
        { Failure: ProtocolException or NoRoomException } => end.Failure.Message,
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

    private void Tell(Peer peer, string line) => peer.Story.Tell(_time.GetUtcNow(), line);

    private void Tick()
    {
        _store.Expiry.Start(_store.Writer);
        _heartbeat.Beat();
        foreach (Peer peer in TakeThoseWithRoom())
        {
            RedialNow(peer);
        }

        _store.LookAfterFiles();
        _store.Writer.Tidy();
        _store.SaveStream();

        ForgetExpiredInvitations();
    }

    private List<Peer> TakeThoseWithRoom()
    {
        lock (_endedForRoom)
        {
            List<Peer> withRoom = [.. _endedForRoom.Where(static peer => peer.Record is not { InboxIsFull: true })];
            _endedForRoom.ExceptWith(withRoom);
            return withRoom;
        }
    }
}
