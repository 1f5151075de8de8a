namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Ana and Bob with stores, a clock of Ana's and, if wanted, a proxy between them that can hold either direction.</summary>
internal sealed class DeliveryFixture : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;
    private readonly ManualResetEventSlim _passage = new(initialState: true);
    private bool _heldDirection;
    private TestProxy? _proxy;

    public ShiftedTime Clock { get; } = new();

    public ChatEngine Ana { get; private set; } = null!;

    public ChatEngine Bob { get; private set; } = null!;

    public string AnaPath => Path.Combine(_root, "ana");

    public int BobPort { get; private set; }

    public bool BobReceipts { get; init; }

    public static async Task<DeliveryFixture> StartAsync(bool proxied = false, bool bobReceipts = false)
    {
        DeliveryFixture fixture = new() { BobReceipts = bobReceipts };
        await fixture.StartBobAsync();
        await fixture.StartAnaAsync();
        if (proxied)
        {
            fixture._proxy = new TestProxy(fixture.BobPort) { Change = fixture.Pass };
        }

        await fixture.Ana.ConnectAsync("127.0.0.1", fixture._proxy?.Port ?? fixture.BobPort, null, null, TwoPeers.Patience);
        return fixture;
    }

    public async Task StartAnaAsync() => Ana = await TwoPeers.StartAsync("ana", path: AnaPath, time: Clock);

    public async Task StartBobAsync(bool? receipts = null)
    {
        Bob = await TwoPeers.StartAsync("bob", path: Path.Combine(_root, "bob"), port: BobPort, readReceipts: receipts ?? BobReceipts);
        BobPort = Bob.Server.Port;
    }

    public async Task StopBobAsync()
    {
        await Bob.StopAsync();
        _proxy?.Cut();
        await TwoPeers.UntilAsync(() => Ana.GetPeers().Single() is { State: ChatPeerState.Offline, Reason: not null }); // the end was noted, too
    }

    public async Task RestartAnaAsync()
    {
        await Ana.StopAsync();
        await StartAnaAsync();
    }

    /// <summary>From now on what goes to Bob, or what comes from him, does not arrive.</summary>
    public void Hold(bool toBob)
    {
        _heldDirection = toBob;
        _passage.Reset();
    }

    /// <summary>What was held is lost with its connection; a new one passes.</summary>
    public void Cut()
    {
        _proxy!.Cut();
        _passage.Set();
    }

    public async Task<ChatMessage> SendAsync(string text, TimeSpan? expiresIn = null)
    {
        ChatSender sender = Ana.OpenSender();
        ChatMessage message = await sender.QueueAsync(Ana.GetPeers().Single().Fingerprint, text, null, expiresIn, TwoPeers.Patience);
        await sender.FlushAsync(TwoPeers.Patience);
        return message;
    }

    public async Task<ChatMessage> DeliverAsync(string text) =>
        await Ana.WaitForStateAsync(await SendAsync(text), ChatMessageState.Delivered, TwoPeers.Patience);

    public ChatMessage Now(ChatMessage message) => Ana.FindMessages(message.Id).Single();

    public Task UntilAsync(ChatMessage message, ChatMessageState state) => TwoPeers.UntilAsync(() => Now(message).State == state);

    public IEnumerable<string> BobsTexts => TwoPeers.Inbox(Bob).Select(message => message.Text);

    public int Queued => Ana.GetPeers().Single().Queued;

    public List<ChatMessage> Outbox => [.. Ana.ReadOutbox(null, TwoPeers.Patience)];

    public async Task<ChatRemoval> RemoveAsync(ChatMessage message) => (await Ana.RemoveAsync([message], TwoPeers.Patience)).Single();

    public async ValueTask DisposeAsync()
    {
        _passage.Set();
        await Ana.StopAsync();
        await Bob.StopAsync();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    private void Pass(bool toBob, long position, Memory<byte> bytes)
    {
        if (toBob == _heldDirection)
        {
            _passage.Wait(TwoPeers.Patience);
        }
    }
}
