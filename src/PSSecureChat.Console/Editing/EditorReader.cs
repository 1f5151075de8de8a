using System.Management.Automation;
using System.Text;
using PSSecureChat.Terminal.Hosting;
using RadLine;
using Spectre.Console;

namespace PSSecureChat.Terminal.Editing;

/// <summary>Lines from a person at a terminal. RadLine edits them and keeps what arrows bring back; drawing and keys are ours.</summary>
internal sealed class EditorReader : ILineReader
{
    private readonly Output _output;
    private readonly KeySource _keys;
    private readonly HistoryFile _history = new();
    private readonly LineEditor _commandEditor;
    private string _prompt = string.Empty;
    private TabCompletion? _tab;
    private End _end;

    public EditorReader(Output output)
    {
        _output = output;
        _keys = new KeySource(output);
        _commandEditor = Create();
        foreach (string line in _history.Load())
        {
            _commandEditor.History.Add(line);
        }
    }

    private enum End
    {
        Submitted,
        Abandoned,
        Left,
    }

    public bool IsInteractive => true;

    public string? ReadCommand(string prompt, Func<string, int, CommandCompletion?>? complete)
    {
        _tab = complete is null ? null : new TabCompletion(complete);
        string? line = Read(_commandEditor, prompt);
        _tab = null;
        return _end == End.Abandoned ? string.Empty : line;
    }

    public void Remember(string command) => _history.Add(command);

    // A new editor for each answer: the arrows must not bring an answer back, nor a command into one.
    public string? ReadAnswer(string prompt) => Read(Create(), prompt);

    public string? ReadSecret(string prompt) => WithControlC(() => ReadHidden(prompt));

    public void Dispose()
    {
    }

    private string? Read(LineEditor editor, string prompt) => WithControlC(() =>
    {
        _prompt = prompt;
        _end = End.Submitted;
        _keys.Begin();
        _output.Hold();
        string? line = editor.ReadLine(CancellationToken.None).GetAwaiter().GetResult();
        _output.WriteControl("\n");
        _output.Release();
        return _end == End.Submitted ? line : null;
    });

    private string? ReadHidden(string prompt)
    {
        _output.WriteControl("\r" + prompt);
        StringBuilder secret = new();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter || (key.Modifiers == ConsoleModifiers.Control && key.Key == ConsoleKey.C))
            {
                _output.WriteControl("\n");
                return key.Key == ConsoleKey.Enter ? secret.ToString() : null;
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                secret.Length = Math.Max(secret.Length - 1, 0);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.Append(key.KeyChar);
            }
        }
    }

    // While a line is typed Ctrl+C is a key; at any other time it is the signal that stops the running command.
    private static string? WithControlC(Func<string?> read)
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return read();
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private LineEditor Create()
    {
        // RadLine writes into the void: LineView draws.
        IAnsiConsole nowhere = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Out = new AnsiConsoleOutput(TextWriter.Null) });
        LineEditor editor = new(nowhere, _keys);
        KeyBindings keys = editor.KeyBindings;
        keys.Remove(ConsoleKey.UpArrow);
        keys.Remove(ConsoleKey.DownArrow);
        keys.Add(KeySource.Redraw, () => new EditCommand(Draw));
        keys.Add(ConsoleKey.Enter, () => new EditCommand(Submit));
        keys.Add<PreviousHistoryCommand>(ConsoleKey.UpArrow);
        keys.Add<NextHistoryCommand>(ConsoleKey.DownArrow);
        keys.Add(ConsoleKey.Backspace, static () => new EditCommand(EditCommands.Backspace));
        keys.Add(ConsoleKey.Delete, static () => new EditCommand(EditCommands.Delete));
        keys.Add(ConsoleKey.Tab, () => new EditCommand(context => _tab?.Next(context)));
        keys.Add(ConsoleKey.Tab, ConsoleModifiers.Shift, () => new EditCommand(context => _tab?.Previous(context)));
        keys.Add<MoveHomeCommand>(ConsoleKey.A, ConsoleModifiers.Control);
        keys.Add<MoveEndCommand>(ConsoleKey.E, ConsoleModifiers.Control);
        keys.Add(ConsoleKey.U, ConsoleModifiers.Control, static () => new EditCommand(EditCommands.DeleteToStart));
        keys.Add(ConsoleKey.K, ConsoleModifiers.Control, static () => new EditCommand(EditCommands.DeleteToEnd));
        keys.Add(ConsoleKey.W, ConsoleModifiers.Control, static () => new EditCommand(EditCommands.DeleteWord));
        keys.Add(ConsoleKey.L, ConsoleModifiers.Control, () => new EditCommand(_ => _output.WriteControl("\e[H\e[2J")));
        keys.Add(ConsoleKey.C, ConsoleModifiers.Control, () => new EditCommand(context => Leave(context, End.Abandoned)));
        keys.Add(ConsoleKey.D, ConsoleModifiers.Control, () => new EditCommand(LeaveOrDelete));
        return editor;
    }

    private void Draw(LineEditorContext context) =>
        _output.WriteControl(LineView.Draw(_prompt, context.Buffer.Content, context.Buffer.Position, Console.WindowWidth));

    // Keys that come in one go are drawn after the last of them; Enter must not be drawn away with the rest.
    private void Submit(LineEditorContext context)
    {
        Draw(context);
        context.Submit(SubmitAction.Submit);
    }

    private void LeaveOrDelete(LineEditorContext context)
    {
        if (context.Buffer.Length == 0)
        {
            Leave(context, End.Left);
        }
        else
        {
            EditCommands.Delete(context);
        }
    }

    private void Leave(LineEditorContext context, End end)
    {
        _end = end;
        Draw(context);
        if (end == End.Abandoned)
        {
            _output.WriteControl("^C");
            EditCommands.Replace(context.Buffer, string.Empty, 0); // RadLine would keep the line in its history
        }

        context.Submit(SubmitAction.Cancel);
    }
}
