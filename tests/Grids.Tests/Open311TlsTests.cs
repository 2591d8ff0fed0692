using System.Net;
using System.Text.Json;
using Governance.Grids.V1;
using Governance.LocalServers;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.Open311Fixture;

namespace Governance.Grids.Tests;

/// <summary>Grids with a certificate, and its Open311 port open.</summary>
public sealed class Open311TlsFixture(TestServers servers) : GridsFixture(servers)
{
    private readonly Certificates certificates = new();

    public int Port { get; } = Ports.Free();

    protected override Certificates Trusted => certificates;

    protected override IEnumerable<string> Settings
    {
        get
        {
            var (certificate, key) = certificates.New("server");
            return
            [
                .. base.Settings, $"--OPEN311_PORT={Port}", $"--Open311:Keys={Key} {City} city-app",
                $"--TLS_CERTIFICATE={certificate}", $"--TLS_KEY={key}",
            ];
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        certificates.Dispose();
    }

    public HttpClient Client(string scheme, Certificates? trusted = null) =>
        new((trusted ?? certificates).TrustingHandler()) { BaseAddress = new Uri($"{scheme}://localhost:{Port}/open311/v2/") };
}

/// <summary>Keys of apps, and what residents report, cross the city's network: with a certificate they do so encrypted.</summary>
public sealed class Open311TlsTests(Open311TlsFixture grids) : ServiceTest(grids), IClassFixture<Open311TlsFixture>
{
    [Fact]
    public async Task An_app_that_trusts_the_root_reports_and_reads_over_https()
    {
        using var http = grids.Client("https");
        var posted = await http.PostAsync("requests.json", new FormUrlEncodedContent(Form()));
        ((int)posted.StatusCode).ShouldBe(201, await posted.Content.ReadAsStringAsync());
        var id = (await JsonOf(posted))[0].GetProperty("service_request_id").GetString()!;
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id })).Case.Channel.ShouldBe(CaseChannel.Open311);
        (await JsonOf(await http.GetAsync($"requests/{id}.json")))[0].GetProperty("service_request_id").GetString().ShouldBe(id);
        // Apps go on where discovery sends them.
        var endpoint = JsonDocument.Parse(await http.GetStringAsync("/discovery.json")).RootElement.GetProperty("endpoints")[0];
        endpoint.GetProperty("url").GetString().ShouldBe($"https://localhost:{grids.Port}/open311/v2");
    }

    [Fact]
    public async Task Nobody_else_is_served()
    {
        using var plain = grids.Client("http");
        await Should.ThrowAsync<HttpRequestException>(() => plain.GetAsync("services.json"));

        using var others = new Certificates();
        using var wary = grids.Client("https", others);
        (await Should.ThrowAsync<HttpRequestException>(() => wary.GetAsync("services.json")))
            .ToString().ShouldContain("remote certificate is invalid");

        // Probes speak plain HTTP on their own port.
        using var probe = new HttpClient();
        (await probe.GetAsync(new Uri(grids.HttpAddress, "alive"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
