using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PSSecureChat.Engine;

namespace PSSecureChat.Completion;

/// <summary>Completes the names of consumers. Answers from memory.</summary>
public sealed class ConsumerNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, () =>
            NameCompletion.ServerOf(fakeBoundParameters) is { State: ChatServerState.Running } server
                ? ChatEngine.Of(server).ConsumerNames.Select(static name => (name, name))
                : []);
}
