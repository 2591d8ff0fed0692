using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>What is done to a case, one command a verb. Each makes one request_id and repeats it when it tries again.</summary>
internal static class CaseVerbs
{
    private const string SampleId = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    /// <summary>What every verb gets from its command line.</summary>
    internal sealed record Verb(
        PublicApi Api, string RequestId, string CaseId, string Etag, ParseResult Line, CancellationToken Cancelled);

    public static IEnumerable<Command> Build(CliHost host) =>
        [Assess(host), Reject(host), Dispatch(host), Start(host), Complete(host), Return(host),
            Escalate(host), Whistle(host), .. SupervisionCommands.CaseVerbsOf(host), .. IntakeVerbs.Build(host), Answer(host), Confirm(host), Close(host), Reopen(host), .. ReviewVerbs.Build(host), Tag(host)];

    private static Command Assess(CliHost host)
    {
        var category = Option<string>("--category", "Category from the city's policy; see gov policy list.", "CODE", required: true);
        var note = Option<string>("--note", "Why it was judged so.", "TEXT");
        return Of(host, "assess", "Take a case up: its category sets the time by which it must be handled.", [category, note],
            "--category property_facility --note 属物业维修范围",
            async verb => (await verb.Api.Cases.AssessCaseAsync(
                new AssessCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Category = verb.Line.Text(category),
                    Note = verb.Line.Text(note),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Reject(CliHost host)
    {
        var reason = Option<string>("--reason", "The reason, as the reporter will read it.", "TEXT", required: true);
        return Of(host, "reject", "Don't take a case up, and say why.", [reason], "--reason 不属于本市管辖",
            async verb => (await verb.Api.Cases.RejectCaseAsync(
                new RejectCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
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
                var line = verb.Line;
                var handler = (line.GetValue(organisation), line.GetValue(estate), line.GetValue(skill)) switch
                {
                    ({ } id, null, null) => new Handler { OrganisationId = id },
                    (null, { } id, null) => new Handler { EstateId = id },
                    (null, null, { } need) => new Handler
                    {
                        Volunteers = new VolunteerNeed
                        {
                            Skill = need,
                            Hands = line.GetValue(hands),
                            Minutes = line.GetValue(minutes),
                            StartsAt = Instant(line.GetValue(startsAt), host.Clock),
                        },
                    },
                    _ => throw new UsageException("Say to whom, once: --to-organisation, --to-estate or --to-volunteers."),
                };
                var answer = await verb.Api.Cases.DispatchCaseAsync(
                    new DispatchCaseRequest
                    {
                        RequestId = verb.RequestId,
                        CaseId = verb.CaseId,
                        Etag = verb.Etag,
                        Handler = handler,
                        Note = line.Text(note),
                        Category = line.Text(category),
                    },
                    cancellationToken: verb.Cancelled);
                return answer.Case;
            });
    }

    private static Command Start(CliHost host) =>
        Of(host, "start", "The organisation that handles the case has begun.", [], "",
            async verb => (await verb.Api.Cases.StartHandlingAsync(
                new StartHandlingRequest { RequestId = verb.RequestId, CaseId = verb.CaseId, Etag = verb.Etag },
                cancellationToken: verb.Cancelled)).Case);

    private static Command Complete(CliHost host)
    {
        var result = Option<string>("--result", "What was done.", "TEXT", required: true);
        return Of(host, "complete", "The handler is done.", [result], "--result 已更换门轴，恢复通行",
            async verb => (await verb.Api.Cases.CompleteHandlingAsync(
                new CompleteHandlingRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Result = verb.Line.Text(result),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Return(CliHost host)
    {
        var reason = Option<string>("--reason", "Why it can't be handled there.", "TEXT", required: true);
        return Of(host, "return", "The handler gives the case back to whoever dispatched it.", [reason], "--reason 不在本单位职责范围",
            async verb => (await verb.Api.Cases.ReturnCaseAsync(
                new ReturnCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Escalate(CliHost host)
    {
        var reason = Option<string>("--reason", "Why it is beyond this level.", "TEXT", required: true);
        return Of(host, "escalate", "Hand a case one level up, where its time to be handled starts anew.", [reason], "--reason 超出社区职权",
            async verb => (await verb.Api.Cases.EscalateCaseAsync(
                new EscalateCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Whistle(CliHost host)
    {
        var call = Option<string[]>("--call",
            "A department that must come; repeat for several. See gov whistle responders.", "UUID", required: true);
        var reason = Option<string>("--reason", "Why they are needed, without personal data.", "TEXT", required: true);
        var minutes = Option<double?>("--report-minutes", "How soon they must come; by default, and at most, as the policy says.", "N");
        return Of(host, "whistle", "Call departments to a case (吹哨报到). For a subdistrict or a higher level.", [call, reason, minutes],
            "--call 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b --reason 多部门联合处置 --report-minutes 30",
            async verb =>
            {
                var request = new BlowWhistleRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                    OrganisationIds = { verb.Line.GetValue(call) },
                };
                if (verb.Line.GetValue(minutes) is { } soon)
                    request.ReportWithin = Duration.FromTimeSpan(TimeSpan.FromMinutes(soon));
                return (await verb.Api.Cases.BlowWhistleAsync(request, cancellationToken: verb.Cancelled)).Case;
            });
    }

    private static Command Answer(CliHost host)
    {
        var text = Option<string>("--answer", "The answer, as the reporter will read it.", "TEXT", required: true);
        return Of(host, "answer", "Tell the reporter what was done.", [text], "--answer 大门已修复，感谢您的反映",
            async verb => (await verb.Api.Cases.AnswerCaseAsync(
                new AnswerCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Answer = verb.Line.Text(text),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Tag(CliHost host)
    {
        var dimensions = Option<string>("--dimensions", "Separated by commas: political_lead, rule_of_law, moral_education, self_governance, smart_support.", "LIST", required: true);
        return Of(host, "tag", "Say which dimensions of governance a case touches (五治).", [dimensions], "--dimensions self_governance,rule_of_law",
            async verb =>
            {
                var request = new TagCaseRequest { RequestId = verb.RequestId, CaseId = verb.CaseId, Etag = verb.Etag };
                request.Dimensions.Add(verb.Line.Text(dimensions)
                    .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Select(word => EnumWords.All<GovernanceDimension>().TryGetValue(word, out var dimension)
                        ? dimension
                        : throw new UsageException($"'{word}' is no dimension of governance.")));
                return (await verb.Api.Cases.TagCaseAsync(request, cancellationToken: verb.Cancelled)).Case;
            });
    }

    private static Command Reopen(CliHost host)
    {
        var reason = Option<string>("--reason", "What is still not right.", "TEXT", required: true);
        return Of(host, "reopen", "Take a confirmed or closed case up again, as long as its reopen_by has not passed.", [reason],
            "--reason 大门又坏了",
            async verb => (await verb.Api.Cases.ReopenCaseAsync(
                new ReopenCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Confirm(CliHost host)
    {
        var satisfaction = Word<Satisfaction>("--satisfaction", "What the reporter thinks of the answer.", required: true);
        var comment = Option<string>("--comment", "In the reporter's words.", "TEXT");
        return Of(host, "confirm", "The reporter says whether the answer satisfies; if not, the case is taken up again.",
            [satisfaction, comment], "--satisfaction satisfied",
            async verb => (await verb.Api.Cases.ConfirmCaseAsync(
                new ConfirmCaseRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Satisfaction = verb.Line.Word<Satisfaction>(satisfaction),
                    Comment = verb.Line.Text(comment),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Close(CliHost host) =>
        Of(host, "close", "Close the file.", [], "",
            async verb => (await verb.Api.Cases.CloseCaseAsync(
                new CloseCaseRequest { RequestId = verb.RequestId, CaseId = verb.CaseId, Etag = verb.Etag },
                cancellationToken: verb.Cancelled)).Case);

    internal static Command Of(
        CliHost host, string name, string about, IEnumerable<Symbol> symbols, string exampleOptions, Func<Verb, Task<Case>> run, string group = "case")
    {
        var id = Id("The case.");
        var etag = Option<string>("--etag", "Refuse when the case has changed since it had this etag.", "ETAG");
        return new Command(name, about).Does(
            host, [id, .. symbols, etag], async (session, line, cancelled) =>
            {
                var verb = new Verb(
                    session.Api, session.NewRequestId(), line.GetValue(id)!, line.Text(etag), line, cancelled);
                var changed = await run(verb);
                session.Out.Answer(() => Printer.ToJson(changed), () => CaseViews.Show(session.Out, changed));
            },
            $"gov {group} {name} {SampleId} {exampleOptions}".TrimEnd());
    }

    internal static Timestamp Instant(string? text, TimeProvider clock)
    {
        if (text is null)
            return clock.GetUtcNow().ToTimestamp();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var instant)
            ? instant.ToTimestamp()
            : throw new UsageException($"'{text}' is not an instant; write it as in 2026-03-02T09:00:00+08:00.");
    }
}
