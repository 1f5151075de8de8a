using System.Collections;
using System.Management.Automation;
using PSSecureChat.Internal;

namespace PSSecureChat.Completion;

/// <summary>What the completers share.</summary>
internal static class NameCompletion
{
    /// <summary>The names that begin with the word, sorted, quoted where the language needs it. Never throws: a Tab that fails would print over the line being typed.</summary>
    public static IEnumerable<CompletionResult> Complete(string? word, Func<IEnumerable<(string Name, string ToolTip)>> candidates) => CompleteInOrder(
        word,
        () => candidates()
            .OrderBy(static candidate => candidate.Name, StringComparer.CurrentCultureIgnoreCase)
            .Select(static candidate => (candidate.Name, candidate.Name, candidate.ToolTip)));

    /// <summary>The same in the order given, for what is shown in lists by another text than the one that is typed.</summary>
    public static IEnumerable<CompletionResult> CompleteInOrder(string? word, Func<IEnumerable<(string Name, string Shown, string ToolTip)>> candidates)
    {
        try
        {
            char? quote = word is { Length: > 0 } && word[0] is '\'' or '"' ? word![0] : null;
            string typed = (word ?? string.Empty).Trim('\'', '"');
            return
            [
                .. candidates()
                    .Where(candidate => candidate.Name.StartsWith(typed, StringComparison.CurrentCultureIgnoreCase))
                    .DistinctBy(static candidate => candidate.Name)
                    .Select(candidate => new CompletionResult(Quote(candidate.Name, quote), candidate.Shown, CompletionResultType.ParameterValue, candidate.ToolTip)),
            ];
        }
        catch (Exception)
        {
            return [];
        }
    }

    /// <summary>The server that -Server on the line means, or the default one.</summary>
    public static ChatServer? ServerOf(IDictionary boundParameters)
    {
        object? typed = boundParameters["Server"];
        return (typed is PSObject wrapped ? wrapped.BaseObject : typed) switch
        {
            ChatServer server => server,
            string name => ServerList.Current.Find(name),
            null => ServerList.Current.Newest,
            _ => null,
        };
    }

    private static string Quote(string name, char? quote)
    {
        if (quote is null && IsBareWord(name))
        {
            return name;
        }

        return quote == '"'
            ? '"' + name.Replace("`", "``", StringComparison.Ordinal).Replace("$", "`$", StringComparison.Ordinal).Replace("\"", "`\"", StringComparison.Ordinal) + '"'
            : '\'' + name.Replace("'", "''", StringComparison.Ordinal) + '\'';
    }

    /// <summary>A word the language takes as it stands: it begins with a letter (so it is no number) and holds nothing that ends an argument.</summary>
    private static bool IsBareWord(string name) =>
        char.IsLetter(name[0]) && name.All(static c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '~' or '+' or '@' || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark);
}
