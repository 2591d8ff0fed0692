using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;
using Option = System.CommandLine.Option;

namespace Governance.Cli.Commands;

/// <summary>What is done to a case, one command a verb.</summary>
internal static class CaseVerbs
{
    public static IEnumerable<Command> Build(CliHost host) =>
    [
        Assess(host), Reject(host), Dispatch(host), Start(host), Complete(host), Return(host), Escalate(host), Whistle(host),
        .. AssignmentCommands.CaseVerbsOf(host), .. SupervisionCommands.CaseVerbsOf(host), .. IntakeVerbs.Build(host),
        Answer(host), Confirm(host), Close(host), Reopen(host), .. ReviewVerbs.Build(host), Tag(host),
    ];

    private static Command Assess(CliHost host)
    {
        var category = Required("--category", "Category from the city's policy; see gov policy list.", "CODE");
        var note = Option<string>("--note", "Why it was judged so.", "TEXT");
        return Of(host, "assess", "Take a case up: its category sets the time by which it must be handled.", [category, note],
            "--category property_service --note 属物业维修范围",
            async verb => (await verb.Api.Cases.AssessCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Category = verb.Text(category),
                    Note = verb.Text(note),
                },
                verb.Options)).Case);
    }

    private static Command Reject(CliHost host)
    {
        var reason = Required("--reason", "The reason, as the reporter will read it.");
        return Of(host, "reject", "Don't take a case up, and say why.", [reason], "--reason 不属于本市管辖",
            async verb => (await verb.Api.Cases.RejectCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }

    private static Command Dispatch(CliHost host)
    {
        var organisation = Option<string>("--to-organisation", "To an organisation that does it itself.", "UUID");
        var estate = Option<string>("--to-estate", "To the property company of this estate, as a work order.", "UUID");
        var skill = Option<string>("--to-volunteers", "To volunteers with this skill, as an activity.", "SKILL");
        var hands = new Option<int>("--hands") { Description = "How many volunteers.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var minutes = new Option<int>("--minutes") { Description = "For how long.", HelpName = "N", DefaultValueFactory = _ => 60 };
        var startsAt = Option<string>("--starts-at",
            "When they are needed, as in 2026-03-02T09:00:00+08:00; now when not said.", "INSTANT");
        var note = Option<string>("--note", "What the handler should know, without personal data.", "TEXT");
        var category = Option<string>("--category", "Assess the case in the same act; only for one that is not assessed yet.", "CODE");
        return Of(host, "dispatch", "Give a case to somebody to handle: an organisation, an estate's property company, or volunteers.",
            [organisation, estate, skill, hands, minutes, startsAt, note, category],
            "--to-estate 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b --note 大门门轴断裂",
            async verb =>
            {
                var handler = (verb.Get(organisation), verb.Get(estate), verb.Get(skill)) switch
                {
                    ({ } id, null, null) => new Handler { OrganisationId = id },
                    (null, { } id, null) => new Handler { EstateId = id },
                    (null, null, { } need) => new Handler
                    {
                        Volunteers = new VolunteerNeed
                        {
                            Skill = need,
                            Hands = verb.Get(hands),
                            Minutes = verb.Get(minutes),
                            StartsAt = verb.Instant(startsAt) ?? host.Clock.GetUtcNow().ToTimestamp(),
                        },
                    },
                    _ => throw new UsageException("Say to whom, once: --to-organisation, --to-estate or --to-volunteers."),
                };
                return (await verb.Api.Cases.DispatchCaseAsync(
                    new()
                    {
                        RequestId = verb.RequestId,
                        CaseId = verb.Id,
                        Etag = verb.Etag,
                        Handler = handler,
                        Note = verb.Text(note),
                        Category = verb.Text(category),
                    },
                    verb.Options)).Case;
            });
    }

    private static Command Start(CliHost host) =>
        Of(host, "start", "The organisation that handles the case has begun.", [], "",
            async verb => (await verb.Api.Cases.StartHandlingAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag }, verb.Options)).Case);

    private static Command Complete(CliHost host)
    {
        var result = Required("--result", "What was done.");
        return Of(host, "complete", "The handler is done.", [result], "--result 已更换门轴，恢复通行",
            async verb => (await verb.Api.Cases.CompleteHandlingAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Result = verb.Text(result) }, verb.Options)).Case);
    }

    private static Command Return(CliHost host)
    {
        var reason = Required("--reason", "Why it can't be handled there.");
        return Of(host, "return", "The handler gives the case back to whoever dispatched it.", [reason], "--reason 不在本单位职责范围",
            async verb => (await verb.Api.Cases.ReturnCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }

    private static Command Escalate(CliHost host)
    {
        var reason = Required("--reason", "Why it is beyond this level.");
        return Of(host, "escalate", "Hand a case one level up, where its time to be handled starts anew.", [reason], "--reason 超出社区职权",
            async verb => (await verb.Api.Cases.EscalateCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }

    private static Command Whistle(CliHost host)
    {
        var call = Many("--call", "A department that must come, as gov whistle responders shows it.", "UUID", required: true);
        var reason = Required("--reason", "Why they are needed, without personal data.");
        var minutes = Option<double?>("--report-minutes", "How soon they must come; by default, and at most, as the policy says.", "N");
        return Of(host, "whistle", "Call departments to a case (吹哨报到). For a subdistrict or a higher level.", [call, reason, minutes],
            "--call 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b --reason 多部门联合处置 --report-minutes 30",
            async verb =>
            {
                var request = new BlowWhistleRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Reason = verb.Text(reason),
                    OrganisationIds = { verb.Texts(call) },
                };
                if (verb.Get(minutes) is { } soon)
                    request.ReportWithin = Duration.FromTimeSpan(TimeSpan.FromMinutes(soon));
                return (await verb.Api.Cases.BlowWhistleAsync(request, verb.Options)).Case;
            });
    }

    private static Command Answer(CliHost host)
    {
        var text = Required("--answer", "The answer, as the reporter will read it.");
        return Of(host, "answer", "Tell the reporter what was done.", [text], "--answer 大门已修复，感谢您的反映",
            async verb => (await verb.Api.Cases.AnswerCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Answer = verb.Text(text) }, verb.Options)).Case);
    }

    private static Command Tag(CliHost host)
    {
        var words = string.Join(", ", EnumWords.All<GovernanceDimension>().Keys);
        var dimensions = Required("--dimensions", $"Separated by commas: {words}.", "LIST");
        return Of(host, "tag", "Say which dimensions of governance a case touches (五治).", [dimensions],
            "--dimensions self_governance,rule_of_law",
            async verb => (await verb.Api.Cases.TagCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Dimensions = { Shared.WordsFrom<GovernanceDimension>(verb.Text(dimensions)) },
                },
                verb.Options)).Case);
    }

    private static Command Reopen(CliHost host)
    {
        var reason = Required("--reason", "What is still not right.");
        return Of(host, "reopen", "Take a confirmed or closed case up again, as long as its reopen_by has not passed.", [reason],
            "--reason 大门又坏了",
            async verb => (await verb.Api.Cases.ReopenCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }

    private static Command Confirm(CliHost host)
    {
        var satisfaction = Word<Satisfaction>("--satisfaction", "What the reporter thinks of the answer.", required: true);
        var comment = Option<string>("--comment", "In the reporter's words.", "TEXT");
        return Of(host, "confirm", "The reporter says whether the answer satisfies; if not, the case is taken up again.",
            [satisfaction, comment], "--satisfaction satisfied",
            async verb => (await verb.Api.Cases.ConfirmCaseAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Satisfaction = verb.Word<Satisfaction>(satisfaction),
                    Comment = verb.Text(comment),
                },
                verb.Options)).Case);
    }

    private static Command Close(CliHost host) =>
        Of(host, "close", "Close the file.", [], "",
            async verb => (await verb.Api.Cases.CloseCaseAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag }, verb.Options)).Case);

    internal static Command Of(
        CliHost host, string name, string about, Option[] options, string example, Func<Verb, Task<Case>> run, string group = "case") =>
        new Verbs<Case>(host, group, "The case.", CaseViews.Facts, CaseViews.More).Change(name, about, options, example, run);
}
