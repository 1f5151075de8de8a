using Benchmarks.Bare;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Contestants;

/// <summary>The program itself: two engines with stores on disk.</summary>
internal sealed class EngineContestant : Contestant
{
    public const string Kind = "engine";

    /// <summary>An engine tries again for ever, also when the other side's disk is full.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string s_text = new('x', TextSize);
    private readonly OtherProcess _other;
    private readonly ChatEngine _engine;
    private readonly string _peer;

    private EngineContestant(OtherProcess other, ChatEngine engine, string peer)
        : base("engine")
    {
        _other = other;
        _engine = engine;
        _peer = peer;
    }

    public static async Task<EngineContestant> ConnectAsync(ScratchFolder scratch)
    {
        OtherProcess other = OtherProcess.Start(Kind, scratch.Make("bob"));
        ChatEngine engine = await StartAsync("ana", scratch.Make("ana"));
        ChatPeer peer = await engine.ConnectAsync("127.0.0.1", other.Port, null, null, CancellationToken.None);
        return new EngineContestant(other, engine, peer.Fingerprint);
    }

    public static async Task<IAsyncDisposable> AnswerAsync(string folder, Action<int> listening)
    {
        ChatEngine engine = await StartAsync("bob", folder);
        listening(engine.Server.Port);
        return engine;
    }

    /// <param name="name">Its name.</param>
    /// <param name="folder">Where its store stands; null for none.</param>
    /// <param name="readReceipts">Whether it says what is read.</param>
    /// <param name="rekeys">Whether it asks for new keys; light peers have none.</param>
    public static Task<ChatEngine> StartAsync(string name, string? folder, bool readReceipts = false, bool rekeys = true) => ChatEngine.StartAsync(
        new ChatServerOptions { Name = name, Address = "127.0.0.1", Path = folder, Ephemeral = folder is null, AcceptFrom = ChatAcceptance.Anyone, ReadReceipts = readReceipts },
        Limits.Default with
        {
            AcceptPerAddress = 1_000_000,
            AcceptPerAddressBurst = 1_000_000,
            AcceptInAll = 1_000_000,
            InboxMessages = long.MaxValue, // nobody reads, however many rounds there are
            InboxBytes = long.MaxValue,
            RekeyAfter = rekeys ? Limits.Default.RekeyAfter : TimeSpan.FromDays(1),
            RekeyOverdue = rekeys ? Limits.Default.RekeyOverdue : TimeSpan.FromDays(1),
            RekeyRecords = rekeys ? Limits.Default.RekeyRecords : 1L << 60,
            RekeyBytes = rekeys ? Limits.Default.RekeyBytes : 1L << 60,
        },
        TimeProvider.System,
        CancellationToken.None);

    public static Task SendAsync(ChatEngine engine, string peer, int count) => SendAsync(engine, peer, Enumerable.Repeat(s_text, count));

    /// <summary>Sends these texts; completes when the last one is stored on the other side.</summary>
    public static async Task SendAsync(ChatEngine engine, string peer, IEnumerable<string> texts)
    {
        ChatSender sender = engine.OpenSender();
        ChatMessage? last = null;
        foreach (string text in texts)
        {
            last = await sender.QueueAsync(peer, text, null, CancellationToken.None);
        }

        await sender.FlushAsync(CancellationToken.None);
        await engine.WaitForStateAsync(last!, ChatMessageState.Delivered, CancellationToken.None).WaitAsync(Patience);
    }

    /// <summary>Sends so many messages to each peer, in runs as they fill a record; completes when all know the last one.</summary>
    public static async Task SendToAllAsync(ChatEngine engine, int each)
    {
        Dictionary<string, ChatMessage> last = [];
        ChatSender sender = engine.OpenSender();
        string[] peers = [.. engine.GetPeers().Select(static peer => peer.Fingerprint)];
        for (int left = each; left > 0; left -= BareArchive.Run)
        {
            foreach (string peer in peers)
            {
                for (int n = 0; n < Math.Min(left, BareArchive.Run); n++)
                {
                    last[peer] = await sender.QueueAsync(peer, s_text, null, CancellationToken.None);
                }
            }
        }

        await sender.FlushAsync(CancellationToken.None);
        foreach (ChatMessage message in last.Values)
        {
            await engine.WaitForStateAsync(message, ChatMessageState.Delivered, CancellationToken.None).WaitAsync(Patience);
        }
    }

    public override Task SendAsync(int count) => SendAsync(_engine, _peer, count);

    public override void Dispose()
    {
        _engine.StopAsync().GetAwaiter().GetResult();
        _other.Dispose();
    }
}
