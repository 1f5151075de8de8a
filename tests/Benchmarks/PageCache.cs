using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Benchmarks;

/// <summary>What the system keeps of files in memory.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Has the files of a folder forgotten, so that the next reader reads the disk. False where the system cannot be asked.</summary>
    public static bool TryDrop(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        foreach (string path in Directory.GetFiles(folder))
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file); // what is not on the disk stays in memory
            if (Advise(file, 0, 0, DontNeed) != 0)
            {
                return false;
            }
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
