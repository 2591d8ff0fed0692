using System.Net;
using Governance.Grids.V1;
using Governance.LocalServers;
using Governance.ServiceDefaults.Grpc;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.ServiceDefaults.Tests.Hosting;

/// <summary>
/// What every service is made of, on ports of its own but without servers behind it: it answers who called. What speaks to
/// servers from its start on is left out.
/// </summary>
internal sealed class BareService : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly GrpcChannel channel;

    private BareService(WebApplication app, int grpc, int http)
    {
        this.app = app;
        GrpcPort = grpc;
        HttpPort = http;
        Logs = app.Services.GetRequiredService<LogScope>();
        channel = GrpcChannel.ForAddress($"http://127.0.0.1:{grpc}");
    }

    public int GrpcPort { get; }

    public int HttpPort { get; }

    public LogScope Logs { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<BareService> StartAsync(TimeProvider clock, params string[] settings)
    {
        var (grpc, http) = (Ports.Free(), Ports.Free());
        var app = Create(clock, [$"--GRPC_PORT={grpc}", $"--HTTP_PORT={http}", .. settings]);
        await app.StartAsync();
        return new BareService(app, grpc, http);
    }

    public static WebApplication Create(TimeProvider clock, params string[] settings)
    {
        var builder = WebApplication.CreateBuilder([
            "--ConnectionStrings:bare=Host=127.0.0.1;Port=1",
            "--ConnectionStrings:redis=127.0.0.1:1",
            "--ConnectionStrings:rabbitmq=amqp://127.0.0.1:1",
            $"--Privacy:KeyFile={TestTokens.PrivacyKeyFile}",
            .. settings]);
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults("bare", typeof(BareService).Assembly, _ => { });
        builder.Services.RemoveAll<IHostedService>();
        var logs = new LogScope();
        builder.Services.AddSingleton(logs);
        builder.Logging.ClearProviders().AddProvider(logs);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<WhoCalled>();
        return app;
    }

    /// <summary>Subject, roles, territory and organisation, as the service understood the token.</summary>
    public Task<string> AskAsync(string token) => AskAsync(channel, token);

    public static async Task<string> AskAsync(GrpcChannel channel, string token)
    {
        var headers = new Metadata { { "authorization", $"Bearer {token}" }, { "accept-language", "en" } };
        var answer = await new Cases.CasesClient(channel).GetCaseAsync(
            new GetCaseRequest { Id = "0199f0c3-7d2e-7a41-9c55-3f1d2b6a7e80" }, headers, DateTime.UtcNow.AddSeconds(20));
        return answer.Case.Title;
    }

    public async Task<HttpStatusCode> AliveAsync()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}/alive"));
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>A watch that hears nothing but signs of life.</summary>
    public AsyncServerStreamingCall<WatchCasesResponse> Watch(string token) => new Cases.CasesClient(channel).WatchCases(
        new WatchCasesRequest(), new Metadata { { "authorization", $"Bearer {token}" }, { "accept-language", "en" } }, DateTime.UtcNow.AddSeconds(20));

    private sealed class WhoCalled(TimeProvider clock) : Cases.CasesBase
    {
        public override Task WatchCases(WatchCasesRequest request, IServerStreamWriter<WatchCasesResponse> responseStream, ServerCallContext context)
        {
            context.Call().Authorize(context.Call().Caller.Territory);
            return Changes.Watch.RunAsync(
                0,
                (at, _) => Task.FromResult((new List<WatchCasesResponse>(), at, false)),
                _ => new WatchCasesResponse(),
                stop => Task.Delay(Changes.Watch.LookEvery, clock, stop),
                responseStream, clock, context.Call(), context.CancellationToken);
        }

        public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context)
        {
            var caller = context.Call().Caller;
            context.Call().Authorize(caller.Territory);
            var title = $"{caller.Subject}|{string.Join(',', caller.Roles)}|{caller.Territory}|{caller.Organisation}";
            return Task.FromResult(new GetCaseResponse { Case = new Case { Title = title } });
        }
    }
}
