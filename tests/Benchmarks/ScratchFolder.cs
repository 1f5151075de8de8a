using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>A folder for stores, deleted at the end, also when a signal is the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const int Attempts = 5;
    private readonly PosixSignalRegistration[] _signals;

    public ScratchFolder(string parent)
    {
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"pssecurechat-bench-{Guid.NewGuid():N}")).FullName;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, _ => Delete()))];
    }

    public string Path { get; }

    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        Delete();
        Array.ForEach(_signals, static signal => signal.Dispose());
    }

    // Whatever ended the run, others may still be writing here: what they add meanwhile needs another attempt.
    private void Delete()
    {
        for (int left = Attempts; Directory.Exists(Path); left--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException e)
            {
                if (left == 0)
                {
                    Console.Error.WriteLine($"{Path} could not be deleted: {e.Message}"); // not thrown: it would hide why the run ended
                    return;
                }
            }
        }
    }
}
