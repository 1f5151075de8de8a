using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace PSSecureChat.Completion;

/// <summary>Shows how a time is written: without it PowerShell would offer files.</summary>
public sealed class DurationCompleter : IArgumentCompleter
{
    private static readonly (string Time, string Words)[] s_times =
    [
        ("0:00:30", "half a minute"),
        ("0:05", "five minutes"),
        ("0:15", "a quarter of an hour"),
        ("1:00", "an hour"),
        ("1.0:00", "a day"),
        ("7.0:00", "a week"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.CompleteInOrder(wordToComplete, static () => s_times.Select(static one => (one.Time, $"{one.Time} ({one.Words})", one.Words)));
}
