namespace PSSecureChat.Engine.Transfers;

/// <summary>Whether a folder can take a file.</summary>
internal static class FileRoom
{
    /// <summary>Throws unless a folder is there and its disk has so many bytes and a reserve to spare.</summary>
    /// <exception cref="ChatException">DestinationNotUsable, NotEnoughSpace.</exception>
    public static void Require(string folder, long bytes, long reserve)
    {
        if (!Directory.Exists(folder))
        {
            throw ChatErrors.DestinationNotUsable(folder, "there is no such folder");
        }

        if (Free(folder) is long free && (free < reserve || free - reserve < bytes))
        {
            throw ChatErrors.NotEnoughSpace(folder, bytes, Math.Max(0, free - reserve));
        }
    }

    // Null where the system does not say, as for a share on another machine: then the disk itself speaks in time.
    private static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
