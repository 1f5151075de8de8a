using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PSSecureChat.Engine;

namespace PSSecureChat.Completion;

/// <summary>Completes the ids of open invitations; the tool tip tells until when each is good. Answers from memory.</summary>
public sealed class InvitationIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, () =>
            NameCompletion.ServerOf(fakeBoundParameters) is { State: ChatServerState.Running } server
                ? ChatEngine.Of(server).GetInvitations().Select(static open => (open.Id, $"{open.Id}: good until {open.ExpiresAt:g}, for {string.Join(", ", open.Address)}"))
                : []);
}
