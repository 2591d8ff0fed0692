using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Governance.LocalServers;
using Governance.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Governance.Grids.Tests;

/// <summary>Grids that may post to this machine.</summary>
public sealed class WebhooksFixture(TestServers servers) : GridsFixture(servers)
{
    protected override IEnumerable<string> Settings => [.. base.Settings, "--Webhooks:AllowedNetworks:0=127.0.0.0/8"];
}

/// <summary>What a destination was posted.</summary>
public sealed record Posted(string Id, string Timestamp, string Signature, byte[] Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>Checked as a receiver would, by its own reading of the convention.</summary>
    public bool IsSignedWith(string secret)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        hmac.TransformBlock(Encoding.UTF8.GetBytes($"{Id}.{Timestamp}."), 0, Id.Length + Timestamp.Length + 2, null, 0);
        hmac.TransformFinalBlock(Body, 0, Body.Length);
        return Signature.Split(' ').Contains("v1," + Convert.ToBase64String(hmac.Hash!));
    }

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(long.Parse(Timestamp, CultureInfo.InvariantCulture));
}

/// <summary>A program of others, on a port of its own.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Posted> posted = new();

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>What it answers; 204 unless a test says otherwise.</summary>
    public Func<Task<int>> Answer { get; set; } = () => Task.FromResult(204);

    public string Url { get; private init; } = "";

    public string Location { get; set; } = "";

    public IReadOnlyList<Posted> Posted => [.. posted];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = Ports.Free();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        var app = builder.Build();
        var receiver = new Receiver(app) { Url = $"http://127.0.0.1:{port}/hook" };
        app.MapPost("/hook", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so many were posted, and gives them.</summary>
    public Task<IReadOnlyList<Posted>> GotAsync(int count) => Eventually.BecomesAsync(() => Task.FromResult(Posted), p => p.Count >= count);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        posted.Enqueue(new Posted(
            context.Request.Headers["webhook-id"].ToString(),
            context.Request.Headers["webhook-timestamp"].ToString(),
            context.Request.Headers["webhook-signature"].ToString(),
            body.ToArray()));
        context.Response.StatusCode = await Answer();
        if (Location.Length > 0)
            context.Response.Headers.Location = Location;
    }
}
