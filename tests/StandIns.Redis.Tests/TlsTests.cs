using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Governance.StandIns.Redis.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task Commands_and_reconnects_work_over_tls()
    {
        var port = RedisServer.FreePort();
        var folder = Directory.CreateTempSubdirectory("redis-tls-");
        try
        {
            var (certificate, key) = WriteCertificate(folder.FullName);
            await using var server = RedisServer.With(
                "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", key,
                "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no");
            await server.StartAsync();
            await using var redis = await server.ConnectAsync(options =>
            {
                options.EndPoints.Clear();
                options.EndPoints.Add("127.0.0.1", port);
                options.Ssl = true;
                options.SslHost = "redis.test";
                options.CertificateValidation += (_, presented, _, _) => presented?.Subject == "CN=redis.test";
            });
            var database = redis.GetDatabase();
            var big = RandomNumberGenerator.GetBytes(8 << 20);

            (await database.StringSetAsync("tls", big).InTimeAsync()).ShouldBeTrue();
            ((byte[])(await database.StringGetAsync("tls").InTimeAsync())!).AsSpan().SequenceEqual(big).ShouldBeTrue();
            await Task.WhenAll(Enumerable.Range(0, 20_000).Select(async i =>
                (await database.StringIncrementAsync($"tls:{i}")).ShouldBe(1))).InTimeAsync();

            await server.KillAsync();
            await server.StartAsync();
            await Eventually.BecomesTrueAsync(() => redis.IsConnected, () => "not connected again over TLS");
            (await database.StringIncrementAsync("tls:0").InTimeAsync()).ShouldBe(1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=redis.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (certificatePath, keyPath) = (Path.Combine(folder, "redis.crt"), Path.Combine(folder, "redis.key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }
}
