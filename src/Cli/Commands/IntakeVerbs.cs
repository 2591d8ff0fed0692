using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>Of <c>gov case</c>: what is cleared up before a case is handled.</summary>
internal static class IntakeVerbs
{
    private const string SampleId = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    public static IEnumerable<Command> Build(CliHost host) =>
        [AskVerification(host), Verify(host), Transfer(host), Duplicates(host), Merge(host), Split(host)];

    private static Command AskVerification(CliHost host)
    {
        var question = Required("--question", "What to look at, without personal data.");
        return CaseVerbs.Of(host, "ask-verification", "Ask whether a case is as reported (核实).", [question], "--question 现场是否仍有积水",
            async verb => (await verb.Api.Intake.AskVerificationAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Question = verb.Text(question),
                },
                verb.Options)).Case);
    }

    private static Command Verify(CliHost host)
    {
        var finding = Word<VerificationFinding>("--finding", "What was found.", required: true);
        var note = Required("--note", "In words, without personal data.");
        return CaseVerbs.Of(host, "verify", "Say what was found on the spot.", [finding, note], "--finding confirmed --note 积水约十厘米",
            async verb => (await verb.Api.Intake.VerifyCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Finding = verb.Word<VerificationFinding>(finding),
                    Note = verb.Text(note),
                },
                verb.Options)).Case);
    }

    private static Command Transfer(CliHost host)
    {
        var authority = Required("--to", "The authority whose matter it is, as the reporter will read it.", "NAME");
        var reason = Required("--reason", "Why, as the reporter will read it.");
        return CaseVerbs.Of(host, "transfer", "End a case that is another authority's, and say whose.", [authority, reason],
            "--to 市供电公司 --reason 属供电设施",
            async verb => (await verb.Api.Intake.TransferCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Authority = verb.Text(authority),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case);
    }

    private static Command Duplicates(CliHost host)
    {
        var id = Id("The case.");
        return new Command("duplicates", "Cases that may be about the same matter, the likeliest first.").Does(
            host, [id], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Intake.SearchDuplicatesAsync(
                    new SearchDuplicatesRequest { CaseId = line.GetValue(id)! }, cancellationToken: cancelled);
                session.Out.Answer(() => Printer.ToJson(answer.Duplicates), () =>
                {
                    var table = Tables.New("likely", "words", "metres", "state", "title", "id");
                    foreach (var duplicate in answer.Duplicates)
                        table.Row(
                            $"{duplicate.Percent} %", $"{duplicate.WordsPercent} %", duplicate.HasDistanceM ? $"{duplicate.DistanceM}" : "",
                            duplicate.Case.State, duplicate.Case.Title, duplicate.Case.Id);
                    session.Out.Draw(table);
                });
            },
            $"gov case duplicates {SampleId}");
    }

    private static Command Merge(CliHost host)
    {
        var primary = Required("--into", "The case that will be answered for both.", "UUID");
        var note = Option<string>("--note", "Why the two are one matter.", "TEXT");
        return CaseVerbs.Of(host, "merge", "Merge a case into another about the same matter: it gets the same answer.", [primary, note],
            "--into 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Intake.MergeCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    PrimaryId = verb.Text(primary),
                    Note = verb.Text(note),
                },
                verb.Options)).Case);
    }

    private static Command Split(CliHost host)
    {
        var reason = Required("--reason", "Why the two are not one matter.");
        return CaseVerbs.Of(host, "split", "Let a merged case go its own way again.", [reason], "--reason 不是同一处积水",
            async verb => (await verb.Api.Intake.SplitCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }
}
