using System.Threading.Channels;
using Grpc.Core;

namespace Governance.StandIns.Tests;

/// <summary>What the handler saw, for tests to wait on.</summary>
public sealed class EchoLog
{
    public Channel<string> Events { get; } = Channel.CreateUnbounded<string>();

    public void Write(string happened) => Events.Writer.TryWrite(happened);
}

public sealed class EchoService(EchoLog log, IServiceProvider services) : Echo.EchoBase
{
    public override async Task<EchoResponse> Say(EchoRequest request, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("say-header") is { } header)
            await context.WriteResponseHeadersAsync(new Metadata { { "header-back", header } });
        if (context.RequestHeaders.GetValueBytes("say-bin") is { } bytes)
            context.ResponseTrailers.Add("trailer-back-bin", bytes);
        if (request.FailWith != 0)
        {
            throw new RpcException(
                new Status((StatusCode)request.FailWith, $"asked for: {request.Text}"), new Metadata { { "why", "asked" } });
        }

        return new EchoResponse { Text = request.Text, HadDeadline = context.Deadline != DateTime.MaxValue };
    }

    public override async Task<EchoResponse> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        var texts = new List<string>();
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            texts.Add(request.Text);
        return new EchoResponse { Text = string.Join(',', texts) };
    }

    public override async Task Repeat(EchoRequest request, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
            await responseStream.WriteAsync(new EchoResponse { Text = request.Text }, context.CancellationToken);
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext())
            await responseStream.WriteAsync(new EchoResponse { Text = requestStream.Current.Text });
    }

    public override async Task<EchoResponse> Relay(EchoRequest request, ServerCallContext context) =>
        await services.GetRequiredService<Echo.EchoClient>().WaitForCancelAsync(request);

    public override async Task<EchoResponse> RelayAll(EchoRequest request, ServerCallContext context)
    {
        var next = services.GetRequiredService<Echo.EchoClient>();
        // A token besides the server call's own, so that the two have to be linked.
        using var own = new CancellationTokenSource();
        var say = await next.SayAsync(request, cancellationToken: own.Token);

        using var collect = next.Collect(cancellationToken: own.Token);
        await collect.RequestStream.WriteAsync(request, context.CancellationToken);
        await collect.RequestStream.WriteAsync(request, context.CancellationToken);
        await collect.RequestStream.CompleteAsync();
        var collected = await collect;

        var texts = new List<string> { say.Text, collected.Text };
        using var repeat = next.Repeat(new EchoRequest { Text = request.Text, Count = 3 }, cancellationToken: own.Token);
        texts.Add(await JoinAsync(repeat.ResponseStream));

        using var chat = next.Chat(cancellationToken: own.Token);
        await chat.RequestStream.WriteAsync(request, context.CancellationToken);
        await chat.RequestStream.WriteAsync(request, context.CancellationToken);
        await chat.RequestStream.CompleteAsync();
        texts.Add(await JoinAsync(chat.ResponseStream));
        return new EchoResponse { Text = string.Join(';', texts) };

        async Task<string> JoinAsync(IAsyncStreamReader<EchoResponse> stream) =>
            string.Concat(await stream.ReadAllAsync(context.CancellationToken).Select(response => response.Text).ToListAsync(own.Token));
    }

    public override async Task<EchoResponse> WaitForCancel(EchoRequest request, ServerCallContext context)
    {
        log.Write(context.Deadline == DateTime.MaxValue ? "no deadline" : "deadline");
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            log.Write("cancelled");
        }

        return new EchoResponse();
    }
}
