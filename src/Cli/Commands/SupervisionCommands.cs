using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>What the levels above do about cases below.</summary>
internal static class SupervisionCommands
{
    private const string SampleId = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    public static Command Build(CliHost host) =>
        new("supervision", "Orders to report on cases (督办).") { List(host), Issue(host), Reply(host) };

    /// <summary>Of <c>gov case</c>: put on file, look at again.</summary>
    public static IEnumerable<Command> CaseVerbsOf(CliHost host) => [Bank(host), Review(host)];

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only about this case.", "UUID");
        var open = Flag("--open", "Only those without a report.");
        var limit = Shared.Limit();
        return new Command("list", "Orders about cases of a territory, soonest due first.").Does(
            host, [within, only, open, limit], async (session, line, cancelled) =>
            {
                var orders = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Escalations.ListSupervisionOrdersAsync(
                        new ListSupervisionOrdersRequest
                        {
                            Territory = line.Text(within),
                            CaseId = line.Text(only),
                            OpenOnly = line.GetValue(open),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Orders, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(orders), () =>
                {
                    var table = Tables.New("due", "late", "ordered", "instruction", "reply", "case", "id");
                    foreach (var order in orders)
                        table.Row(order.ReplyBy, order.Late ? "late" : "", order.Ordered, order.Instruction, order.Reply, order.CaseId, order.Id);
                    session.Out.Draw(table);
                });
            },
            "gov supervision list --within 340603 --open",
            $"gov supervision list --case {SampleId} --json");
    }

    private static Command Issue(CliHost host)
    {
        var id = Id("The case.");
        var instruction = Option<string>("--instruction", "What is to be reported, without personal data.", "TEXT", required: true);
        var hours = new Option<int>("--hours") { Description = "How soon, in hours by the clock.", HelpName = "N", DefaultValueFactory = _ => 24 };
        return new Command("issue", "Order the level that holds a case to report on it; from a level above.").Does(
            host, [id, instruction, hours], async (session, line, cancelled) =>
            {
                var order = (await session.Api.Escalations.IssueSupervisionOrderAsync(
                    new IssueSupervisionOrderRequest
                    {
                        RequestId = session.NewRequestId(),
                        CaseId = line.GetValue(id),
                        Instruction = line.Text(instruction),
                        ReplyWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = line.GetValue(hours) },
                    },
                    cancellationToken: cancelled)).Order;
                Show(session, order);
            },
            $"gov supervision issue {SampleId} --instruction 说明进展 --hours 24");
    }

    private static Command Reply(CliHost host)
    {
        var id = Id("The order.");
        var reply = Option<string>("--reply", "The report, without personal data.", "TEXT", required: true);
        return new Command("reply", "Report on a case as an order demands.").Does(
            host, [id, reply], async (session, line, cancelled) =>
            {
                var order = (await session.Api.Escalations.ReplySupervisionOrderAsync(
                    new ReplySupervisionOrderRequest { RequestId = session.NewRequestId(), OrderId = line.GetValue(id), Reply = line.Text(reply) },
                    cancellationToken: cancelled)).Order;
                Show(session, order);
            },
            $"gov supervision reply {SampleId} --reply 已安排人员处置");
    }

    private static Command Bank(CliHost host)
    {
        var until = Option<string>("--review-at", "When it is looked at again, as in 2026-03-02T09:00:00+08:00.", "INSTANT", required: true);
        var reason = Option<string>("--reason", "Why it can't be solved now.", "TEXT", required: true);
        return CaseVerbs.Of(host, "bank", "Put a case on file that can't be solved now (挂账). For a subdistrict or a higher level.", [until, reason],
            "--review-at 2026-03-02T09:00:00+08:00 --reason 待片区改造",
            async verb => (await verb.Api.Escalations.BankCaseAsync(
                new BankCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    ReviewAt = CaseVerbs.Instant(verb.Line.GetValue(until), host.Clock),
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Review(CliHost host)
    {
        var until = Option<string>("--review-at", "Keep it on file until then; taken up again when not said.", "INSTANT");
        var reason = Option<string>("--reason", "What has changed, or not.", "TEXT", required: true);
        return CaseVerbs.Of(host, "review", "Look at a case on file again.", [until, reason], "--reason 改造已启动",
            async verb => (await verb.Api.Escalations.ReviewBankedCaseAsync(
                new ReviewBankedCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    ReviewAt = verb.Line.GetValue(until) is { } at ? CaseVerbs.Instant(at, host.Clock) : null,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static void Show(Session session, SupervisionOrder order) => session.Out.Answer(
        () => Printer.ToJson(order),
        () => session.Out.Draw(Tables.Facts(
            ("id", order.Id),
            ("case", order.CaseId),
            ("ordered", order.Ordered),
            ("instruction", order.Instruction),
            ("reply by", order.ReplyBy),
            ("reply", order.Reply),
            ("late", order.Late ? "late" : ""))));
}
