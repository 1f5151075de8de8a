using PSSecureChat.Engine.Network;

namespace PSSecureChat.Engine;

/// <summary>Why messages wait.</summary>
public sealed partial class ChatEngine
{
    // What a message waits for that is neither delivered nor given up.
    private string WaitsFor(Peer peer, ChatMessage message)
    {
        ChatPeer now = peer.Snapshot(Server.Name);
        return now.State switch
        {
            ChatPeerState.Blocked => $"{now.Name} is blocked",
            ChatPeerState.KeyChanged => $"the key of {now.Name} has changed ({now.Reason})",
            ChatPeerState.Waiting => $"{now.Name} has not approved us yet",
            ChatPeerState.Online when message.State == ChatMessageState.Sent => $"{now.Name} has not confirmed it yet",
            ChatPeerState.Online => "its turn comes",
            _ when peer.TheirInboxIsFull => $"the inbox of {now.Name} is full: it takes no more until its user has read some",
            _ when now.LastSeen is DateTimeOffset seen => $"{now.Name} is not connected since {seen.LocalDateTime:yyyy-MM-dd HH:mm:ss}{Because(now.Reason)}",
            _ => $"{now.Name} is not connected{Because(now.Reason)}",
        };
    }

    private static string Because(string? why) => why is null ? "" : $": {why}";
}
