using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov improvement`: what becomes of a supervisor's finding or a reporter's dissatisfaction.</summary>
internal static class ImprovementCommands
{
    public static Command Build(CliHost host)
    {
        var improvements = new Verbs<Improvement>(host, "improvement", "The improvement.", Facts);
        return Group(
            "improvement",
            "What is improved after a supervisor's finding or a dissatisfied response, until another has seen it (整改).",
            List(improvements), Open(improvements), Complete(improvements), Check(improvements));
    }

    private static (string Name, object? Value)[] Facts(Improvement improvement) =>
        [
            ("id", improvement.Id),
            ("case", improvement.CaseId),
            ("territory", improvement.Territory),
            ("draw", improvement.DrawId),
            ("response", improvement.ResponseId),
            ("text", improvement.Text),
            ("responsible", improvement.Responsible),
            ("due", improvement.DueAt),
            ("state", improvement.State),
            ("overdue", improvement.Overdue),
            ("result", improvement.Result),
            ("done", improvement.DoneAt),
            ("seen", improvement.CheckNote),
            ("checked", improvement.CheckedAt),
            ("etag", improvement.Etag),
        ];

    private static Command List(Verbs<Improvement> improvements)
    {
        var within = Shared.Within();
        var state = Word<ImprovementState>("--state", "Only in this state.");
        var overdue = Flag("--overdue", "Only overdue ones.");
        return improvements.List(
            "list", "Improvements of a territory, soonest due first.", [within, state, overdue], "--within 340603 --state open",
            ["due", "overdue", "state", "text", "responsible", "territory", "case", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.SatisfactionSurveys.ListImprovementsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<ImprovementState>(state),
                        OverdueOnly = verb.Get(overdue),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Improvements, page.NextPageToken);
            });
    }

    private static Command Open(Verbs<Improvement> improvements)
    {
        var draw = Option<string>("--draw", "The draw with the finding; with --case.", "UUID");
        var drawn = Option<string>("--case", "The drawn case that was found wanting.", "UUID");
        var response = Option<string>("--response", "A dissatisfied response, instead of a finding.", "UUID");
        var text = Required("--text", "What is to be improved, without personal data.");
        var responsible = Required("--responsible", "Who does it: a public body, company or duty.");
        var due = Required("--due", "By when.", "INSTANT");
        return improvements.New(
            "open", "Somebody is to improve what was found or complained of, by an instant.", [draw, drawn, response, text, responsible, due],
            "--response 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b --text 门轴每季度检查 --responsible 物业公司 --due 2027-03-31T18:00:00+08:00",
            async verb =>
            {
                var request = new OpenImprovementRequest
                {
                    RequestId = verb.RequestId,
                    Text = verb.Text(text),
                    Responsible = verb.Text(responsible),
                    DueAt = verb.Instant(due),
                };
                if (verb.Text(response).Length > 0)
                    request.ResponseId = verb.Text(response);
                else
                    request.Finding = new DrawnFinding { DrawId = verb.Text(draw), CaseId = verb.Text(drawn) };
                return (await verb.Api.SatisfactionSurveys.OpenImprovementAsync(request, verb.Options)).Improvement;
            });
    }

    private static Command Complete(Verbs<Improvement> improvements)
    {
        var result = Required("--result", "What was done, without personal data.");
        return improvements.Change("complete", "It is improved; somebody else looks whether it is so.", [result], "--result 已换新门轴",
            async verb => (await verb.Api.SatisfactionSurveys.CompleteImprovementAsync(
                new() { RequestId = verb.RequestId, ImprovementId = verb.Id, Etag = verb.Etag, Result = verb.Text(result) },
                verb.Options)).Improvement);
    }

    private static Command Check(Verbs<Improvement> improvements)
    {
        var accept = Flag("--accept", "It is improved; open again otherwise.");
        var note = Required("--note", "What was seen, without personal data.");
        var due = Option<string>("--due", "By when it is to be done when it is not accepted.", "INSTANT");
        return improvements.Change(
            "check", "Somebody other than who completed it has looked whether it is so.", [accept, note, due], "--accept --note 现场查看，门已修好",
            async verb => (await verb.Api.SatisfactionSurveys.CheckImprovementAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    ImprovementId = verb.Id,
                    Etag = verb.Etag,
                    Accepted = verb.Get(accept),
                    Note = verb.Text(note),
                    DueAt = verb.Instant(due),
                },
                verb.Options)).Improvement);
    }
}
