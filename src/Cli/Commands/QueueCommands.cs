using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov queue`: what waits to be done.</summary>
internal static class QueueCommands
{
    private static readonly string[] Columns =
        ["due", "overdue", "number", "title", "state", "part", "organisation", "grid", "held by", "case"];

    public static Command Build(CliHost host)
    {
        var items = new Verbs<QueueItem>(host, "queue", "The item.", Facts);
        return Group(
            "queue",
            "What waits to be done: mine, my team's, a territory's, several territories' (待办, 联动指挥).",
            List(items), Command(host));
    }

    private static (string Name, object? Value)[] Facts(QueueItem item) =>
        [
            ("due", item.DueAt),
            ("overdue", item.Overdue),
            ("number", item.Number),
            ("title", item.Title),
            ("state", item.CaseState),
            ("part", item.Assignment is { } part ? $"{Tables.Word(part.Role)}, {Tables.Word(part.State)}" : ""),
            ("organisation", item.Assignment?.OrganisationName),
            ("grid", item.Territory),
            ("held by", item.Holder),
            ("case", item.CaseId),
        ];

    private static Command List(Verbs<QueueItem> items)
    {
        var within = Shared.Within();
        var view = Word<QueueView>("--view", "Whose: the token's subject, its organisation's, or a territory's.", required: true);
        var part = Word<QueueRole>("--part", "Only in this part; all but receiver when not said.");
        var state = Word<CaseState>("--state", "Only cases in this state.");
        var assignment = Word<AssignmentState>("--assignment-state", "Only assignments in this state.");
        var overdue = Flag("--overdue", "Only what is overdue.");
        return items.List(
            "list", "What waits for somebody, soonest due first.", [within, view, part, state, assignment, overdue],
            "--view team --part co_handler --state handling --assignment-state assigned --overdue --within 340603 "
            + "--role responder --organisation 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b",
            Columns,
            async (verb, size, token) =>
            {
                var page = await verb.Api.Dispatch.ListQueueAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        View = verb.Word<QueueView>(view),
                        Role = verb.Word<QueueRole>(part),
                        CaseState = verb.Word<CaseState>(state),
                        AssignmentState = verb.Word<AssignmentState>(assignment),
                        OverdueOnly = verb.Get(overdue),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Items, page.NextPageToken);
            });
    }

    private static Command Command(CliHost host)
    {
        var of = Many("--of", "A territory of the view.", "CODE", required: true);
        var state = Word<CaseState>("--state", "Only rows in this state; counts are of all.");
        var overdue = Flag("--overdue", "Only rows that are overdue; counts are of all.");
        var limit = Shared.Limit();
        return new Command("command", "Several territories in one view for a command centre, with counts (联动指挥).").Does(
            host, [of, state, overdue, limit], async (session, line, cancelled) =>
            {
                var counts = new List<CommandCount>();
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Dispatch.GetCommandViewAsync(
                        new()
                        {
                            Territories = { line.GetValue(of) },
                            CaseState = line.Word<CaseState>(state),
                            OverdueOnly = line.GetValue(overdue),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    counts.AddRange(page.Counts);
                    return (page.Items, page.NextPageToken);
                });
                session.Out.Answer(
                    () => new JsonObject { ["counts"] = Printer.ToJson(counts), ["items"] = Printer.ToJson(found) },
                    () =>
                    {
                        var sums = Tables.New("territory", "state", "cases", "overdue");
                        foreach (var count in counts)
                            sums.Row(count.Territory, count.CaseState, count.Count, count.Overdue);
                        session.Out.Draw(sums);
                        var rows = Tables.New(Columns);
                        foreach (var item in found)
                            rows.Row([.. Facts(item).Select(fact => fact.Value)]);
                        session.Out.Draw(rows);
                    });
            },
            "gov queue command --of 340603 --of 340602001 --state dispatched --overdue");
    }
}
