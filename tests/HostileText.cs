using System.Text.RegularExpressions;

namespace PSSecureChat.Tests;

/// <summary>A text as somebody would send it who wants to steer the terminal of the other side, and how to tell that it does not.</summary>
internal static partial class HostileText
{
    /// <summary>The word it begins with, by which a test sees that it was shown at all.</summary>
    public const string Mark = "mark";

    /// <summary>
    /// Control characters of both sets, what begins sequences of a terminal, line ends of all kinds and a line that is not the writer's, invisible
    /// characters and bidirectional overrides. Nothing of it is a wildcard, so that it can stand where a name is typed.
    /// </summary>
    public const string Text = Mark + "\u001Bc\u001B_x\u001B\\\u001BPt\a\b\v\f\r\u007F\u0085\u0090\u009B31m\u009D\u00AD\u061C\u180E\u200B\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2060\u2066\u2067\u2068\u2069\uFEFF\uFFF9end\nFORGED";

    /// <summary>The same with what cannot stand in a name of a file left out.</summary>
    public static string FileName { get; } = OperatingSystem.IsWindows() ? Mark + "\u202Efdp.exe" : Text.Replace('\\', 'x');

    /// <summary>What is wrong with something that a terminal was given to show; null when nothing is.</summary>
    public static string? Complaint(string shown)
    {
        string text = Ours().Replace(shown, string.Empty).Replace("\r\n", "\n", StringComparison.Ordinal);
        return Text.FirstOrDefault(c => !char.IsAscii(c) && text.Contains(c)) is char strange and not '\0' ? $"U+{(int)strange:X4} in {text}"
            : text.FirstOrDefault(static c => char.IsControl(c) && c != '\n') is char control and not '\0' ? $"U+{(int)control:X4} in {text}"
            : text.Split('\n').Any(static line => line.StartsWith("FORGED", StringComparison.Ordinal)) ? $"a forged line in {text}"
            : null;
    }

    // What PowerShell and the module colour and draw with; the text has none of it.
    [GeneratedRegex("\u001B\\[[?0-9;]*[A-Za-z]")]
    private static partial Regex Ours();
}
