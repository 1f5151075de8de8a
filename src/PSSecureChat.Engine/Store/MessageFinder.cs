namespace PSSecureChat.Engine.Store;

/// <summary>Runs a query page by page. Each page borrows a reader only while it is read.</summary>
/// <param name="store">The store.</param>
/// <param name="query">The conditions.</param>
/// <param name="peers">The rows of the peers asked for, or null for all.</param>
/// <param name="server">The server's name, for errors.</param>
internal sealed class MessageFinder(ChatStore store, MessageQuery query, List<long>? peers, string server)
{
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
        : All(int.MaxValue, cancellationToken);

    private List<MessageReader.Row> Newest(int count, CancellationToken cancellationToken)
    {
        List<MessageReader.Row> rows = [.. All(count, cancellationToken).Take(count)];
        rows.Reverse();
        return rows;
    }

    // One peer is two ranges of the index, one a direction, each in order of arrival: both are read and merged.
    // Several peers are read in order of arrival and sifted.
    private IEnumerable<MessageReader.Row> All(int most, CancellationToken cancellationToken) =>
        _selection is { Peer: not null, Direction: null, UnreadOnly: false }
            ? Merge(
                Pages(_selection with { Direction = ChatDirection.Incoming }, most, cancellationToken),
                Pages(_selection with { Direction = ChatDirection.Outgoing }, most, cancellationToken))
            : Pages(_selection, most, cancellationToken);

    private IEnumerable<MessageReader.Row> Merge(IEnumerable<MessageReader.Row> one, IEnumerable<MessageReader.Row> other)
    {
        using IEnumerator<MessageReader.Row> left = one.GetEnumerator();
        using IEnumerator<MessageReader.Row> right = other.GetEnumerator();
        bool hasLeft = left.MoveNext();
        bool hasRight = right.MoveNext();
        while (hasLeft || hasRight)
        {
            bool takeLeft = !hasRight || (hasLeft && left.Current.Id < right.Current.Id != _selection.NewestFirst);
            yield return takeLeft ? left.Current : right.Current;
            _ = takeLeft ? hasLeft = left.MoveNext() : hasRight = right.MoveNext();
        }
    }

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
