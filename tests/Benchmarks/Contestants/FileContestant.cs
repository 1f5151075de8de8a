namespace Benchmarks.Contestants;

/// <summary>One way to bring a file to a folder of another process and to know that it is there.</summary>
internal abstract class FileContestant(string name, string inbox) : IDisposable
{
    public string Name => name;

    public abstract Task SendAsync(string path);

    /// <summary>Deletes what has arrived.</summary>
    public void Clean() => Array.ForEach(Directory.GetFiles(inbox), File.Delete);

    public abstract void Dispose();
}
