using System.Globalization;

namespace Benchmarks.Crowd;

/// <summary>
/// Many light peers in one child process, commanded by lines: <c>connect count port</c> brings the crowd to a count,
/// <c>send each</c> has every member send so many messages and answers when all are acknowledged.
/// </summary>
internal sealed class CrowdProcess : IAsyncDisposable
{
    public const string Kind = "crowd";

    private const int AtOnce = 32; // below the engine's limit on handshakes under way
    private readonly List<LightPeer> _peers = [];

    public async Task DoAsync(string command)
    {
        string[] words = command.Split(' ');
        int number = int.Parse(words[1], CultureInfo.InvariantCulture);
        if (words[0] == "connect")
        {
            int port = int.Parse(words[2], CultureInfo.InvariantCulture);
            while (_peers.Count < number)
            {
                int from = _peers.Count;
                int count = Math.Min(AtOnce, number - from);
                _peers.AddRange(await Task.WhenAll(Enumerable.Range(from, count).Select(i => LightPeer.ConnectAsync(Name(i), port))));
            }
        }
        else
        {
            await Task.WhenAll(_peers.Select(peer => peer.SendAsync(number)));
        }
    }

    /// <summary>The name of a member.</summary>
    public static string Name(int member) => string.Create(CultureInfo.InvariantCulture, $"peer{member:00000}");

    public ValueTask DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        return ValueTask.CompletedTask;
    }
}
