using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov hazard`: what visits found, inspected again until it is resolved.</summary>
internal static class HazardCommands
{
    public static Command Build(CliHost host)
    {
        var hazards = new Verbs<Hazard>(host, "hazard", "The hazard.", Facts);
        return Group("hazard", "Hazards that visits found, inspected again until they are resolved.",
            List(hazards), Show(host), Reinspect(hazards));
    }

    private static (string Name, object? Value)[] Facts(Hazard hazard) =>
        [
            ("id", hazard.Id),
            ("category", hazard.Category),
            ("note", hazard.Note),
            ("grid", hazard.Territory),
            ("plan", hazard.PlanId),
            ("found", hazard.FoundAt),
            ("due", hazard.DueAt),
            ("overdue", hazard.Overdue),
            ("inspected again", hazard.Reinspections),
            ("resolved", hazard.ResolvedAt),
            ("etag", hazard.Etag),
        ];

    private static Command List(Verbs<Hazard> hazards)
    {
        var within = Shared.Within();
        var overdue = Flag("--overdue", "Only overdue ones.");
        return hazards.List(
            "list", "Hazards of a territory that are not resolved, soonest due first.", [within, overdue], "--within 340603001 --overdue",
            ["due", "overdue", "category", "note", "grid", "found", "inspected again", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Visits.ListHazardsAsync(
                    new() { Territory = verb.Text(within), OverdueOnly = verb.Get(overdue), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Hazards, page.NextPageToken);
            });
    }

    private static Command Show(CliHost host)
    {
        var found = new Verbs<GetHazardResponse>(host, "hazard", "The hazard.", answer => Facts(answer.Hazard), (printer, answer) =>
        {
            var table = Tables.New("#", "at", "by", "resolved", "note", "next due");
            foreach (var one in answer.Reinspections)
                table.Row(one.Sequence, one.At, one.Inspector, one.Resolved, one.Note, one.DueAt);
            printer.Draw(table);
        });
        return found.On("show", "One hazard with its inspections.", [], "",
            async verb => await verb.Api.Visits.GetHazardAsync(new() { Id = verb.Id }, verb.Options));
    }

    private static Command Reinspect(Verbs<Hazard> hazards)
    {
        var resolved = Flag("--resolved", "It is resolved; it is still there otherwise.");
        var note = Option<string>("--note", "What was seen, without personal data.", "TEXT");
        return hazards.Change("reinspect", "A hazard was looked at again.", [resolved, note], "--resolved --note 软管已更换",
            async verb => (await verb.Api.Visits.ReinspectHazardAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    HazardId = verb.Id,
                    Etag = verb.Etag,
                    Resolved = verb.Get(resolved),
                    Note = verb.Text(note),
                },
                verb.Options)).Hazard);
    }
}
