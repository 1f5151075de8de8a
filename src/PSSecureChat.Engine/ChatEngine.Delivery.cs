using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>What becomes of messages: their states, the outbox, their removal.</summary>
public sealed partial class ChatEngine
{
    private const string Damaged = "it does not open: the store was changed or damaged";

    /// <summary>
    /// Completes with the message's newer self when it has come at least as far as the state given; throws when it can no
    /// longer come that far.
    /// </summary>
    /// <exception cref="ChatException">DeliveryFailed with the reason, ServerStopped.</exception>
    public async Task<ChatMessage> WaitForStateAsync(ChatMessage message, ChatMessageState state, CancellationToken cancellationToken)
    {
        if (message.Direction == ChatDirection.Incoming)
        {
            return message;
        }

        Peer peer = FindForMessages(message.PeerFingerprint);
        PeerRecord record = peer.Record ?? throw ChatErrors.PeerNotApproved(peer.Label);
        long version = message.StateVersion;
        (StoredState State, string? Note)? stored = (ToStored(message.State), message.Reason);
        ChatMessageState now = default;
        await _changed.WhenAsync(
            () =>
            {
                ThrowIfStopped();
                if (message.Sequence == ChatMessage.NotStored)
                {
                    throw ChatErrors.DeliveryFailed(peer.Label, "it was not stored");
                }

                if (record.StateVersion is long newer && newer != version)
                {
                    version = newer;
                    stored = Lookup(record, message.Id);
                }

                if (stored is null || record.Removed)
                {
                    throw ChatErrors.DeliveryFailed(peer.Label, "it was removed");
                }

                now = StateOf(peer, message.Sequence, stored.Value.State);
                return now is ChatMessageState.Failed or ChatMessageState.Expired && state != ChatMessageState.Queued
                    ? throw ChatErrors.DeliveryFailed(peer.Label, ReasonOf(peer, stored.Value.State, stored.Value.Note))
                    : now >= state;
            },
            cancellationToken).ConfigureAwait(false);
        return message.WithState(now, stored is null ? null : ReasonOf(peer, stored.Value.State, stored.Value.Note));
    }

