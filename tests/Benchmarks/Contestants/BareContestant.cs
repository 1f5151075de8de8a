using Benchmarks.Bare;

namespace Benchmarks.Contestants;

/// <summary>The bare loop: what this machine can do with the same records, commits, seals and sockets.</summary>
internal sealed class BareContestant : Contestant
{
    public const string Kind = "bare";

    private readonly OtherProcess _other;
    private readonly BareSender _sender;

    public BareContestant(ScratchFolder scratch)
        : base("bare loop")
    {
        _other = OtherProcess.Start(Kind, scratch.Make("bare-bob"));
        _sender = new BareSender(scratch.Make("bare-ana"), _other.Port);
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
