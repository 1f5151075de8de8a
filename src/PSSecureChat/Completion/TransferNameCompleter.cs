using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace PSSecureChat.Completion;

/// <summary>Completes the names of files on their way: those the command can do something about.</summary>
public sealed class TransferNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, () => TransferCompletion.Candidates(commandName, fakeBoundParameters).Select(static transfer => (transfer.Name, transfer.ToString())));
}
