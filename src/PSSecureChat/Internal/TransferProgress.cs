using System.Globalization;
using System.Management.Automation;

namespace PSSecureChat.Internal;

/// <summary>A transfer as the progress bar shows it.</summary>
internal static class TransferProgress
{
    public static ProgressRecord Of(ChatTransfer transfer)
    {
        ProgressRecord record = new(Number(transfer), Activity(transfer), Status(transfer)) { PercentComplete = transfer.PercentComplete };
        if (transfer.TimeLeft is TimeSpan left)
        {
            record.SecondsRemaining = (int)Math.Min(left.TotalSeconds, int.MaxValue);
        }

        return record;
    }

    public static ProgressRecord End(ChatTransfer transfer) => new(Number(transfer), Activity(transfer), "ended") { RecordType = ProgressRecordType.Completed };

    /// <summary>Bytes in the unit that suits them.</summary>
    public static string Size(double bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        int unit = 0;
        for (; bytes >= 1000 && unit < units.Length - 1; unit++)
        {
            bytes /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? $"{bytes:0}" : $"{bytes:0.0}")} {units[unit]}");
    }

    private static string Activity(ChatTransfer transfer) =>
        $"{transfer.Name} {(transfer.Direction == ChatDirection.Incoming ? "from" : "to")} {transfer.Peer}";

    private static string Status(ChatTransfer transfer) => transfer.State switch
    {
        ChatTransferState.Transferring when transfer.Rate >= 1 => $"{Size(transfer.BytesDone)} of {Size(transfer.Length)}, {Size(transfer.Rate)}/s",
        ChatTransferState.Transferring => $"{Size(transfer.BytesDone)} of {Size(transfer.Length)}",
        ChatTransferState.Offered => "offered, not taken yet",
        _ => transfer.Reason is null ? $"{transfer.State}" : $"{transfer.State}: {SafeText.ForOneLine(transfer.Reason)}",
    };

    // Positive, and the same each time for the same transfer.
    private static int Number(ChatTransfer transfer) => transfer.Id.GetHashCode() & int.MaxValue;
}
