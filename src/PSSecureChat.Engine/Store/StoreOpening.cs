using System.Collections.Concurrent;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// Opens stores on the pool. A key that is being derived cannot be interrupted, and what is derived must be wiped at its end; so whoever does not
/// wait any more leaves the opening to itself. It ends without a trace, and who comes for the same store meanwhile waits for that.
/// </summary>
internal static class StoreOpening
{
    private static readonly ConcurrentDictionary<string, Task> s_left = [];

    /// <summary>Opens the store of a folder; ends at once when cancelled.</summary>
    /// <param name="path">The folder; null for a store in memory.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="cancellationToken">The same that <paramref name="open"/> looks at.</param>
    public static async Task<ChatStore> RunAsync(string? path, Func<ChatStore> open, CancellationToken cancellationToken)
    {
        string? place = path is null ? null : Path.GetFullPath(path);
        if (place is not null && s_left.TryGetValue(place, out Task? before))
        {
            await before.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        Task<ChatStore> opening = Task.Run(open, cancellationToken);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Task end = EndAsync(opening);
            if (place is not null)
            {
                s_left[place] = end;
                _ = end.ContinueWith(_ => s_left.TryRemove(KeyValuePair.Create(place, end)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            throw;
        }
    }

    private static async Task EndAsync(Task<ChatStore> opening)
    {
        try
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // whatever it was, nobody is left who would want to know
        }
    }
}
