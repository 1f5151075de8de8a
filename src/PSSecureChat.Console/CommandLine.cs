using System.Diagnostics.CodeAnalysis;
using System.Management.Automation.Language;

namespace PSSecureChat.Terminal;

/// <summary>What the program was asked to do.</summary>
internal enum RunMode
{
    Prompt,
    Script,
    Command,
    Help,
}

/// <summary>The command line, turned into PowerShell text.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="Text">What to run; for the prompt what to run first, or nothing.</param>
internal sealed record CommandLine(RunMode Mode, string Text)
{
    public const string Usage = """
        PSSecureChat.Console                                a prompt: help lists its commands
        PSSecureChat.Console init <host> <port> <user>      a prompt with a server already started
        PSSecureChat.Console <script.ps1> [arguments]       runs a script
        PSSecureChat.Console -Command <text>                runs PowerShell text; "-" reads it from standard input
        PSSecureChat.Console -Help                          this text

        The exit code is that of `exit`, 1 after an error that ended a script, 64 when the
        command line is not understood or the script is not there, otherwise 0.
        """;

    public static bool TryParse(string[] args, [NotNullWhen(true)] out CommandLine? commandLine, [NotNullWhen(false)] out string? complaint)
    {
        complaint = null;
        string? script = null;
        commandLine = args switch
        {
            [] => new CommandLine(RunMode.Prompt, string.Empty),
            ["-?" or "-h" or "/?", ..] => new CommandLine(RunMode.Help, string.Empty),
            [var first, ..] when IsOption(first, "help") => new CommandLine(RunMode.Help, string.Empty),
            [var first, var text, .. var rest] when IsOption(first, "command") => Command(text, rest),
            [var first, .. var rest] when IsOption(first, "file") && rest.Length > 0 => Script(rest, out script),
            [var first, ..] when first.StartsWith('-') => null,
            [var first, .. var rest] when first.Equals("init", StringComparison.OrdinalIgnoreCase) => new CommandLine(RunMode.Prompt, WithResult($"init {Arguments(rest)}")),
            _ => Script(args, out script),
        };
        if (script is not null && !File.Exists(script))
        {
            commandLine = null;
            complaint = $"There is no script '{script}'. -Help shows what may be given.";
        }
        else if (commandLine is null)
        {
            complaint = $"'{args[0]}' is not understood, or something is missing after it.{Environment.NewLine}{Usage}";
        }

        return commandLine is not null;
    }

    /// <summary>Text in PowerShell's single quotes.</summary>
    public static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static CommandLine Command(string text, string[] rest)
    {
        string script = text == "-" ? Console.In.ReadToEnd() : string.Join(' ', [text, .. rest]);

        return new CommandLine(RunMode.Command, WithResult(script));
    }

    // As in pwsh the last statement decides the exit code. The line break closes a comment at the end of the text.
    private static string WithResult(string text) => $"{text}\n$Host.PrivateData.Ended($?)";

    private static CommandLine Script(string[] args, out string path)
    {
        path = Path.GetFullPath(args[0]);
        return new CommandLine(RunMode.Script, $"& {Quote(path)} {Arguments(args[1..])}");
    }

    private static string Arguments(string[] args) => string.Join(' ', args.Select(static arg => IsParameterName(arg) ? arg : Quote(arg)));

    private static bool IsParameterName(string arg) =>
        arg is ['-', var initial, ..] && char.IsAsciiLetter(initial) && arg.AsSpan(1).IndexOfAnyExcept(NameCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    // As in pwsh an option may be cut short, and may begin with two hyphens.
    private static bool IsOption(string arg, string name) =>
        arg.StartsWith('-') && arg.TrimStart('-') is { Length: > 0 } word && name.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
