using PSSecureChat.Faults;
using PSSecureChat.Faults.Files;
using PSSecureChat.Faults.Kill;
using PSSecureChat.Faults.Proxy;
using PSSecureChat.Faults.Simulation;
using PSSecureChat.Faults.Stalls;

namespace PSSecureChat.Engine.Tests.Faults;

/// <summary>A few rounds of what tests/Faults does for hours. The seed in a failure's text repeats the plan.</summary>
public abstract class FaultTests
{
    private protected static async Task AssertEveryPromiseIsKeptAsync(Func<int, int, TextWriter, Task<Summary>> run, int rounds)
    {
        int seed = Random.Shared.Next();
        using StringWriter output = new();
        Summary summary = await run(rounds, seed, output);
        Assert.True(summary.IsGood && summary.Rounds == rounds && summary.Faults > 0 && summary.Messages > 0, $"seed {seed}: {summary}\n{output}");
    }
}

public sealed class KillTests : FaultTests
{
    [Fact]
    public Task Processes_that_are_killed_under_load_keep_every_promise() => AssertEveryPromiseIsKeptAsync(KillRun.RunAsync, 3);
}

public sealed class FileKillTests : FaultTests
{
    [Fact]
    public Task Files_arrive_whole_and_once_whichever_side_is_killed() => AssertEveryPromiseIsKeptAsync(static (rounds, seed, output) => FileRun.RunAsync(rounds, seed, 0, 0, output), 3);
}

public sealed class ProxyTests : FaultTests
{
    [Fact]
    public Task Connections_that_are_cut_and_changed_at_random_bytes_lose_nothing() => AssertEveryPromiseIsKeptAsync(ProxyRun.RunAsync, 10);
}

public sealed class SimulationTests : FaultTests
{
    [Fact]
    public Task Crashes_full_disks_bad_networks_and_jumping_clocks_lose_nothing() => AssertEveryPromiseIsKeptAsync(SimulationRun.RunAsync, 8);

    [Fact]
    public async Task Threads_that_are_held_up_anywhere_lose_nothing()
    {
        using StringWriter output = new();
        int code = await StallWeaver.RunAsync(["simulate", "--rounds", "4"], 200, output);
        Assert.True(code == 0 && output.ToString().Contains("rounds 4,", StringComparison.Ordinal), output.ToString());
    }
}
