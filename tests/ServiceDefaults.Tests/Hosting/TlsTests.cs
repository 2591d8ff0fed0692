using System.Net;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Net.Client;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests.Hosting;

/// <summary>TLS on the gRPC port, from files that the configuration names.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Identity = $"--Identity:SigningKey={TestTokens.SigningKey}";

    private readonly Certificates certificates = new();

    public void Dispose() => certificates.Dispose();

    [Fact]
    public async Task A_client_that_trusts_the_root_can_call_and_no_other_can()
    {
        var (certificate, key) = certificates.New("server");
        await using var service = await BareService.StartAsync(
            TimeProvider.System, Identity, $"--TLS_CERTIFICATE={certificate}", $"--TLS_KEY={key}");
        var token = TestTokens.Make("officer", "3406");

        using var trusting = Channel($"https://localhost:{service.GrpcPort}", certificates);
        (await BareService.AskAsync(trusting, token)).ShouldBe("somebody|officer|3406|");

        using var others = new Certificates();
        using var wary = Channel($"https://localhost:{service.GrpcPort}", others);
        (await Should.ThrowAsync<RpcException>(() => BareService.AskAsync(wary, token)))
            .ToString().ShouldContain("remote certificate is invalid");

        await Should.ThrowAsync<RpcException>(() => service.AskAsync(token));
        // Probes speak plain HTTP on their own port, with a certificate as without.
        (await service.AliveAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Certificate_and_key_may_share_a_file()
    {
        var (certificate, key) = certificates.New("parts");
        var both = certificates.Write("both.pem", File.ReadAllText(certificate) + File.ReadAllText(key));
        await using var service = await BareService.StartAsync(TimeProvider.System, Identity, $"--TLS_CERTIFICATE={both}");
        using var trusting = Channel($"https://127.0.0.1:{service.GrpcPort}", certificates);
        (await BareService.AskAsync(trusting, TestTokens.Make("officer", "3406"))).ShouldStartWith("somebody");
    }

    [Fact]
    public void Files_that_cannot_serve_are_named_in_one_line()
    {
        var (certificate, key) = certificates.New("good");
        var (expired, expiredKey) = certificates.New("expired", -3, -1);
        var (future, futureKey) = certificates.New("future", 1, 3);
        var garbage = certificates.Write("garbage.pem", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
        var empty = certificates.Write("empty.pem", "");

        Refusal(certificates.At("missing.pem"), key).ShouldContain("missing.pem");
        Refusal(certificate, certificates.At("missing.key")).ShouldContain("missing.key");
        Refusal(Path.GetDirectoryName(certificate)!, key).ShouldStartWith("TLS_CERTIFICATE: ");
        Refusal(expired, expiredKey).ShouldMatch(@"^TLS_CERTIFICATE: .*expired\.pem expired at \d{4}-");
        Refusal(future, futureKey).ShouldContain("is not valid before");
        Refusal(garbage, key).ShouldContain("no certificate in PEM form");
        Refusal(empty, key).ShouldContain("no certificate in PEM form");
        Refusal(certificate, expiredKey).ShouldContain("with the private key of");
        Refusal(certificate, null).ShouldContain("with the private key of the same file");
        Refusal(null, key).ShouldBe("TLS_KEY is set without TLS_CERTIFICATE: set both, or neither.");
    }

    private static string Refusal(string? certificate, string? key)
    {
        var message = Should.Throw<SettingsException>(() => BareService.Create(
            TimeProvider.System, Identity, "--GRPC_PORT=1", "--HTTP_PORT=2",
            $"--TLS_CERTIFICATE={certificate}", $"--TLS_KEY={key}")).Message;
        message.ShouldNotContain('\n');
        return message;
    }

    private static GrpcChannel Channel(string address, Certificates trusted) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = trusted.TrustingHandler(), DisposeHttpClient = true });
}
