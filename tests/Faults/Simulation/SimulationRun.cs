using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Faults.Simulation;

/// <summary>
/// Handshake, conversation and store under generated sequences of faults of network, disk, clock and process. The plan
/// of a round follows from its seed; how the threads meet does not.
/// </summary>
internal static class SimulationRun
{
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(1);
    private static readonly InvitationBook s_noInvitations = new([], 0, TimeProvider.System);

    public static async Task<Summary> RunAsync(int rounds, int seed, TextWriter output)
    {
        Summary summary = new("simulate");
        Stopwatch clock = Stopwatch.StartNew();
        string root = Directory.CreateTempSubdirectory("pssc-sim-").FullName;
        TextWriter lines = TextWriter.Synchronized(output);
        ParallelOptions together = new() { MaxDegreeOfParallelism = 8 }; // they mostly wait for time to pass
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds), together, async (round, _) => await new Round(root, Plan.Of(seed, round), summary, lines, round).RunAsync());

        summary.Time = clock.Elapsed;
        if (summary.IsGood)
        {
            Directory.Delete(root, recursive: true);
        }
        else
        {
            await output.WriteLineAsync($"the stores as they were left: {root}");
        }

        return summary;
    }

    private sealed class Round
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        private readonly Ledger _toBob = new();
        private readonly Ledger _toAna = new();
        private readonly SimulatedPeer _ana;
        private readonly SimulatedPeer _bob;
        private readonly List<Task> _sending = [];
        private readonly List<string> _steps = [];
        private readonly Random _plan;
        private readonly Summary _summary;
        private readonly TextWriter _output;
        private readonly int _number;
        private int _faults;

        public Round(string root, Random plan, Summary summary, TextWriter output, int number)
        {
            string folder = Path.Combine(root, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            _plan = plan;
            _summary = summary;
            _output = output;
            _number = number;
            _ana = new SimulatedPeer("ana", folder, _time, _toBob, _toAna);
            _bob = new SimulatedPeer("bob", folder, _time, _toAna, _toBob);
        }

        public async Task RunAsync()
        {
            _ana.Open();
            _bob.Open();
            await _ana.KnowAsync(_bob.Identity);
            await _bob.KnowAsync(_ana.Identity);
            using CancellationTokenSource end = new();
            Task passing = PassTimeAsync(end.Token);
            try
            {
                for (int steps = _plan.Next(10, 30); steps > 0; steps--)
                {
                    await WhileTimePassesAsync(passing, StepAsync());
                }

                await WhileTimePassesAsync(passing, SettleAsync());
                _bob.Report();
                _ana.Report();
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException or ChatException)
            {
                _summary.AddStuck();
                _output.WriteLine($"round {_number}: {e.Message} {_ana.Describe()}; {_bob.Describe()}");
                _output.WriteLine($"  steps: {string.Join("; ", _steps)}");
            }

            await end.CancelAsync();
            await passing;
            await Task.WhenAll(_ana.CloseAsync(), _bob.CloseAsync());
            if (_toBob.Lost + _toBob.Twice + _toBob.Wrong + _toAna.Lost + _toAna.Twice + _toAna.Wrong > 0)
            {
                _output.WriteLine($"round {_number}: to bob: {_toBob.Describe()}; to ana: {_toAna.Describe()}; {_ana.Describe()}; {_bob.Describe()}");
                _output.WriteLine($"  steps: {string.Join("; ", _steps)}");
            }

            _summary.AddRound(_faults);
            _summary.Add(_toBob, _toAna);
        }

        // Everything here waits for time: should it stop, that is the finding, and not a run that never ends.
        private static async Task WhileTimePassesAsync(Task passing, Task step)
        {
            await (await Task.WhenAny(passing, step).WaitAsync(Patience.Limit));
        }

        private async Task StepAsync()
        {
            SimulatedPeer peer = _plan.Next(2) == 0 ? _ana : _bob;
            string name = peer == _ana ? "ana" : "bob";
            int step = _plan.Next(16);
            bool choice = _plan.Next(2) == 0;
            switch (step)
            {
                case < 6:
                    int count = (int)_plan.Magnitude(120);
                    int flush = (int)_plan.Magnitude(40);
                    _steps.Add($"{name} sends {count} by {flush}{(choice ? "" : " meanwhile")}");
                    Task sending = peer.SendAsync(count, flush);
                    _sending.Add(sending);
                    await (choice ? sending : Task.CompletedTask);
                    break;
                case 10:
                    LinkFault ours = LinkFault.Draw(_plan);
                    LinkFault theirs = LinkFault.Draw(_plan);
                    _steps.Add($"both dial at once: {ours}, {theirs}");
                    await Task.WhenAll(ConnectAsync(true, ours), ConnectAsync(false, theirs));
                    break;
                case < 10:
                    LinkFault fault = LinkFault.Draw(_plan);
                    _steps.Add($"{name} dials: {fault}");
                    await ConnectAsync(peer == _ana, fault);
                    break;
                case 11 or 12:
                    _steps.Add($"{name} crashes {(choice ? "before" : "after")} a commit");
                    _faults++;
                    await peer.CrashAsync(choice);
                    break;
                case 13:
                    _steps.Add($"{name}'s disk is {(choice ? "full" : "free")}");
                    _faults += choice ? 1 : 0;
                    await peer.FillDiskAsync(choice);
                    break;
                case 14:
                    peer.Clock.Offset = TimeSpan.FromHours((_plan.NextDouble() * 40) - 20);
                    _steps.Add($"{name}'s clock is off by {peer.Clock.Offset}");
                    _faults++;
                    break;
                default:
                    _steps.Add($"{name} restarts");
                    _faults++;
                    await peer.RestartAsync();
                    break;
            }
        }

        // Shakes hands and hands the connection to both sides. A connection that fails on the way is one of the faults.
        private async Task ConnectAsync(bool anaDials, LinkFault fault)
        {
            SimulatedLink link = new(fault, _time);
            (SimulatedPeer dialler, SimulatedPeer listener) = anaDials ? (_ana, _bob) : (_bob, _ana);
            await Task.WhenAll(DialAsync(dialler, listener, link), AcceptAsync(listener, link));
            _faults += fault.Kind == LinkFaultKind.None ? 0 : 1;
        }

        private async Task DialAsync(SimulatedPeer dialler, SimulatedPeer listener, SimulatedLink link)
        {
            using CancellationTokenSource limit = new(Limits.Default.Handshake, _time);
            try
            {
                SecureSession session = await Handshake.DialAsync(link.Dialler, dialler.Local, new PeerAddress("192.0.2.1", 1), null, identity => Require(identity == listener.Identity), limit.Token);
                await dialler.TakeAsync(session, link);
            }
            catch (Exception e) when (e is ChatException or OperationCanceledException or IOException)
            {
                await link.Dialler.DisposeAsync();
            }
        }

        private async Task AcceptAsync(SimulatedPeer listener, SimulatedLink link)
        {
            using CancellationTokenSource limit = new(Limits.Default.Handshake, _time);
            try
            {
                if (await Handshake.AcceptAsync(link.Listener, listener.Local, s_noInvitations, silent: false, "192.0.2.2", limit.Token) is SecureSession session)
                {
                    await listener.TakeAsync(session, link);
                    return;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // as the listener does: the connection ends
            }

            await link.Listener.DisposeAsync();
        }

        // All faults end; whatever was promised must now arrive.
        private async Task SettleAsync()
        {
            _ana.Clock.Offset = _bob.Clock.Offset = TimeSpan.Zero;
            await Task.WhenAll(_ana.FillDiskAsync(false), _bob.FillDiskAsync(false));
            await Task.WhenAll(_sending);
            using PeriodicTimer look = new(TimeSpan.FromMilliseconds(2));
            CancellationToken patience = Patience.Token;
            while (!_ana.IsSettled || !_bob.IsSettled)
            {
                if (!_ana.IsConnected && !_bob.IsConnected)
                {
                    await ConnectAsync(_plan.Next(2) == 0, LinkFault.None);
                }

                await look.WaitForNextTickAsync(patience);
            }
        }

        // Time passes some twenty times faster than outside.
        private async Task PassTimeAsync(CancellationToken cancellationToken)
        {
            using PeriodicTimer step = new(TimeSpan.FromMilliseconds(2));
            TimeSpan sinceTick = TimeSpan.Zero;
            while (!cancellationToken.IsCancellationRequested)
            {
                await step.WaitForNextTickAsync(CancellationToken.None);
                _time.Advance(TimeSpan.FromMilliseconds(40));
                sinceTick += TimeSpan.FromMilliseconds(40);
                if (sinceTick >= s_heartbeat)
                {
                    sinceTick = TimeSpan.Zero;
                    _ana.Tick();
                    _bob.Tick();
                }
            }
        }

        private static void Require(bool isPeer)
        {
            if (!isPeer)
            {
                throw new InvalidOperationException("Somebody else answers.");
            }
        }
    }
}
