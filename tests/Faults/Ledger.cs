using System.Globalization;

namespace PSSecureChat.Faults;

/// <summary>
/// The promises of one direction: which messages were handed out, of which the sender was told that they are stored,
/// and which were found at the receiver. A message that was handed out and not promised may be there or not.
/// Messages are numbers from 0 on; each number has one text.
/// </summary>
internal sealed class Ledger
{
    private readonly object _lock = new();
    private readonly List<bool> _promised = [];
    private readonly List<int> _found = [];
    private long _lastFound = -1;

    public long Promised { get; private set; }

    public long Twice { get; private set; }

    public long Wrong { get; private set; }

    /// <summary>The promised messages that were not found yet.</summary>
    public long Lost
    {
        get
        {
            lock (_lock)
            {
                return _promised.Where((promised, number) => promised && _found[number] == 0).LongCount();
            }
        }
    }

    /// <summary>The text of a number: mostly short, sometimes longer than a record.</summary>
    public static string TextOf(long number)
    {
        uint mixed = (uint)number * 2654435761u;
        int length = (mixed >> 24) switch { 0 => 70_000, < 4 => 9_000, < 64 => 400, _ => (int)(mixed % 60) };
        return $"{number.ToString(CultureInfo.InvariantCulture)} {new string((char)('a' + (number % 26)), length)}";
    }

    /// <summary>The number of a text, or -1 when it is none of ours.</summary>
    public static long NumberOf(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && long.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && text == TextOf(number) ? number : -1;
    }

    /// <summary>Hands out this many numbers; returns the first.</summary>
    public long Issue(int count)
    {
        lock (_lock)
        {
            int first = _promised.Count;
            _promised.AddRange(Enumerable.Repeat(false, count));
            _found.AddRange(Enumerable.Repeat(0, count));
            return first;
        }
    }

    /// <summary>The sender was told that these are stored.</summary>
    public void Promise(long first, long last)
    {
        lock (_lock)
        {
            for (long i = first; i <= last; i++)
            {
                Promised += _promised[(int)i] ? 0 : 1;
                _promised[(int)i] = true;
            }
        }
    }

    /// <summary>The receiver has this one, behind those found before.</summary>
    public void Find(long number)
    {
        lock (_lock)
        {
            if (number < 0 || number >= _found.Count)
            {
                Wrong++;
                return;
            }

            Twice += _found[(int)number] > 0 ? 1 : 0;
            Wrong += _found[(int)number] == 0 && number < _lastFound ? 1 : 0;
            _found[(int)number]++;
            _lastFound = Math.Max(_lastFound, number);
        }
    }

    public string Describe()
    {
        lock (_lock)
        {
            IEnumerable<int> missing = Enumerable.Range(0, _promised.Count).Where(i => _promised[i] && _found[i] == 0).Take(5);
            return $"handed out {_promised.Count}, promised {Promised}, last found {_lastFound}, twice {Twice}, wrong {Wrong}, missing [{string.Join(", ", missing)}]";
        }
    }
}
