using PSSecureChat.Terminal.Hosting;
using RadLine;

namespace PSSecureChat.Terminal.Editing;

/// <summary>
/// The keys for the editor. Between them it slips in a key of its own, <see cref="Redraw"/>: when the typed keys
/// are used up, and when notices were written over the line.
/// </summary>
internal sealed class KeySource(Output output) : IInputSource
{
    /// <summary>A key no keyboard has.</summary>
    public const ConsoleKey Redraw = ConsoleKey.F24;

    // The editor asks again 5 ms after every "no"; waiting here first keeps an idle prompt from using the processor.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private bool _stale = true;
    private bool _draining;
    private bool _lineEnded;

    public bool ByPassProcessing => true;

    /// <summary>Begins a line: it has to be drawn.</summary>
    public void Begin() => (_stale, _draining, _lineEnded) = (true, false, false);

    public bool IsKeyAvailable()
    {
        if (_lineEnded)
        {
            return false; // what follows Enter belongs to whoever reads next
        }

        if (_stale || Console.KeyAvailable)
        {
            return true;
        }

        if (_draining)
        {
            _draining = false;
            return false;
        }

        output.NoticeWaits.WaitOne(Patience);
        _stale = output.WriteNotices();
        return _stale || Console.KeyAvailable;
    }

    public ConsoleKeyInfo ReadKey()
    {
        _draining = true;
        if (!Console.KeyAvailable)
        {
            _stale = false;
            return new ConsoleKeyInfo('\0', Redraw, shift: false, alt: false, control: false);
        }

        ConsoleKeyInfo key = Console.ReadKey(intercept: true);
        _stale = true;
        _lineEnded = EndsLine(key);
        return key;
    }

    private static bool EndsLine(ConsoleKeyInfo key) =>
        key.Key == ConsoleKey.Enter || (key.Modifiers == ConsoleModifiers.Control && key.Key == ConsoleKey.C);
}
