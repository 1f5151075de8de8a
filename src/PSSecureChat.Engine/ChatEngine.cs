using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine;

/// <summary>
/// The front of one running peer: start, connect, send, read, stop. Every member may be called from any
/// thread. Failures a user can meet are <see cref="ChatException"/>s.
/// </summary>
public sealed partial class ChatEngine : IAsyncDisposable
{
    // A day before the calendar's end, so that every time zone can show it.
    private const long LatestMilliseconds = 253_402_214_400_000;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly TimeProvider _time;
    private readonly ChangeSignal _changed;
    private readonly ChatStore _store;
    private readonly TransferBook _transfers;
    private readonly LocalParty _local;
    private readonly PeerNetwork _network;
    private readonly object _gate = new();
    private Task? _stopping;

    private ChatEngine(ChatServerOptions options, ChatStore store, LocalParty local, IPEndPoint endpoint, Limits limits, TimeProvider time, ChangeSignal changed)
    {
        _time = time;
        _changed = changed;
        _store = store;
        _local = local;
        _transfers = new TransferBook(store, limits, time, changed, RuleOf(options));
        _network = new PeerNetwork(store, _transfers, local, limits, time, options.AcceptFrom, changed);
        Server = new ChatServer(this)
        {
            Name = options.Name,
            Address = (endpoint.Address.IsIPv4MappedToIPv6 ? endpoint.Address.MapToIPv4() : endpoint.Address).ToString(),
            Port = endpoint.Port,
            Fingerprint = store.Identity.PublicKey.Fingerprint,
            Path = store.Path,
            Ephemeral = options.Ephemeral,
            ReadReceipts = options.ReadReceipts,
            AcceptFrom = options.AcceptFrom,
            StartedAt = time.GetLocalNow(),
        };
    }

    /// <summary>The server object this engine stands behind.</summary>
    public ChatServer Server { get; }

    /// <summary>The largest <see cref="ChatMessage.Index"/> that is stored.</summary>
    public long LastIndex => _store.Writer.CommittedRow;

    /// <summary>Starts a server: opens its store, listens, and dials the peers it knows.</summary>
    public static Task<ChatEngine> StartAsync(ChatServerOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, Limits.Default, TimeProvider.System, cancellationToken);

    /// <summary>The same with limits and a clock of the caller's.</summary>
    internal static async Task<ChatEngine> StartAsync(ChatServerOptions options, Limits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PeerName.IsUsable(options.Name))
        {
            throw ChatErrors.NameNotUsable(options.Name);
        }

        if (options.ReceiveFilesTo is string folder && !Directory.Exists(folder))
        {
            throw ChatErrors.DestinationNotUsable(folder, "there is no such folder");
        }

