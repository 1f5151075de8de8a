using System.Formats.Tar;

namespace PSSecureChat.Engine;

/// <summary>Tells files from what only looks like one: devices, pipes and sockets, whose opening may wait for ever.</summary>
internal static class RegularFile
{
    // Where a tar header names the kind of its entry.
    private const int KindOffset = 156;

    /// <summary>Whether it is a file or a link. What cannot be told counts as no file.</summary>
    // What names the kind of a file without opening it is the writer of archives; there is no other public way.
    public static bool IsOne(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows() || new FileInfo(path).Length > 0)
            {
                return true;
            }

            using MemoryStream header = new();
            using TarWriter writer = new(header, TarEntryFormat.Gnu, leaveOpen: true);
            writer.WriteEntry(path, "it");
            return (TarEntryType)header.GetBuffer()[KindOffset] is TarEntryType.RegularFile or TarEntryType.SymbolicLink;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
