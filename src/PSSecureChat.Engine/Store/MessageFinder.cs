namespace PSSecureChat.Engine.Store;

/// <summary>Runs a query page by page. Each page borrows a reader only while it is read.</summary>
/// <param name="store">The store.</param>
/// <param name="query">The conditions.</param>
/// <param name="peers">The rows of the peers asked for, or null for all.</param>
/// <param name="upTo">The last row that counts. Ranges are read one after the other: without it a later row could be found in one and an
/// earlier one be missed in another, and whoever goes on behind the later one would never see it.</param>
/// <param name="server">The server's name, for errors.</param>
internal sealed class MessageFinder(ChatStore store, MessageQuery query, List<long>? peers, long upTo, string server)
{
    /// <summary>The fewest rows of a page when many peers are read side by side: their pages are all in memory.</summary>
    private const int LeastPage = 16;

    private readonly MessageReader.Selection _selection = new()
    {
        Peer = peers is [long only] ? only : null,
        Among = peers is null or [_] ? null : [.. peers],
        Direction = query.Direction,
        UnreadOnly = query.UnreadOnly,
        AfterRow = query.AfterIndex ?? 0,
        StoredAfter = query.After?.ToUnixTimeMilliseconds(),
        StoredBefore = query.Before?.ToUnixTimeMilliseconds(),
        Search = query.Search,
        InReplyTo = query.InReplyTo,
        NewestFirst = query.Last is not null || query.NewestFirst,
    };

    public IEnumerable<MessageReader.Row> Find(CancellationToken cancellationToken) =>
        peers is [] ? []
        : query.Last is int last ? Newest(last, cancellationToken)
        : All(int.MaxValue, cancellationToken).TakeWhile(row => row.Id <= upTo || _selection.NewestFirst).SkipWhile(row => row.Id > upTo);

    private List<MessageReader.Row> Newest(int count, CancellationToken cancellationToken)
    {
        List<MessageReader.Row> rows = [.. All(count, cancellationToken).SkipWhile(row => row.Id > upTo).Take(count)];
        rows.Reverse();
        return rows;
    }

    // What is unread is a range of its index for each peer. One peer is two ranges of its index, one a direction. Each is in order of
    // arrival: they are read and merged. Several peers are otherwise read in order of arrival and sifted.
    private IEnumerable<MessageReader.Row> All(int most, CancellationToken cancellationToken) =>
        _selection is { UnreadOnly: true, InReplyTo: null } && peers is not null
            ? Merge(peers.Select(peer => Pages(_selection with { Peer = peer, Among = null }, Math.Min(most, Math.Max(LeastPage, MessageReader.PageSize / peers.Count)), cancellationToken)))
        : _selection is { Peer: not null, Direction: null, UnreadOnly: false }
            ? Merge(new[] { ChatDirection.Incoming, ChatDirection.Outgoing }.Select(direction => Pages(_selection with { Direction = direction }, most, cancellationToken)))
        : Pages(_selection, most, cancellationToken);

    private IEnumerable<MessageReader.Row> Merge(IEnumerable<IEnumerable<MessageReader.Row>> ranges)
    {
        PriorityQueue<IEnumerator<MessageReader.Row>, long> next = new();
        try
        {
            foreach (IEnumerable<MessageReader.Row> range in ranges)
            {
                IEnumerator<MessageReader.Row> rows = range.GetEnumerator();
                next.Enqueue(rows, rows.MoveNext() ? Place(rows.Current) : long.MaxValue);
            }

            while (next.TryPeek(out IEnumerator<MessageReader.Row>? rows, out long place) && place != long.MaxValue)
            {
                yield return rows.Current;
                next.DequeueEnqueue(rows, rows.MoveNext() ? Place(rows.Current) : long.MaxValue);
            }
        }
        finally
        {
            foreach ((IEnumerator<MessageReader.Row> rows, _) in next.UnorderedItems)
            {
                rows.Dispose();
            }
        }
    }

    private long Place(in MessageReader.Row row) => _selection.NewestFirst ? -row.Id : row.Id;

    private IEnumerable<MessageReader.Row> Pages(MessageReader.Selection selection, int most, CancellationToken cancellationToken)
    {
        long from = selection.NewestFirst ? long.MaxValue : selection.IsBySequence ? 0 : selection.AfterRow;
        long before;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            before = from;
            foreach (MessageReader.Row row in Page(selection, ref from, most, cancellationToken))
            {
                yield return row;
            }
        }
        while (from != before);
    }

    private List<MessageReader.Row> Page(in MessageReader.Selection selection, ref long from, int most, CancellationToken cancellationToken)
    {
        MessageReader? reader = null;
        try
        {
            reader = store.Rent();
            return reader.Page(selection, ref from, most, cancellationToken);
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException or System.Security.Cryptography.CryptographicException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();

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
