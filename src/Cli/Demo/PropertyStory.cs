using Governance.Cli.Client;
using Governance.Grids.V1;
using Governance.Properties.V1;

namespace Governance.Cli.Demo;

/// <summary>
/// A resident reports a broken gate by coordinates. The community gives it to the estate's property company, which gets a work order by
/// event and finishes it.
/// </summary>
internal static class PropertyStory
{
    public const string Name = "property";

    public const string About = "A broken gate: resident, community, property company";

    public static async Task PlayAsync(Stage stage, CancellationToken cancelled)
    {
        var cityOfficer = stage.Actor("officer", stage.City, "officer-city");
        var estate = await FindEstateAsync(stage, cityOfficer, cancelled);
        var community = Scene.CommunityOf(estate.Territory);
        var resident = stage.Actor("resident", community, "resident-demo");
        var officer = stage.Actor("officer", community, $"officer-{community}");
        var company = stage.Actor("responder", community, "property-company-demo", estate.CompanyId);
        var category = (await Scene.CategoriesAsync(stage, officer, ["property", "物业"], cancelled))[0];

        var gate = Scene.Middle(estate.Boundary);
        var reported = await stage.StepAsync("the resident reports a broken gate by coordinates", CaseState.Reported, async () =>
            (await resident.Cases.ReportCaseAsync(
                new ReportCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    Point = gate,
                    Title = "小区大门损坏",
                    Description = "小区东门门轴断裂，大门无法关闭。",
                    Channel = CaseChannel.MiniProgramme,
                },
                cancellationToken: cancelled)).Case);
        stage.Check("the case finds its grid", reported.Territory.StartsWith(estate.Territory, StringComparison.Ordinal),
            () => $"the case lies in grid {reported.Territory}; the estate lies in {estate.Territory}");

        await stage.StepAsync("the community assesses it", CaseState.Assessed, async () =>
            (await officer.Cases.AssessCaseAsync(
                new AssessCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    CaseId = stage.CaseId,
                    Category = category.Code,
                    Note = "属物业服务范围",
                },
                cancellationToken: cancelled)).Case);
        await stage.StepAsync("the community dispatches it to the estate", CaseState.Dispatched, async () =>
            (await officer.Cases.DispatchCaseAsync(
                new DispatchCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    CaseId = stage.CaseId,
                    Handler = new Handler { EstateId = estate.Id },
                    Note = "请尽快维修东门",
                },
                cancellationToken: cancelled)).Case);

        var order = await stage.ArriveAsync("a work order opens at the property company", async () =>
            (await company.WorkOrders.ListWorkOrdersAsync(
                new ListWorkOrdersRequest { CaseId = stage.CaseId }, cancellationToken: cancelled))
                    .WorkOrders.SingleOrDefault(), cancelled);
        await stage.ArriveAsync("the case knows its work order", officer, item => item.Handler?.Reference == order.Id, cancelled);
        await stage.StepAsync("the company starts", async () =>
            await company.WorkOrders.StartWorkOrderAsync(
                new StartWorkOrderRequest { RequestId = stage.NewRequestId(), WorkOrderId = order.Id }, cancellationToken: cancelled));
        var done = await stage.StepAsync("the company finishes", async () =>
            (await company.WorkOrders.CompleteWorkOrderAsync(
                new CompleteWorkOrderRequest { RequestId = stage.NewRequestId(), WorkOrderId = order.Id, Result = "已更换门轴，大门恢复正常" },
                cancellationToken: cancelled)).WorkOrder);
        stage.Check("the company finishes", done.State == WorkOrderState.Completed, () => $"the work order is in state {done.State}");
        await stage.ArriveAsync("the case is handled", officer, item => item.State == CaseState.Handled, cancelled);

        await Ending.PlayAsync(stage, officer, "the community", resident, "the resident", "东门门轴已更换，感谢您的反映。", cancelled);
    }

    private static async Task<Estate> FindEstateAsync(Stage stage, PublicApi officer, CancellationToken cancelled)
    {
        const string Step = "an estate with a property company is looked up";
        var estate = await stage.StepAsync(Step, async () =>
            (await officer.Estates.ListEstatesAsync(
                new ListEstatesRequest { Territory = stage.City, PageSize = 500 }, cancellationToken: cancelled))
            .Estates.FirstOrDefault(found => found.Mode == ManagementMode.PropertyCompany));
        return estate ?? throw stage.Failed(Step, "the city has none; load its pack: gov seed load <city>");
    }
}
