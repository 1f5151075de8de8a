namespace PSSecureChat.Engine.Store;

/// <summary>Runs a query page by page. Each page borrows a reader only while it is read.</summary>
/// <param name="store">The store.</param>
/// <param name="query">The conditions.</param>
/// <param name="peers">The rows of the peers asked for, or null for all.</param>
/// <param name="server">The server's name, for errors.</param>
internal sealed class MessageFinder(ChatStore store, MessageQuery query, List<long>? peers, string server)
{
    private readonly long? _after = query.After?.ToUnixTimeMilliseconds();
    private readonly long? _before = query.Before?.ToUnixTimeMilliseconds();

    public IEnumerable<MessageReader.Row> Find(CancellationToken cancellationToken) =>
        query.Last is int last ? Newest(last, cancellationToken)
        : Pages(query.AfterIndex ?? 0, newestFirst: false, int.MaxValue, cancellationToken);

    private List<MessageReader.Row> Newest(int count, CancellationToken cancellationToken)
    {
        List<MessageReader.Row> rows = [.. Pages(long.MaxValue, newestFirst: true, count, cancellationToken).Take(count)];
        rows.Reverse();
        return rows;
    }

    private IEnumerable<MessageReader.Row> Pages(long from, bool newestFirst, int most, CancellationToken cancellationToken)
    {
        // One peer is a range of the index. Several are read in order of arrival and sifted.
        long? one = peers is [long only] ? only : null;
        HashSet<long>? several = peers is null || one is not null ? null : [.. peers];
        if (several is { Count: 0 })
        {
            yield break;
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<MessageReader.Row> page = Page(one, from, newestFirst, several is null ? most : int.MaxValue);
            foreach (MessageReader.Row row in page)
            {
                if (newestFirst && row.Id <= (query.AfterIndex ?? 0))
                {
                    yield break;
                }

                if (several is null || several.Contains(row.Peer))
                {
                    yield return row;
                }
            }

            if (page.Count == 0)
            {
                yield break;
            }

            from = page[^1].Id;
        }
    }

    private List<MessageReader.Row> Page(long? peer, long from, bool newestFirst, int most)
    {
        MessageReader? reader = null;
        try
        {
            reader = store.Rent();
            return reader.Page(peer, query.Direction, query.UnreadOnly, from, newestFirst, _after, _before, most);
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException or System.Security.Cryptography.CryptographicException or ObjectDisposedException)
        {
            // A store that closes under a reader fails in many ways; the cause is what matters.
            throw store.IsClosed ? ChatErrors.ServerStopped(server) : ChatErrors.FromStore(store.Shown, e);
        }
        finally
        {
            if (reader is not null)
            {
                store.Return(reader);
            }
        }
    }
}
