using System.Text;
using System.Text.RegularExpressions;

namespace PSSecureChat.Engine.Tests.Documentation;

/// <summary>
/// docs/protocol.md. Its example stands in code blocks marked <c>vector</c>: a line <c>name =</c>, then lines of hex; or
/// <c>name = "text"</c> on one line.
/// </summary>
internal sealed partial class ProtocolDocument
{
    private const int BytesPerLine = 40;
    private const string Fence = "```";

    /// <summary>Set to 1, it lets the test of the example write the document's values anew instead of comparing them.</summary>
    public const string RenewVariable = "PSSECURECHAT_RENEW_PROTOCOL_EXAMPLE";

    private readonly string[] _lines;

    private ProtocolDocument(string path, string[] lines)
    {
        Path = path;
        _lines = lines;
    }

    public string Path { get; }

    public string Text => string.Join('\n', _lines);

    public static ProtocolDocument Read()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "PSSecureChat.sln")))
        {
            folder = folder.Parent;
        }

        string path = System.IO.Path.Combine(folder!.FullName, "docs", "protocol.md");
        return new ProtocolDocument(path, File.ReadAllLines(path));
    }

    /// <summary>The values of the example by name. A name that stands twice throws.</summary>
    public Dictionary<string, string> Values()
    {
        Dictionary<string, string> values = [];
        foreach ((string name, string value, _) in Entries())
        {
            values.Add(name, value);
        }

        return values;
    }

    /// <summary>Writes the document again, every value of the example replaced by the one given.</summary>
    public void Renew(IReadOnlyDictionary<string, string> values)
    {
        StringBuilder text = new();
        int next = 0;
        foreach ((string name, _, Range lines) in Entries())
        {
            (int offset, int length) = lines.GetOffsetAndLength(_lines.Length);
            foreach (string line in _lines[next..offset])
            {
                text.Append(line).Append('\n');
            }

            text.Append(Format(name, values[name]));
            next = offset + length;
        }

        foreach (string line in _lines[next..])
        {
            text.Append(line).Append('\n');
        }

        File.WriteAllText(Path, text.ToString());
    }

    private static string Format(string name, string value)
    {
        if (value.StartsWith('"'))
        {
            return $"{name} = {value}\n";
        }

        StringBuilder text = new($"{name} =\n");
        foreach (char[] line in value.Chunk(2 * BytesPerLine))
        {
            text.Append("  ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private IEnumerable<(string Name, string Value, Range Lines)> Entries()
    {
        bool inside = false;
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                inside = _lines[i] == $"{Fence}vector";
            }
            else if (inside && NameLine().Match(_lines[i]) is { Success: true } match)
            {
                int start = i;
                string value = match.Groups["text"].Value;
                while (value is not ['"', ..] && _lines[i + 1].StartsWith("  ", StringComparison.Ordinal))
                {
                    value += _lines[++i].Trim();
                }

                yield return (match.Groups["name"].Value, value, start..(i + 1));
            }
        }
    }

    [GeneratedRegex("""^(?<name>[a-z0-9_]+) =( (?<text>".*"))?$""")]
    private static partial Regex NameLine();
}
