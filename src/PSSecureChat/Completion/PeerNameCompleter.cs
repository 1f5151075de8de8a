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
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.Complete(wordToComplete, () =>
            NameCompletion.ServerOf(fakeBoundParameters) is { State: ChatServerState.Running } server
                ? ChatEngine.Of(server).GetPeers().Select(static peer => (peer.Name, ToolTip(peer)))
                : []);

    private static string ToolTip(ChatPeer peer)
    {
        string tip = $"{peer.Name}: {peer.State}, {peer.Trust}, {peer.Unread} unread";
        return peer.Queued > 0 ? $"{tip}, {peer.Queued} queued" : tip;
    }
}
