using System.CommandLine;
using Governance.Properties.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov workorder`: what property companies are asked to do.</summary>
internal static class WorkOrderCommands
{
    public static Command Build(CliHost host)
    {
        var orders = new Verbs<WorkOrder>(host, "workorder", "The work order.", order =>
        [
            ("title", order.Title),
            ("id", order.Id),
            ("state", order.State),
            ("estate", order.EstateName),
            ("due", order.DueAt),
            ("overdue", order.Overdue),
            ("result", order.Result),
            ("case", order.CaseId),
        ]);
        return Group(
            "workorder",
            "Work orders of property companies; a case that is dispatched to an estate opens one.",
            List(orders), Show(orders), Start(orders), Complete(orders), Decline(orders));
    }

    private static Command List(Verbs<WorkOrder> orders)
    {
        var within = Shared.Within();
        var state = Word<WorkOrderState>("--state", "Only in this state.");
        var only = Option<string>("--case", "Only the one of this case.", "UUID");
        return orders.List(
            "list", "Work orders of a territory, soonest due first.", [within, state, only],
            "--role responder --organisation 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b --state open",
            ["state", "title", "estate", "due", "overdue", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.WorkOrders.ListWorkOrdersAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<WorkOrderState>(state),
                        CaseId = verb.Text(only),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.WorkOrders, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<WorkOrder> orders) =>
        orders.On("show", "One work order.", [], "",
            async verb => (await verb.Api.WorkOrders.GetWorkOrderAsync(new() { Id = verb.Id }, verb.Options)).WorkOrder);

    private static Command Start(Verbs<WorkOrder> orders) =>
        orders.On("start", "The company has begun.", [], "",
            async verb => (await verb.Api.WorkOrders.StartWorkOrderAsync(
                new() { RequestId = verb.RequestId, WorkOrderId = verb.Id }, verb.Options)).WorkOrder);

    private static Command Complete(Verbs<WorkOrder> orders)
    {
        var result = Required("--result", "What was done, without personal data.");
        return orders.On("complete", "The company is done; the case is told.", [result], "--result 已更换门轴",
            async verb => (await verb.Api.WorkOrders.CompleteWorkOrderAsync(
                new() { RequestId = verb.RequestId, WorkOrderId = verb.Id, Result = verb.Text(result) }, verb.Options)).WorkOrder);
    }

    private static Command Decline(Verbs<WorkOrder> orders)
    {
        var reason = Required("--reason", "Why it can't be done, without personal data.");
        return orders.On("decline", "The company can't do it; the case goes back.", [reason], "--reason 属市政道路，不在物业范围",
            async verb => (await verb.Api.WorkOrders.DeclineWorkOrderAsync(
                new() { RequestId = verb.RequestId, WorkOrderId = verb.Id, Reason = verb.Text(reason) }, verb.Options)).WorkOrder);
    }
}
