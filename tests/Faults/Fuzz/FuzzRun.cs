using System.Diagnostics;
using System.Globalization;

namespace PSSecureChat.Faults.Fuzz;

/// <summary>Feeds parsers.</summary>
internal static class FuzzRun
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <summary>The parsers that see bytes from outside, by name.</summary>
    public static IReadOnlyDictionary<string, Func<Target>> Targets { get; } = new Dictionary<string, Func<Target>>
    {
        ["records"] = () => new RecordTarget(),
        ["frames"] = () => new FrameTarget(),
        ["profile"] = () => new ProfileTarget(),
        ["certificate"] = () => new CertificateTarget(),
        ["keyfile"] = () => new KeyFileTarget(),
        ["backup"] = () => new BackupTarget(),
        ["typed"] = () => new TypedTarget(),
        ["invitation"] = () => new InvitationTarget(),
        ["handshake1"] = () => new FirstMessageTarget(),
        ["handshake2"] = () => new SecondMessageTarget(),
        ["handshake3"] = () => new ThirdMessageTarget(),
        ["invited"] = () => new InvitedMessageTarget(),
    };

    public static bool Run(Options options, TextWriter output)
    {
        bool good = true;
        foreach (string name in Targets.Keys.Where(name => name.StartsWith(options.Only, StringComparison.Ordinal)))
        {
            Stopwatch clock = Stopwatch.StartNew();
            (long inputs, IReadOnlyList<string> findings) = Feed(name, options.Inputs, options.Seed, TimeSpan.FromSeconds(options.Seconds));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: inputs {inputs}, failures {findings.Count}, seconds {clock.Elapsed.TotalSeconds:0}"));
            foreach (string finding in findings.Take(10))
            {
                output.WriteLine($"  {finding}");
            }

            good &= findings.Count == 0;
        }

        return good;
    }

    /// <summary>Feeds one parser on every processor. An input that hangs is a finding, and ends the run of its thread.</summary>
    public static (long Inputs, IReadOnlyList<string> Findings) Feed(string name, int inputs, int seed, TimeSpan time)
    {
        int threads = Math.Min(Environment.ProcessorCount, Math.Max(1, inputs / 1000));
        List<string> findings = [];
        Feeder[] feeders = [.. Enumerable.Range(0, threads).Select(i => new Feeder(Targets[name](), unchecked(seed + i), (inputs + i) / threads, time, findings))];
        while (feeders.Any(feeder => !feeder.Ended.Wait(TimeSpan.FromMilliseconds(500))))
        {
            if (feeders.FirstOrDefault(feeder => feeder.TimeOnThisInput > s_longest) is Feeder hung)
            {
                return (feeders.Sum(feeder => feeder.Count), [.. findings, $"hangs: {hung.Current}"]);
            }
        }

        return (feeders.Sum(feeder => feeder.Count), findings);
    }

    private sealed class Feeder
    {
        private readonly Target _target;
        private readonly List<string> _findings;
        private byte[] _input = [];
        private long _since;

        public Feeder(Target target, int seed, int inputs, TimeSpan time, List<string> findings)
        {
            _target = target;
            _findings = findings;
            _since = Stopwatch.GetTimestamp();
            Thread thread = new(() => Run(seed, inputs, time)) { IsBackground = true };
            thread.Start();
        }

        public ManualResetEventSlim Ended { get; } = new();

        public long Count { get; private set; }

        public TimeSpan TimeOnThisInput => Ended.IsSet ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _since));

        public string Current => Convert.ToHexString(_input);

        private void Run(int seed, int inputs, TimeSpan time)
        {
            Mutator mutator = new(seed, [.. _target.Valid]);
            _target.Run(_target.Valid[0]); // once before memory is counted: pools and tables
            Stopwatch clock = Stopwatch.StartNew();
            while (Count < inputs && clock.Elapsed < time)
            {
                _input = mutator.Next();
                Volatile.Write(ref _since, Stopwatch.GetTimestamp());
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    _target.Run(_input);
                    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    if (allocated > _target.MostAllocated)
                    {
                        Find($"allocates {allocated} bytes");
                    }
                }
                catch (Exception e) // whatever a parser lets out is what is looked for
                {
                    Find($"{e.GetType().Name} {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}");
                }

                Count++;
            }

            Ended.Set();
        }

        private void Find(string what)
        {
            lock (_findings)
            {
                _findings.Add($"{what}: {Current}");
            }
        }
    }
}
