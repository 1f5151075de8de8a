using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Renewing the keys while messages flow.</summary>
internal sealed partial class Conversation
{
    private readonly Rekey _rekey;
    private readonly Queue<(RekeyFrame Frame, CipherState? SendUnder)> _rekeyOut = new(); // guarded by itself; takes no memory until it is used
    private CipherState? _receiveUnder;
    private long _keysUsedSince;

    /// <summary>How many times the keys were renewed.</summary>
    internal int Rekeys { get; private set; }

    void IFrameHandler.On(in RekeyFrame frame)
    {
        if (frame.Step == 1 && !MayRekey)
        {
            throw new ProtocolException("a rekey long before it is due");
        }

        RekeyOutcome outcome = _rekey.Take(frame);
        _receiveUnder = outcome.ReceiveUnder;
        if (outcome.Reply is RekeyFrame reply)
        {
            OweRekey(reply, outcome.SendUnder);
        }

        Wake(); // messages may have waited for the last step
    }

    // A handshake costs a millisecond: keys that were hardly used are not renewed on demand.
    private bool MayRekey => KeyAge >= _limits.RekeyAfter / 4
        || _reader.Records + _builder.Records >= _limits.RekeyRecords / 4
        || _reader.Bytes + _builder.Bytes >= _limits.RekeyBytes / 4;

    // Only keys that carry messages age: pings tell an attacker nothing, and an idle conversation should cost nothing.
    private void KeysAreUsed()
    {
        if (Volatile.Read(ref _keysUsedSince) == 0)
        {
            Volatile.Write(ref _keysUsedSince, _time.GetTimestamp());
        }
    }

    private TimeSpan KeyAge => Volatile.Read(ref _keysUsedSince) is long since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    // Called by both loops for their own direction, and by the tick for the age alone.
    private void WatchKeys(long records, long bytes)
    {
        bool due = KeyAge >= _limits.RekeyAfter || records >= _limits.RekeyRecords || bytes >= _limits.RekeyBytes;
        if (due && _session.WeDialled && _rekey.Begin() is RekeyFrame first)
        {
            OweRekey(first, null);
            Wake();
        }
    }

    // Messages wait under keys that are used up; acknowledgements and the rekey itself do not.
    private bool KeysAreUsedUp => KeyAge >= _limits.RekeyOverdue || _builder.Records >= 2 * _limits.RekeyRecords || _builder.Bytes >= 2 * _limits.RekeyBytes;

    // A step goes in a record of its own, because the key may change behind it.
    private bool GatherRekey(out CipherState? sendUnder)
    {
        sendUnder = null;
        if (!TryTakeRekey(out (RekeyFrame Frame, CipherState? SendUnder) next))
        {
            return false;
        }

        sendUnder = next.SendUnder;
        _builder.Advance(FrameEncoder.Encode(next.Frame, _builder.GetSpan(next.Frame.Message.Length + FrameEncoder.RekeyOverhead)));
        return true;
    }

    private void OweRekey(RekeyFrame frame, CipherState? sendUnder)
    {
        lock (_rekeyOut)
        {
            _rekeyOut.Enqueue((frame, sendUnder));
        }
    }

    private bool TryTakeRekey(out (RekeyFrame Frame, CipherState? SendUnder) next)
    {
        lock (_rekeyOut)
        {
            return _rekeyOut.TryDequeue(out next);
        }
    }

    private void SwitchSending(CipherState next)
    {
        _builder.SwitchTo(next);
        Volatile.Write(ref _keysUsedSince, 0);
        Rekeys++;
    }
}
