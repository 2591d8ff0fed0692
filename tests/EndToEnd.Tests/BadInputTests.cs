using System.Net;
using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Health.V1;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

/// <summary>What no client should send: each gets an error of the catalogue, and the service goes on.</summary>
[Collection(StackCollection.Name)]
public sealed class BadInputTests(StackFixture fixture)
{
    private const string ReportCase = "/governance.grids.v1.Cases/ReportCase";

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create(bytes => bytes, bytes => bytes);

    private readonly RunningStack stack = fixture.Stack;

    private Cases.CasesClient Cases => new(stack.As("grids", "officer"));

    private Boundaries.BoundariesClient Boundaries => new(stack.As("grids", "operator"));

    [Fact]
    public Task A_missing_token_is_refused() => TokenIsRefusedAsync(null, "TOKEN_MISSING");

    [Fact]
    public Task Another_scheme_counts_as_no_token() => TokenIsRefusedAsync("Basic b2ZmaWNlcjpzZWNyZXQ=", "TOKEN_MISSING");

    [Fact]
    public Task An_expired_token_is_refused() => TokenIsRefusedAsync($"Bearer {stack.ExpiredToken("officer")}", "TOKEN_EXPIRED");

    [Fact]
    public async Task A_token_signed_with_another_key_is_refused() =>
        (await TokenIsRefusedAsync($"Bearer {TestTokens.Make("officer", RunningStack.City)}", "TOKEN_INVALID"))
            .Metadata["problem"].ShouldBe("signature");

    [Fact]
    public Task A_token_without_signature_is_refused()
    {
        // The header says that none is needed; everything else is as in a good token.
        var payload = stack.Token("officer").Split('.')[1];
        var header = Convert.ToBase64String("""{"alg":"none","typ":"JWT"}"""u8).TrimEnd('=');
        return TokenIsRefusedAsync($"Bearer {header}.{payload}.", "TOKEN_INVALID");
    }

    [Fact]
    public Task A_token_whose_claims_were_changed_is_refused()
    {
        var parts = stack.Token("resident").Split('.');
        var richer = stack.Token("operator").Split('.')[1];
        return TokenIsRefusedAsync($"Bearer {parts[0]}.{richer}.{parts[2]}", "TOKEN_INVALID");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("")]
    public Task A_token_that_is_none_is_refused(string token) => TokenIsRefusedAsync($"Bearer {token}", "TOKEN_INVALID");

    [Theory]
    [InlineData("governance.grids.v1.Cases", "BurnCase")]
    [InlineData("governance.nowhere.v1.Nothing", "DoIt")]
    public async Task An_unknown_method_is_refused(string service, string method)
    {
        var refused = await Refused.AsAsync("METHOD_UNKNOWN", CallRaw(service, method, []));
        refused.Code.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact]
    public async Task A_message_of_100_MB_is_refused_and_the_service_stays_healthy()
    {
        var refused = await Refused.AsAsync("MESSAGE_TOO_LARGE", Cases.ReportCaseAsync(
            new ReportCaseRequest { RequestId = NewId(), GridCode = "34060300100101", Title = new string('x', 100_000_000) }));
        refused.Code.ShouldBe(StatusCode.ResourceExhausted);
        refused.Metadata["max_bytes"].ShouldBe("4194304");
        await IsHealthyAsync();
    }

