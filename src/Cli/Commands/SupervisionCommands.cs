using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>What the levels above do about cases below.</summary>
internal static class SupervisionCommands
{
    public static Command Build(CliHost host)
    {
        var orders = new Verbs<SupervisionOrder>(host, "supervision", "The order.", order =>
        [
            ("id", order.Id),
            ("case", order.CaseId),
            ("ordered", order.Ordered),
            ("instruction", order.Instruction),
            ("due", order.ReplyBy),
            ("reply", order.Reply),
            ("late", order.Late),
        ]);
        return Group("supervision", "Orders to report on cases (督办).", List(orders), Issue(orders), Reply(orders));
    }

    /// <summary>Of <c>gov case</c>: put on file, look at again.</summary>
    public static IEnumerable<Command> CaseVerbsOf(CliHost host) => [Bank(host), Review(host)];

    private static Command List(Verbs<SupervisionOrder> orders)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only about this case.", "UUID");
        var open = Flag("--open", "Only those without a report.");
        return orders.List(
            "list", "Orders about cases of a territory, soonest due first.", [within, only, open], "--within 340603 --open",
            ["due", "late", "ordered", "instruction", "reply", "case", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Escalations.ListSupervisionOrdersAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        CaseId = verb.Text(only),
                        OpenOnly = verb.Get(open),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Orders, page.NextPageToken);
            });
    }

    private static Command Issue(Verbs<SupervisionOrder> orders)
    {
        var instruction = Required("--instruction", "What is to be reported, without personal data.");
        var hours = new Option<int>("--hours")
        {
            Description = "How soon, in hours by the clock.",
            HelpName = "N",
            DefaultValueFactory = _ => 24,
        };
        return orders.On("issue", "Order the level that holds a case to report on it; from a level above.", [instruction, hours],
            "--instruction 说明进展 --hours 12",
            async verb => (await verb.Api.Escalations.IssueSupervisionOrderAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Instruction = verb.Text(instruction),
                    ReplyWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = verb.Get(hours) },
                },
                verb.Options)).Order,
            of: "The case.");
    }

    private static Command Reply(Verbs<SupervisionOrder> orders)
    {
        var reply = Required("--reply", "The report, without personal data.");
        return orders.On("reply", "Report on a case as an order demands.", [reply], "--reply 已安排人员处置",
            async verb => (await verb.Api.Escalations.ReplySupervisionOrderAsync(
                new() { RequestId = verb.RequestId, OrderId = verb.Id, Reply = verb.Text(reply) }, verb.Options)).Order);
    }

    private static Command Bank(CliHost host)
    {
        var until = Required("--review-at", "When it is looked at again, as in 2026-03-02T09:00:00+08:00.", "INSTANT");
        var reason = Required("--reason", "Why it can't be solved now.");
        return CaseVerbs.Of(host, "bank", "Put a case on file that can't be solved now (挂账). For a subdistrict or a higher level.",
            [until, reason],
            "--review-at 2026-03-02T09:00:00+08:00 --reason 待片区改造",
            async verb => (await verb.Api.Escalations.BankCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    ReviewAt = verb.Instant(until),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case);
    }

    private static Command Review(CliHost host)
    {
        var until = Option<string>("--review-at", "Keep it on file until then; taken up again when not said.", "INSTANT");
        var reason = Required("--reason", "What has changed, or not.");
        return CaseVerbs.Of(host, "review", "Look at a case on file again.", [until, reason], "--reason 改造已启动",
            async verb => (await verb.Api.Escalations.ReviewBankedCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    ReviewAt = verb.Instant(until),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case);
    }
}
