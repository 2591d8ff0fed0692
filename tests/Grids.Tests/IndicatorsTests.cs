using Governance.Common.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>
/// Definitions, queries and drill-down, over 400 cases of February and March 2026: two of five in Grid, closed by threes, late by fours.
/// </summary>
public sealed class IndicatorsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const int Many = 400;
    private const string Grid = GridsFixture.Grid;

    private static readonly IndicatorPeriod Both = new() { From = "2026-02-01", Until = "2026-03-31" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (await grids.ScalarAsync<long>("select count(*) from cases where title = '指标'") > 0)
            return;
        await ExecuteAsync($"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, late)
            select gen_random_uuid(), -n, (array['{Grid}', '{NextGrid}', '{OtherCommunity}01', '{Grid}', '{OtherCommunity}02'])[1 + n % 5], '{Community}',
                '指标', '', 1 + n % 7, 'resident-' || n % 50, case when n % 3 = 0 then 9 else 2 end, (array['street_order', 'noise'])[1 + n % 2], '', '',
                case when n % 3 = 0 then 1 + n % 2 else 0 end, at, case when n % 3 = 0 then null else at + interval '10 days' end, 1, 1, at, at + interval '5 hours', 1,
                (n % 4 = 0)::int
            from (select n, timestamptz '2026-01-31T16:00:00Z' + n * interval '3 hours' as at from generate_series(0, {Many - 1}) n) made
            """);
    }

    [Fact]
    public async Task The_common_set_is_there_and_counts()
    {
        var counted = await GetAsync(City, Both, "cases", "cases_closed", "cases_open", "cases_overdue", "grids");
        counted.Select(i => (i.Name, i.Value, i.Version)).ShouldBe(
            [("cases", 400, 0), ("cases_closed", 134, 0), ("cases_open", 266, 0), ("cases_overdue", 141, 0), ("grids", 4, 0)]);
        // A rate is an exact share, and reads as its definition rounds it.
        var rate = (await GetAsync(City, Both, "resolution_rate")).Single();
        (rate.Exact.Numerator, rate.Exact.Denominator, rate.Exact.Decimal, rate.Value, rate.Unit).ShouldBe((134, 400, "33.50", 34, "%"));
        // Local days: the first record lies at midnight of the first of February in China.
        (await GetAsync(City, new IndicatorPeriod { From = "2026-01-31", Until = "2026-01-31" }, "cases")).Single().Value.ShouldBe(0);
        (await GetAsync(City, new IndicatorPeriod { From = "2026-02-01", Until = "2026-02-01" }, "cases")).Single().Value.ShouldBe(8);
        // A share of nothing is no number.
        var none = (await GetAsync("340602", Both, "resolution_rate")).Single();
        (none.Exact.Denominator, none.Exact.Decimal, none.Value).ShouldBe((0, "", 0));
        // All in one answer, in a fixed order; a change of a record changes the figure.
        (await GetAsync(City, null)).Select(i => i.Name).Take(3).ShouldBe(["grids", "cases", "councils"]);
        await grids.ReportAsync();
        (await GetAsync(City, Both, "cases")).Single().Value.ShouldBe(401);
        await ExecuteAsync("delete from cases where title <> '指标'");
    }

    [Fact]
    public async Task A_series_has_every_point_and_adds_up()
    {
        var client = Client();
        var request = new GetIndicatorSeriesRequest
        {
            Territory = City,
            Name = "cases",
            Period = new IndicatorPeriod { From = "2026-01-15", Until = "2026-04-10" },
            Span = Span.Month,
        };
        var points = (await client.GetIndicatorSeriesAsync(request)).Points;
        points.Select(p => (p.From, p.Until, p.Value.Numerator)).ShouldBe(
            [("2026-01-15", "2026-01-31", 0), ("2026-02-01", "2026-02-28", 224), ("2026-03-01", "2026-03-31", 176), ("2026-04-01", "2026-04-10", 0)]);
        foreach (var (span, count) in new[] { (Span.Day, 86), (Span.Week, 13), (Span.Quarter, 2), (Span.Year, 1) })
        {
            request.Span = span;
            points = (await client.GetIndicatorSeriesAsync(request)).Points;
            (points.Count, points.Sum(p => p.Value.Numerator)).ShouldBe((count, 400L));
        }
        // A share of every month, of which some have nothing.
        (request.Name, request.Span) = ("on_time_rate", Span.Month);
        (await client.GetIndicatorSeriesAsync(request)).Points.Select(p => p.Value.Decimal).ShouldBe(["", "50.00", "50.00", ""]);
    }

    [Fact]
    public async Task A_breakdown_adds_up_and_pages()
    {
        async Task<Dictionary<string, long>> PartsAsync(string name, string dimension, int size = 0)
        {
            var request = new GetIndicatorBreakdownRequest { Territory = City, Name = name, Period = Both, Dimension = dimension, PageSize = size };
            var parts = new Dictionary<string, long>();
            do
            {
                var page = await Client().GetIndicatorBreakdownAsync(request);
                foreach (var part in page.Parts)
                    parts.Add(part.Key, part.Value.Numerator);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return parts;
        }

        (await PartsAsync("cases", "state")).ShouldBe(new Dictionary<string, long> { ["assessed"] = 266, ["closed"] = 134 }, ignoreOrder: true);
        (await PartsAsync("cases", "grid", 1)).ShouldBe(
            new Dictionary<string, long> { [Grid] = 160, [NextGrid] = 80, [OtherCommunity + "01"] = 80, [OtherCommunity + "02"] = 80 }, ignoreOrder: true);
        (await PartsAsync("cases", "community")).Values.ShouldBe([240, 160]);
        (await PartsAsync("cases", "timeliness")).ShouldBe(
            new Dictionary<string, long> { ["late"] = 100, ["on_time"] = 100, ["pending"] = 200 }, ignoreOrder: true);
        foreach (var dimension in new[] { "channel", "category", "district", "subdistrict", "city", "satisfaction", "holder_level" })
            (await PartsAsync("cases", dimension, 2)).Values.Sum().ShouldBe(400, dimension);

        var share = (await Client().GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = City, Name = "resolution_rate", Period = Both, Dimension = "grid" })).Parts;
        share.Sum(p => p.Value.Numerator).ShouldBe(134);
        share.Sum(p => p.Value.Denominator).ShouldBe(400);
    }

    [Theory]
    [InlineData("cases", false)]
    [InlineData("cases_overdue", false)]
    [InlineData("resolution_rate", false)]
    [InlineData("resolution_rate", true)]
    [InlineData("on_time_rate", true)]
    public async Task The_records_behind_a_number_are_as_many_as_it_says(string name, bool over)
    {
        foreach (var territory in new[] { City, OtherCommunity, Grid })
        {
            var number = (await GetAsync(territory, Both, name)).Single().Exact;
            var records = await RecordsAsync(new ListIndicatorRecordsRequest { Territory = territory, Name = name, Period = Both, Over = over, PageSize = 37 });
            records.Select(r => r.Id).ShouldBeUnique();
            records.ShouldAllBe(r => r.Territory.StartsWith(territory));
            records.Count.ShouldBe((int)(over ? number.Denominator : number.Numerator));
        }
        // And those of a part.
        var part = (await Client().GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = City, Name = "cases", Period = Both, Dimension = "category" })).Parts.Single(p => p.Key is "noise");
        var noise = new IndicatorCondition { Dimension = "category", Values = { "noise" } };
        (await RecordsAsync(new ListIndicatorRecordsRequest { Territory = City, Name = "cases", Period = Both, Where = { noise } }))
            .Count.ShouldBe((int)part.Value.Numerator);
    }

    [Fact]
    public async Task A_new_indicator_takes_no_code()
    {
        var definitions = new[]
        {
            Define("reporters", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Distinct, Of = "reporter", Instant = "reported" }),
            Define("slowest", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Maximum, Of = "minutes_to_close", Instant = "closed" }),
            Define("busiest_grid", Groups(Take.Greatest, "grid", "")),
            Define("quietest_grid", Groups(Take.Least, "grid", "grids")),
            Define("quietest_grid_and_month", Groups(Take.Least, "grid", "grids", Span.Month)),
            Define("busiest_month", Groups(Take.Greatest, "", "", Span.Month)),
            Define("days_with_cases", Groups(Take.Covered, "", "", Span.Day), factor: 100, decimals: 1),
            Define("grids_with_hotline_cases", Hotline(Groups(Take.Covered, "grid", "grids"))),
            Define("years_in_a_row", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.ConsecutiveYears, Instant = "reported" }),
            Define("days", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Distinct, Of = "day", Instant = "reported" }),
        };
        var mean = Define("cases_per_reporter", new IndicatorTerm { Measure = "cases", Instant = "reported" }, decimals: 2);
        mean.Over = new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Distinct, Of = "reporter", Instant = "reported" };
        var yearly = Define("cases_a_year", new IndicatorTerm { Measure = "cases", Instant = "reported" }, decimals: 1);
        yearly.OverTime = Span.Year;
        var put = await PutAsync([.. definitions, mean, yearly]);
        put.Definitions.ShouldAllBe(d => d.Version == 1);

        var told = (await GetAsync(City, Both, [.. definitions.Select(d => d.Name), "cases_per_reporter"])).ToDictionary(i => i.Name, i => i.Exact.Decimal);
        told["reporters"].ShouldBe("50");
        told["slowest"].ShouldBe("300");
        told["busiest_grid"].ShouldBe("160");
        told["quietest_grid"].ShouldBe("80");
        // March is not over at the clock of the test: only February counts, whose 224 fall by fives.
        told["quietest_grid_and_month"].ShouldBe("44");
        told["busiest_month"].ShouldBe("224");
        told["days_with_cases"].ShouldBe("100.0");
        told["grids_with_hotline_cases"].ShouldBe("1");
        told["years_in_a_row"].ShouldBe("1");
        told["days"].ShouldBe("50");
        told["cases_per_reporter"].ShouldBe("8.00");
        var twoYears = new IndicatorPeriod { From = "2025-04-01", Until = "2027-03-31" };
        (await GetAsync(City, twoYears, "cases_a_year")).Single().Exact.Decimal.ShouldBe("200.0");
        // A grid without any case has none, not no number.
        await ExecuteAsync($"update cases set territory = '{Grid}' where territory = '{OtherCommunity}02'");
        (await GetAsync(City, Both, "quietest_grid")).Single().Exact.Decimal.ShouldBe("0");
        await ExecuteAsync($"update cases set territory = '{OtherCommunity}02' where number % 5 = -4");
        (await GetAsync(City, Both, "quietest_grid")).Single().Exact.Decimal.ShouldBe("80");
    }

    [Fact]
    public async Task A_city_has_versions_of_its_own_and_the_common_set_stays()
    {
        var own = Define("response_rate", new IndicatorTerm { Measure = "cases", Instant = "closed" });
        (await PutAsync(own)).Definitions.Single().Version.ShouldBe(1);
        var again = await PutAsync(own);
        (again.Unchanged, again.Definitions.Single().Version).ShouldBe((1, 1));
        (await GetAsync(City, Both, "response_rate")).Single().ShouldSatisfyAllConditions(i => i.Value.ShouldBe(134), i => i.Version.ShouldBe(1));
        // Elsewhere it is what it was.
        (await Client("*", "operator").GetIndicatorsAsync(new GetIndicatorsRequest { Territory = "3401", Names = { "response_rate" } })).Indicators.Single().Version.ShouldBe(0);

        own.Withdrawn = true;
        (await PutAsync(own)).Definitions.Single().Version.ShouldBe(2);
        await Refused.AsAsync("INDICATOR_UNKNOWN", Client().GetIndicatorsAsync(new GetIndicatorsRequest { Names = { "response_rate" } }));
        (await Client().ListIndicatorDefinitionsAsync(new ListIndicatorDefinitionsRequest { City = City })).Definitions.ShouldNotContain(d => d.Name == "response_rate");
        var common = await Client().ListIndicatorDefinitionsAsync(new ListIndicatorDefinitionsRequest());
        common.Definitions.ShouldContain(d => d.Name == "response_rate");
        common.Measures.Single(m => m.Name == "cases").Dimensions.Select(d => d.Name).ShouldNotContain("reporter");

        var back = common.Definitions.Single(d => d.Name == "response_rate");
        var first = new PutIndicatorDefinitionsRequest { RequestId = NewId(), City = City, Definitions = { back } };
        var answer = await Client(City, "operator").PutIndicatorDefinitionsAsync(first);
        answer.Definitions.Single().Version.ShouldBe(3);
        (await Client(City, "operator").PutIndicatorDefinitionsAsync(first)).ShouldBe(answer);
        first.Definitions[0].Unit = "other";
        await Refused.AsAsync("REQUEST_ID_REUSED", Client(City, "operator").PutIndicatorDefinitionsAsync(first));
        (await GetAsync(City, Both, "response_rate")).Single().Value.ShouldBe(100);
    }

    [Fact]
    public async Task Everything_wrong_with_definitions_is_told_by_name()
    {
        var where = new IndicatorCondition { Dimension = "colour", Values = { "red" } };
        var state = new IndicatorCondition { Dimension = "state", Values = { "lost" } };
        var subject = new IndicatorCondition { Dimension = "reporter", Values = { "resident-1" } };
        var shared = Define("shared", new IndicatorTerm { Measure = "cases", Instant = "reported" });
        (shared.Over, shared.OverTime) = (new IndicatorTerm { Measure = "cases" }, Span.Year);
        var refused = await Refused.AsAsync("REQUEST_INVALID", () => PutAsync(
            Define("a", new IndicatorTerm { Measure = "nothing" }),
            Define("b", new IndicatorTerm { Measure = "cases", Where = { where, state, subject }, Instant = "born" }),
            Define("c", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Sum, Of = "weight" }),
            Define("d", new IndicatorTerm { Measure = "cases", Of = "weight", Passed = true }),
            Define("e", new IndicatorTerm { Measure = "cases", Groups = new IndicatorGroups { By = "grid", Every = "councils_of_the_moon", Take = Take.Least } }),
            Define("f", new IndicatorTerm { Measure = "cases", Groups = new IndicatorGroups { Span = Span.Day, Take = Take.Least } }),
            Define("a", new IndicatorTerm { Measure = "cases", Aggregate = Aggregate.Distinct, Of = "month" }),
            shared));
        refused.Fields.ShouldBe(
        [
            "definitions[0].value.measure: INDICATOR_MEASURE_UNKNOWN",
            "definitions[1].value.where[0].dimension: INDICATOR_DIMENSION_UNKNOWN",
            "definitions[1].value.where[1].values: INDICATOR_VALUE_UNKNOWN",
            "definitions[1].value.where[2].dimension: INDICATOR_DIMENSION_UNKNOWN",
            "definitions[1].value.instant: INDICATOR_INSTANT_UNKNOWN",
            "definitions[2].value.of: INDICATOR_NUMBER_UNKNOWN",
            "definitions[3].value.passed: INDICATOR_AGGREGATE_INVALID",
            "definitions[3].value.of: INDICATOR_AGGREGATE_INVALID",
            "definitions[4].value.groups.every: INDICATOR_MEASURE_UNKNOWN",
            "definitions[5].value.groups.span: INDICATOR_GROUPS_INVALID",
            "definitions[6].name: INDICATOR_NAMED_TWICE",
            "definitions[6].value.of: INDICATOR_DIMENSION_UNKNOWN",
            "definitions[7].over_time: INDICATOR_DENOMINATOR_INVALID",
        ]);
    }

    [Fact]
    public async Task Every_question_that_has_no_answer_is_refused_by_name()
    {
        await PutAsync(
            Define("months", Groups(Take.Least, "grid", "grids", Span.Month)),
            Define("standing", new IndicatorTerm { Measure = "cases" }));
        var client = Client();
        await Refused.AsAsync("INDICATOR_UNKNOWN", client.GetIndicatorsAsync(new GetIndicatorsRequest { Names = { "happiness" } }));
        await Refused.AsAsync("INDICATOR_PERIOD_REQUIRED", client.GetIndicatorsAsync(new GetIndicatorsRequest { Names = { "months" } }));
        (await client.GetIndicatorsAsync(new GetIndicatorsRequest())).Indicators.ShouldNotContain(i => i.Name == "months");
        var turned = new IndicatorPeriod { From = "2026-03-02", Until = "2026-03-01" };
        await Refused.AsAsync("INDICATOR_PERIOD_INVALID", client.GetIndicatorsAsync(new GetIndicatorsRequest { Period = turned }));
        await Refused.AsAsync("INDICATOR_PERIOD_INVALID",
            client.GetIndicatorsAsync(new GetIndicatorsRequest { Period = new IndicatorPeriod { From = "1889-01-01" } }));
        await Refused.AsAsync("REQUEST_INVALID", client.GetIndicatorsAsync(new GetIndicatorsRequest { Period = new IndicatorPeriod { From = "2026-02-30" } }));

        await Refused.AsAsync("INDICATOR_WITHOUT_PERIOD",
            client.GetIndicatorSeriesAsync(new GetIndicatorSeriesRequest { Name = "standing", Period = Both, Span = Span.Month }));
        await Refused.AsAsync("INDICATOR_PERIOD_REQUIRED", client.GetIndicatorSeriesAsync(
            new GetIndicatorSeriesRequest { Name = "cases", Period = new IndicatorPeriod { From = "2026-01-01" }, Span = Span.Month }));
        await Refused.AsAsync("INDICATOR_SERIES_TOO_LONG", client.GetIndicatorSeriesAsync(
            new GetIndicatorSeriesRequest { Name = "cases", Period = new IndicatorPeriod { From = "2020-01-01", Until = "2026-01-01" }, Span = Span.Day }));

        await Refused.AsAsync("INDICATOR_NOT_DIVISIBLE",
            client.GetIndicatorBreakdownAsync(new GetIndicatorBreakdownRequest { Name = "months", Period = Both, Dimension = "grid" }));
        foreach (var dimension in new[] { "colour", "reporter" })
            (await Refused.AsAsync("REQUEST_INVALID",
                client.GetIndicatorBreakdownAsync(new GetIndicatorBreakdownRequest { Name = "cases", Dimension = dimension })))
                .Fields.ShouldBe(["dimension: INDICATOR_DIMENSION_UNKNOWN"]);
        var page = await client.GetIndicatorBreakdownAsync(new GetIndicatorBreakdownRequest { Name = "cases", Dimension = "grid", PageSize = 1 });
        await Refused.AsAsync("PAGE_TOKEN_INVALID", client.GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Name = "cases", Dimension = "state", PageSize = 1, PageToken = page.NextPageToken }));

        await Refused.AsAsync("INDICATOR_HAS_NO_BASE", client.ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Name = "cases", Over = true }));
        var lost = new IndicatorCondition { Dimension = "state", Values = { "lost" } };
        (await Refused.AsAsync("REQUEST_INVALID", client.ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Name = "cases", Where = { lost } })))
            .Fields.ShouldBe(["where[0].values: INDICATOR_VALUE_UNKNOWN"]);
        var records = await client.ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Name = "cases", PageSize = 1 });
        await Refused.AsAsync("PAGE_TOKEN_INVALID", client.ListIndicatorRecordsAsync(
            new ListIndicatorRecordsRequest { Name = "cases_open", PageSize = 1, PageToken = records.NextPageToken }));
    }

    [Fact]
    public async Task Nothing_crosses_a_border()
    {
        var outside = Client("340602");
        await Refused.AsAsync("OUTSIDE_TERRITORY", outside.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = City }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", outside.GetIndicatorSeriesAsync(
            new GetIndicatorSeriesRequest { Territory = City, Name = "cases", Period = Both, Span = Span.Month }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", outside.GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = Community, Name = "cases", Dimension = "grid" }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", outside.ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Territory = Community, Name = "cases" }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Client(City, "grid_worker").ListIndicatorRecordsAsync(new ListIndicatorRecordsRequest { Name = "cases" }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", () => PutAsync("officer", City));
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => PutAsync("operator", "3401"));
        await Refused.AsAsync("REQUEST_INVALID", () => new Indicators.IndicatorsClient(grids.As("operator", "340603")).PutIndicatorDefinitionsAsync(
            new PutIndicatorDefinitionsRequest
            {
                RequestId = NewId(), City = "340603", Definitions = { Define("any", new IndicatorTerm { Measure = "cases" }) },
            }).ResponseAsync);
        (await outside.GetIndicatorsAsync(new GetIndicatorsRequest { Names = { "cases" } })).Indicators.Single().Value.ShouldBe(0);
        (await RecordsAsync(new ListIndicatorRecordsRequest { Territory = "340602", Name = "cases" })).ShouldBeEmpty();
    }

    private static IndicatorDefinition Define(string name, IndicatorTerm value, int factor = 0, int decimals = 0) => new()
    {
        Name = name,
        Title = "试验",
        TitleEn = "Trial",
        Unit = "cases",
        Value = value,
        Factor = factor,
        Decimals = decimals,
    };

    private static IndicatorTerm Groups(Take take, string by, string every, Span span = Span.Unspecified) =>
        new() { Measure = "cases", Instant = "reported", Groups = new IndicatorGroups { By = by, Every = every, Span = span, Take = take } };

    private static IndicatorTerm Hotline(IndicatorTerm term)
    {
        term.Where.Add(new IndicatorCondition { Dimension = "channel", Values = { "hotline" } });
        return term;
    }

    private Indicators.IndicatorsClient Client(string territory = City, string role = "officer") => new(grids.As(role, territory));

    private async Task<IReadOnlyList<Indicator>> GetAsync(string territory, IndicatorPeriod? period, params string[] names) =>
        (await Client().GetIndicatorsAsync(new GetIndicatorsRequest { Territory = territory, Period = period, Names = { names } })).Indicators;

    private async Task<List<IndicatorRecord>> RecordsAsync(ListIndicatorRecordsRequest request)
    {
        var records = new List<IndicatorRecord>();
        do
        {
            var page = await Client().ListIndicatorRecordsAsync(request);
            records.AddRange(page.Records);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return records;
    }

    private Task<PutIndicatorDefinitionsResponse> PutAsync(params IndicatorDefinition[] definitions) => PutAsync("operator", City, definitions);

    private async Task<PutIndicatorDefinitionsResponse> PutAsync(string role, string city, params IndicatorDefinition[] definitions)
    {
        if (definitions.Length is 0)
            definitions = [Define("any", new IndicatorTerm { Measure = "cases" })];
        return await Client(City, role).PutIndicatorDefinitionsAsync(
            new PutIndicatorDefinitionsRequest { RequestId = NewId(), City = city, Definitions = { definitions } });
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
