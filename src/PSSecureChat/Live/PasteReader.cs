using System.Text;

namespace PSSecureChat.Live;

/// <summary>
/// Tells what was pasted from what was typed. A terminal that was asked to encloses a paste in ESC [ 200 ~ and ESC [ 201 ~, and .NET
/// hands these on as single keys: the escape, or Alt and the bracket, and then the characters.
/// </summary>
internal sealed class PasteReader
{
    /// <summary>Asks a terminal to mark what is pasted.</summary>
    public const string On = "\u001b[?2004h";

    /// <summary>Ends that.</summary>
    public const string Off = "\u001b[?2004l";

    private const string Begin = "[200~";
    private const string End = "[201~";

    private readonly List<ConsoleKeyInfo> _held = [];
    private readonly StringBuilder _mark = new();
    private StringBuilder? _paste;

    /// <summary>Takes a key.</summary>
    /// <param name="key">The key as it was read.</param>
    /// <param name="typed">Called for every key that was typed.</param>
    /// <param name="pasted">Called with every whole text that was pasted.</param>
    public void Take(ConsoleKeyInfo key, Action<ConsoleKeyInfo> typed, Action<string> pasted)
    {
        if (_mark.Length == 0 && IsEscape(key))
        {
            Hold(key);
            return;
        }

        if (_mark.Length > 0)
        {
            Hold(key);
            string mark = _paste is null ? Begin : End;
            string seen = _mark.ToString().TrimStart('\u001b');
            if (seen == mark)
            {
                Release();
                if (_paste is null)
                {
                    _paste = new StringBuilder();
                }
                else
                {
                    pasted(_paste.ToString());
                    _paste = null;
                }
            }
            else if (!mark.StartsWith(seen, StringComparison.Ordinal))
            {
                List<ConsoleKeyInfo> keys = [.. _held];
                Release();
                keys.ForEach(held => Pass(held, typed));
            }

            return;
        }

        Pass(key, typed);
    }

    /// <summary>No more keys came at once: what looked like the begin of a mark was typed.</summary>
    public void Settle(Action<ConsoleKeyInfo> typed)
    {
        List<ConsoleKeyInfo> keys = [.. _held];
        Release();
        keys.ForEach(held => Pass(held, typed));
    }

    private static bool IsEscape(ConsoleKeyInfo key) => key.Key == ConsoleKey.Escape || (key.KeyChar == '[' && key.Modifiers == ConsoleModifiers.Alt);

    private void Hold(ConsoleKeyInfo key)
    {
        _held.Add(key);
        _mark.Append(key.KeyChar == '\0' && key.Key == ConsoleKey.Escape ? '\u001b' : key.KeyChar);
    }

    private void Release()
    {
        _held.Clear();
        _mark.Clear();
    }

    private void Pass(ConsoleKeyInfo key, Action<ConsoleKeyInfo> typed)
    {
        if (_paste is null)
        {
            typed(key);
        }
        else if (_paste.Length < LineEditor.MaxLength)
        {
            _paste.Append(key.Key == ConsoleKey.Enter ? '\n' : key.KeyChar);
        }
    }
}
