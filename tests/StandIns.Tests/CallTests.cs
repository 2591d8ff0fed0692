using System.IO.Compression;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Shouldly;

namespace Governance.StandIns.Tests;

/// <summary>Calls of each kind between the real server and the real client, over the assemblies that stand in below them.</summary>
public sealed class CallTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unary_call_answers()
    {
        await using var server = await EchoServer.StartAsync();
        var response = await server.Client.SayAsync(new EchoRequest { Text = "你好" }, cancellationToken: TestToken);
        response.Text.ShouldBe("你好");
        response.HadDeadline.ShouldBeFalse();
    }

    [Fact]
    public async Task Blocking_call_answers()
    {
        await using var server = await EchoServer.StartAsync();
        server.Client.Say(new EchoRequest { Text = "now" }, cancellationToken: TestToken).Text.ShouldBe("now");
    }

    [Fact]
    public async Task Client_stream_is_collected()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Collect(cancellationToken: TestToken);
        foreach (var text in new[] { "a", "b", "c" })
            await call.RequestStream.WriteAsync(new EchoRequest { Text = text }, TestToken);
        await call.RequestStream.CompleteAsync();
        (await call).Text.ShouldBe("a,b,c");
        call.GetStatus().StatusCode.ShouldBe(StatusCode.OK);
    }

    [Fact]
    public async Task Server_stream_is_read_to_its_end()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Repeat(new EchoRequest { Text = "x", Count = 1000 }, cancellationToken: TestToken);
        var count = 0;
        await foreach (var response in call.ResponseStream.ReadAllAsync(TestToken))
        {
            response.Text.ShouldBe("x");
            count++;
        }

        count.ShouldBe(1000);
    }

    [Fact]
    public async Task Duplex_stream_answers_in_turn()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Chat(cancellationToken: TestToken);
        for (var i = 0; i < 20; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{i}" }, TestToken);
            (await call.ResponseStream.MoveNext(TestToken)).ShouldBeTrue();
            call.ResponseStream.Current.Text.ShouldBe($"{i}");
        }

        await call.RequestStream.CompleteAsync();
        (await call.ResponseStream.MoveNext(TestToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task Headers_and_binary_trailers_come_back()
    {
        await using var server = await EchoServer.StartAsync();
        byte[] bytes = [0, 255, 7];
        var headers = new Metadata { { "Say-Header", "hi" }, { "say-bin", bytes } };
        using var call = server.Client.SayAsync(new EchoRequest(), headers, cancellationToken: TestToken);
        await call;
        (await call.ResponseHeadersAsync).GetValue("header-back").ShouldBe("hi");
        call.GetTrailers().GetValueBytes("trailer-back-bin").ShouldBe(bytes);
    }

    [Fact]
    public async Task Failure_carries_status_detail_and_trailers()
    {
        await using var server = await EchoServer.StartAsync();
        var request = new EchoRequest { Text = "no grid", FailWith = (int)StatusCode.NotFound };
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await server.Client.SayAsync(request, cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.NotFound);
        failure.Status.Detail.ShouldBe("asked for: no grid");
        failure.Trailers.GetValue("why").ShouldBe("asked");
        failure.Message.ShouldBe("Status(StatusCode=\"NotFound\", Detail=\"asked for: no grid\")");
    }

    [Fact]
    public async Task Unknown_method_is_unimplemented()
    {
        await using var server = await EchoServer.StartAsync();
        var method = new Method<string, string>(
            MethodType.Unary, "governance.standins.tests.v1.Echo", "Shout", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: TestToken), "x"));
        failure.StatusCode.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact]
    public async Task Passed_deadline_ends_the_call_on_both_sides()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await Should.ThrowAsync<RpcException>(async () => await server.Client.WaitForCancelAsync(
            new EchoRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2), cancellationToken: TestToken));
        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        (await server.NextEventAsync()).ShouldBe("deadline");
        (await server.NextEventAsync()).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Cancelled_call_is_cancelled_at_the_server()
    {
        await using var server = await EchoServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        var call = server.Client.WaitForCancelAsync(new EchoRequest(), cancellationToken: cancel.Token);
        (await server.NextEventAsync()).ShouldBe("no deadline");
        await cancel.CancelAsync();
        (await Should.ThrowAsync<RpcException>(async () => await call)).StatusCode.ShouldBe(StatusCode.Cancelled);
        (await server.NextEventAsync()).ShouldBe("cancelled");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_messages_are_read_both_ways(string encoding)
    {
        await using var server = await EchoServer.StartAsync(services => services.AddGrpc(options =>
        {
            options.ResponseCompressionAlgorithm = encoding;
            options.CompressionProviders.Add(new DeflateCompressionProvider(CompressionLevel.Fastest));
        }));
        // The client keeps this header from its caller, so it is read below.
        using var wire = new WireEncoding { InnerHandler = new SocketsHttpHandler() };
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = wire,
            CompressionProviders =
            [
                new GzipCompressionProvider(CompressionLevel.Fastest),
                new DeflateCompressionProvider(CompressionLevel.Fastest),
            ],
        });
        var headers = new Metadata { { "grpc-internal-encoding-request", encoding } };
        var text = new string('格', 10_000);
        using var call = new Echo.EchoClient(channel).SayAsync(new EchoRequest { Text = text }, headers, cancellationToken: TestToken);
        (await call).Text.ShouldBe(text);
        wire.Request.ShouldBe(encoding);
        wire.Response.ShouldBe(encoding);
    }

    [Fact]
    public async Task Server_interceptor_sees_every_kind_of_call()
    {
        var seen = new List<string>();
        await using var server = await EchoServer.StartAsync(services =>
        {
            services.AddSingleton(seen);
            services.AddGrpc(options => options.Interceptors.Add<RecordingInterceptor>("server"));
        });
        await CallEveryKindAsync(server.Client);
        seen.ShouldBe(["server unary Say", "server client Collect", "server server Repeat", "server duplex Chat"]);
    }

    [Fact]
    public async Task Client_interceptors_run_in_the_order_named()
    {
        var seen = new List<string>();
        await using var server = await EchoServer.StartAsync();
        var invoker = server.Channel.Intercept(new RecordingInterceptor(seen, "first"), new RecordingInterceptor(seen, "second"));
        await CallEveryKindAsync(new Echo.EchoClient(invoker));
        seen.ShouldBe([
            "first unary Say", "second unary Say", "first client Collect", "second client Collect",
            "first server Repeat", "second server Repeat", "first duplex Chat", "second duplex Chat"]);
    }

    [Fact]
    public async Task Metadata_interceptor_adds_headers()
    {
        await using var server = await EchoServer.StartAsync();
        var client = new Echo.EchoClient(server.Channel.Intercept(headers =>
        {
            headers.Add("say-header", "added");
            return headers;
        }));
        using var call = client.SayAsync(new EchoRequest(), cancellationToken: TestToken);
        await call;
        (await call.ResponseHeadersAsync).GetValue("header-back").ShouldBe("added");
    }

    private static async Task CallEveryKindAsync(Echo.EchoClient client)
    {
        await client.SayAsync(new EchoRequest { Text = "a" }, cancellationToken: TestToken);
        using var collect = client.Collect(cancellationToken: TestToken);
        await collect.RequestStream.CompleteAsync();
        await collect;
        using var repeat = client.Repeat(new EchoRequest { Count = 1 }, cancellationToken: TestToken);
        await foreach (var _ in repeat.ResponseStream.ReadAllAsync(TestToken))
        {
        }

        using var chat = client.Chat(cancellationToken: TestToken);
        await chat.RequestStream.CompleteAsync();
        (await chat.ResponseStream.MoveNext(TestToken)).ShouldBeFalse();
    }

    private sealed class WireEncoding : DelegatingHandler
    {
        public string? Request { get; private set; }

        public string? Response { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            Request = request.Headers.GetValues("grpc-encoding").Single();
            Response = response.Headers.GetValues("grpc-encoding").Single();
            return response;
        }
    }
}
