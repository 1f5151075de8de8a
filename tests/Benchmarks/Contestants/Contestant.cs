namespace Benchmarks.Contestants;

/// <summary>One way to bring messages to another process and to know that they arrived.</summary>
internal abstract class Contestant(string name) : IDisposable
{
    /// <summary>Bytes of a message's text.</summary>
    public const int TextSize = 256;

    public string Name => name;

    /// <summary>Sends so many messages as fast as it can; completes when the last one is acknowledged.</summary>
    public abstract Task SendAsync(int count);

    public abstract void Dispose();
}
