using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>The receiving loop.</summary>
internal sealed partial class Conversation : IFrameHandler
{
    private readonly SemaphoreSlim _slots;
    private readonly Stack<IncomingBatch> _spareBatches = new(); // guarded by itself; so a record of messages allocates nothing
    private IncomingBatch? _batch;
    private bool _adopted;
    private long _receiveFrom;
    private long _expected;
    private long _roundTrip;

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        using RecordReader reader = _reader;
        using FrameAssembler assembler = new(Partials?.Open(EndForRoom));
        bool first = true;
        while (_remoteClose is null)
        {
            ReadOnlyMemory<byte> plaintext;
            while (!reader.TryRead(out plaintext))
            {
                if (!reader.Filled(await reader.FillAsync(cancellationToken).ConfigureAwait(false)))
                {
                    _endedInSilence = true;
                    throw new ProtocolException("the connection ended without a farewell");
                }
            }

            Volatile.Write(ref _lastReceived, _time.GetTimestamp());
            assembler.Take(plaintext, this);
            if (_remoteClose is null)
            {
                RequireProfile();
            }

            if (_receiveUnder is CipherState next)
            {
                if (!assembler.IsAtBoundary)
                {
                    throw new ProtocolException("a frame over the change of keys");
                }

                reader.SwitchTo(next);
                _receiveUnder = null;
            }

            WatchKeys(reader.Records, reader.Bytes);
            if (first)
            {
                first = false;
                _established.TrySetResult();
            }

            if (_batch is not null)
            {
                await StoreBatchAsync(cancellationToken).ConfigureAwait(false);
            }

            while (_readWork.TryDequeue(out StoreWork? work))
            {
                await _store.Writer.EnqueueAsync(work, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The frame that is coming took so long that its memory was given to another conversation's.
    private void EndForRoom()
    {
        _lostRoom = true;
        Abort();
    }

    // A responder begins with its Hello, which lies whole in its first record.
    private void RequireProfile()
    {
        if (_profile is null)
        {
            throw new ProtocolException("a first frame that is not Hello");
        }
    }

    private async ValueTask StoreBatchAsync(CancellationToken cancellationToken)
    {
        // Back-pressure: while the store is behind, nothing more is read, and TCP tells the sender.
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        IncomingBatch batch = _batch!;
        _batch = null;
        if (!_adopted)
        {
            StreamAdoption adoption = new(_record!, _theirResume!.Value.Stream, _receiveFrom);
            await _store.Writer.EnqueueAsync(adoption, cancellationToken).ConfigureAwait(false);
            _adopted = true;
        }

        await _store.Writer.EnqueueAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    // Our Resume may be heard and answered before whoever let the peer in has come to say that messages flow: then that is done here.
    private bool IsFlowing
    {
        get
        {
            if (!_flowing)
            {
                BeginFlow();
            }

            return _flowing;
        }
    }

    private IncomingBatch Batch()
    {
        if (!IsFlowing)
        {
            throw new ProtocolException("a message before both sides said where to go on");
        }

        return _batch ??= SpareBatch() ?? new IncomingBatch(_record!, _theirResume!.Value.Stream, BatchFinished);
    }

    private IncomingBatch? SpareBatch()
    {
        lock (_spareBatches)
        {
            return _spareBatches.TryPop(out IncomingBatch? spare) ? spare : null;
        }
    }

    // In silence it keeps no memory for messages.
    private void ForgetSpareBatches()
    {
        lock (_spareBatches)
        {
            _spareBatches.Clear();
        }
    }

    // On the writer's thread.
    private void BatchFinished(IncomingBatch batch, CloseReason? end)
    {
        lock (_spareBatches)
        {
            _spareBatches.Push(batch);
        }

        _slots.Release();
        if (end is CloseReason reason)
        {
            Close(reason); // unacknowledged, so the peer sends it again
        }
        else
        {
            Wake(); // an acknowledgement is due
        }
    }

    bool IFrameHandler.HasEnded => _remoteClose is not null;

    IFileFrameHandler IFrameHandler.Files
    {
        get
        {
            if (!IsFlowing)
            {
                throw new ProtocolException("a file before both sides said where to go on");
            }

            KeysAreUsed();
            return _desk!;
        }
    }

    int IFrameHandler.LargestFrame => IsFlowing ? Limits.MaxFrame : Limits.MaxEarlyFrame;

    void IFrameHandler.On(in HelloFrame frame)
    {
        if (!_session.WeDialled || _profile is not null)
        {
            throw new ProtocolException("a Hello that is not due");
        }

        _profile = frame.Profile;
        _waitsForApproval = frame.Waiting;
        _changed.Pulse();
    }

    void IFrameHandler.On(in ResumeFrame frame)
    {
        lock (_gate)
        {
            if (_theirResume is not null || _profile is null || frame.Stream == Guid.Empty || frame.Base > Limits.MaxSequence || frame.Received > Limits.MaxSequence)
            {
                throw new ProtocolException("a Resume that is not due");
            }

            _theirResume = frame;
        }

        _waitsForApproval = false;
        BeginFlow();
    }

    void IFrameHandler.On(in MessageFrame frame)
    {
        IncomingBatch batch = Batch();
        if (frame.Sequence != _expected || frame.Sequence > Limits.MaxSequence)
        {
            throw new ProtocolException("a message out of order");
        }

        Volatile.Write(ref _expected, _expected + 1);
        KeysAreUsed();
        batch.Add(frame);
    }

    void IFrameHandler.On(in SkipFrame frame)
    {
        IncomingBatch batch = Batch();
        if (frame.Sequence < _expected || frame.Sequence > Limits.MaxSequence)
        {
            throw new ProtocolException("a skip backwards or too far");
        }

        batch.Add(frame, _expected - 1);
        Volatile.Write(ref _expected, frame.Sequence + 1);
    }

    void IFrameHandler.On(in AckFrame frame)
    {
        if (!IsFlowing || frame.Sequence > SentUpTo)
        {
            throw new ProtocolException("an acknowledgement of what was not sent");
        }

        Acknowledged(_record!, frame.Sequence);
    }

    void IFrameHandler.On(in PingFrame frame)
    {
        RequireProfile();
        Volatile.Write(ref _pongToken, (long)frame.Token);
        Interlocked.Exchange(ref _pongDue, 1);
        _wake.Wake();
    }

    void IFrameHandler.On(in PongFrame frame)
    {
        RequireProfile();
        if (frame.Token == (ulong)Volatile.Read(ref _pingToken))
        {
            Volatile.Write(ref _roundTrip, Math.Max(1, _time.GetElapsedTime(Volatile.Read(ref _pingSent)).Ticks));
            Interlocked.Increment(ref _pongs);
            _changed.Pulse();
        }
    }

    void IFrameHandler.On(in CloseFrame frame) => _remoteClose ??= new Box<CloseReason>(frame.Reason);

    /// <summary>Takes over the stream the peer sends, before its first message.</summary>
    private sealed class StreamAdoption(PeerRecord peer, Guid stream, long from) : StoreWork
    {
        public override void Execute(WriterSession session) => session.AdoptStream(peer, stream, from);
    }
}
