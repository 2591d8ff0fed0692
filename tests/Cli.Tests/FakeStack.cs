using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Google.Rpc.BadRequest.Types;

namespace Governance.Cli.Tests;

/// <summary>One server that stands in for all four services, and remembers what it was asked.</summary>
internal sealed class FakeStack : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeStack(WebApplication app) => this.app = app;

    public Memory Seen => app.Services.GetRequiredService<Memory>();

    public Dictionary<string, string> Variables
    {
        get
        {
            var variables = Client.PublicApi.Services.ToDictionary(Commands.GlobalOptions.VariableOf, _ => app.Urls.Single());
            variables["Identity__SigningKey"] = Run.Key;
            variables["GOV_TERRITORY"] = "3499";
            return variables;
        }
    }

    public static async Task<FakeStack> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Memory>();
        var app = builder.Build();
        app.MapGrpcService<FakePolicies>();
        app.MapGrpcService<FakeDirectory>();
        app.MapGrpcService<FakeBoundaries>();
        app.MapGrpcService<FakeTeams>();
        app.MapGrpcService<FakeEstates>();
        app.MapGrpcService<FakeIndicators>();
        app.MapGrpcService<FakeCases>();
        app.MapGrpcService<FakeChanges>();
        app.MapGrpcService<FakeExports>();
        app.MapGrpcService<FakeStaffing>();
        app.MapGrpcService<FakeCouncils>();
        await app.StartAsync();
        return new FakeStack(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }

    /// <summary>An error as the services answer it.</summary>
    public static RpcException Error(StatusCode code, string message, params IMessage[] details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.Add(details.Select(Any.Pack));
        return new RpcException(new Grpc.Core.Status(code, message), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }

    internal sealed class Memory
    {
        public ConcurrentDictionary<string, string> Rows { get; } = new();

        public ConcurrentQueue<string> RequestIds { get; } = new();

        /// <summary>Kinds of imports, in the order in which they began.</summary>
        public ConcurrentQueue<string> Order { get; } = new();

        public ConcurrentDictionary<string, Topic> Topics { get; } = new();

        public ConcurrentQueue<Metadata> Headers { get; } = new();

        public ConcurrentDictionary<string, string> CompanyOfEstate { get; } = new();

        /// <summary>So many calls are answered with UNAVAILABLE before one is answered.</summary>
        public int Unavailable;

        /// <summary>Imports are refused after their header, whatever else is on the way.</summary>
        public bool RefuseImports { get; set; }

        /// <summary>The directory has nothing, as after its data were emptied.</summary>
        public bool NoOrganisations { get; set; }

        public async Task<ImportSummary> ImportAsync<TMessage, TRow>(
            IAsyncStreamReader<TMessage> stream, ServerCallContext context, Func<TMessage, ImportHeader> header,
            Func<TMessage, IEnumerable<TRow>> rows, Func<TRow, string> codeOf, string kind = "")
            where TRow : IMessage
        {
            var summary = new ImportSummary();
            await foreach (var message in stream.ReadAllAsync(context.CancellationToken))
            {
                if (header(message) is { } head)
                {
                    RequestIds.Enqueue(head.RequestId);
                    Order.Enqueue(kind);
                    if (RefuseImports)
                        throw Error(StatusCode.PermissionDenied, "not yours");
                }

                foreach (var row in rows(message))
                    Import(summary, codeOf(row), row.ToString()!);
            }

            return summary;
        }

        private void Import(ImportSummary summary, string code, string content)
        {
            summary.Received++;
            if (code == "S-RU-05")
            {
                summary.Rejected++;
                summary.Errors.Add(new RowError
                {
                    Row = summary.Received,
                    Code = code,
                    Violations = { new FieldViolation { Field = "name", Description = "too plain", Reason = "NAME_PLAIN" } },
                });
            }
            else if (Rows.TryGetValue(code, out var known))
            {
                summary.Unchanged += known == content ? 1 : 0;
                summary.Updated += known == content ? 0 : 1;
            }
            else
            {
                summary.Created++;
            }

            Rows[code] = content;
        }
    }

    private sealed class FakePolicies(Memory memory) : Policies.PoliciesBase
    {
        public override Task<PutPolicyResponse> PutPolicy(PutPolicyRequest request, ServerCallContext context)
        {
            memory.RequestIds.Enqueue(request.RequestId);
            var key = $"{request.Policy.ContentCase} {request.Policy.EffectiveFrom}";
            return Task.FromResult(new PutPolicyResponse { Policy = request.Policy, Unchanged = !memory.Rows.TryAdd(key, "") });
        }
    }

    private sealed class FakeDirectory(Memory memory) : Organisations.V1.Directory.DirectoryBase
    {
        public override async Task<ImportOrganisationsResponse> ImportOrganisations(
            IAsyncStreamReader<ImportOrganisationsRequest> requestStream, ServerCallContext context) =>
            new() { Summary = await memory.ImportAsync(requestStream, context, part => part.Header, part => part.Rows, row => row.Code) };

        public override Task<ListOrganisationsResponse> ListOrganisations(ListOrganisationsRequest request, ServerCallContext context)
        {
            if (memory.NoOrganisations)
                return Task.FromResult(new ListOrganisationsResponse());
            // Two pages, so that the loader has to go on.
            var first = request.PageToken.Length == 0;
            var code = first ? "S-WY-1" : "S-WY-2";
            return Task.FromResult(new ListOrganisationsResponse
            {
                Organisations = { new Organisation { Code = code, Id = $"id-of-{code}" } },
                NextPageToken = first ? "more" : "",
            });
        }
    }

    private sealed class FakeBoundaries(Memory memory) : Boundaries.BoundariesBase
    {
        public override async Task<ImportGridsResponse> ImportGrids(
            IAsyncStreamReader<ImportGridsRequest> requestStream, ServerCallContext context) =>
            new()
            {
                Summary = await memory.ImportAsync(
                    requestStream, context, part => part.Header, part => part.Rows, row => row.Code, "grids"),
            };

        public override async Task ExportGrids(
            ExportGridsRequest request, IServerStreamWriter<ExportGridsResponse> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new ExportGridsResponse { Geojson = "{\"features\":[" });
            await responseStream.WriteAsync(new ExportGridsResponse { Geojson = "]}" });
        }

        public override async Task CheckBoundaries(
            CheckBoundariesRequest request, IServerStreamWriter<CheckBoundariesResponse> responseStream, ServerCallContext context)
        {
            var overlap = new GridOverlap { Code = "34990100100101", OtherCode = "34990100100102", AreaM2 = request.ToleranceM2 + 1 };
            await responseStream.WriteAsync(new CheckBoundariesResponse { Findings = { new GridFinding { Overlap = overlap } } });
            await responseStream.WriteAsync(new CheckBoundariesResponse { Summary = new CheckSummary { Grids = 5, Overlaps = 1 } });
        }
    }

    private sealed class FakeTeams(Memory memory) : Teams.TeamsBase
    {
        public override async Task<ImportTeamsResponse> ImportTeams(
            IAsyncStreamReader<ImportTeamsRequest> requestStream, ServerCallContext context) =>
            new() { Summary = await memory.ImportAsync(requestStream, context, part => part.Header, part => part.Rows, row => row.Code) };
    }

    private sealed class FakeEstates(Memory memory) : Estates.EstatesBase
    {
        public override Task<ListEstatesResponse> ListEstates(ListEstatesRequest request, ServerCallContext context) =>
            Task.FromResult(new ListEstatesResponse());

        public override async Task<ImportEstatesResponse> ImportEstates(
            IAsyncStreamReader<ImportEstatesRequest> requestStream, ServerCallContext context) =>
            new()
            {
                Summary = await memory.ImportAsync(requestStream, context, message => message.Header, message => message.Rows, row =>
                {
                    memory.CompanyOfEstate[row.Code] = row.CompanyId;
                    return row.Code;
                }),
            };
    }

    private sealed class FakeIndicators(Memory memory) : Indicators.IndicatorsBase
    {
        /// <summary>Knows no measure `dogs`; remembers the others.</summary>
        public override Task<PutIndicatorDefinitionsResponse> PutIndicatorDefinitions(
            PutIndicatorDefinitionsRequest request, ServerCallContext context)
        {
            memory.RequestIds.Enqueue(request.RequestId);
            var at = request.Definitions.ToList().FindIndex(definition => definition.Value.Measure is "dogs");
            if (at >= 0)
            {
                var unknown = new FieldViolation
                {
                    Field = $"definitions[{at}].value.measure",
                    Description = "no such measure",
                    Reason = "INDICATOR_MEASURE_UNKNOWN",
                };
                throw Error(
                    StatusCode.InvalidArgument, "请求有误",
                    new ErrorInfo { Reason = "REQUEST_INVALID", Domain = "governance.micro" },
                    new BadRequest { FieldViolations = { unknown } });
            }

            var answer = new PutIndicatorDefinitionsResponse { Definitions = { request.Definitions } };
            answer.Unchanged = request.Definitions.Count(definition =>
                !memory.Rows.TryAdd($"indicator {definition.Name} {definition.Value.Measure}", ""));
            return Task.FromResult(answer);
        }

        public override async Task ExportIndicators(
            ExportIndicatorsRequest request, IServerStreamWriter<ExportIndicatorsResponse> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new ExportIndicatorsResponse { Chunk = ByteString.CopyFromUtf8("指标\r\n") });
            await responseStream.WriteAsync(new ExportIndicatorsResponse { Chunk = ByteString.CopyFromUtf8($"{request}\r\n") });
        }

        public override Task<GetIndicatorsResponse> GetIndicators(GetIndicatorsRequest request, ServerCallContext context) =>
            Task.FromResult(
                new GetIndicatorsResponse { Indicators = { new Indicator { Name = "grids", Title = "网格", Unit = "个", Value = 5, Exact = new() { Decimal = "5" } } } });

        public override Task<ListIndicatorDefinitionsResponse> ListIndicatorDefinitions(ListIndicatorDefinitionsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListIndicatorDefinitionsResponse { Definitions = { new IndicatorDefinition { Name = "grids" } } });
    }

    private sealed class FakeExports : Exports.ExportsBase
    {
        /// <summary>Two pieces, cut within a character; without a state the stream breaks off after the first.</summary>
        public override async Task ExportCases(
            ExportCasesRequest request, IServerStreamWriter<ExportCasesResponse> responseStream, ServerCallContext context)
        {
            var file = ByteString.CopyFromUtf8("编号\r\n1\r\n").ToByteArray();
            await responseStream.WriteAsync(new ExportCasesResponse { Chunk = ByteString.CopyFrom(file[..2]) });
            if (request.State is CaseState.Unspecified)
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "cut"));
            await responseStream.WriteAsync(new ExportCasesResponse { Chunk = ByteString.CopyFrom(file[2..]) });
        }
    }

    private sealed class FakeCases(Memory memory) : Cases.CasesBase
    {
        public override async Task<ImportCasesResponse> ImportCases(
            IAsyncStreamReader<ImportCasesRequest> requestStream, ServerCallContext context) =>
            new() { Summary = await memory.ImportAsync(requestStream, context, part => part.Header, part => part.Rows, row => row.Code) };

        public override Task<AssessCaseResponse> AssessCase(AssessCaseRequest request, ServerCallContext context)
        {
            memory.RequestIds.Enqueue(request.RequestId);
            memory.Headers.Enqueue(context.RequestHeaders);
            if (Interlocked.Decrement(ref memory.Unavailable) >= 0)
            {
                throw Error(StatusCode.Unavailable, "请稍后再试",
                    new ErrorInfo { Reason = "DATABASE_UNAVAILABLE", Domain = "governance.micro" },
                    new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)) });
            }

            return Task.FromResult(
                new AssessCaseResponse { Case = new Case { Id = request.CaseId, State = CaseState.Assessed, Title = "[门]" } });
        }

        public override Task<RejectCaseResponse> RejectCase(RejectCaseRequest request, ServerCallContext context)
        {
            memory.RequestIds.Enqueue(request.RequestId);
            var error = new ErrorInfo { Reason = "REQUEST_INVALID", Domain = "governance.micro" };
            error.Metadata["fields"] = "2";
            throw Error(StatusCode.InvalidArgument, "请求有误", error, new BadRequest
            {
                FieldViolations =
                {
                    new FieldViolation { Field = "reason", Description = "太短", Reason = "TEXT_SHORT" },
                    new FieldViolation { Field = "etag", Description = "格式不对", Reason = "FORMAT" },
                },
            });
        }

        public override async Task WatchCases(
            WatchCasesRequest request, IServerStreamWriter<WatchCasesResponse> responseStream, ServerCallContext context)
        {
            if (context.RequestHeaders.GetValue("authorization") is "Bearer expired")
                throw Error(StatusCode.Unauthenticated, "身份令牌已过期。", new ErrorInfo { Reason = "TOKEN_EXPIRED", Domain = "governance.micro" });
            await responseStream.WriteAsync(new WatchCasesResponse { Cursor = "1" });
            // A cut after the first change: the watcher has to come back with its cursor.
            var number = request.Cursor is "1" or "" ? 2 : int.Parse(request.Cursor) + 1;
            await responseStream.WriteAsync(new WatchCasesResponse
            {
                Cursor = $"{number}",
                CaseId = "c",
                Title = "门",
                Territory = "34990100100101",
                Entry = new CaseHistoryEntry { Sequence = number, Action = "Assessed", At = Timestamp.FromDateTimeOffset(Run.Now) },
            });
            if (number is 3)
                throw Error(StatusCode.Unauthenticated, "身份令牌已过期。", new ErrorInfo { Reason = "TOKEN_EXPIRED", Domain = "governance.micro" });
            if (number > 3)
                await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Nothing is ever changed here; a watch only hears that it is listening.</summary>
    private sealed class FakeChanges : Changes.ChangesBase
    {
        public override async Task WatchChanges(
            WatchChangesRequest request, IServerStreamWriter<WatchChangesResponse> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new WatchChangesResponse { Cursor = "1-0" });
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
