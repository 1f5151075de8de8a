using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Ends transfers for good, or refuses offers.</summary>
/// <remarks>What had come of a file is deleted; the other side is told, also when it is away at the moment. To have a transfer wait instead, suspend it.</remarks>
/// <example>
/// <para>Take an offer back.</para>
/// <code>
/// $null = Send-ChatFile bob ./report.txt
/// Stop-ChatTransfer report.txt
/// </code>
/// </example>
/// <example>
/// <para>Refuse what a peer offers.</para>
/// <code>Get-ChatTransfer -Peer bob | Where-Object State -eq Offered | Stop-ChatTransfer</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class StopChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.StopTransferAsync(transfer, cancellationToken);
}
