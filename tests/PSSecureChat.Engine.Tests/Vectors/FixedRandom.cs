using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Vectors;

/// <summary>Gives out what a vector prescribes, in order; a draw of another length or one too many fails the test.</summary>
internal sealed class FixedRandom(params byte[][] draws) : IRandomSource
{
    private readonly Queue<byte[]> _draws = new(draws);

    public bool IsUsedUp => _draws.Count == 0;

    public void Fill(Span<byte> destination)
    {
        byte[] next = _draws.Dequeue();
        Assert.Equal(next.Length, destination.Length);
        next.CopyTo(destination);
    }
}
