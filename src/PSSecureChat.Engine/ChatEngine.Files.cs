using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine;

/// <summary>Files on their way.</summary>
public sealed partial class ChatEngine
{
    /// <summary>The number of the last change of a transfer: <see cref="ChatTransfer.Version"/> of what changed since is larger than one taken before.</summary>
    public long TransfersVersion => _transfers.Version;

    /// <summary>Offers a file to a peer, now or when it is connected.</summary>
    /// <param name="fingerprint">The peer's.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChatException">PeerUnknown, PeerNotApproved, PeerBlocked, PeerTakesNoFiles, FileNotUsable, ServerStopped.</exception>
    public Task<ChatTransfer> SendFileAsync(string fingerprint, string path, CancellationToken cancellationToken) => DecideAsync(
        async () =>
        {
            Peer peer = Find(fingerprint);
            PeerRecord record = peer.Record ?? throw ChatErrors.PeerNotApproved(peer.Label);
            if (record.IsBlocked)
            {
                throw ChatErrors.PeerBlocked(peer.Label);
            }

            if (peer.Conversation is { Flowing: true, Profile: Profile profile } && !profile.Capabilities.Contains(Capability.Files))
            {
                throw ChatErrors.PeerTakesNoFiles(peer.Label);
            }

            (long length, long modified) = await Task.Run(() => SourceFile.Look(path), CancellationToken.None).ConfigureAwait(false);
            long row = await _transfers.SendAsync(record, path, length, modified).ConfigureAwait(false);
            return SnapshotOf(row);
        },
        cancellationToken);

    /// <summary>The transfers, from memory, oldest first.</summary>
    public IReadOnlyList<ChatTransfer> GetTransfers() => _transfers.Snapshot(Server.Name);

    /// <summary>The transfer as it stands now; null when it is no longer listed.</summary>
    public ChatTransfer? Refresh(ChatTransfer transfer) => _transfers.Snapshot(transfer.Row, Server.Name);

    /// <summary>Takes an offered file.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="folder">Where it is to stand, a full path.</param>
    /// <param name="replace">Whether a file of its name is replaced; else it gets a number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChatException">TransferUnknown, TransferEnded, TransferNotOffered, DestinationNotUsable, NotEnoughSpace, ServerStopped.</exception>
    public Task<ChatTransfer> TakeFileAsync(ChatTransfer offer, string folder, bool replace, CancellationToken cancellationToken) =>
        ChangeAsync(offer, () => _transfers.TakeAsync(offer.Row, Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), replace), cancellationToken);

    /// <summary>Has a transfer wait until it is resumed, also over restarts.</summary>
    /// <exception cref="ChatException">TransferUnknown, ServerStopped.</exception>
    public Task<ChatTransfer> SuspendTransferAsync(ChatTransfer transfer, CancellationToken cancellationToken) =>
        ChangeAsync(transfer, () => _transfers.SuspendAsync(transfer.Row), cancellationToken);

    /// <summary>Has a suspended transfer go on.</summary>
    /// <exception cref="ChatException">TransferUnknown, TransferEnded, TransferNotOffered, ServerStopped.</exception>
    public Task<ChatTransfer> ResumeTransferAsync(ChatTransfer transfer, CancellationToken cancellationToken) =>
        ChangeAsync(transfer, () => _transfers.ResumeAsync(transfer.Row), cancellationToken);

    /// <summary>Ends a transfer for good, or refuses an offer; what had come of it is deleted.</summary>
    /// <exception cref="ChatException">TransferUnknown, ServerStopped.</exception>
    public Task<ChatTransfer> StopTransferAsync(ChatTransfer transfer, CancellationToken cancellationToken) =>
        ChangeAsync(transfer, () => _transfers.StopAsync(transfer.Row), cancellationToken);

    /// <summary>Completes when a transfer has changed since a version. Progress is announced a few times a second.</summary>
    public Task WaitForTransfersAsync(long afterVersion, CancellationToken cancellationToken) => _changed.WhenAsync(
        () =>
        {
            ThrowIfStopped();
            return _transfers.Version > afterVersion;
        },
        cancellationToken);

    private async Task<ChatTransfer> ChangeAsync(ChatTransfer transfer, Func<Task> change, CancellationToken cancellationToken)
    {
        await DecideAsync(change, cancellationToken).ConfigureAwait(false);
        return SnapshotOf(transfer.Row);
    }

    private ChatTransfer SnapshotOf(long row) => _transfers.Snapshot(row, Server.Name) ?? throw ChatErrors.TransferUnknown(null);

    private static FileRule? RuleOf(ChatServerOptions options) =>
        options.ReceiveFilesTo is null ? null : new FileRule(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.ReceiveFilesTo)), options.ReceiveFilesFrom, options.ReceiveFilesUpTo);
}
