using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Lets suspended transfers go on.</summary>
/// <remarks>A transfer goes on where it was, at once when the peer is connected. One that the other side has suspended waits for that side; one that goes already is left as it is.</remarks>
/// <example>
/// <para>Let a file go on.</para>
/// <code>
/// $null = Send-ChatFile bob ./report.txt
/// Suspend-ChatTransfer report.txt
/// Resume-ChatTransfer report.txt
/// </code>
/// </example>
/// <example>
/// <para>Let all go on that was suspended.</para>
/// <code>Get-ChatTransfer | Where-Object State -eq Suspended | Resume-ChatTransfer -PassThru</code>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "ChatTransfer", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class ResumeChatTransferCommand : TransferActionCommand
{
    private protected override Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken) => engine.ResumeTransferAsync(transfer, cancellationToken);
}
