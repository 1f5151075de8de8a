using System.Globalization;
using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that begins transfers, and may wait for their end.</summary>
public abstract class TransferCommand : NamedPeersCommand
{
    private volatile bool _waiting;

    /// <summary>Waits until each file has arrived, with progress, and emits the transfer as it ended. Ctrl+C ends the waiting; the transfer goes on.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits a job that ends with the transfers; Stop-Job stops them.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        base.StopProcessing();
        if (_waiting)
        {
            // The pipeline takes nothing any more; the host still does.
            Host.UI?.WriteWarningLine("The waiting has ended; the transfer goes on. Get-ChatTransfer shows it, Stop-ChatTransfer stops it.");
        }
    }

    /// <summary>Waits for transfers with progress and emits each as it ended. One that does not arrive is an error.</summary>
    private protected void EmitEnds(ChatEngine engine, IEnumerable<ChatTransfer> transfers)
    {
        List<ChatTransfer> pending = [.. transfers];
        _waiting = pending.Count > 0;
        try
        {
            while (pending.Count > 0)
            {
                long version = engine.TransfersVersion;
                foreach (ChatTransfer before in pending.ToArray())
                {
                    ChatTransfer? now = engine.Refresh(before);
                    if (now is { HasEnded: false, IsStalled: false })
                    {
                        WriteProgress(TransferProgress.Of(now));
                        continue;
                    }

                    pending.Remove(before);
                    WriteProgress(TransferProgress.End(before));
                    EmitEnd(now ?? before);
                }

                if (pending.Count > 0)
                {
                    Await(token => engine.WaitForTransfersAsync(version, token));
                }
            }
        }
        finally
        {
            _waiting = false;
        }
    }

    /// <summary>Emits a job for transfers that are about to begin or have begun.</summary>
    private protected void EmitJob(ChatEngine engine, Func<CancellationToken, Task<IReadOnlyList<ChatTransfer>>> begin)
    {
        TransferJob job = new(engine, begin, MyInvocation.Line.Trim());
        JobRepository.Add(job);
        job.Start();
        WriteObject(job);
    }

    private void EmitEnd(ChatTransfer transfer)
    {
        if (transfer.State == ChatTransferState.Completed)
        {
            WriteObject(transfer);
        }
        else
        {
            WriteFailure(transfer.IsStalled ? ChatErrors.TransferStalled(transfer) : ChatErrors.TransferFailed(transfer), transfer);
        }
    }
}
