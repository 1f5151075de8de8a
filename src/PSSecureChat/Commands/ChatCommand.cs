using System.Management.Automation;
using System.Threading.Channels;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>What all cmdlets have in common: waits that end with the pipeline, and failures that become error records.</summary>
public abstract class ChatCommand : PSCmdlet, IDisposable
{
    /// <summary>How long a cmdlet that was stopped waits for files to be cleared away.</summary>
    private static readonly TimeSpan Clearing = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the pipeline is stopped and when the cmdlet is disposed: an early stop downstream runs nothing else.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>The full path of a file or folder, which need not be there. A path of another provider ends the cmdlet.</summary>
    private protected string FilePath(string path)
    {
        string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            ThrowTerminatingError(ChatErrors.Record(ChatErrors.NotAFile(path, provider.Name), path));
        }

        return full;
    }

    /// <summary>Waits for the engine. A failure ends the cmdlet.</summary>
    /// <param name="begin">Starts what is waited for.</param>
    /// <param name="target">What the user typed.</param>
    private protected T Await<T>(Func<CancellationToken, Task<T>> begin, object? target = null)
    {
        try
        {
            return AwaitOrThrow(begin);
        }
        catch (ChatException failure)
        {
            ThrowTerminatingError(ChatErrors.Record(failure, target));
            throw; // not reached: the line above throws
        }
    }

    /// <inheritdoc cref="Await{T}(Func{CancellationToken, Task{T}}, object?)"/>
    private protected void Await(Func<CancellationToken, Task> begin, object? target = null) => Await(Returning(begin), target);

    /// <summary>The same for what makes files: after Ctrl+C the process may end, so the engine gets an instant to clear away what it has begun.</summary>
    private protected void AwaitCleared(Func<CancellationToken, Task> begin, object? target)
    {
        Task making = Task.CompletedTask;
        try
        {
            Await(token => making = begin(token), target);
        }
        finally
        {
            ((IAsyncResult)making).AsyncWaitHandle.WaitOne(Clearing);
        }
    }

    /// <summary>Waits for the engine. A failure becomes an error of this item, and the cmdlet goes on.</summary>
    /// <returns>Whether it succeeded.</returns>
    private protected bool TryAwait(Func<CancellationToken, Task> begin, object? target)
    {
        try
        {
            AwaitOrThrow(Returning(begin));
            return true;
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, target);
            return false;
        }
    }

    /// <summary>Waits for the engine; failures are the caller's.</summary>
    private protected T AwaitOrThrow<T>(Func<CancellationToken, Task<T>> begin)
    {
        try
        {
            // WaitAsync: Ctrl+C ends the wait at once, whatever the engine is doing about the token.
            return begin(StopToken).WaitAsync(StopToken).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Waits for the engine, and writes meanwhile to Verbose what it tells of its progress; failures are the caller's.</summary>
    /// <param name="begin">Starts what is waited for. It tells lines from any thread; only this one may write them.</param>
    /// <param name="cancellationToken">The limit of the attempt, linked to <see cref="StopToken"/>.</param>
    /// <remarks>Whoever calls it cancels the attempt when a line is not taken downstream.</remarks>
    private protected T AwaitTelling<T>(Func<Action<string>, Task<T>> begin, CancellationToken cancellationToken)
    {
        // More than this at once is no story any more; what does not fit is left out.
        Channel<string> told = Channel.CreateBounded<string>(new BoundedChannelOptions(256) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
        Task<T> attempt = begin(line => told.Writer.TryWrite(line));
        attempt.ContinueWith(_ => told.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (AwaitOrThrow(_ => told.Reader.WaitToReadAsync(cancellationToken).AsTask()))
        {
            while (told.Reader.TryRead(out string? line))
            {
                WriteVerbose(line);
            }
        }

        return AwaitOrThrow(_ => attempt);
    }

    /// <inheritdoc cref="AwaitTelling{T}(Func{Action{string}, Task{T}}, CancellationToken)"/>
    private protected void AwaitTelling(Func<Action<string>, Task> begin, CancellationToken cancellationToken) => AwaitTelling(
        async tell =>
        {
            await begin(tell);
            return true;
        },
        cancellationToken);

    /// <summary>Tells a line that may name what a peer has chosen.</summary>
    private protected new void WriteVerbose(string line) => base.WriteVerbose(SafeText.ForOneLine(line));

    /// <inheritdoc cref="WriteVerbose(string)"/>
    private protected new void WriteWarning(string line) => base.WriteWarning(SafeText.ForOneLine(line));

    /// <summary>Whether it is to be done. What it is done to may come from a peer.</summary>
    private protected new bool ShouldProcess(string target) => base.ShouldProcess(SafeText.ForOneLine(target));

    /// <summary>An error of one item; the cmdlet goes on.</summary>
    private protected void WriteFailure(ChatException failure, object? target) => WriteError(ChatErrors.Record(failure, target));

    private static Func<CancellationToken, Task<bool>> Returning(Func<CancellationToken, Task> begin) => async token =>
    {
        await begin(token);
        return true;
    };
}
