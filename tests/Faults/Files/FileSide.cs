using PSSecureChat.Faults.Kill;

namespace PSSecureChat.Faults.Files;

/// <summary>One of the two: its store and its process while it lives.</summary>
internal sealed class FileSide(string name, string folder) : IDisposable
{
    private ChildProcess? _process;

    public int Port { get; } = FreePort.Find();

    public string Inbox => Child.InboxOf(folder);

    /// <summary>The most memory any of its processes took, in bytes.</summary>
    public long PeakMemory { get; private set; }

    public async Task StartAsync()
    {
        if (_process is null)
        {
            _process = new ChildProcess(name, folder, Port, static _ => { });
            await _process.HearAsync("ready");
        }
    }

    public Task AskAsync(string command, string word) => _process!.AskAsync(command, word);

    public Task KillAsync() => EndAsync(static process => process.KillAsync());

    public Task StopAsync() => EndAsync(static process => process.StopAsync());

    public void Dispose() => _process?.Dispose();

    private async Task EndAsync(Func<ChildProcess, Task> end)
    {
        if (_process is not null)
        {
            PeakMemory = Math.Max(PeakMemory, _process.PeakMemory);
            await end(_process);
            _process.Dispose();
            _process = null;
        }
    }
}
