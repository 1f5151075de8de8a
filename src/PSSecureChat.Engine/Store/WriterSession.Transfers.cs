namespace PSSecureChat.Engine.Store;

/// <summary>What the writer does about files on their way.</summary>
internal sealed partial class WriterSession
{
    private Statement? _saveTransfer;

    /// <summary>Writes a transfer as it stands; nothing when its peer was deleted meanwhile.</summary>
    public void SaveTransfer(TransferRow transfer)
    {
        if (!_peers.ContainsKey(transfer.Peer))
        {
            return;
        }

        _saveTransfer ??= Prepare("""
            INSERT INTO transfer (id, peer, direction, uuid, phase, length, marker, begun_at, ended_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET phase = ?5, marker = ?7, ended_at = ?9, sealed = ?10
            """);
        byte[] details = transfer.Details();
        byte[] sealedDetails = new byte[details.Length + RowSealer.Overhead];
        _sealer.Seal(details, transfer.Place, sealedDetails);
        _saveTransfer.Bind(1, transfer.Row).Bind(2, transfer.Peer).Bind(3, (long)transfer.Direction).Bind(4, transfer.Id).Bind(5, (long)transfer.Phase)
            .Bind(6, transfer.Length).Bind(7, transfer.Marker).Bind(8, transfer.BegunAt).Bind(9, transfer.EndedAt).Bind(10, sealedDetails).Execute();
    }

    public void DeleteTransfer(long row)
    {
        using Statement delete = new(_connection, "DELETE FROM transfer WHERE id = ?1");
        delete.Bind(1, row).Execute();
    }
}
