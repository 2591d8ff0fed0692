using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Grids.V1;
using Governance.Organisations.V1;

namespace Governance.Cli.Demo;

/// <summary>
/// A grid worker reports what is beyond the community's powers. The community escalates it; the subdistrict blows the whistle; of two
/// departments one comes in time, the other late, and is shown late.
/// </summary>
internal static class WhistleStory
{
    public const string Name = "whistle";

    public const string About = "Beyond the community's powers: escalation, whistle, one department late";

    private const string ResponderLookup = "two departments for a category are looked up";

    public static async Task PlayAsync(Stage stage, TimeSpan reportWithin, CancellationToken cancelled)
    {
        var cityOfficer = stage.Actor("officer", stage.City, "officer-city");
        var grid = (await stage.StepAsync("a grid is looked up", async () =>
            await cityOfficer.Boundaries.ListGridsAsync(
                new ListGridsRequest { Territory = stage.City, PageSize = 1 }, cancellationToken: cancelled))).Grids.FirstOrDefault()
            ?? throw stage.Failed("a grid is looked up", "the city has none; load its pack: gov seed load <city>");
        var community = Scene.CommunityOf(grid.Code);
        var subdistrict = Scene.SubdistrictOf(grid.Code);
        var gridWorker = stage.Actor("grid_worker", grid.Code, $"grid-worker-{grid.Code}");
        var communityOfficer = stage.Actor("officer", community, $"officer-{community}");
        var officer = stage.Actor("officer", subdistrict, $"officer-{subdistrict}");
        var (category, departments) = await FindDepartmentsAsync(stage, officer, subdistrict, cancelled);

        await ReportAndEscalateAsync(stage, grid, gridWorker, communityOfficer, category, subdistrict, cancelled);
        var whistled = await stage.StepAsync("the subdistrict blows the whistle for two departments", CaseState.Whistled, async () =>
            (await officer.Cases.BlowWhistleAsync(
                new BlowWhistleRequest
                {
                    RequestId = stage.NewRequestId(),
                    CaseId = stage.CaseId,
                    OrganisationIds = { departments.Select(department => department.Id) },
                    Reason = "需多部门现场联合处置",
                    ReportWithin = Duration.FromTimeSpan(reportWithin),
                },
                cancellationToken: cancelled)).Case);

        await AnswerInTimeAsync(stage, officer, departments[0], cancelled);
        await AnswerLateAsync(stage, officer, departments[1], whistled.Whistle.ReportBy, cancelled);

        await stage.StepAsync("the subdistrict records that it is handled", CaseState.Handled, async () =>
            (await officer.Cases.CompleteHandlingAsync(
                new CompleteHandlingRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId, Result = "联合整治完毕，通道已清" },
                cancellationToken: cancelled)).Case);
        await Ending.PlayAsync(stage, officer, "the subdistrict", gridWorker, "the grid worker", "联合整治已完成，通道恢复畅通。", cancelled);
    }

    private static async Task ReportAndEscalateAsync(
        Stage stage, Grid grid, PublicApi gridWorker, PublicApi communityOfficer,
        string category, string subdistrict, CancellationToken cancelled)
    {
        await stage.StepAsync("the grid worker reports it from a patrol", CaseState.Reported, async () =>
            (await gridWorker.Cases.ReportCaseAsync(
                new ReportCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    GridCode = grid.Code,
                    Title = "违建堵塞消防通道",
                    Description = "巡查发现搭建占用消防通道，多次劝导无效。",
                    Channel = CaseChannel.Patrol,
                },
                cancellationToken: cancelled)).Case);
        await stage.StepAsync("the community assesses it", CaseState.Assessed, async () =>
            (await communityOfficer.Cases.AssessCaseAsync(
                new AssessCaseRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId, Category = category },
                cancellationToken: cancelled)).Case);
        var escalated = await stage.StepAsync("the community escalates it", CaseState.Assessed, async () =>
            (await communityOfficer.Cases.EscalateCaseAsync(
                new EscalateCaseRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId, Reason = "超出社区职权" },
                cancellationToken: cancelled)).Case);
        stage.Check("the subdistrict holds the case", escalated.Holder == subdistrict,
            () => $"the case is held by {escalated.Holder}; it should be held by {subdistrict}");
    }

    private static async Task AnswerInTimeAsync(Stage stage, PublicApi officer, Organisation department, CancellationToken cancelled)
    {
        var responder = Responder(stage, department);
        var summons = await SummonsAsync(stage, "the first department gets its summons", responder, cancelled);
        var came = await ReportInAsync(stage, "the first department reports in at once", responder, summons, cancelled);
        stage.Check("the first department reports in at once", !came.Late,
            () => "it came late: its summons took too long to arrive; give more time with --report-within");
        await stage.ArriveAsync("the case shows the first department in time", officer,
            item => Of(item, department) is { ReportedAt: not null, Late: false }, cancelled);
    }

    private static async Task AnswerLateAsync(
        Stage stage, PublicApi officer, Organisation department, Timestamp reportBy, CancellationToken cancelled)
    {
        var responder = Responder(stage, department);
        var summons = await SummonsAsync(stage, "the second department gets its summons", responder, cancelled);
        var left = reportBy.ToDateTimeOffset() - stage.Clock.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await stage.StepAsync("the deadline passes without the second department", async () =>
            {
                await Task.Delay(left, stage.Clock, cancelled);
                return left;
            });
        }

        await stage.ArriveAsync("the case shows the second department late, before it has come", officer,
            item => Of(item, department) is { ReportedAt: null, Late: true }, cancelled);
        var came = await ReportInAsync(stage, "the second department reports in", responder, summons, cancelled);
        stage.Check("the second department reports in", came.Late, () => "it came after the deadline and is not kept as late");
        await stage.ArriveAsync("the case shows that the second department came late", officer,
            item => Of(item, department) is { ReportedAt: not null, Late: true }, cancelled);
    }

    private static async Task<(string Category, IReadOnlyList<Organisation> Departments)> FindDepartmentsAsync(
        Stage stage, PublicApi officer, string subdistrict, CancellationToken cancelled)
    {
        var categories = await Scene.CategoriesAsync(stage, officer, ["safety", "安全", "construction", "违法建设"], cancelled);
        return await stage.StepAsync(ResponderLookup, async () =>
        {
            foreach (var category in categories)
            {
                var found = await officer.Whistles.ListRespondersAsync(
                    new ListRespondersRequest { Territory = subdistrict, Category = category.Code }, cancellationToken: cancelled);
                if (found.Organisations.Count >= 2)
                    return (category.Code, (IReadOnlyList<Organisation>)[.. found.Organisations.Take(2)]);
            }

            throw stage.Failed(ResponderLookup, "no category has two departments that come for it; see responds_to in the city pack");
        });
    }

    private static PublicApi Responder(Stage stage, Organisation department) =>
        stage.Actor("responder", department.Territory, $"responder-{department.Code}", department.Id);

    private static Task<Summons> SummonsAsync(Stage stage, string step, PublicApi responder, CancellationToken cancelled) =>
        stage.ArriveAsync(step, async () =>
            (await responder.Whistles.ListSummonsesAsync(
                new ListSummonsesRequest { CaseId = stage.CaseId }, cancellationToken: cancelled)).Summonses.SingleOrDefault(), cancelled);

    private static Task<Summons> ReportInAsync(
        Stage stage, string step, PublicApi responder, Summons summons, CancellationToken cancelled) =>
        stage.StepAsync(step, async () =>
            (await responder.Whistles.ReportInAsync(
                new ReportInRequest { RequestId = stage.NewRequestId(), SummonsId = summons.Id, Note = "人员已到现场" },
                cancellationToken: cancelled)).Summons);

    private static WhistleResponder? Of(Case item, Organisation department) =>
        item.Whistle?.Responders.FirstOrDefault(responder => responder.OrganisationId == department.Id);
}
