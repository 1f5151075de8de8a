using System.Collections;
using PSSecureChat.Engine;

namespace PSSecureChat.Completion;

/// <summary>What the completers of transfers share.</summary>
internal static class TransferCompletion
{
    /// <summary>The transfers that a command can do something about.</summary>
    public static IEnumerable<ChatTransfer> Candidates(string command, IDictionary boundParameters) =>
        NameCompletion.ServerOf(boundParameters) is { State: ChatServerState.Running } server
            ? ChatEngine.Of(server).GetTransfers().Where(transfer => MayBeMeant(command, transfer))
            : [];

    private static bool MayBeMeant(string command, ChatTransfer transfer) => command.ToUpperInvariant() switch
    {
        "RECEIVE-CHATFILE" => transfer is { State: ChatTransferState.Offered, Direction: ChatDirection.Incoming },
        "RESUME-CHATTRANSFER" => transfer.State == ChatTransferState.Suspended,
        "SUSPEND-CHATTRANSFER" => !transfer.HasEnded && transfer.State != ChatTransferState.Suspended,
        "STOP-CHATTRANSFER" => !transfer.HasEnded,
        _ => true,
    };
}
