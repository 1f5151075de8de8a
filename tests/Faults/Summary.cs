using System.Globalization;

namespace PSSecureChat.Faults;

/// <summary>What a run came to. Rounds may add to it from several threads.</summary>
internal sealed class Summary(string what)
{
    private readonly object _lock = new();

    public int Rounds { get; private set; }

    /// <summary>Faults that were done.</summary>
    public int Faults { get; private set; }

    /// <summary>Messages, or files, whose sender was told that they are stored.</summary>
    public long Messages { get; private set; }

    /// <summary>Of these, those that did not arrive.</summary>
    public long Lost { get; private set; }

    /// <summary>Messages that arrived more than once.</summary>
    public long Twice { get; private set; }

    /// <summary>Messages that arrived out of order, changed, or were never sent.</summary>
    public long Wrong { get; private set; }

    /// <summary>Rounds that did not come to rest, stores that did not open.</summary>
    public int Stuck { get; private set; }

    public TimeSpan Time { get; set; }

    public bool IsGood => Lost + Twice + Wrong + Stuck == 0;

    public void AddRound(int faults)
    {
        lock (_lock)
        {
            Rounds++;
            Faults += faults;
        }
    }

    public void AddStuck()
    {
        lock (_lock)
        {
            Stuck++;
        }
    }

    /// <summary>Adds what became of some promises.</summary>
    public void Add(params ReadOnlySpan<Ledger> ledgers)
    {
        lock (_lock)
        {
            foreach (Ledger ledger in ledgers)
            {
                Messages += ledger.Promised;
                Lost += ledger.Lost;
                Twice += ledger.Twice;
                Wrong += ledger.Wrong;
            }
        }
    }

    /// <summary>Adds what became of some files.</summary>
    public void AddFiles(int promised, int lost, int twice, int wrong)
    {
        lock (_lock)
        {
            Messages += promised;
            Lost += lost;
            Twice += twice;
            Wrong += wrong;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: rounds {Rounds}, faults {Faults}, messages {Messages}, lost {Lost}, twice {Twice}, out of order or unknown {Wrong}, stuck {Stuck}, seconds {Time.TotalSeconds:0}");
}
