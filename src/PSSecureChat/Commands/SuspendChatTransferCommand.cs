using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Has transfers wait.</summary>
/// <remarks>A suspended transfer keeps what has come of it, and stays suspended over restarts until Resume-ChatTransfer on this side lets it go on. The other side sees that it waits, and why.</remarks>
/// <example>
/// <para>Have a file wait.</para>
/// <code>
/// $null = Send-ChatFile bob ./report.txt
/// Suspend-ChatTransfer report.txt
/// </code>
/// </example>
/// <example>
/// <para>Have all that goes to a peer wait.</para>
/// <code>Get-ChatTransfer -Peer bob | Suspend-ChatTransfer -PassThru</code>
/// </example>
[Cmdlet(VerbsLifecycle.Suspend, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class SuspendChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.SuspendTransferAsync(transfer, cancellationToken);
}
