using System.Diagnostics;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests.Hosting;

public sealed class SettingsTests
{
    private const string OneOfTwo = "Set exactly one of Identity__Authority and Identity__SigningKey.";

    private static readonly string[] Needed = ["--GRPC_PORT=1", "--HTTP_PORT=2", "--services:organisations:grpc:0=http://127.0.0.1:3"];

    [Theory]
    [InlineData(OneOfTwo)]
    [InlineData(OneOfTwo, "--Identity:Authority=", "--Identity:SigningKey=")]
    [InlineData(OneOfTwo, "--Identity:Authority=https://id.example", "--Identity:SigningKey=" + TestTokens.SigningKey)]
    [InlineData("must be at least 32 bytes in base64", "--Identity:SigningKey=c2hvcnQ=")]
    [InlineData("must be at least 32 bytes in base64", "--Identity:SigningKey=this is not base64, however long it may be")]
    [InlineData("must be https", "--Identity:Authority=http://id.example/city")]
    [InlineData("must be https", "--Identity:Authority=http://10.0.0.7:8080")]
    [InlineData("is no address of an OIDC authority", "--Identity:Authority=id.example")]
    [InlineData("is no address of an OIDC authority", "--Identity:Authority=ftp://id.example")]
    [InlineData("Identity__Audience must not be empty", "--Identity:Authority=https://id.example", "--Identity:Audience=")]
    [InlineData("Set Privacy__KeyFile", "--Identity:SigningKey=" + TestTokens.SigningKey, "--Privacy:KeyFile=")]
    [InlineData("Privacy__KeyFile: Could not find", "--Identity:SigningKey=" + TestTokens.SigningKey, "--Privacy:KeyFile=/nowhere/privacy.keys")]
    public void A_service_that_lacks_what_it_needs_is_not_made(string problem, params string[] settings) =>
        Should.Throw<SettingsException>(() => BareService.Create(TimeProvider.System, [.. Needed, .. settings]))
            .Message.ShouldContain(problem);

    [Theory]
    [InlineData("--Identity:Authority=https://id.example/city/")]
    [InlineData("--Identity:Authority=http://localhost:8080")]
    [InlineData("--Identity:Authority=http://[::1]:8080")]
    [InlineData("--Identity:SigningKey=" + TestTokens.SigningKey)]
    public async Task A_service_with_one_of_the_two_is_made(string setting) =>
        await BareService.Create(TimeProvider.System, [.. Needed, setting]).DisposeAsync();

    [Fact]
    public void A_service_that_calls_others_needs_a_token_from_the_authority() =>
        Should.Throw<SettingsException>(() => Grids.Program.Create(
            [.. Needed, "--ConnectionStrings:rabbitmq=amqp://127.0.0.1:1", $"--Privacy:KeyFile={TestTokens.PrivacyKeyFile}", "--Identity:Authority=https://id.example"]))
            .Message.ShouldStartWith("Set Identity__ServiceTokenFile");

    [Fact]
    public async Task A_process_with_settings_that_it_cannot_start_with_says_one_line()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Organisations.Program).Assembly.Location, .. Needed])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        error.ShouldBe(OneOfTwo + "\n");
        (await output).ShouldBe("");
        process.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_made_that_could_export()
    {
        await using var service = await BareService.StartAsync(TimeProvider.System, $"--Identity:SigningKey={TestTokens.SigningKey}");
        await service.AskAsync(TestTokens.Make("officer", "3406"));
        service.Services.GetService<TracerProvider>().ShouldBeNull();
        service.Services.GetService<MeterProvider>().ShouldBeNull();
        service.Services.GetService<LoggerProvider>().ShouldBeNull();
        ThreadNames.All().ShouldNotContain(name => name.StartsWith("OpenTelemetry"));
    }
}
