using System.Management.Automation.Host;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>The size of the terminal, for the formatter. What draws on the screen directly is not offered.</summary>
internal sealed class ConsoleRawUserInterface : PSHostRawUserInterface
{
    /// <summary>The width lines are formatted for when nobody's terminal limits them.</summary>
    private const int WidthWithoutTerminal = 160;

    private Size _size = new(WidthWithoutTerminal, 50);

    public override Size WindowSize { get => Measure(); set => throw Unsupported(); }

    public override Size BufferSize { get => Measure(); set => throw Unsupported(); }

    public override Size MaxWindowSize => Measure();

    public override Size MaxPhysicalWindowSize => Measure();

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = "PSSecureChat";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    // Asking the terminal where the cursor is would read its answer out of what is being typed.
    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override void FlushInputBuffer()
    {
    }

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        ConsoleKeyInfo key = Console.ReadKey(intercept: true);
        return new KeyInfo((int)key.Key, key.KeyChar, 0, keyDown: true);
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw Unsupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // Clear-Host does this.
        if (!Console.IsOutputRedirected)
        {
            Console.Clear();
        }
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("This console does not draw on the screen.");

    private Size Measure()
    {
        if (!Console.IsOutputRedirected && Console.WindowWidth > 0)
        {
            _size = new Size(Console.WindowWidth, Console.WindowHeight);
        }

        return _size;
    }
}
