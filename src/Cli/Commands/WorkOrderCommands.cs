using System.CommandLine;
using Governance.Cli.Output;
using Governance.Properties.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov workorder`: what property companies are asked to do.</summary>
internal static class WorkOrderCommands
{
    private const string SampleId = "0197f3c2-3333-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host) => Group(
        "workorder",
        "Work orders of property companies; a case that is dispatched to an estate opens one.",
        List(host), Start(host), Complete(host), Decline(host));

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var state = Word<WorkOrderState>("--state", "Only in this state.");
        var only = Option<string>("--case", "Only the one of this case.", "UUID");
        var limit = Shared.Limit();
        return new Command("list", "Work orders of a territory, soonest due first.").Does(
            host, [within, state, only, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.WorkOrders.ListWorkOrdersAsync(
                        new ListWorkOrdersRequest
                        {
                            Territory = line.Text(within),
                            State = line.Word<WorkOrderState>(state),
                            CaseId = line.Text(only),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.WorkOrders, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(found), () =>
                {
                    var table = Tables.New("state", "title", "estate", "due", "overdue", "id");
                    foreach (var item in found)
                        table.Row(item.State, item.Title, item.EstateName, item.DueAt, item.Overdue ? "overdue" : "", item.Id);
                    session.Out.Draw(table);
                });
            },
            "gov workorder list --state open",
            "gov workorder list --role responder --organisation 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command Start(CliHost host)
    {
        var id = Id("The work order.");
        return new Command("start", "The company has begun.").Does(host, [id], async (session, line, cancelled) =>
        {
            var answer = await session.Api.WorkOrders.StartWorkOrderAsync(
                new StartWorkOrderRequest { RequestId = session.NewRequestId(), WorkOrderId = line.GetValue(id) },
                cancellationToken: cancelled);
            Print(session.Out, answer.WorkOrder);
        },
        $"gov workorder start {SampleId}");
    }

    private static Command Complete(CliHost host)
    {
        var id = Id("The work order.");
        var result = Option<string>("--result", "What was done, without personal data.", "TEXT", required: true);
        return new Command("complete", "The company is done; the case is told.").Does(
            host, [id, result], async (session, line, cancelled) =>
        {
            var answer = await session.Api.WorkOrders.CompleteWorkOrderAsync(
                new CompleteWorkOrderRequest
                {
                    RequestId = session.NewRequestId(),
                    WorkOrderId = line.GetValue(id),
                    Result = line.Text(result),
                },
                cancellationToken: cancelled);
            Print(session.Out, answer.WorkOrder);
        },
        $"gov workorder complete {SampleId} --result 已更换门轴");
    }

    private static Command Decline(CliHost host)
    {
        var id = Id("The work order.");
        var reason = Option<string>("--reason", "Why it can't be done, without personal data.", "TEXT", required: true);
        return new Command("decline", "The company can't do it; the case goes back.").Does(
            host, [id, reason], async (session, line, cancelled) =>
        {
            var answer = await session.Api.WorkOrders.DeclineWorkOrderAsync(
                new DeclineWorkOrderRequest
                {
                    RequestId = session.NewRequestId(),
                    WorkOrderId = line.GetValue(id),
                    Reason = line.Text(reason),
                },
                cancellationToken: cancelled);
            Print(session.Out, answer.WorkOrder);
        },
        $"gov workorder decline {SampleId} --reason 属市政道路，不在物业范围");
    }

    private static void Print(Printer printer, WorkOrder order) =>
        printer.Answer(() => Printer.ToJson(order), () => printer.Draw(Tables.Facts(
            ("title", order.Title),
            ("id", order.Id),
            ("state", order.State),
            ("estate", order.EstateName),
            ("due", order.DueAt),
            ("result", order.Result),
            ("case", order.CaseId))));
}
