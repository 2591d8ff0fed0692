using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>
/// No figure is written anywhere as an answer: for every indicator of the common set and of every pack, an act of the service on one record
/// changes the number. An indicator for which no act stands in <see cref="Changes"/> fails.
/// </summary>
public sealed partial class EveryIndicatorTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;

    private static readonly IndicatorPeriod January = new() { From = "2026-01-01", Until = "2026-01-31" };

    public static TheoryData<string> Names => [.. Definitions.Keys];

    private static Dictionary<string, IndicatorDefinition> Definitions { get; } = CommonDefinitions.Of(typeof(Program).Assembly).All
        .Concat(IndicatorsOfPacks().Select(own => own.Definition))
        .GroupBy(definition => definition.Name)
        .ToDictionary(same => same.Key, same => same.Last());

    /// <summary>
    /// Where and when is counted, what must be there before, and the act that changes the number. Numbers of groups are asked for in a
    /// territory of their own, since they tell the least or greatest of it.
    /// </summary>
    private Dictionary<string, Change> Changes => new()
    {
        ["grids"] = new(() => grids.ImportAsync(Row("34060500100101", 40))),

        ["grids_without_talk_point"] = new(OpenTalkPointAsync),
        ["cases"] = new(() => grids.ReportAsync()),
        ["cases_open"] = new(() => grids.ReportAsync()),
        ["cases_overdue"] = new(RejectAsync) { Before = OverdueAsync },
        ["cases_closed"] = new(() => grids.ClosedAsync()),
        ["response_rate"] = new(() => grids.ReportAsync()) { Before = () => grids.AssessedAsync() },
        ["resolution_rate"] = new(() => grids.ReportAsync()) { Before = () => grids.ClosedAsync() },
        ["on_time_rate"] = new(AssessAsync) { Before = OverdueAsync },
        ["appeal_full_process_rate"] = new(AnswerAsync) { Before = () => HandledAsync(CaseChannel.Visit) },
        ["governance_dimensions"] = new(TagAsync) { Before = () => HandledAsync(CaseChannel.Hotline) },
        ["cases_handled"] = Closing(CaseChannel.Council),
        ["matters_resolved"] = Closing(CaseChannel.JointMeeting),
        ["practical_matters_done"] = Closing(CaseChannel.CommunityService),
        ["member_issues_resolved"] = Closing(CaseChannel.MemberRegistration),
        ["resident_orders_resolved"] = Closing(CaseChannel.ResidentOrder),
        ["deputy_issues_resolved_per_year"] = Closing(CaseChannel.DeputyStudio) with
        {
            Period = new IndicatorPeriod { From = "2026-01-01", Until = "2026-12-31" },
        },
        ["resettlement_petitions"] = new(() => AssessAsync("worker_resettlement")) { Before = () => ReportAsync(CaseChannel.Petition) },

        ["councils"] = new(() => EstablishAsync("340603005001")),
        ["resident_councils"] = new(() => EstablishAsync("340603005002")),
        ["councils_concurrent_head"] = new(() => EstablishAsync("340603005003", ConcurrentHead.Yes)),
        ["concurrent_headship_rate"] = new(() => EstablishAsync("340604001002"))
        {
            Territory = "340604",
            Before = () => EstablishAsync("340604001001", ConcurrentHead.Yes),
        },
        ["topics"] = new(ProposeAsync) { Before = () => EstablishAsync("340603005004") },
        ["consultations"] = new(() => ConsultAsync(ConsultationForm.Talk)) { Before = () => SupportedAsync("340603005005") },
        ["deliberation_sessions_held"] = new(() => ConsultAsync(ConsultationForm.PartyAndResidents))
        {
            Before = () => SupportedAsync("340603005006"),
        },
        ["council_sessions"] = new(HoldSessionAsync) { Before = () => ConvenedAsync("340603005007") },

        ["grid_leaders_per_grid"] = new(() => AppointAsync(Here, GridStaffRole.Leader)) { Territory = Here },
        ["grid_leaders_per_grid_max"] = new(() => AppointAsync(NextGrid, GridStaffRole.Leader)) { Territory = NextGrid },
        ["grid_workers_per_grid_min"] = new(() => AppointAsync(Here, GridStaffRole.Worker)) { Territory = Here },
        ["neighbour_heads"] = new(() => SetUpGroupAsync(Here)),
        ["squad_exchanges_per_day"] = new(() => ExchangeAsync(ExchangeKind.Daily))
        {
            Territory = OtherCommunity + "01",
            Period = new IndicatorPeriod { From = "2026-03-10", Until = "2026-03-10" },
            Before = () => FormSquadAsync(OtherCommunity + "01"),
        },
        ["squad_meetings_per_week"] = new(() => ExchangeAsync(ExchangeKind.Weekly))
        {
            Territory = OtherCommunity + "02",
            Period = new IndicatorPeriod { From = "2026-03-09", Until = "2026-03-15" },
            Before = () => FormSquadAsync(OtherCommunity + "02"),
        },
        ["neighbourhood_venues"] = new(OpenVenueAsync),
        ["receiving_deputies"] = new(AssignDeputyAsync) { Before = OpenStudioAsync },

        ["bulletin_sections"] = new(PublishAsync) { Territory = Here, Before = () => WriteAsync(Here, BulletinSection.Voices) },
        ["bulletins_published"] = new(PublishAsync) { Territory = NextGrid, Before = () => WriteAsync(NextGrid, BulletinSection.Topics) },

        ["satisfaction_rate"] = new(() => RespondAsync(score: 1)) { Before = RespondedAsync },
        ["survey_response_rate"] = new(() => RespondAsync(score: 5)) { Before = RespondedAsync },
        ["satisfaction_reviews"] = new(() => RespondAsync(score: 1)) { Before = RespondedAsync },
        ["satisfaction_reviews_overdue"] = new(DecideReviewAsync) { Before = OverdueReviewAsync },
        ["supervisor_reviews"] = new(() => ReviewDrawnAsync(0, mark: 5)) { Before = () => DrawnAsync("supervisor-1") },
        ["supervisor_mean_mark"] = new(() => ReviewDrawnAsync(1, mark: 1)) { Before = () => ReviewedAsync("supervisor-2") },

        ["improvements"] = new(OpenImprovementAsync) { Before = DissatisfiedAsync },
        ["improvements_overdue"] = new(CompleteImprovementAsync) { Before = OverdueImprovementAsync },

        ["mediations"] = new(() => ConcludeAsync(MediationOutcome.Agreed)) { Before = OpenMediationAsync },
        ["mediation_success_rate"] = new(() => ConcludeAsync(MediationOutcome.Failed)) { Before = AgreedAsync },

        ["grid_secretary_meetings_per_month"] = new(() => HoldMeetingAsync(MeetingAttendeeKind.Secretary))
        {
            Territory = Community,
            Period = January,
            Before = () => CalledAsync(MeetingKind.GridSecretaries, Community, new DateTimeOffset(2026, 1, 20, 1, 0, 0, TimeSpan.Zero)),
        },
        ["annual_debriefs_per_year"] = new(() => HoldMeetingAsync(MeetingAttendeeKind.Resident))
        {
            Territory = Here,
            Period = new IndicatorPeriod { From = "2025-01-01", Until = "2025-12-31" },
            Before = () => CalledAsync(MeetingKind.AnnualDebrief, Here, new DateTimeOffset(2025, 12, 20, 1, 0, 0, TimeSpan.Zero)),
        },
        ["debrief_approval_rate"] = new(ApproveMinutesAsync) { Territory = NextGrid, Before = AppraisedAsync },

        ["budget_spent"] = new(BookSpendingAsync) { Before = DecidedBudgetAsync },
        ["budget_projects_done"] = new(FinishProjectAsync) { Before = DecidedBudgetAsync },

        ["grid_worker_duties"] = new(() => PutStaffingAsync(duties: 7)) { Before = () => PutStaffingAsync() },
        ["neighbour_group_buildings_min"] = new(() => PutStaffingAsync(least: 2)) { Before = () => PutStaffingAsync() },
        ["neighbour_group_buildings_max"] = new(() => PutStaffingAsync(most: 7)) { Before = () => PutStaffingAsync() },
        ["case_workflow_steps"] = new(() => PutCasePolicyAsync(StandardsTests.Steps())) { Before = () => PutCasePolicyAsync() },
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (await grids.ScalarAsync<bool>("select exists(select from indicator_definitions)"))
            return;
        await PutPoliciesAsync();
        await grids.PutIndicatorsOfPacksAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_change_of_one_record_changes_the_number(string name)
    {
        Changes.ShouldContainKey(name, "no act on a record is written down that changes this indicator");
        var change = Changes[name];
        if (change.Before is not null)
            await change.Before();

        var before = await NumberAsync(name, change);
        await change.Act();
        (await NumberAsync(name, change)).ShouldNotBe(before);
        await EveryRecordIsListedOnceAsync(Definitions[name], change);
    }

    [Fact]
    public void Every_act_is_of_an_indicator_that_there_is() => Changes.Keys.ShouldBe(Definitions.Keys, ignoreOrder: true);

    /// <summary>The records behind a number are as many as its term counts when it does nothing but count: each once, one a page.</summary>
    private async Task EveryRecordIsListedOnceAsync(IndicatorDefinition definition, Change change)
    {
        foreach (var (term, over) in new[] { (definition.Value, false), (definition.Over, true) }.Where(t => t.Item1 is not null))
        {
            var count = term.Clone();
            (count.Aggregate, count.Of, count.Groups) = (Aggregate.Count, "", null);
            var counting = new IndicatorDefinition { Name = "counting", Title = "数", TitleEn = "Count", Unit = "records", Value = count };
            await new Indicators.IndicatorsClient(grids.As("operator", City)).PutIndicatorDefinitionsAsync(
                new PutIndicatorDefinitionsRequest { RequestId = NewId(), City = City, Definitions = { counting } });

            var request = new ListIndicatorRecordsRequest
            {
                Territory = change.Territory,
                Name = definition.Name,
                Period = change.Period,
                Over = over,
                PageSize = 1,
            };
            var seen = new List<(string Territory, string Id)>();
            do
            {
                var page = await Client().ListIndicatorRecordsAsync(request);
                seen.AddRange(page.Records.Select(r => (r.Territory, r.Id)));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            seen.ShouldBeUnique();
            seen.Select(r => r.Territory).ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
            seen.Count.ShouldBe(int.Parse(await NumberAsync("counting", change)));
        }
    }

    private Change Closing(CaseChannel channel) => new(CloseAsync) { Before = () => ConfirmedAsync(channel) };

    private async Task<string> NumberAsync(string name, Change change) => (await Client().GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = change.Territory, Names = { name }, Period = change.Period }))
        .Indicators.Single().Exact.Decimal;

    private Indicators.IndicatorsClient Client() => new(grids.As("officer", City));

    private sealed record Change(Func<Task> Act)
    {
        public string Territory { get; init; } = City;

        public IndicatorPeriod? Period { get; init; }

        public Func<Task>? Before { get; init; }
    }
}
