using System.CommandLine;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov visit`: visits to households in need of care. Hazards that they find are below `gov hazard`.</summary>
internal static class VisitCommands
{
    private static readonly string[] PlanColumns = ["due", "grid", "household", "needs", "worker", "last visit", "state", "id"];

    public static Command Build(CliHost host)
    {
        var plans = new Verbs<VisitPlan>(host, "visit", "The plan.", Facts);
        return Group(
            "visit",
            "Visits to households in need of care, with their consent (入户走访). Hazards: gov hazard.",
            List(plans), Due(plans), Route(host), Show(plans), Plan(plans), Change(plans), Record(host), History(host), End(plans),
            Withdraw(plans));
    }

    private static (string Name, object? Value)[] Facts(VisitPlan plan) =>
        [
            ("household", plan.Household),
            ("id", plan.Id),
            ("state", plan.State),
            ("grid", plan.Territory),
            ("place", plan.Place is null ? "" : FormattableString.Invariant($"{plan.Place.Longitude},{plan.Place.Latitude}")),
            ("needs", plan.Needs.Select(need => Tables.Word(need))),
            ("worker", plan.Worker),
            ("helpers", plan.Helpers),
            ("consent by", plan.Consent?.GivenBy),
            ("consent since", plan.Consent?.GivenAt),
            ("consent withdrawn", plan.Consent?.WithdrawnAt),
            ("every days", plan.EveryDays),
            ("last visit", plan.LastVisitAt),
            ("due", plan.DueAt),
            ("etag", plan.Etag),
        ];

    private static (string Name, object? Value)[] Facts(Visit visit) =>
        [
            ("at", visit.At), ("outcome", visit.Outcome), ("visitor", visit.Visitor), ("checked", visit.Checked), ("note", visit.Note),
            ("case", visit.CaseId), ("grid", visit.Territory), ("plan", visit.PlanId), ("id", visit.Id),
        ];

    private static Command List(Verbs<VisitPlan> plans)
    {
        var (within, worker) = (Shared.Within(), Worker());
        var state = Word<VisitPlanState>("--state", "Only in this state.");
        return plans.List(
            "list", "Plans of a territory, ordered by grid.", [within, state, worker], "--within 340603001 --state active --worker worker-7",
            PlanColumns,
            async (verb, size, token) =>
            {
                var page = await verb.Api.Visits.ListVisitPlansAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<VisitPlanState>(state),
                        Worker = verb.Text(worker),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Plans, page.NextPageToken);
            });
    }

    private static Command Due(Verbs<VisitPlan> plans)
    {
        var (within, worker, until) = (Shared.Within(), Worker(), Until());
        return plans.List(
            "due", "Plans of a territory whose next visit is due, soonest first.", [within, worker, until],
            "--within 340603001 --until 2026-03-09T18:00:00+08:00",
            PlanColumns,
            async (verb, size, token) =>
            {
                var page = await verb.Api.Visits.ListDueVisitsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Worker = verb.Text(worker),
                        Until = verb.Instant(until),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Plans, page.NextPageToken);
            });
    }

    private static Command Route(CliHost host)
    {
        var (within, until, system) = (Shared.Within(), Until(), Shared.System());
        var worker = Required("--worker", "Subject of the worker.", "SUBJECT");
        var start = Option<string>("--start", "Where the worker starts; at the visit due first when not said.", "LON,LAT");
        var routes = new Verbs<GetVisitRouteResponse>(host, "visit", "The route.", route => [("metres", route.LengthM)], (printer, route) =>
        {
            var table = Tables.New("household", "grid", "due", "needs", "id");
            foreach (var plan in route.Plans)
                table.Row(plan.Household, plan.Territory, plan.DueAt, plan.Needs.Select(need => Tables.Word(need)), plan.Id);
            printer.Draw(table);
        });
        return routes.New("route", "A worker's due visits in an order to walk them.", [within, worker, until, start, system],
            "--worker worker-7 --start 116.7912,33.9734",
            async verb => await verb.Api.Visits.GetVisitRouteAsync(
                new()
                {
                    Territory = verb.Text(within),
                    Worker = verb.Text(worker),
                    Until = verb.Instant(until),
                    Start = PointOf(verb, start, system),
                },
                verb.Options));
    }

    private static Command Show(Verbs<VisitPlan> plans) =>
        plans.On("show", "One plan.", [], "",
            async verb => (await verb.Api.Visits.GetVisitPlanAsync(new() { Id = verb.Id }, verb.Options)).Plan);

    private static Command Plan(Verbs<VisitPlan> plans)
    {
        var of = Required("--of", "The grid.", "CODE");
        var household = Required("--household", "Opaque reference of the household: no name, no address, no number.", "CODE");
        var (needs, worker, helpers, system) = (Needs(), Worker(), Helpers(), Shared.System());
        var by = Required("--consent-by", "Subject, or another opaque reference, of who gave the household's consent.", "SUBJECT");
        var since = Required("--consent-at", "When it was given, as in 2026-03-01T09:00:00+08:00.", "INSTANT");
        var point = Option<string>("--point", "About where it is; kept rounded to some 100 m.", "LON,LAT");
        return plans.New("plan", "Plan visits to a household that has consented; the first is due at once.",
            [of, household, needs, by, since, worker, helpers, point, system],
            "--of 34060300100101 --household HH-0091 --needs living_alone,elderly --consent-by resident-31 "
            + "--consent-at 2026-03-01T09:00:00+08:00 --worker worker-7 --helper resident-18 --point 116.7912,33.9734",
            async verb => (await verb.Api.Visits.PlanVisitsAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Household = verb.Text(household),
                    Needs = { Shared.WordsFrom<CareNeed>(verb.Text(needs)) },
                    Consent = new VisitConsent { GivenBy = verb.Text(by), GivenAt = verb.Instant(since) },
                    Worker = verb.Text(worker),
                    Helpers = { verb.Texts(helpers) },
                    Place = PointOf(verb, point, system),
                },
                verb.Options)).Plan);
    }

    private static Command Change(Verbs<VisitPlan> plans)
    {
        var (needs, worker, helpers) = (Needs(), Worker(), Helpers());
        var grid = Option<string>("--grid", "The grid that it goes to, one of those that its own has become; where it is when not said.", "CODE");
        return plans.Change("change", "Other needs, another worker, other helpers: what is not said is none.", [needs, worker, helpers, grid],
            "--needs ill --worker worker-8 --helper resident-18",
            async verb => (await verb.Api.Visits.ChangeVisitPlanAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    PlanId = verb.Id,
                    Etag = verb.Etag,
                    Needs = { Shared.WordsFrom<CareNeed>(verb.Text(needs)) },
                    Worker = verb.Text(worker),
                    Helpers = { verb.Texts(helpers) },
                    Territory = verb.Text(grid),
                },
                verb.Options)).Plan);
    }

    private static Command Record(CliHost host)
    {
        var outcome = Word<VisitOutcome>("--outcome", "How it went.", required: true);
        var at = Option<string>("--at", "When; now when not said.", "INSTANT");
        var looked = Many("--checked", "Code of what was looked at, as in smoke_detector.", "CODE");
        var note = Option<string>("--note", "The least that the next visitor must know; no names, no diagnoses.", "TEXT");
        var problem = Option<string>("--problem", "A problem, in a few words without personal data, which becomes a case.", "TEXT");
        var hazards = Many("--hazard", "A hazard that was seen: CATEGORY or CATEGORY,NOTE.", "HAZARD");
        var records = new Verbs<RecordVisitResponse>(host, "visit", "The plan.",
            answer => [.. Facts(answer.Visit), ("next due", answer.Plan.DueAt)],
            (printer, answer) =>
            {
                var table = Tables.New("hazard", "category", "note", "inspect again by");
                foreach (var hazard in answer.Hazards)
                    table.Row(hazard.Id, hazard.Category, hazard.Note, hazard.DueAt);
                printer.Draw(table);
            });
        return records.On("record", "What a visit found; a problem becomes a case in the same act.",
            [outcome, at, looked, note, problem, hazards],
            "--outcome met --at 2026-03-02T10:00:00+08:00 --checked smoke_detector --note 下次带放大镜 --problem 楼道灯不亮 "
            + "--hazard gas,软管老化",
            async verb => await verb.Api.Visits.RecordVisitAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    PlanId = verb.Id,
                    Outcome = verb.Word<VisitOutcome>(outcome),
                    At = verb.Instant(at),
                    Checked = { verb.Texts(looked) },
                    Note = verb.Text(note),
                    Problem = verb.Get(problem) is { } title ? new VisitProblem { Title = title } : null,
                    Hazards = { verb.Texts(hazards).Select(HazardFrom) },
                },
                verb.Options));
    }

    private static Command History(CliHost host)
    {
        var within = Shared.Within();
        var plan = Option<string>("--plan", "Only of this plan.", "UUID");
        return new Verbs<Visit>(host, "visit", "The visit.", Facts).List(
            "history", "Visits of a territory or of one plan, newest first.", [within, plan], "--within 340603001",
            ["at", "outcome", "visitor", "note", "grid", "case", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Visits.ListVisitsAsync(
                    new() { Territory = verb.Text(within), PlanId = verb.Text(plan), PageSize = size, PageToken = token }, verb.Options);
                return (page.Visits, page.NextPageToken);
            });
    }

    private static Command End(Verbs<VisitPlan> plans) =>
        plans.Change("end", "The household needs no visits any more; what is known of it is removed. Final.", [], "",
            async verb => (await verb.Api.Visits.EndVisitPlanAsync(
                new() { RequestId = verb.RequestId, PlanId = verb.Id, Etag = verb.Etag }, verb.Options)).Plan);

    private static Command Withdraw(Verbs<VisitPlan> plans) =>
        plans.On("withdraw", "The household withdraws its consent; what is known of it is removed. Final.", [], "",
            async verb => (await verb.Api.Visits.WithdrawVisitConsentAsync(
                new() { RequestId = verb.RequestId, PlanId = verb.Id }, verb.Options)).Plan);

    private static Option<string> Needs() =>
        Required("--needs", $"Why it is visited, separated by commas: {string.Join(", ", EnumWords.All<CareNeed>().Keys)}.", "LIST");

    private static Option<string> Worker() => Option<string>("--worker", "Subject of the worker.", "SUBJECT");

    private static Option<string[]> Helpers() => Many("--helper", "Subject of a paired helper (结对帮扶).", "SUBJECT");

    private static Option<string> Until() => Option<string>("--until", "Due by this instant; now when not said.", "INSTANT");

    private static Point? PointOf(Verb verb, Option<string> point, Option<string> system) =>
        verb.Get(point) is { } text ? Shared.PointFrom(text, verb.Word<CoordinateSystem>(system)) : null;

    private static SeenHazard HazardFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 1, 2, "CATEGORY or CATEGORY,NOTE");
        return new SeenHazard { Category = Shared.WordFrom<HazardCategory>(parts[0]), Note = parts.Length == 2 ? parts[1] : "" };
    }
}
