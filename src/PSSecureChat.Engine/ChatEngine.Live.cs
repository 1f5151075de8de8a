using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>For those who watch a conversation as it goes.</summary>
public sealed partial class ChatEngine
{
    /// <summary>A task that completes when anything changes next. Take it, look at what you watch, and only then wait for it.</summary>
    public Task NextChange => _changed.Next;

    /// <summary>A peer as it stands now, also when another key has taken its place since; null when it was removed.</summary>
    public ChatPeer? FindPeer(string fingerprint) => _network.Book.FindForMessages(fingerprint)?.Snapshot(Server.Name);

    /// <summary>An outgoing message as it stands now: the same object when nothing changed; null when it was removed or never stored.</summary>
    /// <exception cref="ChatException">ServerStopped, or the store's.</exception>
    public ChatMessage? Refresh(ChatMessage message)
    {
        if (message.Sequence == ChatMessage.NotStored || _network.Book.FindForMessages(message.PeerFingerprint) is not { Record: PeerRecord { Removed: false } record } peer)
        {
            return null;
        }

        (StoredState State, string? Note)? stored = (ToStored(message.State), message.Reason);
        long version = record.StateVersion; // before the row is read, so that no change between the two is overlooked
        if (version != message.StateVersion)
        {
            stored = Lookup(record, message.Id);
        }

        if (stored is null)
        {
            return null;
        }

        ChatMessageState now = StateOf(peer, message.Sequence, stored.Value.State);
        return now == message.State && version == message.StateVersion ? message : message.WithState(now, ReasonOf(peer, stored.Value.State, stored.Value.Note), version);
    }

    /// <summary>What happened with a peer lately, oldest first: what Verbose tells of the time when nobody called.</summary>
    /// <param name="fingerprint">The peer's; of one that is not known there is nothing to tell.</param>
    /// <param name="after">The number of the last line that is known already.</param>
    public IReadOnlyList<ChatStoryLine> StoryOf(string fingerprint, long after) => _network.Book.FindForMessages(fingerprint)?.Story.After(after) ?? [];
}
