using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Governance.StandIns.Tests;

/// <summary>An in-process server on a free port of the loopback that speaks HTTP/2 in the clear.</summary>
public sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
        Channel = GrpcChannel.ForAddress(address);
        Client = new Echo.EchoClient(Channel);
    }

    public Uri Address { get; }

    public GrpcChannel Channel { get; }

    public Echo.EchoClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public EchoLog Log => Services.GetRequiredService<EchoLog>();

    public static async Task<EchoServer> StartAsync(
        Action<IServiceCollection>? configureServices = null, Action<WebApplication>? configureApp = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<EchoLog>();
        builder.Services.AddGrpc();
        configureServices?.Invoke(builder.Services);

        var app = builder.Build();
        app.MapGrpcService<EchoService>();
        configureApp?.Invoke(app);
        await app.StartAsync();
        return new EchoServer(app, new Uri(app.Urls.Single()));
    }

    /// <summary>The next thing that the handler did.</summary>
    public async Task<string> NextEventAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await Log.Events.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }
}
