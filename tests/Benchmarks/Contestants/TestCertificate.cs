using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Benchmarks.Contestants;

/// <summary>Self-signed certificates and TLS 1.3 with both sides' certificates, each pinned by its bytes; no resumption.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=peer", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public static SslServerAuthenticationOptions ServerOptions(X509Certificate2 own, bool anyClient = false, X509Certificate2? pinned = null) => new()
    {
        ServerCertificate = own,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, shown, _, _) => Fits(shown, anyClient, pinned),
    };

    public static SslClientAuthenticationOptions ClientOptions(X509Certificate2 own, bool anyServer = false, X509Certificate2? pinned = null) => new()
    {
        TargetHost = "peer",
        ClientCertificates = [own],
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, shown, _, _) => Fits(shown, anyServer, pinned),
    };

    private static bool Fits(X509Certificate? shown, bool any, X509Certificate2? pinned) =>
        shown is not null && (any || shown.GetRawCertData().AsSpan().SequenceEqual(pinned!.RawData));
}