    /// <summary>
    /// Messages that were not delivered, each with the reason, as they are enumerated: peer by peer, oldest first.
    /// </summary>
    /// <param name="fingerprints">Of these peers; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IEnumerable<ChatMessage> ReadOutbox(IReadOnlyCollection<string>? fingerprints, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        IEnumerable<Peer> peers = fingerprints is null
            ? _network.Book.All.OrderBy(peer => peer.Label, StringComparer.OrdinalIgnoreCase)
            : fingerprints.Select(FindForMessages);
        return peers.Where(peer => peer.Record is not null).SelectMany(peer => ReadOutbox(peer, peer.Record!, cancellationToken));
    }

    /// <summary>The stored messages of an id: one, unless peers made the same.</summary>
    public IReadOnlyList<ChatMessage> FindMessages(Guid id)
    {
        ThrowIfStopped();
        Dictionary<long, PeerView> peers = PeerViews();
        return [.. Read(reader => reader.ById(id)).Where(row => peers.ContainsKey(row.Peer)).Select(row => ToMessage(row, peers[row.Peer]))];
    }

    /// <summary>
    /// Removes messages from the store. What was not sent is thereby withdrawn: it never leaves. What was sent stays with
    /// its peer.
    /// </summary>
    /// <returns>What became of each, in the order given.</returns>
    public async Task<IReadOnlyList<ChatRemoval>> RemoveAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        MessageRemoval removal = new([.. messages.Select(message => (_network.Book.FindForMessages(message.PeerFingerprint)?.Record, message))]);
        try
        {
            await _store.Writer.EnqueueAsync(removal, cancellationToken).ConfigureAwait(false);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            throw ChatErrors.ServerStopped(Server.Name);
        }

        return await removal.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<ChatMessage> ReadOutbox(Peer peer, PeerRecord record, CancellationToken cancellationToken)
    {
        PeerView view = new(peer, record.StateVersion);
        long end = record.OutStored;
        long acknowledged = record.OutAcked;
        long from = 0;
        while (from <= end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<MessageReader.Row> page = Read(reader => reader.Outbox(record.Id, from, acknowledged));
            foreach (MessageReader.Row row in page)
            {
                ChatMessage message = ToMessage(row, view);
                if (message.State is not (ChatMessageState.Delivered or ChatMessageState.Read))
                {
                    yield return message.Reason is null ? message.WithState(message.State, WaitsFor(peer, message)) : message;
                }
            }

            from = page.Count > 0 ? page[^1].Sequence + 1 : from <= acknowledged ? acknowledged + 1 : end + 1;
        }
    }

    // A state that follows from the peer's numbers: what it acknowledged, what was handed to the network.
    private static ChatMessageState StateOf(Peer peer, long sequence, StoredState stored) => stored switch
    {
        StoredState.Open when sequence == 0 => ChatMessageState.Queued, // not committed yet
        StoredState.Open when sequence <= peer.Record!.OutAcked => ChatMessageState.Delivered,
        StoredState.Open when peer.Conversation is { Flowing: true } conversation && sequence <= conversation.SentUpTo => ChatMessageState.Sent,
        StoredState.Open => ChatMessageState.Queued,
        StoredState.ExpiredUnsettled => ChatMessageState.Expired,
        _ => (ChatMessageState)stored,
    };

    // What left before it was damaged has left; the rest can be neither read nor sent.
    private static ChatMessageState DamagedStateOf(Peer peer, in MessageReader.Row row) =>
        row.Direction == ChatDirection.Outgoing && StateOf(peer, row.Sequence, row.State) is ChatMessageState state && state != ChatMessageState.Queued ? state : ChatMessageState.Failed;

    private static StoredState ToStored(ChatMessageState state) =>
        state is ChatMessageState.Read or ChatMessageState.Failed or ChatMessageState.Expired ? (StoredState)state : StoredState.Open;

    private static string? ReasonOf(Peer peer, StoredState stored, string? note) => stored switch
    {
        StoredState.Failed => note ?? "it failed",
        StoredState.Expired => "its time ran out before it was delivered",
        StoredState.ExpiredUnsettled => $"its time ran out; whether it had arrived is known when {peer.Label} is back",
        _ => null,
    };

    private (StoredState State, string? Note)? Lookup(PeerRecord record, Guid message) => Read(reader => reader.StateOf(record.Id, message));

    private T Read<T>(Func<MessageReader, T> read)
    {
        MessageReader? reader = null;
        try
        {
            reader = _store.Rent();
            return read(reader);
        }
        catch (Exception e) when (e is SqliteException or System.Security.Cryptography.CryptographicException or ObjectDisposedException)
        {
            throw _store.IsClosed ? ChatErrors.ServerStopped(Server.Name) : ChatErrors.FromStore(_store.Shown, e);
        }
        finally
        {
            if (reader is not null)
            {
                _store.Return(reader);
            }
        }
    }

    // The versions are taken before the rows are read, so that no change between the two is overlooked.
    private Dictionary<long, PeerView> PeerViews() => _network.Book.All.Where(peer => peer.Record is not null)
        .ToDictionary(peer => peer.Record!.Id, peer => new PeerView(peer, peer.Record!.StateVersion));

    private ChatMessage ToMessage(MessageReader.Row row, in PeerView view) => new()
    {
        Id = row.Message,
        Index = row.Id,
        Sequence = row.Sequence,
        Peer = view.Peer.Label,
        PeerFingerprint = view.Peer.Identity.Fingerprint,
        Server = Server.Name,
        Direction = row.Direction,
        Text = row.Text,
        Kind = row.IsDamaged ? ChatMessageKind.Text : row.Kind, // no text, so no JSON either
        SentAt = FromMilliseconds(row.SentAt),
        StoredAt = FromMilliseconds(row.StoredAt),
        Expiry = Math.Min(row.ExpiresAt, LatestMilliseconds),
        State = row.IsDamaged ? DamagedStateOf(view.Peer, row) : StateOf(view.Peer, row.Sequence, row.State),
        Reason = row.IsDamaged ? Damaged : ReasonOf(view.Peer, row.State, row.Note),
        InReplyTo = row.InReplyTo,
        StateVersion = view.StateVersion,
    };

    private readonly record struct PeerView(Peer Peer, long StateVersion);
}
