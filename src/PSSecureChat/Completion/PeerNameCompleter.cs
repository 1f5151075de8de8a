using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Completion;

/// <summary>Completes the names of peers; the tool tip tells how each stands at this moment. Answers from memory.</summary>
public sealed class PeerNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult>? CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        bool sendsFile = commandName.Equals("Send-ChatFile", StringComparison.OrdinalIgnoreCase);
        bool sends = sendsFile || commandName.Equals("Send-ChatMessage", StringComparison.OrdinalIgnoreCase);
        CommandBaseAst? before = sends ? FirstOfPipeline(commandAst) : null;
        if (before is CommandAst command && string.Equals(command.GetCommandName(), "Get-ChatPeer", StringComparison.OrdinalIgnoreCase))
        {
            // The recipients are there, the word is the text, or the file: PowerShell completes files where nobody else does.
            return sendsFile ? null : [];
        }

        IEnumerable<CompletionResult> names = NameCompletion.Complete(wordToComplete, () =>
            NameCompletion.ServerOf(fakeBoundParameters) is { State: ChatServerState.Running } server
                ? ChatEngine.Of(server).GetPeers().Select(static peer => (peer.Name, ToolTip(peer)))
                : []);
        return sendsFile && before is not null && !names.Any() ? null : names; // $peers | Send-ChatFile ./a: what comes is not known here
    }

    private static CommandBaseAst? FirstOfPipeline(CommandAst command) =>
        command.Parent is PipelineAst { PipelineElements: [var first, ..] } && first != command ? first : null;

    private static string ToolTip(ChatPeer peer)
    {
        string tip = $"{peer.Name}: {peer.State}, {peer.Trust}, {peer.Unread} unread";
        return peer.Queued > 0 ? $"{tip}, {peer.Queued} queued" : tip;
    }
}
