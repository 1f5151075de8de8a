using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Our side of every handshake: the identity, a certified Noise static key, and the profile.</summary>
internal sealed class LocalParty(IdentityKeyPair identity, TimeProvider time, IRandomSource random) : IDisposable
{
    // Renewed at half its life, so that a peer's clock has the whole allowance and one more half day.
    private static readonly TimeSpan s_renewAfter = TimeSpan.FromSeconds(StaticKeyCertificate.Lifetime / 2);
    private readonly object _lock = new();
    private CertifiedKey? _key;

    /// <summary>The static key and its certificate. Replaced ones are left to the handshakes that still use them.</summary>
    internal sealed record CertifiedKey(X25519KeyPair Static, byte[] Certificate, DateTimeOffset Issued);

    /// <summary>Who we are. The owner wipes it.</summary>
    public IdentityKey Identity => identity.PublicKey;

    public IRandomSource Random => random;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Name, capabilities and listening port. Set once listening.</summary>
    public Profile Profile { get; set; }

    /// <summary>The key to use in a handshake that begins now.</summary>
    public CertifiedKey Current()
    {
        lock (_lock)
        {
            DateTimeOffset now = Now;
            if (_key is null || (now - _key.Issued).Duration() > s_renewAfter)
            {
                X25519KeyPair fresh = X25519KeyPair.Generate(random);
                _key = new CertifiedKey(fresh, StaticKeyCertificate.Issue(identity, fresh.PublicKey, now), now);
            }

            return _key;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _key?.Static.Dispose();
        }
    }
}
