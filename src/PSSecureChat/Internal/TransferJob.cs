using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Internal;

/// <summary>A job that lasts as long as its transfers. Its output are the transfers as they ended; those that did not arrive are errors.</summary>
internal sealed class TransferJob : Job
{
    /// <summary>A progress record for so many percent: a job nobody reads must not gather records without end.</summary>
    private const int ProgressStep = 5;

    private readonly ChatEngine _engine;
    private readonly Func<CancellationToken, Task<IReadOnlyList<ChatTransfer>>> _begin;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Guid, int> _shown = [];
    private Task _running = Task.CompletedTask;
    private volatile string _status = "begins";

    public TransferJob(ChatEngine engine, Func<CancellationToken, Task<IReadOnlyList<ChatTransfer>>> begin, string command)
        : base(command)
    {
        _engine = engine;
        _begin = begin;
        PSJobTypeName = "ChatTransferJob";
    }

    public override string Location => _engine.Server.Name;

    public override string StatusMessage => _status;

    public override bool HasMoreData => Output.Count > 0 || Error.Count > 0 || Progress.Count > 0;

    public void Start()
    {
        SetJobState(JobState.Running);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Stops the transfers that have not ended. Returns when that is done.</summary>
    public override void StopJob()
    {
        if (JobStateInfo.State == JobState.Running)
        {
            SetJobState(JobState.Stopping);
            _stop.Cancel();
        }

        _running.Wait();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    // Every failure becomes an error of the job: nobody else would see it.
    private async Task RunAsync()
    {
        JobState end = JobState.Completed;
        List<ChatTransfer> pending = [];
        try
        {
            pending.AddRange(await _begin(_stop.Token));
            while (pending.Count > 0)
            {
                long version = _engine.TransfersVersion;
                if (Settle(pending))
                {
                    end = JobState.Failed;
                }

                if (pending.Count > 0)
                {
                    await _engine.WaitForTransfersAsync(version, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            end = JobState.Stopped;
            await StopAsync(pending);
        }
        catch (ChatException failure)
        {
            end = JobState.Failed;
            Error.Add(ChatErrors.Record(failure, null));
        }
        catch (Exception failure)
        {
            end = JobState.Failed;
            Error.Add(new ErrorRecord(failure, nameof(ChatErrorId.EngineFailure), ErrorCategory.NotSpecified, null));
        }

        _status = end.ToString();
        SetJobState(end);
    }

    // Hands out those that have ended; true when one of them did not arrive.
    private bool Settle(List<ChatTransfer> pending)
    {
        bool failed = false;
        foreach (ChatTransfer before in pending.ToArray())
        {
            ChatTransfer now = _engine.Refresh(before) ?? before;
            if (now is { HasEnded: false, IsStalled: false } && _engine.Refresh(before) is not null)
            {
                Show(now);
                continue;
            }

            pending.Remove(before);
            if (now.State == ChatTransferState.Completed)
            {
                Output.Add(PSObject.AsPSObject(now));
            }
            else
            {
                failed = true;
                Error.Add(ChatErrors.Record(now.IsStalled ? ChatErrors.TransferStalled(now) : ChatErrors.TransferFailed(now), now));
            }
        }

        return failed;
    }

    private void Show(ChatTransfer transfer)
    {
        _status = transfer.ToString();
        int step = transfer.PercentComplete / ProgressStep;
        if (!_shown.TryGetValue(transfer.Id, out int shown) || shown != step)
        {
            _shown[transfer.Id] = step;
            Progress.Add(TransferProgress.Of(transfer));
        }
    }

    private async Task StopAsync(List<ChatTransfer> pending)
    {
        foreach (ChatTransfer transfer in pending)
        {
            try
            {
                await _engine.StopTransferAsync(transfer, CancellationToken.None);
            }
            catch (ChatException)
            {
                // it has ended by itself, or its server has
            }
        }
    }
}
