using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace Governance.ServiceDefaults;

/// <summary>
/// The certificate of the gRPC port, from PEM files: <c>TLS_CERTIFICATE</c> holds it and after it those between it and the
/// root, <c>TLS_KEY</c> its private key, unless that is in the same file. Read once, at start.
/// </summary>
internal static class ServerCertificate
{
    /// <summary>Null without a certificate: the port is plain HTTP/2 then.</summary>
    public static HttpsConnectionAdapterOptions? Read(IConfiguration configuration, DateTimeOffset now)
    {
        var keyPath = configuration["TLS_KEY"] is { Length: > 0 } key ? key : null;
        if (configuration["TLS_CERTIFICATE"] is not { Length: > 0 } path)
            return keyPath is null ? null : throw new SettingsException("TLS_KEY is set without TLS_CERTIFICATE: set both, or neither.");

        var (certificate, chain) = Load(path, keyPath);
        if (certificate.NotAfter.ToUniversalTime() <= now)
            throw new SettingsException($"TLS_CERTIFICATE: {path} expired at {certificate.NotAfter.ToUniversalTime():u}.");
        if (certificate.NotBefore.ToUniversalTime() > now)
            throw new SettingsException($"TLS_CERTIFICATE: {path} is not valid before {certificate.NotBefore.ToUniversalTime():u}.");
        return new HttpsConnectionAdapterOptions { ServerCertificate = certificate, ServerCertificateChain = chain };
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(string path, string? keyPath)
    {
        // Opened first, so that a message names the file that is at fault.
        EnsureReadable("TLS_CERTIFICATE", path);
        if (keyPath is not null)
            EnsureReadable("TLS_KEY", keyPath);
        try
        {
            // Clients trust roots only: whatever stands between must come from here.
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(path);
            return (X509Certificate2.CreateFromPemFile(path, keyPath), chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new SettingsException(
                $"TLS_CERTIFICATE: {path} holds no certificate in PEM form with the private key of {keyPath ?? "the same file"}.",
                exception);
        }
    }

    private static void EnsureReadable(string setting, string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{setting}: {exception.Message}", exception);
        }
    }
}
