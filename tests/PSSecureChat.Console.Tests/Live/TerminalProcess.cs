using System.Diagnostics;
using System.Text;

namespace PSSecureChat.Terminal.Tests.Live;

/// <summary>A console at a terminal of 80 × 24, which script(1) of Linux makes. What it writes comes with all control sequences.</summary>
internal sealed class TerminalProcess : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("chat-console-");
    private readonly StringBuilder _written = new();
    private readonly Task _reader;
    private int _seen;

    public TerminalProcess()
    {
        ProcessStartInfo start = new("script", ["-qfec", $"stty cols 80 rows 24; exec dotnet '{ConsoleProcess.Program}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = _home.FullName,
        };
        start.Environment["HOME"] = _home.FullName;
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["SHELL"] = "/bin/sh";
        start.Environment.Remove("XDG_DATA_HOME");
        _process = Process.Start(start)!;
        _reader = ReadAsync();
    }

    /// <summary>Whether this machine has what makes the terminal.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux() && File.Exists("/usr/bin/script");

    /// <summary>Presses keys.</summary>
    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for a text behind what was waited for before.</summary>
    /// <returns>What came before it.</returns>
    public string WaitFor(string text)
    {
        long deadline = Environment.TickCount64 + (long)ConsoleProcess.Limit.TotalMilliseconds;
        lock (_written)
        {
            while (true)
            {
                string all = _written.ToString();
                int found = all.IndexOf(text, _seen, StringComparison.Ordinal);
                if (found >= 0)
                {
                    string before = all[_seen..found];
                    _seen = found + text.Length;
                    return before;
                }

                if (_reader.IsCompleted || Environment.TickCount64 > deadline)
                {
                    Assert.Fail($"'{text}' does not come. It wrote:\n{all[_seen..]}");
                }

                Monitor.Wait(_written, 1000);
            }
        }
    }

    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(ConsoleProcess.Limit), "It still runs.");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _home.Delete(recursive: true);
    }

    private async Task ReadAsync()
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_written)
            {
                _written.Append(buffer, 0, count);
                Monitor.PulseAll(_written);
            }
        }
    }
}
