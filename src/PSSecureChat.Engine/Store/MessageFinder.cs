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
    /// <summary>The fewest numbers of a page, when many peers are read side by side, or few messages are wanted and many may not fit.</summary>
    private const int LeastPage = 16;

    /// <summary>So many are worth a range each; of more, sifting meets one sooner.</summary>
    private const int FewPeers = 64;

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

    // One peer is two ranges of its index, one a direction, each in order of arrival: they are read and merged. What is unread of
    // several peers, and the newest that a few have sent, is a range for each. Several peers are otherwise read in order of arrival
    // and sifted.
    private IEnumerable<MessageReader.Row> All(int most, CancellationToken cancellationToken) => _selection switch
    {
        { UnreadOnly: true, InReplyTo: null } when peers is [_, _, ..] => Received(peers, most, cancellationToken),
        { NewestFirst: true, Direction: ChatDirection.Incoming, InReplyTo: null } when peers is [_, _, ..] and { Count: <= FewPeers } => Received(peers, most, cancellationToken),
        { Peer: not null, Direction: null, UnreadOnly: false } => Merge(
            new[] { ChatDirection.Incoming, ChatDirection.Outgoing }.Select(direction => Pages(_selection with { Direction = direction }, most, cancellationToken)),
            static row => row.Id),
        _ => Pages(_selection, most, cancellationToken),
    };

    // Only numbers are merged: a text of each of ten thousand peers would fill the memory.
    private IEnumerable<MessageReader.Row> Received(List<long> among, int most, CancellationToken cancellationToken)
    {
        int numbers = Math.Max(LeastPage, MessageReader.PageSize / among.Count);
        foreach (long[] page in Merge(among.Select(peer => ReceivedNumbers(peer, numbers, cancellationToken)), static number => number).Chunk(Math.Clamp(most, LeastPage, MessageReader.PageSize)))
        {
            for (int next = 0; next < page.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (MessageReader.Row row in Read(reader => reader.Rows(_selection, page, ref next), cancellationToken))
                {
                    yield return row;
                }
            }
        }
    }

    private IEnumerable<long> ReceivedNumbers(long peer, int most, CancellationToken cancellationToken)
    {
        long from = _selection.NewestFirst ? long.MaxValue : _selection.AfterRow;
        List<long> page;
        do
        {
            page = Read(reader => reader.Received(peer, _selection.UnreadOnly, from, _selection.NewestFirst, most), cancellationToken);
            foreach (long number in page)
            {
                from = number;
                if (number > _selection.AfterRow)
                {
                    yield return number;
                }
            }
        }
        while (page.Count == most);
    }

    private IEnumerable<T> Merge<T>(IEnumerable<IEnumerable<T>> ranges, Func<T, long> number)
    {
        PriorityQueue<IEnumerator<T>, long> next = new();
        try
        {
            foreach (IEnumerable<T> range in ranges)
            {
                IEnumerator<T> items = range.GetEnumerator();
                next.Enqueue(items, Place(items));
            }

            while (next.TryPeek(out IEnumerator<T>? items, out long place) && place != long.MaxValue)
            {
                yield return items.Current;
                next.DequeueEnqueue(items, Place(items));
            }
        }
        finally
        {
            foreach ((IEnumerator<T> items, _) in next.UnorderedItems)
            {
                items.Dispose();
            }
        }

        long Place(IEnumerator<T> items) => !items.MoveNext() ? long.MaxValue : _selection.NewestFirst ? -number(items.Current) : number(items.Current);
    }

    private IEnumerable<MessageReader.Row> Pages(MessageReader.Selection selection, int most, CancellationToken cancellationToken)
    {
        long from = selection.NewestFirst ? long.MaxValue : selection.IsBySequence ? 0 : selection.AfterRow;
        long before;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            before = from;
            foreach (MessageReader.Row row in Read(reader => reader.Page(selection, ref from, most, cancellationToken), cancellationToken))
            {
                yield return row;
            }
        }
        while (from != before);
    }

    private List<T> Read<T>(Func<MessageReader, List<T>> read, CancellationToken cancellationToken)
    {
        MessageReader? reader = null;
        try
        {
            reader = store.Rent();
            return read(reader);
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
