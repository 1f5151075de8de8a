using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace PSSecureChat.Terminal.Tests;

/// <summary>A console in a process of its own, talked to through its standard streams, with a home folder of its own.</summary>
internal sealed class ConsoleProcess : IDisposable
{
    /// <summary>How long anything may take. Only a failing test ever waits so long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string Repository = FindRepository();

    private readonly Process _process;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("chat-console-");
    private readonly List<string> _lines = [];
    private readonly Task _readers;
    private int _next;

    public ConsoleProcess(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = _home.FullName,
        };
        start.Environment["HOME"] = _home.FullName;
        start.Environment["USERPROFILE"] = _home.FullName;
        start.Environment["LOCALAPPDATA"] = _home.FullName;
        start.Environment.Remove("XDG_DATA_HOME");
        start.Environment.Remove("XDG_CACHE_HOME");
        start.Environment.Remove("POWERSHELL_TELEMETRY_OPTOUT");
        _process = Process.Start(start)!;
        _readers = Task.WhenAll(Read(_process.StandardOutput), Read(_process.StandardError));
    }

    /// <summary>The program. Build folder and configuration are the same for all projects of the repository.</summary>
    public static string Program =>
        Path.Combine(Repository, "src", "PSSecureChat.Console", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "PSSecureChat.Console.dll");

    /// <summary>Everything it wrote so far.</summary>
    public string Transcript
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The files it left in its home folder.</summary>
    public IEnumerable<string> FilesAtHome => _home.EnumerateFiles("*", SearchOption.AllDirectories).Select(static file => file.Name);

    /// <summary>A console with a server at its prompt, and the port the server listens on.</summary>
    public static ConsoleProcess AtPrompt(string user, out int port)
    {
        ConsoleProcess console = new();
        console.Type($"init 127.0.0.1 0 {user} -Ephemeral");
        port = int.Parse(console.WaitFor(@"^Now listening on 127\.0\.0\.1:(\d+)$").Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        return console;
    }

    public static string Example(string name) => Path.Combine(Repository, "examples", name);

    public void Type(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for a line that matches, among those not yet waited for.</summary>
    public Match WaitFor(string pattern)
    {
        Regex regex = new(pattern, RegexOptions.CultureInvariant);
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        lock (_lines)
        {
            while (true)
            {
                for (; _next < _lines.Count; _next++)
                {
                    if (regex.Match(_lines[_next]) is { Success: true } match)
                    {
                        _next++;
                        return match;
                    }
                }

                int left = (int)(deadline - Environment.TickCount64);
                if (left <= 0 || (_readers.IsCompleted && _next >= _lines.Count) || !Monitor.Wait(_lines, Math.Min(left, 1000)) && left <= 1000)
                {
                    Assert.Fail($"No line matches {pattern}. It wrote:\n{Transcript}");
                }
            }
        }
    }

    /// <summary>Waits for the end of the process.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForExit(TimeSpan? limit = null)
    {
        TimeSpan patience = limit ?? Limit;
        Assert.True(_process.WaitForExit(patience), $"It still runs after {patience}. It wrote:\n{Transcript}");
        Assert.True(_readers.Wait(Limit), "Its output was not closed.");
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

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PSSecureChat.psd1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
    }

    private async Task Read(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
                Monitor.PulseAll(_lines);
            }
        }
    }
}
