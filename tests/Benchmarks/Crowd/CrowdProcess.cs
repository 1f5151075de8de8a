using System.Globalization;

namespace Benchmarks.Crowd;

/// <summary>
/// Many light peers in one child process, commanded by lines: <c>connect count port</c> brings the crowd to a count,
/// <c>send each</c> has every member send so many messages and answers when all are acknowledged, <c>leave</c> sends all away; the
/// same ones come at the next <c>connect</c>.
/// </summary>
internal sealed class CrowdProcess : IAsyncDisposable
{
    public const string Kind = "crowd";

    private const int AtOnce = 32; // below the engine's limit on handshakes under way
    private readonly List<LightPeer> _peers = [];

    public async Task DoAsync(string command)
    {
        string[] words = command.Split(' ');
        int[] numbers = [.. words.Skip(1).Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];
        switch (words[0])
        {
            case "connect":
                while (_peers.Count < numbers[0])
                {
                    int from = _peers.Count;
                    int count = Math.Min(AtOnce, numbers[0] - from);
                    _peers.AddRange(await Task.WhenAll(Enumerable.Range(from, count).Select(i => LightPeer.ConnectAsync(Name(i), numbers[1]))));
                }

                break;
            case "send":
                await Task.WhenAll(_peers.Select(peer => peer.SendAsync(numbers[0])));
                break;
            default:
                _peers.ForEach(static peer => peer.Dispose());
                _peers.Clear();
                break;
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
