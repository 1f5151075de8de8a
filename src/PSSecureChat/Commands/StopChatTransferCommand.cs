using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Ends transfers for good, or refuses offers.</summary>
/// <remarks><para>What had come of a file is deleted; the other side is told, also when it is away at the moment. To have a transfer wait instead, suspend it.</para></remarks>
/// <example>
/// <para>Refuse an offer.</para>
/// <code>Stop-ChatTransfer notes.txt</code>
/// </example>
/// <example>
/// <para>Stop all that is on its way to one peer.</para>
/// <code>Get-ChatTransfer -Peer bob | Where-Object Direction -eq Outgoing | Stop-ChatTransfer</code>
/// </example>
/// <seealso cref="SuspendChatTransferCommand"/>
/// <seealso cref="GetChatTransferCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class StopChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.StopTransferAsync(transfer, cancellationToken);
}