    [Fact]
    public async Task A_message_of_100_MB_within_a_stream_is_refused_and_the_service_stays_healthy()
    {
        using var call = Boundaries.ImportGrids();
        await call.RequestStream.WriteAsync(new ImportGridsRequest { Header = Header() });
        var row = new ImportGridsRequest { Rows = { new GridRow { Code = "34060300100199", Name = new string('x', 100_000_000) } } };
        var refused = await Refused.AsAsync("MESSAGE_TOO_LARGE", async () =>
        {
            // The service may have answered before all of it was sent; the answer is what counts.
            await call.RequestStream.WriteAsync(row).ContinueWith(_ => { }, TaskScheduler.Default);
            await call;
        });
        refused.Code.ShouldBe(StatusCode.ResourceExhausted);
        await IsHealthyAsync();
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_named_by_their_field()
    {
        // Field 1: request_id; field 4: title, two bytes that no UTF-8 text holds; field 6: channel.
        byte[] message = [0x0A, 36, .. Encoding.ASCII.GetBytes(NewId()), 0x22, 2, 0xFF, 0xFE, 0x30, 1];
        var refused = await Refused.AsAsync("REQUEST_INVALID", CallRaw("governance.grids.v1.Cases", "ReportCase", message));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Fields.ShouldContain("title: FIELD_NOT_TEXT");
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_refused()
    {
        var refused = await Refused.AsAsync("REQUEST_UNREADABLE", CallRaw("governance.grids.v1.Cases", "ReportCase", [0x0A, 0xFF, 0xFF, 0x07, 1]));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_within_a_stream_are_refused()
    {
        var method = new Method<byte[], byte[]>(MethodType.ClientStreaming, "governance.grids.v1.Boundaries", "ImportGrids", Raw, Raw);
        using var call = stack.As("grids", "operator").AsyncClientStreamingCall(method, null, default);
        await call.RequestStream.WriteAsync(new ImportGridsRequest { Header = Header() }.ToByteArray());
        await call.RequestStream.WriteAsync([0x0A, 0xFF, 0xFF, 0x07, 1]);
        await call.RequestStream.CompleteAsync();
        var refused = await Refused.AsAsync("REQUEST_UNREADABLE", () => call.ResponseAsync);
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_message_that_ends_in_its_middle_is_refused()
    {
        // A frame that announces 100 bytes and brings 10.
        var (status, details) = await PostAsync([0, 0, 0, 0, 100, .. new byte[10]], "identity");
        status.ShouldBe((int)StatusCode.InvalidArgument);
        details.ShouldBe("REQUEST_UNREADABLE");
        await IsHealthyAsync();
    }

    [Fact]
    public async Task A_compression_that_is_not_known_is_refused()
    {
        var (status, details) = await PostAsync([1, 0, 0, 0, 2, 1, 2], "snappy");
        status.ShouldBe((int)StatusCode.Unimplemented);
        details.ShouldBe("COMPRESSION_UNKNOWN");
    }

    [Fact]
    public async Task All_violations_are_named_at_once()
    {
        var request = new ReportCaseRequest
        {
            RequestId = "not-a-uuid",
            Point = new Point { Longitude = 181, Latitude = double.NaN, System = (CoordinateSystem)9 },
            Title = "",
            Description = new string('字', 2001),
            Channel = (CaseChannel)99,
        };
        var refused = await Refused.AsAsync("REQUEST_INVALID", Cases.ReportCaseAsync(request));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Metadata["count"].ShouldBe("7");
        refused.Fields.ShouldBe(
        [
            "request_id: FIELD_MALFORMED",
            "point.longitude: FIELD_TOO_LARGE",
            "point.latitude: FIELD_MALFORMED",
            "point.system: FIELD_ENUM_UNKNOWN",
            "title: FIELD_REQUIRED",
            "description: FIELD_TOO_LONG",
            "channel: FIELD_ENUM_UNKNOWN",
        ]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("{0198c5a0-0000-7000-8000-000000000000}")]
    [InlineData("0198c5a0-0000-7000-8000-00000000000g")]
    public async Task A_malformed_id_is_named(string id)
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", Cases.GetCaseAsync(new GetCaseRequest { Id = id }));
        refused.Fields.ShouldHaveSingleItem().ShouldStartWith("id: FIELD_");
    }

    [Theory]
    [InlineData("3")]
    [InlineData("34060x")]
    [InlineData("34060300100101010101")]
    public async Task A_malformed_territory_is_named(string territory)
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", Boundaries.ListGridsAsync(new ListGridsRequest { Territory = territory }));
        refused.Fields.ShouldBe(["territory: FIELD_MALFORMED"]);
    }

    [Fact]
    public async Task A_foreign_territory_is_refused()
    {
        var refused = await Refused.AsAsync("OUTSIDE_TERRITORY", Boundaries.ListGridsAsync(new ListGridsRequest { Territory = "3401" }));
        refused.Code.ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task A_page_token_of_another_query_is_refused()
    {
        var page = await Boundaries.ListGridsAsync(new ListGridsRequest { Territory = "340602", PageSize = 2 });
        page.NextPageToken.ShouldNotBeEmpty();
        var elsewhere = new ListGridsRequest { Territory = "340603", PageSize = 2, PageToken = page.NextPageToken };
        var refused = await Refused.AsAsync("PAGE_TOKEN_INVALID", Boundaries.ListGridsAsync(elsewhere));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        await Refused.AsAsync("PAGE_TOKEN_INVALID", Cases.ListCasesAsync(new ListCasesRequest { PageToken = page.NextPageToken }));
        await Refused.AsAsync("PAGE_TOKEN_INVALID", Boundaries.ListGridsAsync(new ListGridsRequest { PageToken = "bm90aGluZw" }));
    }

    [Fact]
    public async Task A_stream_that_is_cut_in_the_middle_writes_nothing()
    {
        var grid = (await Boundaries.ListGridsAsync(new ListGridsRequest { PageSize = 1 })).Grids[0];
        var header = Header();
        using (var call = Boundaries.ImportGrids())
        {
            await call.RequestStream.WriteAsync(new ImportGridsRequest { Header = header });
            await call.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { RowOf(grid, "cut off") } });
            // Disposed before its end: the stream is reset on the wire.
        }
        await IsHealthyAsync();

        // The import did not take place, so its request_id is free, and the grid is as it was.
        using var whole = Boundaries.ImportGrids();
        await whole.RequestStream.WriteAsync(new ImportGridsRequest { Header = header });
        await whole.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { RowOf(grid, grid.Name) } });
        await whole.RequestStream.CompleteAsync();
        var summary = (await whole).Summary;
        (summary.Received, summary.Unchanged).ShouldBe((1, 1));
        (await Boundaries.GetGridAsync(new GetGridRequest { Code = grid.Code })).Grid.ShouldBe(grid);
    }

