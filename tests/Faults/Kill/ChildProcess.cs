using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PSSecureChat.Faults.Kill;

/// <summary>A peer's process as its parent sees it.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The first argument of a child.</summary>
    public const string Argument = "child";

    private readonly Process _process;
    private readonly Action<string> _heard;
    private readonly Task _listening;
    private readonly object _lock = new();
    private readonly List<string> _errors = [];
    private (string Word, TaskCompletionSource Done)? _awaited;
    private readonly HashSet<string> _said = [];
    private bool _ended;

    /// <param name="name">The peer's name.</param>
    /// <param name="folder">Its store.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="heard">Called with every line, in order.</param>
    public ChildProcess(string name, string folder, int port, Action<string> heard)
    {
        _heard = heard;
        ProcessStartInfo start = new(Dotnet(), [typeof(ChildProcess).Assembly.Location, Argument, name, folder, port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.StandardInput.AutoFlush = true;
        _listening = Task.WhenAll(ListenAsync(_process.StandardOutput, Hear), ListenAsync(_process.StandardError, _errors.Add));
    }

    /// <summary>The most memory it has taken so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.PeakWorkingSet64;
        }
    }

    /// <summary>Gives a command.</summary>
    public void Tell(string command)
    {
        try
        {
            _process.StandardInput.WriteLine(command);
        }
        catch (IOException)
        {
            // killed between two commands
        }
    }

    /// <summary>Completes when the child has said the word, once for each time it says it; throws when it cannot any more.</summary>
    public Task HearAsync(string word)
    {
        lock (_lock)
        {
            if (_said.Remove(word))
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited = (word, done);
            if (_ended)
            {
                done.SetException(new InvalidOperationException($"The peer ended before it said '{word}': {string.Join(' ', _errors)}"));
            }

            return done.Task.WaitAsync(2 * Patience.Limit);
        }
    }

    /// <summary>Gives a command and waits for its word.</summary>
    public Task AskAsync(string command, string word)
    {
        Tell(command);
        return HearAsync(word);
    }

    /// <summary>Kills it (SIGKILL), and completes when all it had said is heard.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return EndAsync();
    }

    /// <summary>Lets it end in peace.</summary>
    public Task StopAsync()
    {
        _process.StandardInput.Close();
        return EndAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
        await _listening.WaitAsync(Patience.Limit);
    }

    private void Hear(string line)
    {
        _heard(line);
        string word = line.Split(' ')[0];
        lock (_lock)
        {
            if (word == "failed")
            {
                _errors.Add(line);
                _awaited?.Done.TrySetException(new InvalidOperationException(line));
            }
            else if (_awaited is { } awaited && awaited.Word == word)
            {
                _awaited = null;
                awaited.Done.TrySetResult();
            }
            else if (word is not ("stored" or "message"))
            {
                _said.Add(word);
            }
        }
    }

    private async Task ListenAsync(StreamReader reader, Action<string> heard)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            heard(line);
        }

        lock (_lock)
        {
            _ended = true;
            _awaited?.Done.TrySetException(new InvalidOperationException($"The peer ended: {string.Join(' ', _errors)}"));
        }
    }

    // The host of this very runtime: a test host's own path is another program.
    internal static string Dotnet()
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
