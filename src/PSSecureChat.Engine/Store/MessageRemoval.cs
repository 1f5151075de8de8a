namespace PSSecureChat.Engine.Store;

/// <summary>Removes messages; those not sent yet never leave.</summary>
/// <param name="messages">The messages and their peers; no peer for one that is gone.</param>
internal sealed class MessageRemoval(IReadOnlyList<(PeerRecord? Peer, ChatMessage Message)> messages) : StoreWork
{
    private readonly ChatRemoval[] _results = new ChatRemoval[messages.Count];
    private readonly Retirement _retirement = new();
    private readonly TaskCompletionSource<IReadOnlyList<ChatRemoval>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<ChatRemoval>> Done => _done.Task;

    public override int Weight => messages.Count;

    public override void Execute(WriterSession session)
    {
        _retirement.Settle(committed: false); // of a run that was rolled back
        for (int i = 0; i < messages.Count; i++)
        {
            _results[i] = messages[i].Peer is PeerRecord peer ? Remove(session, peer, messages[i].Message) : ChatRemoval.NotFound;
        }
    }

    public override void Committed()
    {
        _retirement.Settle(committed: true);
        _done.TrySetResult(_results);
    }

    public override void Failed(ChatException failure)
    {
        _retirement.Settle(committed: false);
        _done.TrySetException(failure.ErrorId == ChatErrorId.DiskFull ? ChatErrors.NoRoomToRemove($"{failure.Target}", failure) : failure);
    }

    private ChatRemoval Remove(WriterSession session, PeerRecord peer, ChatMessage message)
    {
        if (!session.Find(peer, message.Direction, message.Id, out long row, out long sequence, out StoredState state, out long bytes))
        {
            return ChatRemoval.NotFound;
        }

        session.Delete(peer, row, state, bytes);
        if (message.Direction == ChatDirection.Incoming)
        {
            return ChatRemoval.Removed;
        }

        if (state != StoredState.Open)
        {
            _retirement.GiveUp(peer, sequence, bytes); // what the peer says it read, say, before it acknowledged it
            return state == StoredState.ExpiredUnsettled ? ChatRemoval.MayHaveArrived : ChatRemoval.Removed;
        }

        OutboxFate fate = _retirement.Hold(peer, sequence, bytes);
        if (fate is OutboxFate.InFlight or OutboxFate.Unknown)
        {
            _retirement.GiveUp(peer, sequence, bytes);
            return ChatRemoval.MayHaveArrived;
        }

        return fate switch
        {
            OutboxFate.Held => ChatRemoval.Withdrawn,
            OutboxFate.HeldAgain => ChatRemoval.MayHaveArrived,
            _ => ChatRemoval.Removed,
        };
    }
}
