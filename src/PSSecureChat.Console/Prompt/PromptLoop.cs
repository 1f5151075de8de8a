using System.Management.Automation.Language;
using PSSecureChat.Terminal.Hosting;

namespace PSSecureChat.Terminal.Prompt;

/// <summary>Reads commands and runs them until the input ends or `exit` is asked for.</summary>
internal sealed class PromptLoop(Session session, ILineReader reader, Output output)
{
    private const string FirstPrompt = "chat> ";
    private const string NextPrompt = "  >> ";

    /// <param name="first">What to run before the first prompt; may be empty.</param>
    /// <returns>The exit code.</returns>
    public int Run(string first)
    {
        using Announcer announcer = new(session.Manifest, output, session.Services);
        if (reader.IsInteractive)
        {
            output.WriteLine("PSSecureChat. Type help for the commands, exit to leave.", Tone.Notice);
        }

        int result = 0;
        if (first.Length > 0)
        {
            Run(announcer, () => result = session.RunCommand(first));
        }

        // A person sees that the first command failed and goes on; whoever started us unattended learns it from the exit code.
        int atTheEnd = reader.IsInteractive ? 0 : result;
        string? line = string.Empty;
        while (line is not null)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                Run(announcer, () => session.Run(SendLine.Translate(line), toHistory: !SendLine.Is(line)));
            }

            if (session.ExitCode is { } exitCode)
            {
                return exitCode;
            }

            line = ReadCommand();
            if (!string.IsNullOrWhiteSpace(line))
            {
                reader.Remember(line);
            }
        }

        return atTheEnd;
    }

    private void Run(Announcer announcer, Action command)
    {
        announcer.HoldConnections();
        command();
        announcer.Watch(session.Query("Get-ChatServer"));
        announcer.ReleaseConnections();
    }

    private string? ReadCommand()
    {
        string? text = reader.ReadCommand(FirstPrompt, session.Complete);
        while (!string.IsNullOrEmpty(text) && IsIncomplete(text))
        {
            string? next = reader.ReadCommand(NextPrompt, complete: null);
            if (string.IsNullOrEmpty(next))
            {
                return next is null && !reader.IsInteractive ? text : next; // an empty line abandons it
            }

            text = $"{text}\n{next}";
        }

        return text;
    }

    private static bool IsIncomplete(string text)
    {
        if (SendLine.Is(text))
        {
            return false;
        }

        Parser.ParseInput(text, out _, out ParseError[] errors);
        return errors.Any(static error => error.IncompleteInput);
    }
}
