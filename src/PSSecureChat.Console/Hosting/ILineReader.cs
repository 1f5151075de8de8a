using System.Management.Automation;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>Where typed lines come from.</summary>
internal interface ILineReader : IDisposable
{
    /// <summary>Whether a person sits there: then prompts are shown and lines are edited.</summary>
    bool IsInteractive { get; }

    /// <summary>Reads a command: with completion and history.</summary>
    /// <param name="prompt">What stands before it.</param>
    /// <param name="complete">Completes the line at a position; null when that is not possible now.</param>
    /// <returns>The line; empty when it was abandoned with Ctrl+C; null at the end of the input.</returns>
    string? ReadCommand(string prompt, Func<string, int, CommandCompletion?>? complete);

    /// <summary>Keeps a command for later runs, if it may be kept.</summary>
    void Remember(string command);

    /// <summary>Reads an answer to a question of a command; nothing of it is kept.</summary>
    /// <returns>The line, or null at the end of the input or when it was abandoned.</returns>
    string? ReadAnswer(string prompt);

    /// <summary>Reads an answer without showing it.</summary>
    string? ReadSecret(string prompt);
}
