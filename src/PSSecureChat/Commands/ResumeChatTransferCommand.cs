using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets suspended transfers go on.</summary>
/// <remarks>A transfer goes on where it was, at once when the peer is connected. One that the other side has suspended waits for that side; one that goes already is left as it is.</remarks>
[Cmdlet(VerbsLifecycle.Resume, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class ResumeChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.ResumeTransferAsync(transfer, cancellationToken);
}
