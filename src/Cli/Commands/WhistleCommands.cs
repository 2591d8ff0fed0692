using System.CommandLine;
using Governance.Cli.Output;
using Governance.Organisations.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov whistle`: the departments' side of a whistle, and the verbs of <see cref="WhistleRecordVerbs"/>.</summary>
internal static class WhistleCommands
{
    public static Command Build(CliHost host) => Group(
        "whistle",
        "Departments that can be called, were called and have come, and what the two sides think of it (吹哨报到, 双考核).",
        [Responders(host), Summonses(host), ReportIn(host), .. WhistleRecordVerbs.Build(host)]);

    private static Command Responders(CliHost host)
    {
        var within = Option<string>("--within", "Territory of the case; by default the token's own.", "CODE");
        var category = Option<string>("--category", "Category of the case.", "CODE", required: true);
        return new Command("responders", "Departments that come for a category of cases in a territory.").Does(
            host, [within, category], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Whistles.ListRespondersAsync(
                    new ListRespondersRequest { Territory = line.Text(within), Category = line.Text(category) },
                    cancellationToken: cancelled);
                OrgCommands.Print(session.Out, answer.Organisations);
            },
            "gov whistle responders --category illegal_construction --within 340603001");
    }

    private static Command Summonses(CliHost host)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only of this case.", "UUID");
        var open = Flag("--open", "Only those of departments that are waited for.");
        var limit = Shared.Limit();
        return new Command("summonses", "Departments that were called, soonest deadline first.").Does(
            host, [within, only, open, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Whistles.ListSummonsesAsync(
                        new ListSummonsesRequest
                        {
                            Territory = line.Text(within),
                            CaseId = line.Text(only),
                            OpenOnly = line.GetValue(open),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Summonses, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(found), () =>
                {
                    var table = Tables.New("department", "about", "territory", "to come by", "came", "late", "closed", "id");
                    foreach (var item in found)
                    {
                        var late = item.Late ? "late" : "";
                        table.Row(
                            item.OrganisationName, item.Subject, item.Territory, item.ReportBy, item.ReportedAt, late, item.ClosedAt, item.Id);
                    }

                    session.Out.Draw(table);
                });
            },
            "gov whistle summonses --open",
            "gov whistle summonses --role responder --organisation 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command ReportIn(CliHost host)
    {
        var id = Id("The summons.");
        var note = Option<string>("--note", "What the department brings or says.", "TEXT");
        return new Command("report-in", "The department has come; after the deadline it is kept as late, until the whistle is closed.").Does(
            host, [id, note], async (session, line, cancelled) =>
            {
                var summons = (await session.Api.Whistles.ReportInAsync(
                    new ReportInRequest { RequestId = session.NewRequestId(), SummonsId = line.GetValue(id), Note = line.Text(note) },
                    cancellationToken: cancelled)).Summons;
                session.Out.Answer(() => Printer.ToJson(summons), () => session.Out.Say(
                    $"{summons.OrganisationName} came at {Tables.At(summons.ReportedAt)}{(summons.Late ? ", late" : "")}."));
            },
            "gov whistle report-in 0197f3c2-2222-7b3e-8f21-3c5d7e9f1a2b --note 两名执法人员到场");
    }
}
