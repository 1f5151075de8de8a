using System.Management.Automation;
using RadLine;

namespace PSSecureChat.Terminal.Editing;

/// <summary>Tab: the first completion, then one after the other; Shift+Tab goes back.</summary>
internal sealed class TabCompletion(Func<string, int, CommandCompletion?> complete)
{
    private CommandCompletion? _completion;
    private string _original = string.Empty;
    private string _shown = string.Empty;

    public void Next(LineEditorContext context) => Step(context.Buffer, forward: true);

    public void Previous(LineEditorContext context) => Step(context.Buffer, forward: false);

    private void Step(LineBuffer buffer, bool forward)
    {
        if (_completion is null || buffer.Content != _shown)
        {
            _original = buffer.Content;
            _completion = complete(_original, buffer.Position);
        }

        CompletionResult? result = _completion?.CompletionMatches.Count > 0 ? _completion.GetNextResult(forward) : null;
        if (_completion is null || result is null)
        {
            return;
        }

        string before = _original[.._completion.ReplacementIndex];
        string after = _original[(_completion.ReplacementIndex + _completion.ReplacementLength)..];

        // The only completion is final: the next word can follow at once.
        string space = _completion.CompletionMatches.Count == 1 && after.Length == 0 && result.ResultType is not CompletionResultType.ProviderContainer ? " " : string.Empty;
        string inserted = before + result.CompletionText + space;
        EditCommands.Replace(buffer, inserted + after, inserted.Length);
        _shown = buffer.Content;
    }
}
