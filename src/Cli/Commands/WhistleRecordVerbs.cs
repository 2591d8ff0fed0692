using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>Of <c>gov whistle</c>: whistles with who came, and what the two sides think of each other (双考核).</summary>
internal static class WhistleRecordVerbs
{
    private const string SampleDepartment = "0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b";

    public static IEnumerable<Command> Build(CliHost host)
    {
        var whistles = new Verbs<WhistleRecord>(host, "whistle", "The whistle.", Facts, (printer, whistle) =>
        {
            var table = Tables.New("called", "arrival", "came", "score", "because", "justified", "because", "id");
            foreach (var called in whistle.Departments)
                table.Row(
                    called.OrganisationName, called.Arrival, called.ReportedAt, called.Score == 0 ? "" : called.Score, called.ScoreComment,
                    called.JustifiedAt is null ? "" : called.Justified ? "yes" : "no", called.JustifiedComment, called.OrganisationId);
            printer.Draw(table);
        });
        return [List(whistles), Score(whistles), Justify(whistles), Scores(host)];
    }

    private static (string Name, object? Value)[] Facts(WhistleRecord whistle) =>
        [
            ("id", whistle.Id),
            ("case", whistle.CaseId),
            ("grid", whistle.Territory),
            ("blown by", whistle.BlownBy),
            ("reason", whistle.Reason),
            ("blown", whistle.BlownAt),
            ("to come by", whistle.ReportBy),
            ("closed", whistle.ClosedAt),
            ("called", whistle.Departments.Select(called => $"{called.OrganisationName} {Tables.Word(called.Arrival)}")),
        ];

    private static Command List(Verbs<WhistleRecord> whistles)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only of this case.", "UUID");
        var open = Flag("--open", "Only those that are not closed.");
        return whistles.List(
            "list", "Whistles of a territory, newest first: who was called and came, late or not at all.", [within, only, open],
            "--within 340603 --case 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --open",
            ["blown", "blown by", "reason", "to come by", "called", "closed", "case", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Dispatch.ListWhistlesAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        CaseId = verb.Text(only),
                        OpenOnly = verb.Get(open),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Whistles, page.NextPageToken);
            });
    }

    private static Command Score(Verbs<WhistleRecord> whistles)
    {
        var department = Department();
        var score = Option<int>("--score", "Of its result: 1 (poor) to 5 (very good).", "N", required: true);
        var comment = Comment();
        return whistles.On("score", "Whoever whistled appraises a department, once, after the whistle is closed.",
            [department, score, comment], $"--department {SampleDepartment} --score 5 --comment 到场及时",
            async verb => (await verb.Api.Dispatch.AppraiseDepartmentAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    WhistleId = verb.Id,
                    OrganisationId = verb.Text(department),
                    Score = verb.Get(score),
                    Comment = verb.Text(comment),
                },
                verb.Options)).Whistle);
    }

    private static Command Justify(Verbs<WhistleRecord> whistles)
    {
        var department = Department();
        var needed = Flag("--needed", "The department was needed; it was not otherwise.");
        var comment = Comment();
        return whistles.On("justify", "A department that was called says whether it was needed, once, after the whistle is closed.",
            [department, needed, comment], $"--department {SampleDepartment} --needed --comment 属职责范围",
            async verb => (await verb.Api.Dispatch.AppraiseWhistleAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    WhistleId = verb.Id,
                    OrganisationId = verb.Text(department),
                    Justified = verb.Get(needed),
                    Comment = verb.Text(comment),
                },
                verb.Options)).Whistle);
    }

    private static Command Scores(CliHost host)
    {
        var within = Shared.Within();
        var from = Required("--from", "Whistles blown from then, as in 2026-01-01T00:00:00+08:00.", "INSTANT");
        var until = Required("--until", "And before then; at most 366 days later.", "INSTANT");
        var scores = new Verbs<ListWhistleScoresResponse>(host, "whistle", "The scores.", _ => [], (printer, answer) =>
        {
            var departments = Tables.New("department", "called", "in time", "late", "absent", "mean score", "of", "id");
            foreach (var one in answer.Departments)
                departments.Row(
                    one.OrganisationName, one.Called, one.InTime, one.Late, one.Absent,
                    one.Scored == 0 ? "" : FormattableString.Invariant($"{(decimal)one.ScoreSum / one.Scored:0.00}"), one.Scored,
                    one.OrganisationId);
            printer.Draw(departments);
            var whistlers = Tables.New("whistled", "whistles", "called", "justified", "not justified");
            foreach (var one in answer.Whistlers)
                whistlers.Row(one.Territory, one.Whistles, one.Called, one.Justified, one.NotJustified);
            printer.Draw(whistlers);
        });
        return scores.New("scores", "Both sides of the whistles of a time, by department and by level that whistled.",
            [within, from, until],
            "--within 340603 --from 2026-01-01T00:00:00+08:00 --until 2026-04-01T00:00:00+08:00",
            async verb => await verb.Api.Dispatch.ListWhistleScoresAsync(
                new() { Territory = verb.Text(within), From = verb.Instant(from), Until = verb.Instant(until) }, verb.Options));
    }

    private static Option<string> Department() => Required("--department", "The department, as gov whistle list --json has it.", "UUID");

    private static Option<string> Comment() => Option<string>("--comment", "Why, without personal data.", "TEXT");
}
