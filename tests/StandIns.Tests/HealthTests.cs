using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shouldly;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Governance.StandIns.Tests;

public sealed class HealthTests
{
    private HealthStatus _health = HealthStatus.Healthy;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HealthStatus.Healthy, ServingStatus.Serving)]
    [InlineData(HealthStatus.Degraded, ServingStatus.Serving)]
    [InlineData(HealthStatus.Unhealthy, ServingStatus.NotServing)]
    public async Task Check_answers_with_the_result_of_the_health_checks(HealthStatus health, ServingStatus expected)
    {
        await using var server = await StartAsync();
        _health = health;
        var response = await Client(server).CheckAsync(new HealthCheckRequest(), cancellationToken: TestToken);
        response.Status.ShouldBe(expected);
    }

    [Fact]
    public async Task Mapped_service_answers_with_its_own_checks_only()
    {
        await using var server = await StartAsync();
        _health = HealthStatus.Unhealthy;
        var response = await Client(server).CheckAsync(new HealthCheckRequest { Service = "steady" }, cancellationToken: TestToken);
        response.Status.ShouldBe(ServingStatus.Serving);
    }

    [Fact]
    public async Task Check_of_an_unknown_service_is_not_found()
    {
        await using var server = await StartAsync();
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await Client(server).CheckAsync(new HealthCheckRequest { Service = "nobody" }, cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Watch_tells_each_change()
    {
        await using var server = await StartAsync();
        using var watch = Client(server).Watch(new HealthCheckRequest(), cancellationToken: TestToken);
        (await NextAsync(watch)).ShouldBe(ServingStatus.Serving);
        _health = HealthStatus.Unhealthy;
        (await NextAsync(watch)).ShouldBe(ServingStatus.NotServing);
        _health = HealthStatus.Healthy;
        (await NextAsync(watch)).ShouldBe(ServingStatus.Serving);
    }

    [Fact]
    public async Task Watch_of_an_unknown_service_stays_open()
    {
        await using var server = await StartAsync();
        using var watch = Client(server).Watch(new HealthCheckRequest { Service = "nobody" }, cancellationToken: TestToken);
        (await NextAsync(watch)).ShouldBe(ServingStatus.ServiceUnknown);
        watch.ResponseStream.MoveNext(TestToken).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Watch_ends_when_the_app_stops()
    {
        await using var server = await StartAsync();
        using var watch = Client(server).Watch(new HealthCheckRequest(), cancellationToken: TestToken);
        (await NextAsync(watch)).ShouldBe(ServingStatus.Serving);
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        while (await watch.ResponseStream.MoveNext(TestToken))
            watch.ResponseStream.Current.Status.ShouldBe(ServingStatus.NotServing);
    }

    private static Health.HealthClient Client(EchoServer server) => new(server.Channel);

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        (await watch.ResponseStream.MoveNext(TestToken).WaitAsync(TimeSpan.FromSeconds(30), TestToken)).ShouldBeTrue();
        return watch.ResponseStream.Current.Status;
    }

    private Task<EchoServer> StartAsync() => EchoServer.StartAsync(
        services =>
        {
            services.AddGrpcHealthChecks(options => options.Services.Map("steady", check => check.Tags.Contains("steady")))
                .AddCheck("changing", () => new HealthCheckResult(_health))
                .AddCheck("always", () => HealthCheckResult.Healthy(), ["steady"]);
            services.Configure<HealthCheckPublisherOptions>(options =>
            {
                options.Delay = TimeSpan.Zero;
                options.Period = TimeSpan.FromSeconds(1);
            });
        },
        app => app.MapGrpcHealthChecksService());
}
