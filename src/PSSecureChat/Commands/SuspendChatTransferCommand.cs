using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Has transfers wait.</summary>
/// <remarks>A suspended transfer keeps what has come of it, and stays suspended over restarts until Resume-ChatTransfer on this side lets it go on. The other side sees that it waits, and why.</remarks>
[Cmdlet(VerbsLifecycle.Suspend, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class SuspendChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.SuspendTransferAsync(transfer, cancellationToken);
}
