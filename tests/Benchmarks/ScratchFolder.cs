namespace Benchmarks;

/// <summary>A folder for stores, deleted at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public ScratchFolder(string parent) => Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"pssecurechat-bench-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
