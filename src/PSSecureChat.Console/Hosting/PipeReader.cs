using System.Management.Automation;
using System.Text;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>Lines from a standard input that is not a terminal: no editing, no prompt, the end of the input ends the session.</summary>
internal sealed class PipeReader(Output output) : ILineReader
{
    private readonly StreamReader _input = new(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    public bool IsInteractive => false;

    public string? ReadCommand(string prompt, Func<string, int, CommandCompletion?>? complete) => _input.ReadLine();

    public void Remember(string command)
    {
        // What a program wrote into a pipe is nothing to go back to.
    }

    public string? ReadAnswer(string prompt)
    {
        // The question was written without a line break; whoever reads our output gets it as a line of its own.
        if (prompt.Length > 0)
        {
            output.WriteLine(string.Empty);
        }

        return _input.ReadLine();
    }

    public string? ReadSecret(string prompt) => ReadAnswer(prompt);

    public void Dispose() => _input.Dispose();
}
