using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace PSSecureChat.Terminal.Prompt;

/// <summary>
/// `send user text…` at the prompt: the text is what was typed, not PowerShell. An apostrophe does not open a
/// string, a semicolon or a parenthesis pasted from somewhere runs nothing. Only a text that is one quoted
/// PowerShell string as a whole loses its quotes. Who wants an expression uses Send-ChatMessage.
/// </summary>
internal static partial class SendLine
{
    /// <summary>Whether the line is such a command.</summary>
    public static bool Is(string line) => Pattern().IsMatch(line);

    /// <summary>The line as PowerShell; other lines as they are.</summary>
    public static string Translate(string line)
    {
        Match match = Pattern().Match(line);
        if (!match.Success)
        {
            return line;
        }

        string user = match.Groups["user"].Value;
        return $"send {(user[0] is '\'' or '"' ? user : CommandLine.Quote(user))} {CommandLine.Quote(Literal(match.Groups["text"].Value))}";
    }

    private static string Literal(string text)
    {
        Ast ast = Parser.ParseInput(text, out _, out ParseError[] errors);
        return errors.Length == 0
            && ast.Find(static node => node is StringConstantExpressionAst, searchNestedScriptBlocks: false) is StringConstantExpressionAst constant
            && constant.StringConstantType is StringConstantType.SingleQuoted or StringConstantType.DoubleQuoted
            && constant.Extent.Text.Length == text.TrimEnd().Length
            ? constant.Value
            : text;
    }

    // A name that begins like a parameter, a variable or an expression is left to PowerShell.
    [GeneratedRegex("""^\s*send\s+(?<user>'(?:[^']|'')+'|"[^"$`]+"|[^\s'"$(@{;|&<>#-][^\s]*)\s+(?<text>.*\S.*)$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