    [Fact]
    public async Task A_stream_without_its_header_is_refused()
    {
        using var call = Boundaries.ImportGrids();
        await call.RequestStream.CompleteAsync();
        var refused = await Refused.AsAsync("IMPORT_HEADER_MISSING", () => call.ResponseAsync);
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
    }

    private async Task<Refused> TokenIsRefusedAsync(string? authorization, string reason)
    {
        var boundaries = new Boundaries.BoundariesClient(stack.With("grids", authorization));
        var refused = await Refused.AsAsync(reason, boundaries.ListGridsAsync(new ListGridsRequest()));
        refused.Code.ShouldBe(StatusCode.Unauthenticated);
        return refused;
    }

    private AsyncUnaryCall<byte[]> CallRaw(string service, string method, byte[] message) =>
        stack.As("grids", "officer").AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, service, method, Raw, Raw), null, default, message);

    /// <summary>A call by hand, for what the gRPC library would not send: its status and the reason in its details.</summary>
    private async Task<(int Status, string? Reason)> PostAsync(byte[] body, string encoding)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stack.Address("grids"), ReportCase))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.Add("authorization", $"Bearer {stack.Token("officer")}");
        request.Headers.Add("te", "trailers");
        request.Headers.Add("grpc-encoding", encoding);
        request.Content.Headers.ContentType = new("application/grpc");
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var details = Header("grpc-status-details-bin");
        var info = details is null ? null : Google.Rpc.Status.Parser.ParseFrom(FromBase64(details)).Details[0].Unpack<ErrorInfo>();
        return (int.Parse(Header("grpc-status")!, System.Globalization.CultureInfo.InvariantCulture), info?.Reason);

        string? Header(string name) =>
            response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values) ? values.Single() : null;
    }

    // Senders may leave the padding out.
    private static byte[] FromBase64(string text) => Convert.FromBase64String(text.TrimEnd('=').PadRight((text.TrimEnd('=').Length + 3) / 4 * 4, '='));

    private async Task IsHealthyAsync()
    {
        var health = await new Health.HealthClient(stack.Channel("grids")).CheckAsync(new HealthCheckRequest());
        health.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        (await Boundaries.ListGridsAsync(new ListGridsRequest { PageSize = 1 })).Grids.ShouldHaveSingleItem();
    }

    private static ImportHeader Header() => new() { RequestId = NewId(), Territory = RunningStack.City };

    private static GridRow RowOf(Grid grid, string name) =>
        new() { Code = grid.Code, Name = name, Kind = grid.Kind, Boundary = grid.Boundary, Households = grid.Households };

    private static string NewId() => Guid.NewGuid().ToString();
}
