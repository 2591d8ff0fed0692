using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov supervisor`: people who look at closed cases that are drawn for them by lot.</summary>
internal static class SupervisorCommands
{
    public static Command Build(CliHost host)
    {
        var supervisors = new Verbs<CaseSupervisor>(host, "supervisor", "The supervisor.", Facts);
        var draws = new Verbs<SupervisionDraw>(host, "supervisor", "The draw.", Facts, (printer, draw) => printer.Draw(Cases(draw)));
        return Group(
            "supervisor",
            "Supervisors and the closed cases that are drawn for them by lot (行风监督员, 群众监督员).",
            List(supervisors), Appoint(supervisors), End(supervisors), Draw(draws), Draws(draws), ShowDraw(draws), Mark(host));
    }

    private static (string Name, object? Value)[] Facts(CaseSupervisor supervisor) =>
        [
            ("id", supervisor.Id), ("subject", supervisor.Subject), ("kind", supervisor.Kind), ("territory", supervisor.Territory),
            ("from", supervisor.From), ("until", supervisor.Until), ("etag", supervisor.Etag),
        ];

    private static (string Name, object? Value)[] Facts(SupervisionDraw draw) =>
        [
            ("id", draw.Id),
            ("supervisor", draw.SupervisorId),
            ("territory", draw.Territory),
            ("closed", $"{draw.From} to {draw.Until}"),
            ("cases", draw.Cases.Count),
            ("of", draw.Population),
            ("drawn", draw.DrawnAt),
            ("seed", draw.Seed),
        ];

    private static (string Name, object? Value)[] Facts(DrawnCase item) =>
        [
            ("case", item.CaseId),
            ("number", item.Number),
            ("title", item.Title),
            ("category", item.Category),
            ("answer", item.Answer),
            ("late", item.Late),
            ("marks", item.Marks.Select(mark => $"{mark.Aspect}={mark.Mark}")),
            ("finding", item.Finding),
            ("reviewed", item.ReviewedAt),
        ];

    private static Spectre.Console.Table Cases(SupervisionDraw draw)
    {
        var table = Tables.New([.. Facts(new DrawnCase()).Select(fact => fact.Name)]);
        foreach (var item in draw.Cases)
            table.Row([.. Facts(item).Select(fact => fact.Value)]);
        return table;
    }

    private static Command List(Verbs<CaseSupervisor> supervisors)
    {
        var within = Shared.Within();
        return supervisors.List(
            "list", "Supervisors of a territory, newest first.", [within], "--within 340603",
            ["subject", "kind", "territory", "from", "until", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.SatisfactionSurveys.ListSupervisorsAsync(
                    new() { Territory = verb.Text(within), PageSize = size, PageToken = token }, verb.Options);
                return (page.Supervisors, page.NextPageToken);
            });
    }

    private static Command Appoint(Verbs<CaseSupervisor> supervisors)
    {
        var of = Required("--of", "The territory.", "CODE");
        var subject = Required("--supervisor-subject", "Subject of the supervisor's token.", "SUBJECT");
        var kind = Word<SupervisorKind>("--kind", "As what.", required: true);
        var from = Required("--from", "First day of the term.", "DAY");
        var until = Required("--until", "Last day of the term.", "DAY");
        return supervisors.New("appoint", "Somebody supervises a territory for a term.", [of, subject, kind, from, until],
            "--of 340603001 --supervisor-subject resident-18 --kind residents --from 2026-01-01 --until 2026-12-31",
            async verb => (await verb.Api.SatisfactionSurveys.AppointSupervisorAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Subject = verb.Text(subject),
                    Kind = verb.Word<SupervisorKind>(kind),
                    From = verb.Text(from),
                    Until = verb.Text(until),
                },
                verb.Options)).Supervisor);
    }

    private static Command End(Verbs<CaseSupervisor> supervisors) =>
        supervisors.Change("end", "End a term today.", [], "",
            async verb => (await verb.Api.SatisfactionSurveys.EndSupervisorAsync(
                new() { RequestId = verb.RequestId, SupervisorId = verb.Id, Etag = verb.Etag }, verb.Options)).Supervisor);

    private static Command Draw(Verbs<SupervisionDraw> draws)
    {
        var from = Required("--from", "First day on which the cases were closed.", "DAY");
        var until = Required("--until", "Last day.", "DAY");
        var size = Option<int>("--size", "How many; when there are fewer, all of them.", "N", required: true);
        return draws.On("draw", "Draw closed cases by lot for a supervisor; everybody can draw again by the seed.", [from, until, size],
            "--from 2026-01-01 --until 2026-03-31 --size 20",
            async verb => (await verb.Api.SatisfactionSurveys.DrawCasesAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    SupervisorId = verb.Id,
                    From = verb.Text(from),
                    Until = verb.Text(until),
                    Size = verb.Get(size),
                },
                verb.Options)).Draw,
            of: "The supervisor.");
    }

    private static Command Draws(Verbs<SupervisionDraw> draws)
    {
        var within = Shared.Within();
        return draws.List(
            "draws", "Draws of a territory, newest first; a supervisor gets the own ones.", [within], "--within 340603",
            ["drawn", "closed", "cases", "of", "territory", "supervisor", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.SatisfactionSurveys.ListDrawsAsync(
                    new() { Territory = verb.Text(within), PageSize = size, PageToken = token }, verb.Options);
                return (page.Draws, page.NextPageToken);
            });
    }

    private static Command ShowDraw(Verbs<SupervisionDraw> draws) =>
        draws.On("show-draw", "One draw with its cases.", [], "",
            async verb => (await verb.Api.SatisfactionSurveys.GetDrawAsync(new() { Id = verb.Id }, verb.Options)).Draw);

    private static Command Mark(CliHost host)
    {
        var only = Required("--case", "The case.", "UUID");
        var marks = Many("--mark", "A mark from 1, the worst, to 5: ASPECT,MARK. Aspects: gov policy list.", "MARK", required: true);
        var finding = Option<string>("--finding", "What was found.", "TEXT");
        return new Verbs<DrawnCase>(host, "supervisor", "The draw.", Facts).On(
            "mark", "A supervisor's marks and finding on a drawn case, once.", [only, marks, finding],
            "--case 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b --mark attitude,5 --mark result,4 --finding 答复清楚 "
            + "--subject resident-18 --territory 340603001",
            async verb => (await verb.Api.SatisfactionSurveys.ReviewDrawnCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    DrawId = verb.Id,
                    CaseId = verb.Text(only),
                    Marks = { verb.Texts(marks).Select(MarkFrom) },
                    Finding = verb.Text(finding),
                },
                verb.Options)).Case);
    }

    private static SupervisionMark MarkFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 2, "ASPECT,MARK");
        return new SupervisionMark { Aspect = parts[0], Mark = Shared.NumberFrom(parts[1]) };
    }
}
