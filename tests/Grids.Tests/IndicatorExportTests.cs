using System.Text;
using Governance.Common.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Numbers as files, over 60 cases of January and February 2026 in two grids.</summary>
public sealed class IndicatorExportTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;
    private const string Header = "\uFEFFindicator,title,unit,territory,from,until,part,value,numerator,denominator,version";

    private static readonly IndicatorPeriod Quarter = new() { From = "2026-01-01", Until = "2026-03-31" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (await grids.ScalarAsync<long>("select count(*) from cases") > 0)
            return;
        await using var insert = grids.Database.CreateCommand($"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, policy_version, steps, reported_at, updated_at, version)
            select gen_random_uuid(), -n, case when n % 3 = 0 then '{NextGrid}' else '{Here}' end, '{Community}', '', '', 1, 'r',
                case when n % 2 = 0 then 9 else 2 end, case when n < 30 then '=2+3' else 'noise' end, '', '', 0, 1, 1, at, at, 1
            from (select n, timestamptz '2026-01-01T16:00:00Z' + n * interval '1 day' as at from generate_series(0, 59) n) made
            """);
        await insert.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_table_has_a_line_for_every_indicator_with_its_number_exactly()
    {
        var both = new ExportIndicatorsRequest { Territory = City, Names = { "cases", "resolution_rate" }, Period = Quarter };
        (await ExportAsync(both)).ShouldBe(
        [
            Header,
            "cases,Cases reported,cases,3406,2026-01-01,2026-03-31,,60,60,1,0",
            "resolution_rate,\"Cases handled, of those reported and neither rejected nor transferred\",%,3406,"
                + "2026-01-01,2026-03-31,,50.00,30,60,0",
        ]);
        // All that can be told without a period; a share of nothing has no number.
        var all = await ExportAsync(new ExportIndicatorsRequest { Territory = City });
        all.ShouldContain("grids,Grids,grids,3406,,,,4,4,1,0");
        all.ShouldContain(line => line.StartsWith("mediation_success_rate,") && line.EndsWith(",3406,,,,,0,0,0"));
        all.Count.ShouldBe(1 + (await Client().GetIndicatorsAsync(new GetIndicatorsRequest { Territory = City })).Indicators.Count);
    }

    [Fact]
    public async Task A_series_and_a_breakdown_and_both_are_the_numbers_of_their_own_calls()
    {
        var request = new ExportIndicatorsRequest { Territory = City, Names = { "cases" }, Period = Quarter, Span = Span.Month };
        Values(await ExportAsync(request)).ShouldBe(["2026-01-01 2026-01-31 30", "2026-02-01 2026-02-28 28", "2026-03-01 2026-03-31 2"]);
        (request.Span, request.Dimension) = (Span.Unspecified, "grid");
        Values(await ExportAsync(request)).ShouldBe(["2026-01-01 2026-03-31 34060300100101 40", "2026-01-01 2026-03-31 34060300100102 20"]);
        request.Span = Span.Month;
        Values(await ExportAsync(request)).ShouldBe(
        [
            "2026-01-01 2026-01-31 34060300100101 20", "2026-01-01 2026-01-31 34060300100102 10",
            "2026-02-01 2026-02-28 34060300100101 18", "2026-02-01 2026-02-28 34060300100102 10",
            "2026-03-01 2026-03-31 34060300100101 2",
        ]);
        // What has no series and no such dimension is left out, when all are asked for.
        request.Names.Clear();
        request.Dimension = "channel";
        var named = (await ExportAsync(request)).Skip(1).Select(line => line.Split(',')[0]).Distinct().ToList();
        named.ShouldContain("cases");
        named.ShouldNotContain("grids");
        named.ShouldNotContain("mediations");
    }

    [Fact]
    public async Task Nothing_in_a_file_is_a_formula_and_columns_are_named_in_the_callers_language()
    {
        var request = new ExportIndicatorsRequest { Territory = City, Names = { "cases" }, Period = Quarter, Dimension = "category" };
        (await ExportAsync(request)).ShouldContain("cases,Cases reported,cases,3406,2026-01-01,2026-03-31,'=2+3,30,30,1,0");
        var headers = new Metadata { { "authorization", $"Bearer {TestTokens.Make("officer", City)}" } };
        using var call = new Indicators.IndicatorsClient(grids.Channel).ExportIndicators(request, headers);
        var lines = (await TextAsync(call)).Split("\r\n");
        lines[0].ShouldStartWith("\uFEFF指标,名称,单位,地域,");
        lines[1].ShouldStartWith("cases,诉求,cases,3406,");
    }

    [Fact]
    public async Task What_can_t_be_told_is_refused_by_name_before_anything_is_sent()
    {
        await RefusedAsync("INDICATOR_UNKNOWN", new ExportIndicatorsRequest { Names = { "happiness" } });
        await RefusedAsync(
            "INDICATOR_WITHOUT_PERIOD", new ExportIndicatorsRequest { Names = { "grids" }, Period = Quarter, Span = Span.Month });
        await RefusedAsync("INDICATOR_PERIOD_REQUIRED", new ExportIndicatorsRequest { Names = { "cases" }, Span = Span.Month });
        await RefusedAsync(
            "INDICATOR_NOT_DIVISIBLE", new ExportIndicatorsRequest { Names = { "grid_leaders_per_grid" }, Dimension = "grid" });
        await RefusedAsync("REQUEST_INVALID", new ExportIndicatorsRequest { Names = { "cases" }, Dimension = "reporter" });
        var years = new IndicatorPeriod { From = "2020-01-01", Until = "2026-01-01" };
        await RefusedAsync(
            "INDICATOR_SERIES_TOO_LONG", new ExportIndicatorsRequest { Names = { "cases" }, Period = years, Span = Span.Day });
        await RefusedAsync("INDICATOR_SERIES_TOO_LONG", new ExportIndicatorsRequest
        {
            Names = { Enumerable.Repeat("cases", 100) },
            Period = new IndicatorPeriod { From = "2026-01-01", Until = "2026-06-30" },
            Span = Span.Day,
        });
        await RefusedAsync("OUTSIDE_TERRITORY", new ExportIndicatorsRequest { Territory = "3401" });
    }

    private Indicators.IndicatorsClient Client() => new(GridsFixture.InEnglish(grids.As("officer", City)));

    private async Task RefusedAsync(string reason, ExportIndicatorsRequest request) =>
        await Refused.AsAsync(reason, async () => await ExportAsync(request));

    private async Task<List<string>> ExportAsync(ExportIndicatorsRequest request)
    {
        using var call = Client().ExportIndicators(request);
        return [.. (await TextAsync(call)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Days, part and value of each line.</summary>
    private static IEnumerable<string> Values(IEnumerable<string> lines) => lines.Skip(1).Select(line =>
        string.Join(' ', line.Split(',')[4..8].Where(cell => cell.Length > 0)));

    private static async Task<string> TextAsync(AsyncServerStreamingCall<ExportIndicatorsResponse> call)
    {
        using var file = new MemoryStream();
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
            piece.Chunk.WriteTo(file);
        return Encoding.UTF8.GetString(file.ToArray());
    }
}
