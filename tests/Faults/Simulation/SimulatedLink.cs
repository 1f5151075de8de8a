namespace PSSecureChat.Faults.Simulation;

/// <summary>A connection in memory, its latency by a clock that is handed in, with at most one fault.</summary>
internal sealed class SimulatedLink
{
    private readonly LinkDirection _forward;
    private readonly LinkDirection _back;

    public SimulatedLink(LinkFault fault, TimeProvider time)
    {
        _forward = new LinkDirection(fault.Forward ? fault : fault with { Kind = LinkFaultKind.None }, time, this);
        _back = new LinkDirection(fault.Forward ? fault with { Kind = LinkFaultKind.None } : fault, time, this);
        Dialler = new LinkStream(_back, _forward);
        Listener = new LinkStream(_forward, _back);
    }

    /// <summary>The dialler's end.</summary>
    public Stream Dialler { get; }

    /// <summary>The other end.</summary>
    public Stream Listener { get; }

    /// <summary>Whether its fault has come about.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Both ends learn that it is gone.</summary>
    public void Cut()
    {
        _forward.Break();
        _back.Break();
    }

    /// <summary>Nothing passes from now on, and nobody is told.</summary>
    public void Mute()
    {
        _forward.IsMute = true;
        _back.IsMute = true;
    }

    /// <summary>Keeps what goes to the dialler until <see cref="Release"/>.</summary>
    public void HoldBack() => _back.Hold();

    /// <summary>Lets go what was held.</summary>
    public void Release() => _back.Release();
}
