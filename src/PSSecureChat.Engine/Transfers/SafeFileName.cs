using System.Globalization;
using System.Text;

namespace PSSecureChat.Engine.Transfers;

/// <summary>
/// Makes the name of a peer's file safe to create in a folder on every system: what it becomes is never a path, a
/// device, a stream of another file or hidden, and shows as what it is. The same rules everywhere, so that a folder that is
/// shared with Windows stays usable there.
/// </summary>
internal static class SafeFileName
{
    /// <summary>Bytes of UTF-8 a name may have: leaves room for a number or the end of a part's name within 255.</summary>
    public const int MaxBytes = 220;

    /// <summary>The longest ending that survives when a name is cut.</summary>
    private const int MaxExtensionBytes = 32;

    private const string WhenNothingIsLeft = "file";

    private static readonly HashSet<string> s_devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$", "KEYBD$", "SCREEN$",
    };

    /// <summary>The name to use here for what a peer calls its file.</summary>
    public static string From(string name)
    {
        StringBuilder safe = new(name.Length);
        foreach (Rune rune in Normalized(name).EnumerateRunes())
        {
            _ = IsUsable(rune) ? safe.Append(rune.ToString()) : safe.Append('_');
        }

        string result = Cut(safe.ToString().TrimStart(' ').TrimEnd(' ', '.'));
        if (result.Length == 0)
        {
            return WhenNothingIsLeft;
        }

        // A leading dot hides a file, and a folder may be one whose hidden files are run.
        return result[0] is '.' or '~' || IsDevice(result) ? '_' + result.TrimStart('.', '~') : result;
    }

    /// <summary>What we call a file of ours: its name, if it fits in an offer.</summary>
    public static string ForOffer(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name); // half a surrogate pair, which file systems allow, becomes a replacement character
        return bytes.Length <= Limits.MaxFileNameBytes ? Encoding.UTF8.GetString(bytes) : From(name);
    }

    /// <summary>The name with a number before its ending.</summary>
    public static string Numbered(string name, int number)
    {
        string extension = Path.GetExtension(name);
        return string.Create(CultureInfo.InvariantCulture, $"{name[..^extension.Length]} ({number}){extension}");
    }

    private static string Normalized(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return name; // not whole Unicode: its parts are replaced below
        }
    }

    private static bool IsUsable(Rune rune) => rune.Value switch
    {
        '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' or 0xFFFD => false,
        ' ' => true,
        _ => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator),
    };

    // Windows takes the part before the first dot for the device, whatever follows; digits in superscript count too.
    private static bool IsDevice(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string stem = (dot < 0 ? name : name[..dot]).TrimEnd(' ');
        return s_devices.Contains(stem)
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)) && stem[3] is (>= '0' and <= '9') or '\u00B9' or '\u00B2' or '\u00B3');
    }

    private static string Cut(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxBytes)
        {
            return name;
        }

        string extension = Path.GetExtension(name);
        if (Encoding.UTF8.GetByteCount(extension) > MaxExtensionBytes)
        {
            extension = string.Empty;
        }

        int room = MaxBytes - Encoding.UTF8.GetByteCount(extension);
        StringBuilder stem = new();
        foreach (Rune rune in name[..^extension.Length].EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            stem.Append(rune.ToString());
        }

        return stem.ToString().TrimEnd(' ', '.') + extension;
    }
}
