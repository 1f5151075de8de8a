using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PSSecureChat.Engine;
using PSSecureChat.Internal;
using PSSecureChat.Views;

namespace PSSecureChat.Completion;

/// <summary>
/// Completes the ids of the last messages with whom the line names, the newest first: of received ones where an answer is sent, of sent ones
/// where an answer is waited for. Nobody knows an id by heart, so lists show the writer and how the text begins.
/// </summary>
public sealed class MessageIdCompleter : IArgumentCompleter
{
    private const int Most = 20;
    private const int CellsOfList = 40;
    private const int CellsOfToolTip = 100;

    /// <summary>How long Tab waits. Messages alone are not in memory, and where few are meant the store looks at many.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NameCompletion.CompleteInOrder(wordToComplete, () =>
            NameCompletion.ServerOf(fakeBoundParameters) is { State: ChatServerState.Running } server
                ? Last(ChatEngine.Of(server), commandName, fakeBoundParameters).Select(static message => (message.Id.ToString(), ViewText.Beginning(message.ToString(), CellsOfList), ViewText.Beginning(message.ToString(), CellsOfToolTip)))
                : []);

    private static ChatMessage[] Last(ChatEngine engine, string command, IDictionary boundParameters)
    {
        bool isSent = command.Equals("Wait-ChatMessage", StringComparison.OrdinalIgnoreCase);
        MessageQuery query = new()
        {
            Peers = boundParameters[isSent ? "From" : "To"] is string name ? [.. PeerSelection.Select(engine.GetPeers(), [name], PeerSelection.Any, out _).Select(static peer => peer.Fingerprint)] : null,
            Direction = isSent ? ChatDirection.Outgoing : ChatDirection.Incoming,
            Last = Most,
        };
        using CancellationTokenSource limit = new(Limit);
        CancellationToken token = limit.Token;
        Task<ChatMessage[]> reading = Task.Run(() => engine.ReadMessages(query, token).Reverse().ToArray(), token);
        return reading.WaitAsync(token).GetAwaiter().GetResult();
    }
}
