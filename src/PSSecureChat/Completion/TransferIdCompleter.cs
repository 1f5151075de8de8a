using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace PSSecureChat.Completion;

/// <summary>Completes the ids of transfers; the tool tip tells which is which.</summary>
public sealed class TransferIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, () => TransferCompletion.Candidates(commandName, fakeBoundParameters).Select(static transfer => (transfer.Id.ToString(), transfer.ToString())));
}
