using System.Net;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Health.V1;
using Npgsql;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>What every service has from ServiceDefaults, seen on one of them.</summary>
public sealed class PlatformTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static readonly GetGridRequest Anything = new() { Code = GridsFixture.Grid };

    [Fact]
    public async Task Health_is_told_over_grpc_and_http_without_a_token()
    {
        (await new Health.HealthClient(grids.Channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        using var http = new HttpClient { BaseAddress = grids.HttpAddress };
        (await http.GetAsync("/alive")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_call_without_token_is_refused() =>
        (await Refused.AsAsync("TOKEN_MISSING", Ask(null))).Code.ShouldBe(StatusCode.Unauthenticated);

    [Fact]
    public async Task An_expired_token_is_refused() =>
        await Refused.AsAsync("TOKEN_EXPIRED", Ask(TestTokens.Make("officer", "3406", validFor: TimeSpan.FromDays(-365 * 10))));

    [Fact]
    public async Task A_forged_token_is_refused()
    {
        var forged = TestTokens.Make("officer", "3406", key: Convert.ToBase64String(new byte[32]));
        (await Refused.AsAsync("TOKEN_INVALID", Ask(forged))).Metadata["problem"].ShouldBe("signature");
        (await Refused.AsAsync("TOKEN_INVALID", Ask(TestTokens.Make("officer", "3406", issuer: "elsewhere")))).Metadata["problem"].ShouldBe("issuer");
        (await Refused.AsAsync("TOKEN_INVALID", Ask(TestTokens.Make("officer", "3406", audience: "another")))).Metadata["problem"].ShouldBe("audience");
        (await Refused.AsAsync("TOKEN_INVALID", Ask("nonsense"))).Metadata["problem"].ShouldBe("malformed");
        (await Refused.AsAsync("TOKEN_INVALID", Ask(TestTokens.Make("officer", "")))).Message.ShouldBe("身份令牌无效：未载明管辖范围。");
    }

    [Fact]
    public async Task Messages_come_in_the_callers_language()
    {
        var client = new V1.Boundaries.BoundariesClient(grids.Channel);
        var chinese = await Should.ThrowAsync<RpcException>(async () => await client.GetGridAsync(Anything));
        Refused.Of(chinese).Message.ShouldBe("调用未携带身份令牌。");
        var english = new V1.Boundaries.BoundariesClient(ServiceFixture.InEnglish(grids.With(null)));
        (await Refused.AsAsync("TOKEN_MISSING", english.GetGridAsync(Anything))).Message.ShouldBe("The call carries no bearer token.");
    }

    [Fact]
    public async Task A_table_that_grows_from_empty_is_analysed_within_seconds()
    {
        const string analysed = "select reltuples::bigint from pg_class where relname = 'grown'";
        await using (var fill = grids.Database.CreateCommand("create table grown as select n from generate_series(1, 2000) n"))
            await fill.ExecuteNonQueryAsync();
        (await grids.ScalarAsync<long>(analysed)).ShouldBe(-1);
        await Eventually.BecomesAsync(() => grids.ScalarAsync<long>(analysed), rows => rows is 2000);
    }

    [Fact]
    public async Task Audit_rows_cannot_be_changed()
    {
        await grids.ReportAsync();
        foreach (var sql in new[] { "update audit set subject = 'x'", "delete from audit", "truncate audit" })
        {
            await using var command = grids.Database.CreateCommand(sql);
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).MessageText.ShouldBe("audit rows are never changed");
        }
    }

    [Fact]
    public async Task The_outbox_empties_itself()
    {
        await grids.ReportAsync();
        var operations = new Operations.OperationsClient(grids.As("operator", GridsFixture.City));
        await Eventually.BecomesAsync(async () => await operations.GetOutboxAsync(new GetOutboxRequest()), o => o.Depth is 0 && o.OldestAge is null);
    }

    [Fact]
    public async Task Indicators_count_within_the_territory()
    {
        async Task<long> Count(string territory) =>
            (await new Indicators.IndicatorsClient(grids.As("auditor", GridsFixture.City)).GetIndicatorsAsync(new GetIndicatorsRequest { Territory = territory }))
                .Indicators.Single(i => i.Name is "grids").Value;
        (await Count("340603001001")).ShouldBe(2);
        (await Count("340603001")).ShouldBe(4);
        (await Count("340602")).ShouldBe(0);
    }

    [Fact]
    public async Task No_personal_words_reach_the_log_or_the_outbox()
    {
        const string planted = "住在三号楼的王秀英";
        await grids.Cases().ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = GridsFixture.NewId(),
            Point = GridsFixture.PointIn(0),
            Title = "噪声",
            Description = planted,
            Channel = CaseChannel.Visit,
        });
        grids.Logs.Lines.ShouldAllBe(l => !l.Contains(planted));
        (await grids.ScalarAsync<long>($"select count(*) from outbox where convert_from(payload, 'UTF8') like '%{planted}%'")).ShouldBe(0);
        (await grids.ScalarAsync<long>($"select count(*) from audit where audit::text like '%{planted}%'")).ShouldBe(0);
    }

    private AsyncUnaryCall<GetGridResponse> Ask(string? token) => new V1.Boundaries.BoundariesClient(grids.With(token)).GetGridAsync(Anything);
}
