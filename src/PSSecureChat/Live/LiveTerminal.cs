using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using PSSecureChat.Internal;

namespace PSSecureChat.Live;

/// <summary>
/// The terminal while a live conversation has it. What it changes it puts back: Ctrl+C is a key meanwhile, and pasted texts are marked.
/// </summary>
internal sealed class LiveTerminal : IDisposable
{
    /// <summary>The method by which a host that draws on the terminal itself hands it over: it takes the name of the peer and returns what gives the terminal back.</summary>
    private const string Lend = "LendTerminal";

    private readonly IDisposable? _loan;
    private readonly bool _controlC;

    private LiveTerminal(IDisposable? loan)
    {
        _loan = loan;
        _controlC = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        MarksPaste = !OperatingSystem.IsWindows(); // there the console hands a paste on as keys, unmarked
        Write(MarksPaste ? PasteReader.On : string.Empty);
    }

    /// <summary>Whether a paste comes in marks.</summary>
    public bool MarksPaste { get; }

    /// <summary>Takes the terminal.</summary>
    /// <param name="host">The session's host.</param>
    /// <param name="peer">Whose messages will be shown.</param>
    /// <exception cref="ChatException">NotInteractive.</exception>
    public static LiveTerminal Take(PSHost host, string peer)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw ChatErrors.NotInteractive($"{(Console.IsInputRedirected ? "the input" : "the output")} of the process is redirected");
        }

        if (Environment.GetCommandLineArgs().Any(IsNonInteractive))
        {
            throw ChatErrors.NotInteractive("PowerShell was started with -NonInteractive");
        }

        if (host.PrivateData?.Methods[Lend] is { } lend)
        {
            object? loan = lend.Invoke(peer);
            return new LiveTerminal((loan is PSObject wrapped ? wrapped.BaseObject : loan) as IDisposable ?? throw ChatErrors.NotInteractive("this runspace is not the one of the prompt"));
        }

        if (!OwnsPrompt(host))
        {
            throw ChatErrors.NotInteractive("this runspace is not the one of the prompt");
        }

        return host.UI.SupportsVirtualTerminal ? new LiveTerminal(null) : throw ChatErrors.NotInteractive("the terminal cannot move its cursor");
    }

    /// <summary>The terminal's size in cells.</summary>
    public static (int Width, int Height) Size => (Math.Max(Console.WindowWidth, 8), Math.Max(Console.WindowHeight, 4));

    /// <summary>Whether a key waits.</summary>
    public static bool KeyAvailable => Console.KeyAvailable;

    /// <summary>Takes a key that waits.</summary>
    public static ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    /// <summary>Writes characters and control sequences of our own.</summary>
    public static void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose()
    {
        Write(MarksPaste ? PasteReader.Off : string.Empty);
        Console.TreatControlCAsInput = _controlC;
        _loan?.Dispose();
    }

    // -NonInteractive may be shortened to -noni, and begun with a slash or two dashes.
    private static bool IsNonInteractive(string argument)
    {
        string name = argument.TrimStart('-', '/');
        return name.Length >= 4 && name.Length < argument.Length && "NonInteractive".StartsWith(name, StringComparison.OrdinalIgnoreCase);
    }

    // Jobs and -Parallel run in runspaces of their own, some of them with the same host.
    private static bool OwnsPrompt(PSHost host)
    {
        try
        {
            return host is IHostSupportsInteractiveSession interactive && interactive.Runspace == Runspace.DefaultRunspace;
        }
        catch (Exception e) when (e is NotImplementedException or PSNotImplementedException or InvalidOperationException)
        {
            return false; // a host without a prompt
        }
    }
}
