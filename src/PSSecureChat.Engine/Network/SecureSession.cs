using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>What a handshake leaves: an encrypted connection with somebody whose identity is proven. Owns stream and keys.</summary>
/// <param name="Stream">The connection.</param>
/// <param name="Keys">The transport keys.</param>
/// <param name="Remote">Who the other side is.</param>
/// <param name="Profile">What it says of itself; the dialler learns it from the first frame instead.</param>
/// <param name="WeDialled">Who began.</param>
/// <param name="Address">The other side's address as dialled or seen.</param>
internal sealed record SecureSession(Stream Stream, TransportKeys Keys, IdentityKey Remote, Profile? Profile, bool WeDialled, PeerAddress Address) : IDisposable
{
    /// <summary>The invitation of ours the other side came with; not yet claimed.</summary>
    public OpenInvitation? Invitation { get; init; }

    /// <summary>The Noise protocol that made it, by its name.</summary>
    public string Suite { get; init; } = HandshakePattern.XXhfs.ProtocolName;

    public void Dispose()
    {
        Stream.Dispose();
        Keys.Dispose();
    }
}
