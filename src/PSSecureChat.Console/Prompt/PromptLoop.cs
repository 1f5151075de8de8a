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

        string? line = first;
        while (line is not null)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                announcer.HoldConnections();
                session.Run(SendLine.Translate(line), toHistory: !SendLine.Is(line));
                announcer.Watch(session.Query("Get-ChatServer"));
                announcer.ReleaseConnections();
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

        return 0;
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
