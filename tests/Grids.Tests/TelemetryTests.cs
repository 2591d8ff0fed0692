using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Telemetry;
using Governance.TestKit;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>The service with a collector to send to.</summary>
public sealed class ObservedGridsFixture(TestServers servers) : GridsFixture(servers)
{
    private Collector collector = null!;

    internal Collector Collector => collector;

    protected override IEnumerable<string> Settings =>
        [.. base.Settings, $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"];

    public override async ValueTask InitializeAsync()
    {
        collector = await Collector.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await collector.DisposeAsync();
    }
}

public sealed class TelemetryTests(ObservedGridsFixture grids) : ServiceTest(grids), IClassFixture<ObservedGridsFixture>
{
    [Fact]
    public async Task Traces_metrics_and_logs_arrive_and_tell_nothing_about_people()
    {
        var token = TestTokens.Make("resident", GridsFixture.City, "resident-wangxiaoming");
        var report = new ReportCaseRequest
        {
            RequestId = GridsFixture.NewId(),
            Point = GridsFixture.PointIn(0),
            Title = "王小明家门口的路灯",
            Description = "我是王小明，电话13855551234",
            Channel = CaseChannel.MiniProgramme,
        };
        var cases = new V1.Cases.CasesClient(grids.With(token));
        var reported = (await cases.ReportCaseAsync(report)).Case;
        (await cases.GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case.Description.ShouldBe(report.Description);
        // What fails tells more than what goes well.
        await Refused.AsAsync("REQUEST_INVALID", cases.ReportCaseAsync(
            new ReportCaseRequest(report) { RequestId = "13855551234", Title = new string('王', 200) }));
        await Refused.AsAsync("REQUEST_ID_REUSED", cases.ReportCaseAsync(
            new ReportCaseRequest(report) { Title = "王小明的另一件事" }));
        await Refused.AsAsync("TOKEN_INVALID", new V1.Cases.CasesClient(grids.With(token + "x")).GetCaseAsync(
            new GetCaseRequest { Id = reported.Id }));

        grids.Services.GetRequiredService<TracerProvider>().ForceFlush(5000).ShouldBeTrue();
        grids.Services.GetRequiredService<MeterProvider>().ForceFlush(5000).ShouldBeTrue();
        grids.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Governance.Test").LogInformation("A line for the collector");
        grids.Services.GetRequiredService<LoggerProvider>().ForceFlush(5000).ShouldBeTrue();

        var traces = grids.Collector.Bodies("/v1/traces");
        var metrics = grids.Collector.Bodies("/v1/metrics");
        var logs = grids.Collector.Bodies("/v1/logs");
        // Resource, its attributes, their values: the service's name.
        foreach (var body in traces.Concat(metrics).Concat(logs))
            Texts(body, 1, 1, 1, 2, 1).ShouldContain("governance-grids");

        // Attributes of spans: their string values.
        traces.SelectMany(body => Texts(body, 1, 2, 2, 9, 2, 1))
            .ShouldContain(value => value.EndsWith("governance.grids.v1.Cases/ReportCase"));
        var scopes = traces.SelectMany(body => Texts(body, 1, 2, 1, 1)).ToList();
        scopes.ShouldContain("Microsoft.AspNetCore");
        scopes.ShouldContain("Npgsql");
        metrics.SelectMany(body => Texts(body, 1, 2, 2, 1)).ShouldContain("http.server.request.duration");
        logs.ShouldNotBeEmpty();

        var everything = grids.Collector.Everything();
        string[] secrets = ["王", "13855551234", "wangxiaoming", token, .. token.Split('.')[1..], TestTokens.SigningKey];
        foreach (var secret in secrets)
            everything.ShouldNotContain(secret);
        ThreadNames.All().ShouldContain(name => name.StartsWith("OpenTelemetry"));
    }

    [Fact]
    public async Task It_can_be_sent_over_gRPC()
    {
        await using var collector = await Collector.StartAsync(HttpProtocols.Http2);
        using var host = await EmitAsync(collector, "grpc");
        // With more patience than the end of a host has: whatever else runs beside this test.
        host.Services.GetRequiredService<TracerProvider>().ForceFlush(30_000).ShouldBeTrue();
        host.Services.GetRequiredService<MeterProvider>().ForceFlush(30_000).ShouldBeTrue();
        host.Services.GetRequiredService<LoggerProvider>().ForceFlush(30_000).ShouldBeTrue();
        await host.StopAsync();
        foreach (var (signal, name) in (ReadOnlySpan<(string, string)>)[("trace", "Trace"), ("metrics", "Metrics"), ("logs", "Logs")])
            collector.Bodies($"/opentelemetry.proto.collector.{signal}.v1.{name}Service/Export").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_nobody_up_for_long()
    {
        await using var collector = await Collector.StartAsync(silent: true);
        using var host = await EmitAsync(collector, "http/protobuf");
        var watch = Stopwatch.StartNew();
        await host.StopAsync();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
        await Eventually.BecomesAsync(() => Task.FromResult(collector.Everything()), all => all.Contains("governance-emitter"));
    }

    /// <summary>A host that has made a span, a measurement and a line.</summary>
    private static async Task<IHost> EmitAsync(Collector collector, string protocol)
    {
        var builder = Host.CreateApplicationBuilder(
            [$"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", $"--OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"]);
        builder.AddTelemetry("emitter");
        var host = builder.Build();
        await host.StartAsync();
        using (var source = new ActivitySource("Governance.Emitter"))
            source.StartActivity("span").ShouldNotBeNull().Dispose();
        using (var meter = new Meter("Governance.Emitter"))
            meter.CreateCounter<int>("count").Add(1);
        host.Services.GetRequiredService<ILogger<TelemetryTests>>().LogInformation("A line");
        return host;
    }

    private static IEnumerable<string> Texts(byte[] message, params int[] path) =>
        Collector.Values(message, path).Select(Encoding.UTF8.GetString);
}