        // Listen first: a port in use is the likeliest failure, and must leave no store behind.
        Socket socket = await Listener.BindAsync(options.Address, options.Port, cancellationToken).ConfigureAwait(false);
        ChangeSignal changed = new();
        ChatStore? store = null;
        ChatEngine? engine = null;
        try
        {
            options.Progress?.Invoke($"listening on {socket.LocalEndPoint}; opening {(options.Ephemeral ? "a store that goes with the server" : options.Passphrase.IsEmpty ? "the store" : "the store with the passphrase, which takes a moment")}");
            string? path = options.Ephemeral ? null : options.Path ?? StoreFolder.DefaultPath(options.Name);
            store = await StoreOpening.RunAsync(
                path,
                () => ChatStore.Open(path, options.Passphrase.Span, limits, time, changed.Pulse, e => engine?.Fail(e), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (!options.ReadReceipts)
            {
                await store.Writer.RunAsync(static session => session.ForgetReceipts(), cancellationToken).ConfigureAwait(false);
            }

            IPEndPoint endpoint = (IPEndPoint)socket.LocalEndPoint!;
            LocalParty local = new(store.Identity, time, SystemRandomSource.Instance) { Profile = new Profile(options.Name, [Capability.TakesReceipts, Capability.Files], endpoint.Port) };
            engine = new ChatEngine(options, store, local, endpoint, limits, time, changed);
            engine._network.Start(socket, engine.Fail);
            options.Progress?.Invoke($"the store is open; this server's fingerprint is {store.Identity.PublicKey.Fingerprint}; {store.Peers.Count} peers are known, those with an address are being dialled");
            return engine;
        }
        catch
        {
            socket.Dispose();
            if (store is not null)
            {
                await store.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>The engine behind a server object.</summary>
    public static ChatEngine Of(ChatServer server) => (ChatEngine)server.Engine;

    /// <summary>Closes every conversation with a farewell, commits what waits, closes the store. Idempotent.</summary>
    public Task StopAsync() => StopAsync(null);

    /// <summary>The same.</summary>
    /// <param name="progress">Told what is being done, for Verbose, unless it is being stopped already. Called on other threads.</param>
    public Task StopAsync(Action<string>? progress) => End(ChatServerState.Stopped, null, progress);

    /// <summary>The same as <see cref="StopAsync"/>.</summary>
    public ValueTask DisposeAsync() => new(StopAsync());

    /// <summary>The peers, from memory, ordered by name.</summary>
    public IReadOnlyList<ChatPeer> GetPeers() =>
        [.. _network.Book.All.OrderBy(peer => peer.Label, StringComparer.OrdinalIgnoreCase).Select(peer => peer.Snapshot(Server.Name))];

    /// <summary>Dials an address and shakes hands. An existing conversation with the same peer is reused.</summary>
    /// <param name="host">Address or host name.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="fingerprint">The fingerprint the peer must have, or null to pin what answers.</param>
    /// <param name="progress">Told what is being done, for Verbose; may be null. Called on other threads.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<ChatPeer> ConnectAsync(string host, int port, string? fingerprint, Action<string>? progress, CancellationToken cancellationToken)
    {
        CheckAddress(host, port);
        string? expected = Normalize(fingerprint);
        ThrowIfStopped();
        Peer peer = await _network.ConnectAsync(new PeerAddress(host, port), expected, progress, cancellationToken).ConfigureAwait(false);
        return peer.Snapshot(Server.Name);
    }

    /// <summary>Ends the conversation and does not redial until <see cref="ConnectAsync"/> or the peer itself dials.</summary>
    public Task DisconnectAsync(string fingerprint) => _network.DisconnectAsync(Find(fingerprint));

    /// <summary>Connects to whoever gave an invitation, and marks it verified.</summary>
    /// <param name="invitation">The line.</param>
    /// <param name="fingerprint">The fingerprint the inviter must have, or null.</param>
    /// <param name="progress">Told what is being done, for Verbose; may be null. Called on other threads.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<ChatPeer> ConnectAsync(string invitation, string? fingerprint, Action<string>? progress, CancellationToken cancellationToken)
    {
        using Invitation read = ReadInvitation(invitation);
        string? expected = Normalize(fingerprint);
        if (expected is not null && expected != read.Identity.Fingerprint)
        {
            throw ChatErrors.FingerprintMismatch($"{read.Hosts[0]}:{read.Port}", expected, read.Identity.Fingerprint);
        }

        ThrowIfStopped();
        Peer peer = await _network.ConnectAsync(read, progress, cancellationToken).ConfigureAwait(false);
        return peer.Snapshot(Server.Name);
    }

    /// <summary>Whether a text means to be an invitation and not an address.</summary>
    public static bool IsInvitation(string? text) => Invitation.IsMeant(text);

    /// <summary>Makes an invitation: one line with a secret that lets one stranger in, once.</summary>
    /// <param name="hosts">Addresses or host names under which the other side reaches this server; none for those of this machine.</param>
    /// <param name="port">The port there; null for the one this server listens on.</param>
    /// <param name="life">How long it is good.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChatException">AddressNotUsable, InvitationNotUsable (the time), TooManyInvitations.</exception>
    public Task<string> InviteAsync(IReadOnlyList<string> hosts, int? port, TimeSpan life, CancellationToken cancellationToken)
    {
        if (life < TimeSpan.FromSeconds(1) || life > Limits.MaxInvitationLife)
        {
            throw ChatErrors.InvitationLifeNotUsable(life);
        }

        if (port is < 1 or > ushort.MaxValue)
        {
            throw ChatErrors.PortNotUsable(port.Value);
        }

        if (hosts.Count == 0)
        {
            hosts = LocalAddresses.Reachable(IPAddress.Parse(Server.Address));
        }

        if (hosts.Count is 0 or > Limits.MaxInvitationHosts)
        {
            throw ChatErrors.InvitationHostsNotUsable(hosts.Count);
        }

        if (hosts.FirstOrDefault(static host => Uri.CheckHostName(host) == UriHostNameType.Unknown) is string unusable)
        {
            throw ChatErrors.AddressNotUsable(unusable);
        }

        return DecideAsync(() => _network.InviteAsync(hosts, port ?? Server.Port, life, cancellationToken), cancellationToken);
    }

    /// <summary>Lets a request in, or goes on with the key that answers for a known peer: its messages are delivered there.</summary>
    /// <param name="fingerprint">The peer's, the known one.</param>
    /// <param name="newFingerprint">The changed key that was looked at, null when there was none: no other one is meant.</param>
    /// <param name="safetyNumber">The number read from the other side, or null: then the peer stays unverified.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChatException">FingerprintMismatch, KeyChanged, PeerBlocked, PeerAlreadyKnown.</exception>
    public Task ApproveAsync(string fingerprint, string? newFingerprint, string? safetyNumber, CancellationToken cancellationToken) =>
        DecideAsync(() => _network.ApproveAsync(Find(fingerprint), newFingerprint, safetyNumber is null ? null : NormalizeSafetyNumber(safetyNumber)), cancellationToken);

    /// <summary>Marks a peer verified. A number that is not the peer's is an error and changes nothing.</summary>
    public Task ConfirmAsync(string fingerprint, string safetyNumber, CancellationToken cancellationToken) =>
        DecideAsync(() => _network.ConfirmAsync(Find(fingerprint), NormalizeSafetyNumber(safetyNumber)), cancellationToken);

    /// <summary>Refuses a peer from now on. Its messages stay.</summary>
    public Task BlockAsync(string fingerprint, CancellationToken cancellationToken) => DecideAsync(() => _network.BlockAsync(Find(fingerprint)), cancellationToken);

    /// <summary>Lets a blocked peer in again. One that was a request when it was blocked is a stranger again.</summary>
    public Task UnblockAsync(string fingerprint, CancellationToken cancellationToken) => DecideAsync(() => _network.UnblockAsync(Find(fingerprint)), cancellationToken);

    /// <summary>Deletes a peer and all messages from and to it. If it comes back, it is a stranger.</summary>
    public Task RemoveAsync(string fingerprint, CancellationToken cancellationToken) => DecideAsync(
        async () =>
        {
            Peer peer = Find(fingerprint);
            PeerRecord? record = peer.Record;
            await _network.RemoveAsync(peer).ConfigureAwait(false);
            if (record is not null)
            {
                _transfers.Forget(record);
            }
        },
        cancellationToken);

    /// <summary>A way to send, for one caller.</summary>
    public ChatSender OpenSender() => new(this);

    /// <summary>Reads the messages that are stored now, oldest first, on the calling thread, as they are enumerated.</summary>
    public IEnumerable<ChatMessage> ReadMessages(MessageQuery query, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        long upTo = LastIndex; // before the peers are looked at: who comes later has no message up to here
        Dictionary<long, PeerView> peers = PeerViews();
        IEnumerable<Peer>? among = query.Peers?.Select(FindForMessages) ?? (query.UnreadOnly ? _network.Book.All : null);
        List<long>? only = among is null ? null : [.. among.Where(peer => peer.Record is PeerRecord record && (!query.UnreadOnly || record.Unread > 0)).Select(peer => peer.Record!.Id).Distinct()];
        MessageFinder finder = new(_store, query, only, upTo, Server.Name);
        return finder.Find(cancellationToken).Where(row => peers.ContainsKey(row.Peer)).Select(row => ToMessage(row, peers[row.Peer]));
    }

    /// <summary>Marks received messages as read.</summary>
    public async Task MarkReadAsync(IReadOnlyCollection<ChatMessage> messages, CancellationToken cancellationToken)
    {
        List<(PeerRecord Peer, long Row, bool Receipt)> rows = [];
        foreach (ChatMessage message in messages)
        {
            if (message is { Direction: ChatDirection.Incoming, State: not ChatMessageState.Read } && _network.Book.FindForMessages(message.PeerFingerprint)?.Record is PeerRecord record)
            {
                rows.Add((record, message.Index, Server.ReadReceipts && message.Unread)); // nobody has read what does not open
            }
        }

        await MarkReadAsync(rows).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // Whole, whoever waits: what is marked has its receipts.
    private async Task MarkReadAsync(List<(PeerRecord Peer, long Row, bool Receipt)> rows)
    {
        if (rows.Count > 0)
        {
            await WriteAsync(session => rows.ForEach(row => session.MarkRead(row.Peer, row.Row, row.Receipt)), CancellationToken.None).ConfigureAwait(false);
        }

        if (Server.ReadReceipts)
        {
            foreach (PeerRecord record in rows.Select(row => row.Peer).Distinct())
            {
                _network.Book.Find(record.Identity)?.Conversation?.ReceiptsDue();
            }
        }
    }

    /// <summary>Completes when <see cref="LastIndex"/> is larger than the index given.</summary>
    public Task WaitForMessagesAsync(long afterIndex, CancellationToken cancellationToken) => _changed.WhenAsync(
        () =>
        {
            ThrowIfStopped();
            return LastIndex > afterIndex;
        },
        cancellationToken);

    internal async ValueTask<ChatMessage> QueueAsync(ChatSender sender, string fingerprint, string text, ChatMessageKind kind, Guid? inReplyTo, TimeSpan? expiresIn, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        Peer peer = Find(fingerprint);
        if (peer.Record is not PeerRecord record)
        {
            throw ChatErrors.PeerNotApproved(peer.Label);
        }

        if (record.IsBlocked)
        {
            throw ChatErrors.PeerBlocked(peer.Label);
        }

        CheckText(text);
        DateTimeOffset now = _time.GetLocalNow();
        ChatMessage message = new()
        {
            Id = UuidV7.Create(now),
            Peer = peer.Label,
            PeerFingerprint = fingerprint,
            Server = Server.Name,
            Direction = ChatDirection.Outgoing,
            Text = text,
            Kind = kind,
            SentAt = now,
            StoredAt = now,
            State = ChatMessageState.Queued,
            InReplyTo = inReplyTo,
            Expiry = expiresIn is TimeSpan life ? Expiry(now, life) : 0,
            StateVersion = record.StateVersion,
        };
        try
        {
            await _store.Writer.EnqueueAsync(record, message, sender, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw ChatErrors.ServerStopped(Server.Name);
        }

        return message;
    }

    /// <summary>The memory that frames which are not yet whole take now.</summary>
    internal long PartialFramesForTestingOnly => _network.PartialFramesForTestingOnly;

    /// <summary>How many times the keys of the live conversations were renewed.</summary>
    internal int RekeysForTestingOnly => _network.Book.All.Sum(peer => peer.Conversation?.Rekeys ?? 0);

    /// <summary>Completes when a condition on this engine's state holds.</summary>
    internal Task WhenForTestingOnlyAsync(Func<bool> condition, CancellationToken cancellationToken) => _changed.WhenAsync(condition, cancellationToken);

    internal Task WriterBarrierForTestingOnlyAsync(CancellationToken cancellationToken) => WriteAsync(static _ => { }, cancellationToken);

    // What was decided is done whole, whoever waits for it: the token ends the wait alone.
    private async Task<T> DecideAsync<T>(Func<Task<T>> decision, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        try
        {
            return await decision().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw ChatErrors.ServerStopped(Server.Name);
        }
    }

    private async Task DecideAsync(Func<Task> decision, CancellationToken cancellationToken) => await DecideAsync<bool>(
        async () =>
        {
            await decision().ConfigureAwait(false);
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    private static string? Normalize(string? fingerprint) =>
        fingerprint is null ? null
        : Fingerprint.TryNormalize(fingerprint, out string? canonical) ? canonical
        : throw ChatErrors.FingerprintNotUsable(fingerprint);

    private static string NormalizeSafetyNumber(string safetyNumber) =>
        SafetyNumber.TryNormalize(safetyNumber, out string? canonical) ? canonical : throw ChatErrors.SafetyNumberNotUsable(safetyNumber);

    private static Invitation ReadInvitation(string text)
    {
        try
        {
            return Invitation.Parse(text);
        }
        catch (ProtocolException e)
        {
            throw ChatErrors.InvitationNotUsable(e.Message);
        }
    }

    private static void CheckAddress(string host, int port)
    {
        if (string.IsNullOrWhiteSpace(host) || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw ChatErrors.AddressNotUsable(host);
        }

        if (port is < 1 or > ushort.MaxValue)
        {
            throw ChatErrors.PortNotUsable(port);
        }
    }

    private static void CheckText(string text)
    {
        int bytes;
        try
        {
            bytes = s_strictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw ChatErrors.TextNotUsable();
        }

        if (bytes > Limits.MaxTextBytes)
        {
            throw ChatErrors.TextTooLarge(bytes);
        }
    }

    private static long Expiry(DateTimeOffset now, TimeSpan life) =>
        life > TimeSpan.Zero && life <= DateTimeOffset.MaxValue - now - TimeSpan.FromDays(1) ? (now + life).ToUnixTimeMilliseconds() : throw ChatErrors.ExpiryNotUsable(life);

    // A peer's clock may say anything; a time beyond the calendar becomes its end.
    private static DateTimeOffset FromMilliseconds(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, LatestMilliseconds)).ToLocalTime();

    private Peer FindForMessages(string fingerprint) => _network.Book.FindForMessages(fingerprint) ?? throw ChatErrors.PeerUnknown(fingerprint);

    private Peer Find(string fingerprint) => _network.Book.Find(fingerprint) ?? throw ChatErrors.PeerUnknown(fingerprint);

    private async Task WriteAsync(Action<WriterSession> action, CancellationToken cancellationToken)
    {
        try
        {
            await _store.Writer.RunAsync(action, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw ChatErrors.ServerStopped(Server.Name);
        }
    }

    private void ThrowIfStopped()
    {
        if (Server.State != ChatServerState.Running)
        {
            throw ChatErrors.ServerStopped(Server.Name);
        }
    }

    private void Fail(Exception failure) => _ = End(ChatServerState.Failed, failure.Message, null);

    // The first end counts. From here on nothing more is taken, however long the rest takes.
    private Task End(ChatServerState state, string? failure, Action<string>? progress)
    {
        lock (_gate)
        {
            if (_stopping is null)
            {
                Server.SetState(state, failure);
                _stopping = Task.Run(() => CloseAsync(progress));
            }

            return _stopping;
        }
    }

    private async Task CloseAsync(Action<string>? progress)
    {
        _changed.Pulse();
        progress?.Invoke($"saying farewell to {_network.Book.All.Count(static peer => peer.Conversation is not null)} peers; nobody is taken any more at {Server.Endpoint}");
        await _network.DisposeAsync().ConfigureAwait(false);
        await _transfers.DisposeAsync().ConfigureAwait(false);
        progress?.Invoke("every conversation has ended; the store commits what waits");
        await _store.DisposeAsync().ConfigureAwait(false);
        progress?.Invoke("the store is closed");
        _local.Dispose();
        _changed.Pulse();
    }
}
