using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>
/// Numbers of visits: every instant and every dimension of their three measures, against records of two grids of which the numbers are
/// known. A day has one act, so that every number is told from every other by its period.
/// </summary>
public sealed class VisitMeasuresTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;

    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    [Fact]
    public async Task Every_measure_of_visits_counts_what_was_done()
    {
        await grids.PutPolicyAsync(p => p.Visits = VisitsTests.Policy());
        var met = await PlanAsync(Here, "V-1", consentedDaysAgo: 1);
        var withdrawn = await PlanAsync(Here, "V-2", consentedDaysAgo: 2);
        var ended = await PlanAsync(NextGrid, "V-3", consentedDaysAgo: 2);
        await PlanAsync(NextGrid, "V-4", consentedDaysAgo: 2);
        await Visits().WithdrawVisitConsentAsync(new WithdrawVisitConsentRequest { RequestId = NewId(), PlanId = withdrawn });
        await VisitAsync(ended, VisitOutcome.Refused);
        await Visits().EndVisitPlanAsync(new EndVisitPlanRequest { RequestId = NewId(), PlanId = ended });

        await PutAsync("visit_plans", "state", "consented", "due");
        (await CountAsync("visit_plans")).ShouldBe(4);
        (await CountAsync("visit_plans", NextGrid)).ShouldBe(2);
        (await CountAsync("visit_plans", value: "active")).ShouldBe(2);
        (await CountAsync("visit_plans", value: "ended")).ShouldBe(1);
        (await CountAsync("visit_plans", value: "withdrawn")).ShouldBe(1);
        (await CountAsync("visit_plans", instant: "consented", day: Morning.AddDays(-1))).ShouldBe(1);
        (await CountAsync("visit_plans", instant: "consented", day: Morning.AddDays(-2))).ShouldBe(3);
        // Both active ones are due at once; what is over is never due.
        (await CountAsync("visit_plans", instant: "due", day: Morning)).ShouldBe(2);
        (await CountAsync("visit_plans", instant: "due_passed")).ShouldBe(2);

        grids.Clock.Advance(TimeSpan.FromDays(1));
        var hazards = await VisitAsync(met, VisitOutcome.Met, HazardCategory.Gas, HazardCategory.Fire, HazardCategory.Fire);
        await VisitAsync(met, VisitOutcome.NotAtHome);
        await PutAsync("visits", "outcome", "visited");
        (await CountAsync("visits")).ShouldBe(3);
        (await CountAsync("visits", Here)).ShouldBe(2);
        (await CountAsync("visits", value: "met")).ShouldBe(1);
        (await CountAsync("visits", value: "not_at_home")).ShouldBe(1);
        (await CountAsync("visits", value: "refused")).ShouldBe(1);
        (await CountAsync("visits", instant: "visited", day: Morning)).ShouldBe(1);
        (await CountAsync("visits", instant: "visited", day: Morning.AddDays(1))).ShouldBe(2);
        // It was visited: the next time is in two days, since nobody was at home the last time.
        (await CountAsync("visit_plans", instant: "due_passed")).ShouldBe(1);
        (await CountAsync("visit_plans", instant: "due", day: Morning.AddDays(3))).ShouldBe(1);

        // Gas is looked at again within a day, fire within two work days.
        await PutAsync("hazards", "category", "found", "due", "resolved");
        (await CountAsync("hazards")).ShouldBe(3);
        (await CountAsync("hazards", NextGrid)).ShouldBe(0);
        (await CountAsync("hazards", value: "gas")).ShouldBe(1);
        (await CountAsync("hazards", value: "fire")).ShouldBe(2);
        (await CountAsync("hazards", instant: "found", day: Morning.AddDays(1))).ShouldBe(3);
        (await CountAsync("hazards", instant: "due_passed")).ShouldBe(0);
        (await CountAsync("hazards", instant: "due", day: Morning.AddDays(2))).ShouldBe(1);
        (await CountAsync("hazards", instant: "due", day: Morning.AddDays(3))).ShouldBe(2);
        grids.Clock.Advance(TimeSpan.FromHours(30));
        (await CountAsync("hazards", instant: "due_passed")).ShouldBe(1);
        await Visits().ReinspectHazardAsync(new ReinspectHazardRequest { RequestId = NewId(), HazardId = hazards[0].Id, Resolved = true });
        (await CountAsync("hazards", instant: "due_passed")).ShouldBe(0);
        (await CountAsync("hazards", instant: "resolved", day: Morning.AddDays(2))).ShouldBe(1);
        (await CountAsync("hazards", instant: "resolved", day: Morning.AddDays(1))).ShouldBe(0);
        (await CountAsync("hazards")).ShouldBe(3);
    }

    private V1.Visits.VisitsClient Visits() => new(grids.As("officer", City));

    private Indicators.IndicatorsClient Indicators() => new(grids.As("operator", City));

    private async Task<string> PlanAsync(string grid, string household, int consentedDaysAgo) => (await Visits().PlanVisitsAsync(new PlanVisitsRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Household = household,
        Needs = { CareNeed.LivingAlone },
        Consent = new VisitConsent { GivenBy = "member-1", GivenAt = Morning.AddDays(-consentedDaysAgo).ToTimestamp() },
    })).Plan.Id;

    private async Task<IReadOnlyList<Hazard>> VisitAsync(string plan, VisitOutcome outcome, params HazardCategory[] found) =>
        (await Visits().RecordVisitAsync(new RecordVisitRequest
        {
            RequestId = NewId(),
            PlanId = plan,
            Outcome = outcome,
            Hazards = { found.Select(h => new SeenHazard { Category = h, Note = "隐患" }) },
        })).Hazards;

    /// <summary>An indicator as it stands, one an instant, one of what has passed, and one a value of the dimension.</summary>
    private async Task PutAsync(string measure, string dimension, params string[] instants)
    {
        var request = new PutIndicatorDefinitionsRequest { RequestId = NewId(), City = City };
        request.Definitions.Add(Definition(measure, new IndicatorTerm { Measure = measure }));
        foreach (var instant in instants)
            request.Definitions.Add(Definition($"{measure}_{instant}", new IndicatorTerm { Measure = measure, Instant = instant }));
        if (instants.Contains("due"))
            request.Definitions.Add(Definition($"{measure}_due_passed", new IndicatorTerm { Measure = measure, Instant = "due", Passed = true }));
        foreach (var value in ValuesOf(measure))
            request.Definitions.Add(Definition($"{measure}_{value}", new IndicatorTerm
            {
                Measure = measure,
                Where = { new IndicatorCondition { Dimension = dimension, Values = { value } } },
            }));
        await Indicators().PutIndicatorDefinitionsAsync(request);
    }

    private static string[] ValuesOf(string measure) => measure switch
    {
        "visit_plans" => ["active", "ended", "withdrawn"],
        "visits" => ["met", "not_at_home", "refused"],
        _ => ["fire", "gas"],
    };

    private static IndicatorDefinition Definition(string name, IndicatorTerm value)
    {
        value.Aggregate = Aggregate.Count;
        return new IndicatorDefinition { Name = name, Title = "数", TitleEn = "Count", Unit = "records", Value = value };
    }

    private async Task<int> CountAsync(
        string measure, string territory = City, string value = "", string instant = "", DateTimeOffset? day = null)
    {
        var name = string.Join('_', new[] { measure, value, instant }.Where(part => part.Length > 0));
        var date = Governance.Primitives.IsoDate.Text(DateOnly.FromDateTime((day ?? Morning).AddHours(8).Date));
        return int.Parse((await Indicators().GetIndicatorsAsync(new GetIndicatorsRequest
        {
            Territory = territory,
            Names = { name },
            Period = new IndicatorPeriod { From = date, Until = date },
        })).Indicators.Single().Exact.Decimal);
    }
}
