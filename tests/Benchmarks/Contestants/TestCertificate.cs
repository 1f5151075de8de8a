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

    /// <summary>The same, with all that can be made before: the own certificate's context, and the other side's as the one root that is trusted.</summary>
    public static SslServerAuthenticationOptions PreparedServerOptions(X509Certificate2 own, X509Certificate2 pinned) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true),
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = Trusting(pinned),
        RemoteCertificateValidationCallback = (_, shown, _, errors) => FitsChained(shown, pinned, errors),
    };

    /// <summary>The same for the other side.</summary>
    public static SslClientAuthenticationOptions PreparedClientOptions(X509Certificate2 own, X509Certificate2 pinned) => new()
    {
        TargetHost = "peer",
        ClientCertificateContext = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true),
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = Trusting(pinned),
        RemoteCertificateValidationCallback = (_, shown, _, errors) => FitsChained(shown, pinned, errors),
    };

    private static X509ChainPolicy Trusting(X509Certificate2 pinned) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { pinned },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    private static bool FitsChained(X509Certificate? shown, X509Certificate2 pinned, SslPolicyErrors errors) =>
        !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && Fits(shown, any: false, pinned);

    private static bool Fits(X509Certificate? shown, bool any, X509Certificate2? pinned) =>
        shown is not null && (any || shown.GetRawCertData().AsSpan().SequenceEqual(pinned!.RawData));
}
