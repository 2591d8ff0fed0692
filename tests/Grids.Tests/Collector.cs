using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Governance.Grids.Tests;

/// <summary>Takes what comes over OTLP, by HTTP or by gRPC, and keeps it. Or takes it and never answers.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> received = new();
    private readonly CancellationTokenSource ended = new();

    private Collector(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public static async Task<Collector> StartAsync(HttpProtocols protocol = HttpProtocols.Http1, bool silent = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        var collector = new Collector(builder.Build());
        collector.app.Run(context => collector.TakeAsync(context, silent));
        await collector.app.StartAsync();
        return collector;
    }

    public IReadOnlyList<byte[]> Bodies(string path) => [.. received.Where(r => r.Path == path).Select(r => r.Body)];

    /// <summary>Everything that came, as text: Protobuf leaves strings as they are.</summary>
    public string Everything() => string.Join('\n', received.Select(r => Encoding.UTF8.GetString(r.Body)));

    /// <summary>The values of nested fields, each a string or a message, outermost number first.</summary>
    public static IEnumerable<byte[]> Values(byte[] message, params int[] path)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) != path[0] || WireFormat.GetTagWireType(tag) is not WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }
            var value = input.ReadBytes().ToByteArray();
            foreach (var found in path.Length is 1 ? [value] : Values(value, path[1..]))
                yield return found;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await app.DisposeAsync();
        ended.Dispose();
    }

    private async Task TakeAsync(HttpContext context, bool silent)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        received.Enqueue((context.Request.Path, body.ToArray()));
        if (silent)
            await Task.Delay(Timeout.Infinite, ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (context.Request.ContentType is not "application/grpc")
            return;
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
