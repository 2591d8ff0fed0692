using Grpc.Core;
using Grpc.Net.ClientFactory;
using Shouldly;

namespace Governance.StandIns.Tests;

public sealed class ClientFactoryTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registered_client_calls_its_address()
    {
        await using var server = await EchoServer.StartAsync();
        await using var services = Services(services =>
            services.AddGrpcClient<Echo.EchoClient>(options => options.Address = server.Address));
        var client = services.GetRequiredService<Echo.EchoClient>();
        (await client.SayAsync(new EchoRequest { Text = "hi" }, cancellationToken: TestToken)).Text.ShouldBe("hi");
    }

    [Fact]
    public async Task Named_clients_go_to_their_own_addresses()
    {
        await using var server = await EchoServer.StartAsync();
        await using var services = Services(services =>
        {
            services.AddGrpcClient<Echo.EchoClient>("good", options => options.Address = server.Address);
            services.AddGrpcClient<Echo.EchoClient>("bad", (_, options) => options.Address = new Uri("http://127.0.0.1:1"));
        });
        var factory = services.GetRequiredService<GrpcClientFactory>();
        var request = new EchoRequest { Text = "hi" };
        (await factory.CreateClient<Echo.EchoClient>("good").SayAsync(request, cancellationToken: TestToken)).Text.ShouldBe("hi");
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await factory.CreateClient<Echo.EchoClient>("bad").SayAsync(request, cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        Should.Throw<InvalidOperationException>(() => factory.CreateClient<Echo.EchoClient>("none"));
    }

    [Fact]
    public async Task Channel_settings_credentials_and_interceptors_apply()
    {
        var seen = new List<string>();
        await using var server = await EchoServer.StartAsync();
        await using var services = Services(services => services
            .AddGrpcClient<Echo.EchoClient>(options => options.Address = server.Address)
            .ConfigureChannel(channel =>
            {
                channel.UnsafeUseInsecureChannelCallCredentials = true;
                channel.MaxReceiveMessageSize = 1000;
            })
            .AddCallCredentials((_, metadata) =>
            {
                metadata.Add("say-header", "credential");
                return Task.CompletedTask;
            })
            .AddInterceptor(() => new RecordingInterceptor(seen, "channel"))
            .AddInterceptor(InterceptorScope.Client, () => new RecordingInterceptor(seen, "client")));
        var client = services.GetRequiredService<Echo.EchoClient>();

        using var call = client.SayAsync(new EchoRequest(), cancellationToken: TestToken);
        await call;
        (await call.ResponseHeadersAsync).GetValue("header-back").ShouldBe("credential");
        seen.ShouldBe(["client unary Say", "channel unary Say"]);

        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await client.SayAsync(new EchoRequest { Text = new string('x', 2000) }, cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task Credentials_without_tls_are_refused()
    {
        await using var services = Services(services => services
            .AddGrpcClient<Echo.EchoClient>(options => options.Address = new Uri("http://127.0.0.1:1"))
            .AddCallCredentials((_, _) => Task.CompletedTask));
        await Should.ThrowAsync<InvalidOperationException>(async () =>
            await services.GetRequiredService<Echo.EchoClient>().SayAsync(new EchoRequest(), cancellationToken: TestToken));
    }

    [Fact]
    public async Task Deadline_of_the_server_call_goes_on_to_the_next()
    {
        await using var last = await EchoServer.StartAsync();
        await using var first = await StartRelayAsync(last);
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2);
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await first.Client.RelayAsync(new EchoRequest(), deadline: deadline, cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        (await last.NextEventAsync()).ShouldBe("deadline");
        (await last.NextEventAsync()).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Cancellation_of_the_server_call_goes_on_to_the_next()
    {
        await using var last = await EchoServer.StartAsync();
        await using var first = await StartRelayAsync(last);
        using var cancel = new CancellationTokenSource();
        var call = first.Client.RelayAsync(new EchoRequest(), cancellationToken: cancel.Token);
        (await last.NextEventAsync()).ShouldBe("no deadline");
        await cancel.CancelAsync();
        (await Should.ThrowAsync<RpcException>(async () => await call)).StatusCode.ShouldBe(StatusCode.Cancelled);
        (await last.NextEventAsync()).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Every_kind_of_call_goes_on_with_a_token_of_its_own_besides()
    {
        await using var last = await EchoServer.StartAsync();
        await using var first = await StartRelayAsync(last);
        (await first.Client.RelayAllAsync(new EchoRequest { Text = "x" }, cancellationToken: TestToken)).Text.ShouldBe("x;x,x;xxx;xx");
    }

    [Fact]
    public async Task Propagation_outside_of_a_server_call_fails_unless_suppressed()
    {
        await using var server = await EchoServer.StartAsync();
        await using var strict = Services(services => services
            .AddGrpcClient<Echo.EchoClient>(options => options.Address = server.Address).EnableCallContextPropagation());
        await Should.ThrowAsync<InvalidOperationException>(async () =>
            await strict.GetRequiredService<Echo.EchoClient>().SayAsync(new EchoRequest(), cancellationToken: TestToken));

        await using var lenient = Services(services => services
            .AddGrpcClient<Echo.EchoClient>(options => options.Address = server.Address)
            .EnableCallContextPropagation(options => options.SuppressContextNotFoundErrors = true));
        await lenient.GetRequiredService<Echo.EchoClient>().SayAsync(new EchoRequest(), cancellationToken: TestToken);
    }

    private static Task<EchoServer> StartRelayAsync(EchoServer next) => EchoServer.StartAsync(services => services
        .AddGrpcClient<Echo.EchoClient>(options => options.Address = next.Address).EnableCallContextPropagation());

    private static ServiceProvider Services(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure(services);
        return services.BuildServiceProvider(validateScopes: true);
    }
}
