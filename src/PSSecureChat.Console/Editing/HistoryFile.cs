using System.Text.RegularExpressions;

namespace PSSecureChat.Terminal.Editing;

/// <summary>
/// The history that outlives a run: a file in the user's data folder, for the user alone, at most
/// <see cref="MaxLines"/> lines. Commands with the text of a message, commands of several lines (a text may stand in
/// any of them) and commands that look as if they held a secret can be brought back in the same run but are never
/// written: the file is not encrypted.
/// </summary>
internal sealed partial class HistoryFile
{
    public const int MaxLines = 1000;

    private readonly string _path = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "PSSecureChat.Console", "history");

    private string? _last;

    /// <summary>The lines kept, oldest first. A file that grew beyond the limit is cut.</summary>
    public IReadOnlyList<string> Load()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return [];
            }

            string[] lines = [.. File.ReadLines(_path).TakeLast(MaxLines + 1)];
            if (lines.Length > MaxLines)
            {
                lines = lines[1..];
                string cut = $"{_path}.{Environment.ProcessId}";
                Write(cut, FileMode.Create, lines);
                File.Move(cut, _path, overwrite: true);
            }

            _last = lines.LastOrDefault();
            return lines;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return []; // a prompt without a past is better than none
        }
    }

    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || line == _last || !MayBeKept(line))
        {
            return;
        }

        try
        {
            Write(_path, FileMode.Append, [line]);
            _last = line;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end the conversation.
        }
    }

    /// <summary>Whether a line can be written to a file in clear.</summary>
    internal static bool MayBeKept(string line) => !line.Contains('\n', StringComparison.Ordinal) && !MessageText().IsMatch(line) && !Secret().IsMatch(line);

    private static void Write(string path, FileMode mode, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        foreach (string line in lines)
        {
            writer.WriteLine(line);
        }
    }

    // A sending command anywhere in the line and more than one word after it; what is piped or assigned into one counts as well.
    [GeneratedRegex(@"\bsend\s+\S+\s+\S|\bSend-ChatMessage\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MessageText();

    [GeneratedRegex("pass(word|phrase)|secret|SecureString|token|credential|invitation", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
