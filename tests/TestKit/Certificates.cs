using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Governance.TestKit;

/// <summary>A root, one between, and what they sign, as PEM files in a folder of their own.</summary>
public sealed class Certificates : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly string folder = Directory.CreateTempSubdirectory("governance-tls-").FullName;
    private readonly X509Certificate2 between;

    public Certificates()
    {
        Root = NewAuthority("CN=Root", null);
        between = NewAuthority("CN=Between", Root);
    }

    public X509Certificate2 Root { get; }

    /// <summary>Files of a certificate for localhost, the one between after it, and its key.</summary>
    public (string Certificate, string Key) New(string name, int validFromDay = -1, int validToDay = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(
            between, Now.AddDays(validFromDay), Now.AddDays(validToDay), RandomNumberGenerator.GetBytes(8));
        return (
            Write($"{name}.pem", $"{certificate.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n"),
            Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>Of a client that trusts this root and no other.</summary>
    public SocketsHttpHandler TrustingHandler() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { Root },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    public string Write(string name, string text)
    {
        var path = At(name);
        File.WriteAllText(path, text);
        return path;
    }

    public string At(string name) => Path.Combine(folder, name);

    public void Dispose()
    {
        Root.Dispose();
        between.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static X509Certificate2 NewAuthority(string name, X509Certificate2? signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (signer is null)
            return request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
        using var certificate = request.Create(signer, Now.AddDays(-9), Now.AddDays(9), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
