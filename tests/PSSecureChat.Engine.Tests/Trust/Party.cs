using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

/// <summary>What the tests of trust do with an engine, in their words.</summary>
internal static class Party
{
    /// <summary>Pauses a test can wait for, and no limit on connections that only a flood would meet.</summary>
    public static Limits Quick { get; } = Limits.Default with
    {
        RedialFirst = TimeSpan.FromMilliseconds(20),
        RedialDoubled = TimeSpan.FromMilliseconds(50),
        RedialLast = TimeSpan.FromMilliseconds(50),
        AcceptPerAddress = 10_000,
        AcceptPerAddressBurst = 10_000,
        AcceptInAll = 10_000,
        ConversationsPerPeer = 10_000,
        ConversationsPerPeerBurst = 10_000,
    };

    public static Task<ChatEngine> StartAsync(string name, ChatAcceptance accept = ChatAcceptance.Anyone, string? path = null, int port = 0, Limits? limits = null, TimeProvider? time = null) =>
        TwoPeers.StartAsync(name, accept, path, port, limits ?? Quick, time);

    public static Task<ChatPeer> DialAsync(this ChatEngine engine, ChatEngine other, string? fingerprint = null) => engine.DialAsync(other.Server.Port, fingerprint);

    public static Task<ChatPeer> DialAsync(this ChatEngine engine, int port, string? fingerprint = null) =>
        engine.ConnectAsync("127.0.0.1", port, fingerprint, null, TwoPeers.Patience);

    /// <summary>Tests the address of another.</summary>
    public static Task<ChatPeerTest> TestAsync(this ChatEngine engine, ChatEngine other) =>
        engine.TestAsync("127.0.0.1", other.Server.Port, TimeSpan.FromSeconds(20), null, TwoPeers.Patience);

    public static ChatPeer Peer(this ChatEngine engine, string name) => engine.GetPeers().Single(peer => peer.Name == name);

    public static Task UntilAsync(this ChatEngine engine, Func<bool> condition) => engine.WhenForTestingOnlyAsync(condition, TwoPeers.Patience);

    /// <summary>Waits until a peer of this name is in a state, and returns it.</summary>
    public static async Task<ChatPeer> UntilAsync(this ChatEngine engine, string name, ChatPeerState state)
    {
        ChatPeer? found = null;
        await engine.UntilAsync(() => (found = engine.GetPeers().SingleOrDefault(peer => peer.Name == name && peer.State == state)) is not null);
        return found!;
    }

    public static Task UntilReceivedAsync(this ChatEngine engine, int count) => engine.UntilAsync(() => TwoPeers.Inbox(engine).Count >= count);

    public static string[] Texts(this ChatEngine engine) => [.. TwoPeers.Inbox(engine).Select(message => message.Text)];

    public static async Task<ChatErrorId> ErrorOfAsync(Func<Task> action) => (await Assert.ThrowsAsync<ChatException>(action)).ErrorId;
}
