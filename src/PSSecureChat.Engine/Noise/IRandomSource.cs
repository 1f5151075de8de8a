using System.Security.Cryptography;

namespace PSSecureChat.Engine.Noise;

/// <summary>
/// Where keys come from. It is handed in so that published vectors run through the production state machine with
/// their fixed ephemerals; outside of tests there is only <see cref="SystemRandomSource"/>.
/// </summary>
internal interface IRandomSource
{
    /// <summary>Fills the whole of <paramref name="destination"/> with random bytes.</summary>
    void Fill(Span<byte> destination);
}

/// <summary>The operating system's generator. Safe to use from any thread.</summary>
internal sealed class SystemRandomSource : IRandomSource
{
    public static readonly SystemRandomSource Instance = new();

    private SystemRandomSource()
    {
    }

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
