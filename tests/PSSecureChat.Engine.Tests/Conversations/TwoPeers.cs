using PSSecureChat.Engine;
using PSSecureChat.Faults;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Two engines on loopback, the fixture of every test that needs a conversation.</summary>
internal sealed class TwoPeers : IAsyncDisposable
{
    public required ChatEngine Ana { get; init; }

    public required ChatEngine Bob { get; init; }

    public static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static Task<ChatEngine> StartAsync(string name, ChatAcceptance accept = ChatAcceptance.Anyone, string? path = null, int port = 0, Limits? limits = null, TimeProvider? time = null, bool readReceipts = false) =>
        ChatEngine.StartAsync(
            new ChatServerOptions { Name = name, Address = "127.0.0.1", Port = port == 0 ? FreePort.Find() : port, Ephemeral = path is null, Path = path, AcceptFrom = accept, ReadReceipts = readReceipts },
            limits ?? Limits.Default,
            time ?? TimeProvider.System,
            Patience);

    /// <summary>Starts both; Ana has dialled Bob.</summary>
    public static async Task<TwoPeers> ConnectedAsync(string? anaPath = null, string? bobPath = null)
    {
        ChatEngine ana = await StartAsync("ana", path: anaPath);
        ChatEngine bob = await StartAsync("bob", path: bobPath);
        await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, Patience);
        return new TwoPeers { Ana = ana, Bob = bob };
    }

    public static async Task<ChatMessage> SendAsync(ChatEngine from, string to, string text)
    {
        ChatPeer peer = from.GetPeers().Single(peer => peer.Name == to);
        ChatSender sender = from.OpenSender();
        ChatMessage message = await sender.QueueAsync(peer.Fingerprint, text, null, Patience);
        await sender.FlushAsync(Patience);
        return message;
    }

    public static List<ChatMessage> Inbox(ChatEngine engine) =>
        [.. engine.ReadMessages(new MessageQuery { Direction = ChatDirection.Incoming }, Patience)];

    /// <summary>Waits until a condition holds; fails when patience ends.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        CancellationToken patience = Patience;
        while (!condition())
        {
            await Task.Delay(10, patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Ana.StopAsync();
        await Bob.StopAsync();
    }
}
