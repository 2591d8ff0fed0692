using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using Case = Governance.Grids.V1.Case;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class CaseImportTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Grid = GridsFixture.Grid;

    private int counted;

    private static readonly DateTimeOffset Long = new(2019, 5, 6, 2, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_closed_case_keeps_its_instants_and_has_one_entry_in_its_history()
    {
        var row = Closed("A-1");
        row.Category = "street_order";
        row.Satisfaction = Satisfaction.Satisfied;
        row.Late = true;

        var summary = await ImportAsync(row);

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((1, 1, 0));
        var read = await FindAsync("A-1");
        (read.Territory, read.Holder, read.Channel, read.State).ShouldBe((Grid, Community, CaseChannel.Council, CaseState.Closed));
        (read.Title, read.Category, read.Answer, read.Satisfaction, read.Reporter).ShouldBe((row.Title, "street_order", "已修好", Satisfaction.Satisfied, ""));
        (read.ReportedAt, read.UpdatedAt).ShouldBe((row.ReportedAt, row.EndedAt));
        read.Number.ShouldBeGreaterThan(0);
        (read.Deadlines.AssessBy, read.Deadlines.HandleBy, read.Deadlines.EscalateAt, read.Overdue).ShouldBe((null, null, null, false));
        (await grids.ScalarAsync<short>("select late from cases where import_code = 'A-1'")).ShouldBe((short)1);
        var entry = (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = read.Id })).Entries.ShouldHaveSingleItem();
        (entry.Sequence, entry.Action, entry.FromState, entry.ToState).ShouldBe((1, "Imported", CaseState.Unspecified, CaseState.Closed));
        (entry.Actor, entry.ActorRole, entry.Holder, entry.DueAt).ShouldBe(("importer", "operator", Community, null));
        entry.At.ToDateTimeOffset().ShouldBeGreaterThan(Long.AddYears(5));
        // Nobody can act on what is over.
        await Refused.AsAsync("CASE_WRONG_STATE", grids.Cases().AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = read.Id, Category = "street_order" }));
    }

    [Fact]
    public async Task A_title_of_before_tells_no_numbers_and_the_same_row_again_changes_nothing()
    {
        var row = Closed("A-phone");
        row.Title = "漏水，请回电 13788889999";
        (await ImportAsync(row)).Created.ShouldBe(1);
        (await ImportAsync(row)).Unchanged.ShouldBe(1);
        var read = await FindAsync("A-phone");
        (read.Title, read.Description).ShouldBe(("漏水，请回电 ***", ""));
    }

    [Fact]
    public async Task A_case_that_waits_is_due_as_if_it_were_reported_now_and_goes_on_like_any_other()
    {
        var reported = await grids.ReportAsync();
        await ImportAsync(Waiting("W-1"));
        var read = await FindAsync("W-1");

        read.State.ShouldBe(CaseState.Reported);
        read.ReportedAt.ToDateTimeOffset().ShouldBe(Long);
        read.Deadlines.AssessBy.ToDateTimeOffset().ShouldBe(reported.Deadlines.AssessBy.ToDateTimeOffset(), TimeSpan.FromMinutes(1));
        read.Deadlines.EscalateAt.ToDateTimeOffset().ShouldBe(reported.Deadlines.EscalateAt.ToDateTimeOffset(), TimeSpan.FromMinutes(1));
        read.Deadlines.PolicyVersion.ShouldBe(reported.Deadlines.PolicyVersion);
        (await grids.ScalarAsync<DateTime>("select due_at from cases where import_code = 'W-1'")).ShouldBe(read.Deadlines.AssessBy.ToDateTime());

        var assessed = (await grids.Cases().AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = read.Id, Category = "street_order" })).Case;
        assessed.State.ShouldBe(CaseState.Assessed);
        // Its own row may come again; another one would undo what was done.
        var again = await ImportAsync(Waiting("W-1"));
        (again.Unchanged, again.Rejected).ShouldBe((1, 0));
        var changed = Waiting("W-1");
        changed.Title = "别的";
        Told(await ImportAsync(changed)).ShouldBe(["1 W-1 code:ROW_CASE_ACTED_ON"]);
        (await FindAsync("W-1")).State.ShouldBe(CaseState.Assessed);
    }

    [Fact]
    public async Task Every_fault_of_a_row_is_named_with_its_number()
    {
        await ImportAsync(Closed("E-0"));
        var rows = new List<CaseRow>
        {
            With(r => r.GridCode = "34060300100198"),
            With(r => r.GridCode = "34040200100101"),
            With(r => r.GridCode = Community),
            With(r => r.State = CaseState.Handling),
            With(r => r.EndedAt = null),
            With(r => r.EndedAt = Timestamp.FromDateTimeOffset(Long.AddSeconds(-1))),
            With(r => r.ReportedAt = r.EndedAt = Timestamp.FromDateTimeOffset(ServiceFixture.Morning.AddYears(1))),
            With(r => r.EndedAt = Timestamp.FromDateTimeOffset(ServiceFixture.Morning.AddYears(1))),
            With(r => r.State = CaseState.Reported),
            With(r => r.Title = ""),
            With(r => r.Code = "E-13"),
            With(r => r.Code = "E-13"),
            With(r => (r.Code, r.GridCode) = ("E-0", NextGrid)),
        };

        var summary = await ImportAsync([.. rows]);

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((13, 1, 12));
        Told(summary).ShouldBe(
        [
            "1 E-1 grid_code:ROW_GRID_UNKNOWN",
            "2 E-2 territory:ROW_TERRITORY_OUTSIDE",
            "3 E-3 grid_code:GRID_CODE_INVALID",
            "4 E-4 state:ROW_STATE_NOT_IMPORTABLE",
            "5 E-5 ended_at:ROW_END_MISSING",
            "6 E-6 ended_at:ROW_ENDED_BEFORE_REPORTED",
            "7 E-7 reported_at:ROW_IN_FUTURE ended_at:ROW_IN_FUTURE",
            "8 E-8 ended_at:ROW_IN_FUTURE",
            "9 E-9 ended_at:ROW_NOT_ENDED answer:ROW_NOT_ENDED",
            "10 E-10 title:FIELD_REQUIRED",
            "12 E-13 code:ROW_DUPLICATE",
            "13 E-0 grid_code:ROW_CASE_ELSEWHERE",
        ], ignoreOrder: true);

        CaseRow With(Action<CaseRow> change)
        {
            counted++;
            var row = Closed($"E-{counted}");
            change(row);
            return row;
        }
    }

    [Fact]
    public async Task A_repeat_changes_nothing_and_a_changed_row_changes_its_case()
    {
        await ImportAsync(Closed("R-1"), Waiting("R-2"));
        var before = await FindAsync("R-1");
        var again = await ImportAsync(Closed("R-1"), Waiting("R-2"));
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 0, 2));
        (await FindAsync("R-1")).ShouldBe(before);

        // What had still waited was closed there meanwhile.
        var closed = Closed("R-2");
        closed.Title = "已处理";
        var second = await ImportAsync(Closed("R-1"), closed);

        (second.Created, second.Updated, second.Unchanged).ShouldBe((0, 1, 1));
        var read = await Eventually.BecomesAsync(() => FindAsync("R-2"), c => c.State is CaseState.Closed);
        (read.Title, read.Deadlines.AssessBy, read.Deadlines.EscalateAt).ShouldBe(("已处理", null, null));
        read.UpdatedAt.ShouldBe(closed.EndedAt);
        (await grids.ScalarAsync<bool>("select due_at is null from cases where import_code = 'R-2'")).ShouldBeTrue();
        var history = (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = read.Id })).Entries;
        history.Select(e => (e.Action, e.FromState, e.ToState)).ShouldBe(
        [
            ("Imported", CaseState.Unspecified, CaseState.Reported),
            ("Imported", CaseState.Reported, CaseState.Closed),
        ]);
        await EveryCellIsCountedAsync();
    }

    [Fact]
    public async Task A_territory_of_others_is_refused_and_only_operators_import()
    {
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => ImportAsync(new ImportHeader { RequestId = NewId(), Territory = "3404" }, [Closed("F-1")]));
        using var call = grids.Cases().ImportCases();
        await Refused.AsAsync("ROLE_NOT_ALLOWED", () => call.SendAsync(
            [new ImportCasesRequest { Header = new ImportHeader { RequestId = NewId(), Territory = City } }]));
    }

    [Fact]
    public async Task A_finished_import_gives_its_summary_again_and_its_id_fits_no_other()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        var first = await ImportAsync(header, [Closed("Q-1")]);
        (await ImportAsync(header, [Closed("Q-1")])).ShouldBe(first);
        header.Territory = Community;
        await Refused.AsAsync("REQUEST_ID_REUSED", () => ImportAsync(header, [Closed("Q-2")]));
    }

    [Fact]
    public async Task Who_watches_hears_of_imported_cases()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City }, cancellationToken: stop.Token);
        (await watch.ResponseStream.MoveNext(stop.Token)).ShouldBeTrue();
        await ImportAsync(Closed("N-1"));
        do
        {
            (await watch.ResponseStream.MoveNext(stop.Token)).ShouldBeTrue();
        }
        while (watch.ResponseStream.Current.Entry is null);
        (watch.ResponseStream.Current.Entry.Action, watch.ResponseStream.Current.Territory).ShouldBe(("Imported", Grid));
    }

    [Fact]
    public async Task Cases_from_before_the_first_day_that_is_counted_are_behind_its_numbers_too()
    {
        var row = Closed("O-1");
        (row.ReportedAt, row.EndedAt) = (Timestamp.FromDateTimeOffset(new DateTimeOffset(1985, 5, 1, 0, 0, 0, TimeSpan.Zero)), row.ReportedAt);
        await ImportAsync(row);
        var client = new Indicators.IndicatorsClient(grids.As("officer", City));
        var period = new IndicatorPeriod { From = "1990-01-01", Until = "1990-12-31" };
        (await client.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = City, Names = { "cases" }, Period = period })).Indicators.Single().Value.ShouldBe(1);
        (await client.ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Territory = City, Name = "cases", Period = period })).Records
            .ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Lists_show_cases_of_long_ago_behind_those_of_today()
    {
        await ImportAsync(Closed("L-1"));
        var today = await grids.ReportAsync();
        await ImportAsync(Closed("L-2"));
        // Other tests report at later instants; these stand before.
        var listed = (await grids.Cases().ListCasesAsync(new ListCasesRequest { Territory = City, PageSize = 500 })).Cases.Select(c => c.Id).ToList();
        listed.ShouldContain(today.Id);
        listed[..listed.IndexOf(today.Id)].ShouldNotContain((await FindAsync("L-1")).Id);
        listed[..listed.IndexOf(today.Id)].ShouldNotContain((await FindAsync("L-2")).Id);
    }

    [Fact]
    public async Task Twenty_thousand_rows_are_written_and_counted_in_seconds()
    {
        const int rows = 20_000;
        var before = await CountAsync();
        var watch = Stopwatch.StartNew();
        using var call = grids.Cases("operator", City, "importer").ImportCases();
        var summary = (await call.SendAsync(
        [
            new ImportCasesRequest { Header = new ImportHeader { RequestId = NewId(), Territory = City } },
            .. Enumerable.Range(0, rows).Chunk(500).Select(some => new ImportCasesRequest { Rows = { some.Select(Bulk) } }),
        ])).Summary;
        var imported = watch.Elapsed;
        summary.Created.ShouldBe(rows);
        // Counted at once, and still when all is folded.
        (await CountAsync()).ShouldBe(before + rows);
        await Eventually.BecomesAsync(() => grids.ScalarAsync<bool>("select exists(select from kept_changes)"), waiting => !waiting, patience: TimeSpan.FromMinutes(1));
        var folded = watch.Elapsed;
        (await CountAsync()).ShouldBe(before + rows);
        await EveryCellIsCountedAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"imported in {imported}, folded after {folded}");
        // At this rate 156,000 rows would still take less than the two minutes that they may.
        imported.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    private static CaseRow Bulk(int n)
    {
        var row = Closed($"B-{n:000000}");
        row.GridCode = n % 3 is 0 ? Grid : n % 3 is 1 ? NextGrid : OtherCommunity + "01";
        row.ReportedAt = Timestamp.FromDateTimeOffset(Long.AddMinutes(n * 79L));
        row.EndedAt = Timestamp.FromDateTimeOffset(Long.AddMinutes((n * 79L) + 3000));
        return row;
    }

    private static CaseRow Closed(string code) => new()
    {
        Code = code,
        GridCode = Grid,
        Channel = CaseChannel.Council,
        Title = "楼道灯不亮",
        State = CaseState.Closed,
        ReportedAt = Timestamp.FromDateTimeOffset(Long),
        EndedAt = Timestamp.FromDateTimeOffset(Long.AddDays(2)),
        Answer = "已修好",
    };

    private static CaseRow Waiting(string code) => new()
    {
        Code = code,
        GridCode = Grid,
        Channel = CaseChannel.Council,
        Title = "楼道灯不亮",
        State = CaseState.Reported,
        ReportedAt = Timestamp.FromDateTimeOffset(Long),
    };

    private static IEnumerable<string> Told(ImportSummary summary) =>
        summary.Errors.Select(e => $"{e.Row} {e.Code} {string.Join(' ', e.Violations.Select(v => $"{v.Field}:{v.Reason}"))}");

    private Task<ImportSummary> ImportAsync(params CaseRow[] rows) => ImportAsync(new ImportHeader { RequestId = NewId(), Territory = City }, rows);

    private async Task<ImportSummary> ImportAsync(ImportHeader header, CaseRow[] rows)
    {
        using var call = grids.Cases("operator", City, "importer").ImportCases();
        return (await call.SendAsync([new ImportCasesRequest { Header = header }, .. rows.Select(row => new ImportCasesRequest { Rows = { row } })])).Summary;
    }

    private async Task<Case> FindAsync(string code)
    {
        var id = await grids.ScalarAsync<Guid>($"select id from cases where import_code = '{code}'");
        return (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id.ToString() })).Case;
    }

    private async Task<long> CountAsync() =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = City, Names = { "cases" } })).Indicators.Single().Value;

    private async Task EveryCellIsCountedAsync()
    {
        while (await grids.ScalarAsync<bool>("select exists(select from kept_changes)"))
            await grids.Services.GetRequiredService<KeptCounts>().FoldAsync(CancellationToken.None);
        const string sql = """
            select array[
                (select count(*) from cases),
                (select sum(n)::bigint from kept_counts, kept_cell(counts) where cube = 'cases0' and clock = 0 and level = 6 and grain = 5),
                (select sum(n)::bigint from kept_counts, kept_cell(counts) where cube = 'cases1' and clock = 0 and level = 2 and grain = 0),
                (select count(*) from cases where state = 9),
                (select sum(n)::bigint from kept_counts, kept_cell(counts) where cube = 'cases0' and clock = 1 and level = 4 and grain = 3)]
            """;
        var numbers = await grids.ScalarAsync<long[]>(sql);
        numbers.ShouldBe([numbers[0], numbers[0], numbers[0], numbers[3], numbers[3]]);
    }
}
