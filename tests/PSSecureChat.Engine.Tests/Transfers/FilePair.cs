using System.Security.Cryptography;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Faults;

namespace PSSecureChat.Engine.Tests.Transfers;

/// <summary>Ana, who sends files, and Bob, who receives them, with stores in a folder of their own, over a wire that can be cut.</summary>
internal sealed class FilePair : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;
    private readonly Limits _limits;
    private TestProxy _proxy = null!;
    private readonly int _bobPort = FreePort.Find();

    private FilePair(Limits limits) => _limits = limits;

    public ChatEngine Ana { get; private set; } = null!;

    public ChatEngine Bob { get; private set; } = null!;

    /// <summary>Where Bob's files go.</summary>
    public string Inbox => Path.Combine(_root, "inbox");

    public string Root => _root;

    /// <summary>Whether Bob takes everything by rule.</summary>
    public bool Rule { get; init; }

    public long RuleUpTo { get; init; } = long.MaxValue;

    /// <summary>Called on the way of every piece of bytes from Ana to Bob, with the number of those before.</summary>
    public Action<long>? OnWayToBob { get; set; }

    public static async Task<FilePair> StartAsync(bool rule = false, Limits? limits = null, long ruleUpTo = long.MaxValue)
    {
        FilePair pair = new((limits ?? Limits.Default) with { RedialFirst = TimeSpan.FromSeconds(0.05), RedialDoubled = TimeSpan.FromSeconds(0.2), RedialLast = TimeSpan.FromSeconds(0.2) }) { Rule = rule, RuleUpTo = ruleUpTo };
        Directory.CreateDirectory(pair.Inbox);
        await pair.StartBobAsync();
        pair._proxy = new TestProxy(pair._bobPort)
        {
            Change = (toBob, position, _) =>
            {
                if (toBob)
                {
                    pair.OnWayToBob?.Invoke(position);
                }
            },
        };
        await pair.StartAnaAsync();
        await pair.Ana.ConnectAsync("127.0.0.1", pair._proxy.Port, null, null, TwoPeers.Patience);
        return pair;
    }

    // Ana listens where Bob does not look for her: every connection is dialled by her, through the wire that can be cut.
    public async Task StartAnaAsync() => Ana = await ChatEngine.StartAsync(
        new ChatServerOptions { Name = "ana", Address = OperatingSystem.IsMacOS() ? "::1" : "127.0.0.2", Path = Path.Combine(_root, "ana"), AcceptFrom = ChatAcceptance.Anyone },
        _limits,
        TimeProvider.System,
        TwoPeers.Patience);

    public async Task StartBobAsync()
    {
        Bob = await ChatEngine.StartAsync(
            new ChatServerOptions
            {
                Name = "bob",
                Address = "127.0.0.1",
                Port = _bobPort,
                Path = Path.Combine(_root, "bob"),
                AcceptFrom = ChatAcceptance.Anyone,
                ReceiveFilesTo = Rule ? Inbox : null,
                ReceiveFilesUpTo = RuleUpTo,
            },
            _limits,
            TimeProvider.System,
            TwoPeers.Patience);
    }

    public void Cut() => _proxy.Cut();

    /// <summary>A file of Ana's with contents of no pattern.</summary>
    public string MakeFile(string name, int length)
    {
        string path = Path.Combine(_root, "from", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public Task<ChatTransfer> SendAsync(string path) => Ana.SendFileAsync(Ana.GetPeers().Single().Fingerprint, path, TwoPeers.Patience);

    /// <summary>Bob's side of a transfer, once he has it.</summary>
    public Task<ChatTransfer> AtBobAsync(ChatTransfer sent, params ChatTransferState[] states) => UntilAsync(() => Bob, sent, states);

    public Task<ChatTransfer> AtAnaAsync(ChatTransfer sent, params ChatTransferState[] states) => UntilAsync(() => Ana, sent, states);

    public async Task<ChatTransfer> TakeAsync(ChatTransfer sent, bool replace = false) =>
        await Bob.TakeFileAsync(await AtBobAsync(sent, ChatTransferState.Offered), Inbox, replace, TwoPeers.Patience);

    /// <summary>Waits until both sides say that it is there, and compares.</summary>
    public async Task<string> ArrivedAsync(ChatTransfer sent, string source)
    {
        ChatTransfer received = await AtBobAsync(sent, ChatTransferState.Completed);
        ChatTransfer done = await AtAnaAsync(sent, ChatTransferState.Completed);
        string expected = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(source, TwoPeers.Patience)));
        Assert.Equal((expected, expected), (received.Sha256, done.Sha256));
        Assert.Equal(expected, Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(received.Path!, TwoPeers.Patience))));
        Assert.Equal((100, 100), (received.PercentComplete, done.PercentComplete));
        return received.Path!;
    }

    public string[] InboxFiles => [.. Directory.GetFiles(Inbox).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public async ValueTask DisposeAsync()
    {
        await Ana.StopAsync();
        await Bob.StopAsync();
        await _proxy.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static async Task<ChatTransfer> UntilAsync(Func<ChatEngine> engine, ChatTransfer sent, ChatTransferState[] states)
    {
        CancellationToken patience = TwoPeers.Patience;
        while (true)
        {
            ChatEngine now = engine();
            long version = now.TransfersVersion;
            ChatTransfer? transfer = now.GetTransfers().FirstOrDefault(transfer => transfer.Id == sent.Id);
            if (transfer is not null && states.Contains(transfer.State))
            {
                return transfer;
            }

            Assert.False(transfer is { HasEnded: true }, $"{transfer}: {transfer?.Reason}");
            await now.WaitForTransfersAsync(version, patience);
        }
    }
}
