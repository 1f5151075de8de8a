using System.Threading.Channels;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>Messages that may be sent, and those that may not any more.</summary>
internal sealed partial class Conversation
{
    private long _failing;
    private long _failed;
    private int _failingRefused;
    private int _lookAgain;

    // What waited for this conversation may leave once the store has noted that it may have left.
    private void Release(PeerRecord record, OutboxTail tail, long received) => _ = EnqueueAsync(new SendingBegun(record, tail, received, OutboxFailed));

    // The store cannot say now what may be sent: the next conversation asks again.
    private void OutboxFailed() => Close(Wire.CloseReason.StoreFailure);

    // A number that cannot be sent now. What is held or has just expired is settled by the writer, which as a rule wakes this loop.
    private bool Pass(OutboxTake take)
    {
        if (take == OutboxTake.Retired)
        {
            return Bridge(_nextToSend);
        }

        if (take == OutboxTake.Expired)
        {
            _store.Expiry.Start(_store.Writer);
            LookAgain(); // it may have been settled another way, of which nobody tells
        }

        return false;
    }

    // A text that no longer opens must not hold up those behind it: it fails, and only then is its number bridged.
    private bool PassDamaged(PeerRecord record, in MessageReader.Row row)
    {
        if (Volatile.Read(ref _failed) == row.Sequence)
        {
            return Bridge(row.Sequence);
        }

        if (Volatile.Read(ref _failing) != row.Sequence)
        {
            Volatile.Write(ref _failing, row.Sequence);
            _ = EnqueueAsync(new MessageFailed(record, row, Failed, FailingRefused));
        }

        return false;
    }

    private void Failed(long sequence)
    {
        Volatile.Write(ref _failed, sequence);
        Wake();
    }

    // On the writer's thread.
    private void FailingRefused()
    {
        Volatile.Write(ref _failingRefused, 1);
        Heartbeat?.Hasten(this);
    }

    private void LookAgain()
    {
        Volatile.Write(ref _lookAgain, 1);
        Heartbeat?.Hasten(this);
    }

    // With the clock's tick: a store that has just refused refuses again at once, and a time that is over stays over.
    private void TryAgain()
    {
        if (Interlocked.Exchange(ref _lookAgain, 0) == 1)
        {
            Wake();
        }

        if (Interlocked.Exchange(ref _failingRefused, 0) == 1)
        {
            Volatile.Write(ref _failing, 0);
            Wake();
        }
    }

    private async Task EnqueueAsync(StoreWork work)
    {
        try
        {
            await _store.Writer.EnqueueAsync(work, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            // the store or this conversation ends; the next conversation does it again
        }
    }

    private sealed class SendingBegun(PeerRecord peer, OutboxTail tail, long received, Action failed) : StoreWork
    {
        public override void Execute(WriterSession session) => session.BeginSending(peer, received);

        public override void Committed() => tail.Announce(peer.OutReleased);

        public override void Failed(ChatException failure) => failed();
    }

    private sealed class MessageFailed(PeerRecord peer, MessageReader.Row row, Action<long> stored, Action failed) : StoreWork
    {
        public override void Execute(WriterSession session) =>
            session.SetFailed(peer, row.Id, row.Message, "its text can no longer be read from the store");

        public override void Committed()
        {
            peer.Retire(row.Sequence, 0); // how long its text was cannot be read either; the acknowledgement settles it
            stored(row.Sequence);
        }

        public override void Failed(ChatException failure) => failed();
    }
}
