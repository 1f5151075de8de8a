using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PSSecureChat.Internal;

namespace PSSecureChat.Completion;

/// <summary>Completes the names of the servers of this session. Answers from memory.</summary>
public sealed class ServerNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, static () =>
            ServerList.Current.ToArray().Select(static server => (server.Name, $"{server}: {server.State}")));
}
