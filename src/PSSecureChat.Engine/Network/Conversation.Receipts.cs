using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Read receipts, in both directions. One Read is under way at a time: it is answered once it is stored there, and only
/// then are its receipts forgotten here. So none is lost with a connection, and neither side holds more than one.
/// </summary>
internal sealed partial class Conversation
{
    private const int ReceiptsIdle = 0;
    private const int ReceiptsSent = 1;
    private const int ReceiptsStored = 2;
    private const int ReceiptsKept = 3; // stored there, and could not be forgotten here

    private readonly Queue<StoreWork> _readWork = new();
    private List<MessageReader.Receipt> _receipts = [];
    private int _receiptState;
    private int _receiptsDue;
    private int _readStoredDue;
    private volatile bool _readUnanswered;

    /// <summary>Called when receipts for the peer were stored.</summary>
    public void ReceiptsDue()
    {
        Interlocked.Exchange(ref _receiptsDue, 1);
        Wake();
    }

    void IFrameHandler.On(in ReadFrame frame)
    {
        if (!IsFlowing || _readUnanswered)
        {
            throw new ProtocolException("a Read that is not due");
        }

        _readUnanswered = true;
        _readWork.Enqueue(new ReadNoted(_record!, frame.Ids.ToArray(), ReadFinished));
    }

    void IFrameHandler.On(in ReadStoredFrame frame)
    {
        if (Interlocked.CompareExchange(ref _receiptState, ReceiptsStored, ReceiptsSent) != ReceiptsSent)
        {
            throw new ProtocolException("an answer to a Read that was not sent");
        }

        _readWork.Enqueue(new ReceiptsForgotten(_receipts, ReceiptsForgottenHere));
    }

    // With the clock's tick: a store that has just refused refuses again at once. The peer need not hear of it.
    private void ForgetKeptReceipts()
    {
        if (Interlocked.CompareExchange(ref _receiptState, ReceiptsStored, ReceiptsKept) == ReceiptsKept)
        {
            _ = EnqueueAsync(new ReceiptsForgotten(_receipts, ReceiptsForgottenHere));
        }
    }

    private void GatherReadStored()
    {
        if (Interlocked.Exchange(ref _readStoredDue, 0) == 1)
        {
            _readUnanswered = false;
            _builder.Advance(FrameEncoder.Encode(new ReadStoredFrame(), _builder.GetSpan(FrameEncoder.ControlFrame)));
        }
    }

    private void GatherReceipts(PeerRecord record)
    {
        if (Volatile.Read(ref _receiptState) != ReceiptsIdle || KeysAreUsedUp || !_profile!.Value.Capabilities.Contains(Capability.TakesReceipts) || Interlocked.Exchange(ref _receiptsDue, 0) == 0)
        {
            return;
        }

        MessageReader reader = _store.Rent();
        try
        {
            _receipts = reader.Receipts(record.Id);
        }
        finally
        {
            _store.Return(reader);
        }

        if (_receipts.Count == 0)
        {
            return;
        }

        byte[] ids = new byte[_receipts.Count * ReadFrame.IdSize];
        for (int i = 0; i < _receipts.Count; i++)
        {
            _receipts[i].Message.TryWriteBytes(ids.AsSpan(i * ReadFrame.IdSize), bigEndian: true, out _);
        }

        Volatile.Write(ref _receiptState, ReceiptsSent); // before the answer can come
        _builder.Advance(FrameEncoder.Encode(new ReadFrame(ids), _builder.GetSpan(FrameEncoder.ReadSize)));
    }

    // On the writer's thread.
    private void ReadFinished(ChatException? failure)
    {
        if (failure is not null)
        {
            Close(CloseReason.StoreFailure); // unanswered, so the peer says it again
            return;
        }

        Interlocked.Exchange(ref _readStoredDue, 1);
        Wake();
    }

    // On the writer's thread.
    private void ReceiptsForgottenHere(ChatException? failure)
    {
        if (failure is not null)
        {
            Volatile.Write(ref _receiptState, ReceiptsKept);
            Heartbeat?.Hasten(this);
            return;
        }

        Volatile.Write(ref _receiptState, ReceiptsIdle);
        ReceiptsDue(); // there may be more
    }

    private sealed class ReadNoted(PeerRecord peer, byte[] ids, Action<ChatException?> finished) : StoreWork
    {
        public override int Weight => ids.Length / ReadFrame.IdSize;

        public override void Execute(WriterSession session) => session.ReadByPeer(peer, ids);

        public override void Committed() => finished(null);

        public override void Failed(ChatException failure) => finished(failure);
    }

    private sealed class ReceiptsForgotten(List<MessageReader.Receipt> receipts, Action<ChatException?> finished) : StoreWork
    {
        public override int Weight => receipts.Count;

        public override void Execute(WriterSession session) => session.DeleteReceipts(receipts);

        public override void Committed() => finished(null);

        public override void Failed(ChatException failure) => finished(failure);
    }
}
