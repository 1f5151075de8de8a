using Benchmarks.Bare;

namespace Benchmarks.Contestants;

/// <summary>The bare loop: what this machine can do with the same records, commits, seals and sockets.</summary>
internal sealed class BareContestant : Contestant
{
    public const string Plain = "bare loop";

    /// <summary>The bare loop with the engine's two indexes over every message: what is missing to it is the engine's own cost.</summary>
    public const string Indexed = "bare loop with two indexes";

    private readonly OtherProcess _other;
    private readonly BareSender _sender;

    public BareContestant(string name, ScratchFolder scratch)
        : base(name)
    {
        _other = OtherProcess.Start(name, scratch.Make(name + " bob"));
        _sender = new BareSender(scratch.Make(name + " ana"), _other.Port, name == Indexed);
    }

    public override Task SendAsync(int count)
    {
        _sender.Send(count);
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _sender.Dispose();
        _other.Dispose();
    }
}
