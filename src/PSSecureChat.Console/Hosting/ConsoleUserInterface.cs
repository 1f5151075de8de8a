using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>The streams, written to the terminal, and the questions, asked there.</summary>
internal sealed class ConsoleUserInterface(Output output, ILineReader reader) : PSHostUserInterface
{
    private readonly Questions _questions = new(output, reader);
    private string? _activity;

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUserInterface();

    public override bool SupportsVirtualTerminal => false; // Output lets no control sequence through

    public override string ReadLine() => _questions.Ask();

    public override SecureString ReadLineAsSecureString() => _questions.AskSecret();

    public override void Write(string value) => output.Write(value);

    // Colours are the host's own: they tell notices and errors apart, and a text cannot imitate them.
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => output.Write(value);

    public override void WriteLine(string value) => output.WriteLine(value);

    public override void WriteErrorLine(string value) => output.WriteLine(value, Tone.Error);

    public override void WriteWarningLine(string message) => output.WriteLine($"WARNING: {message}", Tone.Warning);

    public override void WriteVerboseLine(string message) => output.WriteLine($"VERBOSE: {message}", Tone.Verbose);

    public override void WriteDebugLine(string message) => output.WriteLine($"DEBUG: {message}", Tone.Verbose);

    public override void WriteInformation(InformationRecord record)
    {
        // Write-Host has already written through WriteLine; other information is shown when the preference lets it come here.
    }

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        // One line when something begins: a bar that moves would need the line being typed.
        if (reader.IsInteractive && record.RecordType == ProgressRecordType.Processing && record.Activity != _activity)
        {
            _activity = record.Activity;
            output.WriteLine($"{record.Activity}: {record.StatusDescription}", Tone.Verbose);
        }
        else if (record.RecordType == ProgressRecordType.Completed)
        {
            _activity = null;
        }
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        _questions.AskFields(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        _questions.AskChoice(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        _questions.AskCredential(caption, message, userName);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) =>
        _questions.AskCredential(caption, message, userName);
}
