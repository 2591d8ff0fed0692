using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov assignment`: who leads a case, who helps, what they object to; and who answers for it.</summary>
internal static class AssignmentCommands
{
    private const string Group = "assignment";
    private const string PartShape = "UUID or UUID,AMOUNT,UNIT";
    private const string SampleLead = "0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b";
    private const string SampleHelper = "0197f3c2-2222-7b3e-8f21-3c5d7e9f1a2b";
    private const string Sample = "--assignment 0197f3c2-b001-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host) => Group(
        Group,
        "Parts of organisations in a case: lead and co-handlers, objections and rulings (主办, 协办, 派单异议).",
        List(host), Give(host), Accept(host), Complete(host), Release(host), Object(host), Rule(host));

    /// <summary>Of <c>gov case</c>: answerability goes to somebody else (首接负责).</summary>
    public static IEnumerable<Command> CaseVerbsOf(CliHost host) => [OfferReceipt(host), AcceptReceipt(host)];

    /// <summary>The facts of an assignment, which other groups show as well.</summary>
    public static (string Name, object? Value)[] Facts(Assignment assignment) =>
        [
            ("id", assignment.Id),
            ("case", assignment.CaseId),
            ("role", assignment.Role),
            ("state", assignment.State),
            ("overdue", assignment.Overdue),
            ("organisation", assignment.OrganisationName),
            ("person", assignment.Subject),
            ("due", assignment.DueAt),
            ("object by", assignment.ObjectBy),
            ("assigned", assignment.AssignedAt),
            ("by", assignment.AssignedBy),
            ("accepted", assignment.AcceptedAt),
            ("ended", assignment.EndedAt),
            ("result", assignment.Result),
            ("objection", assignment.Objection?.Reason),
            ("ruling", TextOf(assignment.Objection)),
        ];

    public static Option<string> Lead(bool required) =>
        Option<string>("--lead", "The organisation that leads, and how soon: with the case itself when not said.", PartShape, required);

    public static Option<string[]> CoHandlers() =>
        Many("--co-handler", "An organisation that helps, and how soon: as the policy says when not said.", PartShape);

    public static HandlerPart PartFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 1, 3, PartShape);
        return parts.Length switch
        {
            1 => new HandlerPart { OrganisationId = parts[0] },
            3 => new HandlerPart
            {
                OrganisationId = parts[0],
                Within = new TimeLimit { Amount = Shared.NumberFrom(parts[1]), Unit = Shared.WordFrom<TimeUnit>(parts[2]) },
            },
            _ => throw new UsageException($"'{text}' is not {PartShape}."),
        };
    }

    private static string TextOf(Objection? objection) => objection switch
    {
        null => "",
        { RuledAt: null } => "waits",
        { Upheld: true } => $"upheld: {objection.Ruling}",
        _ => $"dismissed: {objection.Ruling}",
    };

    private static Command List(CliHost host) =>
        new Verbs<Assignment>(host, Group, "The assignment.", Facts).List(
            "list", "Every assignment that a case has had, newest first.", [], "",
            ["role", "state", "overdue", "organisation", "person", "due", "objection", "ruling", "result", "id"],
            async (verb, _, _) =>
                ((await verb.Api.Dispatch.ListAssignmentsAsync(new() { CaseId = verb.Id }, verb.Options)).Assignments, ""),
            of: "The case.");

    private static Command Give(CliHost host)
    {
        var (lead, helpers) = (Lead(required: true), CoHandlers());
        var note = Option<string>("--note", "What the handlers should know, without personal data.", "TEXT");
        var category = Option<string>("--category", "Assess the case in the same act; only for one that is not assessed yet.", "CODE");
        return CaseVerbs.Of(host, "give", "Give a case to a lead and co-handlers, each due at an instant of its own.",
            [lead, helpers, note, category],
            $"--lead {SampleLead} --co-handler {SampleHelper},2,work_days --note 联合处置 --category street_order",
            async verb => (await verb.Api.Dispatch.DispatchHandlersAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Lead = PartFrom(verb.Text(lead)),
                    CoHandlers = { verb.Texts(helpers).Select(PartFrom) },
                    Note = verb.Text(note),
                    Category = verb.Text(category),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Accept(CliHost host)
    {
        var assignment = Assignment();
        return CaseVerbs.Of(host, "accept", "The organisation accepts its part; when the lead does, the case is being handled.",
            [assignment], Sample,
            async verb => (await verb.Api.Dispatch.AcceptAssignmentAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, AssignmentId = verb.Text(assignment) },
                verb.Options)).Case,
            Group);
    }

    private static Command Complete(CliHost host)
    {
        var (assignment, result) = (Assignment(), Required("--result", "What was done."));
        return CaseVerbs.Of(host, "complete", "The organisation has done its part; the lead is last.", [assignment, result],
            $"{Sample} --result 违建已拆除",
            async verb => (await verb.Api.Dispatch.CompleteAssignmentAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    AssignmentId = verb.Text(assignment),
                    Result = verb.Text(result),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Release(CliHost host)
    {
        var (assignment, reason) = (Assignment(), Reason());
        return CaseVerbs.Of(host, "release", "The lead does without a co-handler.", [assignment, reason],
            $"{Sample} --reason 现场已无需配合",
            async verb => (await verb.Api.Dispatch.ReleaseCoHandlerAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    AssignmentId = verb.Text(assignment),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Object(CliHost host)
    {
        var (assignment, reason) = (Assignment(), Reason());
        return CaseVerbs.Of(host, "object", "The organisation objects to its part, once and in time.", [assignment, reason],
            $"{Sample} --reason 不在本单位职责范围",
            async verb => (await verb.Api.Dispatch.ObjectToAssignmentAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    AssignmentId = verb.Text(assignment),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Rule(CliHost host)
    {
        var (assignment, reason) = (Assignment(), Reason());
        var uphold = Flag("--uphold", "Uphold the objection; dismissed otherwise.");
        return CaseVerbs.Of(host, "rule", "Rule on an objection that somebody else's organisation made.", [assignment, uphold, reason],
            $"{Sample} --uphold --reason 职责在住建部门",
            async verb => (await verb.Api.Dispatch.RuleOnObjectionAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    AssignmentId = verb.Text(assignment),
                    Uphold = verb.Get(uphold),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command OfferReceipt(CliHost host)
    {
        var to = Required("--to", "Subject of the token of the one who shall be answerable.", "SUBJECT");
        var reason = Reason();
        return CaseVerbs.Of(host, "offer-receipt", "Offer the answerability for a case to somebody else (首接负责).", [to, reason],
            "--to officer-2 --reason 岗位调整",
            async verb => (await verb.Api.Dispatch.OfferReceiptAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    ToSubject = verb.Text(to),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case);
    }

    private static Command AcceptReceipt(CliHost host) =>
        CaseVerbs.Of(host, "accept-receipt", "Be answerable for a case from now on, as was offered.", [], "--subject officer-2",
            async verb => (await verb.Api.Dispatch.AcceptReceiptAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag }, verb.Options)).Case);

    private static Option<string> Assignment() => Required("--assignment", "The assignment, as gov assignment list has it.", "UUID");

    private static Option<string> Reason() => Required("--reason", "Why, without personal data.");
}
