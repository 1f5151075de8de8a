using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Contestants;

/// <summary>The program itself: hashed on both sides, brought to the disk, renamed.</summary>
internal sealed class EngineFileContestant : FileContestant
{
    public const string Kind = "engine-files";
    public const string Title = "engine";

    private readonly OtherProcess _other;
    private readonly ChatEngine _engine;
    private readonly string _peer;

    private EngineFileContestant(OtherProcess other, ChatEngine engine, string peer, string inbox)
        : base(Title, inbox)
    {
        _other = other;
        _engine = engine;
        _peer = peer;
    }

    public static async Task<EngineFileContestant> ConnectAsync(ScratchFolder scratch)
    {
        string store = scratch.Make("bob");
        string inbox = scratch.Make("bob.inbox");
        OtherProcess other = OtherProcess.Start(Kind, store);
        ChatEngine engine = await StartAsync("ana", scratch.Make("ana"), null);
        ChatPeer peer = await engine.ConnectAsync("127.0.0.1", other.Port, null, null, CancellationToken.None);
        return new EngineFileContestant(other, engine, peer.Fingerprint, inbox);
    }

    public static async Task<IAsyncDisposable> AnswerAsync(string folder, Action<int> listening)
    {
        ChatEngine engine = await StartAsync("bob", folder, folder + ".inbox");
        listening(engine.Server.Port);
        return engine;
    }

    public override async Task SendAsync(string path)
    {
        ChatTransfer transfer = await _engine.SendFileAsync(_peer, path, CancellationToken.None);
        while (!transfer.HasEnded)
        {
            long version = _engine.TransfersVersion;
            transfer = _engine.Refresh(transfer)!;
            if (!transfer.HasEnded)
            {
                await _engine.WaitForTransfersAsync(version, CancellationToken.None);
            }
        }

        if (transfer.State != ChatTransferState.Completed)
        {
            throw new InvalidOperationException(transfer.Reason);
        }
    }

    public override void Dispose()
    {
        _engine.StopAsync().GetAwaiter().GetResult();
        _other.Dispose();
    }

    private static Task<ChatEngine> StartAsync(string name, string folder, string? inbox) => ChatEngine.StartAsync(
        new ChatServerOptions { Name = name, Address = "127.0.0.1", Path = folder, AcceptFrom = ChatAcceptance.Anyone, ReceiveFilesTo = inbox },
        CancellationToken.None);
}
