using System.Text;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>What kind of text it is: decides the stream and the colour.</summary>
internal enum Tone
{
    Normal,
    Notice,
    Error,
    Warning,
    Verbose,
}

/// <summary>
/// The one way to the terminal. Everything passes <see cref="PlainText"/>, so no text of a peer can steer the
/// terminal, however it got here. Safe to use from any thread.
/// </summary>
internal sealed class Output
{
    private readonly Lock _lock = new();
    private readonly TextWriter _out = Open(Console.OpenStandardOutput());
    private readonly TextWriter _error = Open(Console.OpenStandardError());
    private readonly bool _colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    private readonly Queue<string> _notices = new();
    private string _unfinished = string.Empty;
    private bool _holding;

    /// <summary>Signalled when a notice waits.</summary>
    public AutoResetEvent NoticeWaits { get; } = new(false);

    public void WriteLine(string text, Tone tone = Tone.Normal) => Write(text + "\n", tone);

    public void Write(string text, Tone tone = Tone.Normal)
    {
        lock (_lock)
        {
            WriteLocked(text, tone);
            ReleaseLocked();
        }
    }

    /// <summary>Writes control sequences of our own.</summary>
    public void WriteControl(string sequence)
    {
        lock (_lock)
        {
            _out.Write(sequence);
            _out.Flush();
        }
    }

    /// <summary>The begun line: what a prompt wrote before it asks for a line. From here on it is the asker's to draw.</summary>
    public string TakeUnfinished()
    {
        lock (_lock)
        {
            string prompt = _unfinished;
            _unfinished = string.Empty;
            return prompt;
        }
    }

    /// <summary>Tells something that happened meanwhile, on a line of its own, as soon as that disturbs nothing.</summary>
    public void Notify(string line)
    {
        lock (_lock)
        {
            _notices.Enqueue(line);
            ReleaseLocked();
            NoticeWaits.Set();
        }
    }

    /// <summary>From now on notices wait for <see cref="WriteNotices"/>: somebody else owns the line the cursor is on.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _holding = true;
        }
    }

    /// <summary>Ends <see cref="Hold"/>. The cursor is at the beginning of a line.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _holding = false;
            ReleaseLocked();
        }
    }

    /// <summary>Writes the notices that wait, the line with the cursor cleared before the first one.</summary>
    /// <returns>Whether there were any.</returns>
    public bool WriteNotices()
    {
        lock (_lock)
        {
            if (_notices.Count == 0)
            {
                return false;
            }

            _out.Write("\r\e[K");
            WriteNoticesLocked();
            return true;
        }
    }

    private static StreamWriter Open(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = false };

    private void ReleaseLocked()
    {
        if (!_holding && _unfinished.Length == 0)
        {
            WriteNoticesLocked();
        }
    }

    private void WriteNoticesLocked()
    {
        while (_notices.TryDequeue(out string? notice))
        {
            WriteLocked(notice + "\n", Tone.Notice);
        }
    }

    private void WriteLocked(string text, Tone tone)
    {
        string plain = PlainText.Of(text);
        TextWriter writer = tone is Tone.Error or Tone.Warning or Tone.Verbose ? _error : _out;
        string colour = tone switch
        {
            Tone.Error => "\e[31m",
            Tone.Warning or Tone.Verbose => "\e[33m",
            Tone.Notice => "\e[36m",
            _ => string.Empty,
        };
        if (_colours && colour.Length > 0)
        {
            // The colour ends before the line does: a line break in colour would colour the rest of the next line on some terminals.
            string body = plain.TrimEnd('\n');
            writer.Write($"{colour}{body}\e[0m{plain[body.Length..]}");
        }
        else
        {
            writer.Write(plain);
        }

        writer.Flush();
        int end = plain.LastIndexOf('\n');
        _unfinished = end < 0 ? _unfinished + plain : plain[(end + 1)..];
    }
}
