using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Councils;

/// <summary>
/// The rules of topics, pure: (topic, command, now) to a step or a refusal. Due instants are set here and nowhere else,
/// each once. A topic ends answered, or declined with a reason while it lacked support; once enough neighbours support it,
/// only a vote of the council can turn it down.
/// </summary>
public static class TopicRules
{
    public const int MaxSteps = 1000;

    private static readonly TopicState[] BeforeAgenda = [TopicState.Proposed, TopicState.Supported, TopicState.Consulted];

    public static Outcome<TopicStep> Propose(
        Guid id,
        Council council,
        TopicKind kind,
        string title,
        string text,
        Guid? caseId,
        string proposer,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (council.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        return Policy(policies, now).Then(policy => policies.DueAt(now, policy.Councils.SupportWithin).Then(support =>
        {
            var proposed = new Topic
            {
                Id = id,
                CouncilId = council.Id,
                Territory = council.Territory,
                Kind = kind,
                Title = title,
                Text = text,
                Edition = 1,
                Proposer = proposer,
                CaseId = caseId,
                State = TopicState.Proposed,
                Supporters = 1,
                SupportersNeeded = policy.Councils.SupportersNeeded,
                SupportBy = support.At,
                PolicyVersion = policy.Version,
                ProvisionalYear = support.ProvisionalYear,
                Steps = 1,
                ProposedAt = now,
                UpdatedAt = now,
                Version = 1,
            };
            return Weighed(proposed, policies, now).Then<TopicStep>(
                next => new TopicStep(next, "Proposed", TopicState.Unspecified, "", proposer));
        }));
    }

    /// <summary>
    /// Support is for an edition: what nobody has read, nobody supports. So an amendment of a topic that still gathers
    /// support starts with its proposer's; later ones are made of what consultations found, and undo nothing. What people are
    /// voting on stays as they read it.
    /// </summary>
    public static Outcome<TopicStep> Amend(
        Topic current,
        string title,
        string text,
        string reason,
        string subject,
        bool isVotedOn,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (Requires(current, "AmendTopic", BeforeAgenda) is { } wrong)
            return wrong;
        if (current.State is TopicState.Proposed && subject != current.Proposer)
            return TopicErrors.NotProposer.With();
        if (isVotedOn)
            return BallotErrors.Open.With();
        var amended = current with { Title = title, Text = text, Edition = current.Edition + 1 };
        return current.State is TopicState.Proposed
            ? Weighed(amended with { Supporters = 1 }, policies, now).Then(
                next => Step(current, next, "Amended", reason, now, current.Proposer))
            : Step(current, amended with { Supporters = 0 }, "Amended", reason, now);
    }

    public static Outcome<TopicStep> Support(
        Topic current, string subject, bool supportsAlready, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "SupportTopic", TopicState.Proposed) is { } wrong)
            return wrong;
        if (supportsAlready)
            return TopicErrors.SupportedTwice.With();
        // Support that is not enough yet leaves the topic as it is: many may give it at once, and none of it is a step of the
        // council's. Only the one that is enough is.
        return Weighed(current with { Supporters = current.Supporters + 1 }, policies, now).Then<TopicStep>(next =>
            next.State is TopicState.Proposed
                ? new TopicStep(next, "", current.State, "", subject)
                : Step(current, next, "Supported", "", now, subject));
    }

    public static Outcome<TopicStep> Decline(Topic current, string reason, DateTimeOffset now) =>
        Requires(current, "DeclineTopic", TopicState.Proposed) is { } wrong
            ? wrong
            : Step(current, current with { State = TopicState.Declined, Answer = reason }, "Declined", reason, now);

    public static Outcome<TopicStep> Consult(Topic current, Consultation consultation, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "ConsultTopic", TopicState.Supported, TopicState.Consulted) is { } wrong)
            return wrong;
        return consultation.HeldOn > policies.LocalDate(now)
            ? TopicErrors.HeldInFuture.With()
            : Step(current, current with { State = TopicState.Consulted }, "Consulted", consultation.Summary, now).Then<TopicStep>(
                step => step with { Consultation = consultation });
    }

    public static Outcome<TopicStep> PutOnAgenda(Topic current, Session session, DateTimeOffset now)
    {
        if (current.CouncilId != session.CouncilId)
            return TopicErrors.OtherCouncil.With(("id", current.Id));
        return Requires(current, "ConveneSession", TopicState.Consulted) is { } wrong
            ? wrong
            : Step(current, current with { State = TopicState.OnAgenda, SessionId = session.Id }, "PutOnAgenda", "", now);
    }

    /// <summary>Back to where a next session can take it up; the time to decide runs on.</summary>
    public static Outcome<TopicStep> TakeOffAgenda(Topic current, string reason, DateTimeOffset now) =>
        Requires(current, "DeferTopic", TopicState.OnAgenda) is { } wrong
            ? wrong
            : Step(current, current with { State = TopicState.Consulted, SessionId = null }, "Deferred", reason, now);

    public static Refusal? MayBeVotedOn(Topic current) => Requires(current, "OpenBallot", TopicState.Consulted, TopicState.OnAgenda);

    public static Refusal? MayBeDecided(Topic current) => Requires(current, "DecideTopic", TopicState.OnAgenda);

    /// <summary>The vote decides, not whoever writes it down.</summary>
    public static Outcome<TopicStep> Decide(
        Topic current, Session session, Decision decision, IReadOnlyList<GivenTask> tasks, CityPolicies policies, DateTimeOffset now)
    {
        if (MayBeDecided(current) is { } wrong)
            return wrong;
        if (current.SessionId != session.Id)
            return TopicErrors.OtherCouncil.With(("id", current.Id));
        if (SessionRules.Requires(session, "DecideTopic", SessionState.Held) is { } early)
            return early;
        return decision.Vote.Passed
            ? Timed(policies, p => p.CarryOutWithin, now).Then(due => Given(tasks, now, due.At).Then(given => Step(
                current,
                Under(due, current) with { State = TopicState.Adopted, Decision = decision, Tasks = given, CarryOutBy = due.At },
                "Adopted", decision.Text, now)))
            : Timed(policies, p => p.AnswerWithin, now).Then(due => Step(
                current,
                Under(due, current) with { State = TopicState.VotedDown, Decision = decision, AnswerBy = due.At },
                "VotedDown", decision.Text, now));
    }

    public static Outcome<TopicStep> CarryOut(Topic current, string result, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "CarryOutTopic", TopicState.Adopted) is { } wrong)
            return wrong;
        return current.Tasks.Count(t => t.DoneAt is null) is > 0 and var open
            ? TopicErrors.TasksOpen.With(("count", open))
            : CarriedOut(current, current, result, policies, now);
    }

    /// <summary>The topic is carried out once every party has done its part.</summary>
    public static Outcome<TopicStep> ReportTask(
        Topic current, int number, bool done, string report, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "ReportTopicTask", TopicState.Adopted) is { } wrong)
            return wrong;
        if (number < 1 || number > current.Tasks.Count)
            return TopicErrors.TaskUnknown.With(("task", number));
        var task = current.Tasks[number - 1];
        if (task.DoneAt is { } at)
            return TopicErrors.TaskDone.With(("task", number), ("at", at));
        var tasks = current.Tasks.ToArray();
        tasks[number - 1] = task with { Report = report, DoneAt = done ? now : null };
        var next = current with { Tasks = tasks };
        return tasks.All(t => t.DoneAt is not null)
            ? CarriedOut(current, next, string.Join('\n', tasks.Select(Told)), policies, now)
            : Step(current, next, done ? "TaskDone" : "TaskNotDone", Told(tasks[number - 1]), now);
    }

    private static string Told(TopicTask task) => $"{task.Party}：{task.Report}";

    private static Outcome<TopicStep> CarriedOut(Topic current, Topic next, string result, CityPolicies policies, DateTimeOffset now) =>
        Timed(policies, p => p.AnswerWithin, now).Then(due => Step(
            current,
            Under(due, next) with { State = TopicState.CarriedOut, Result = result, AnswerBy = due.At },
            "CarriedOut", result, now));

    private static Outcome<IReadOnlyList<TopicTask>> Given(IReadOnlyList<GivenTask> tasks, DateTimeOffset now, DateTimeOffset latest) =>
        tasks.FirstOrDefault(t => t.DueAt <= now || t.DueAt > latest) is { } wrong
            ? TopicErrors.TaskDueInvalid.With(("party", wrong.Party), ("latest", latest))
            : tasks.Select(t => new TopicTask(t.Party, t.Text, t.DueAt ?? latest)).ToArray();

    /// <summary>The answer stands on the echo wall.</summary>
    public static Outcome<TopicStep> Answer(Topic current, string answer, DateTimeOffset now) =>
        Requires(current, "AnswerTopic", TopicState.CarriedOut, TopicState.VotedDown) is { } wrong
            ? wrong
            : Step(current, current with { State = TopicState.Answered, Answer = answer }, "Answered", answer, now);

    /// <summary>The rule of that code, as the policy in force has it.</summary>
    public static Outcome<VoteRule> RuleOf(string code, CityPolicies policies, DateTimeOffset now) =>
        Policy(policies, now).Then<VoteRule>(policy =>
            policy.Councils.VotingRules.FirstOrDefault(r => r.Code == code) is { } rule
                ? new VoteRule(rule.Code, rule.Name, rule.Basis, Fraction.Of(rule.Passes), policy.Version)
                : SessionErrors.RuleUnknown.With(("rule", code)));

    // With enough support the council must decide, and has its time to do so.
    private static Outcome<Topic> Weighed(Topic topic, CityPolicies policies, DateTimeOffset now) =>
        topic.Supporters < topic.SupportersNeeded
            ? topic
            : Timed(policies, p => p.DecideWithin, now).Then<Topic>(due =>
                Under(due, topic) with { State = TopicState.Supported, DecideBy = due.At });

    private static Outcome<Policy> Policy(CityPolicies policies, DateTimeOffset now) => policies.InForce(CityPolicies.CouncilsKind, now);

    private static Outcome<Deadline> Timed(CityPolicies policies, Func<CouncilPolicy, TimeLimit> limit, DateTimeOffset now) =>
        Policy(policies, now).Then(policy =>
            policies.DueAt(now, limit(policy.Councils)).Then<Deadline>(due => new Deadline(due.At, policy.Version, due.ProvisionalYear)));

    private readonly record struct Deadline(DateTimeOffset At, long PolicyVersion, int ProvisionalYear);

    private static Topic Under(Deadline due, Topic topic) => topic with
    {
        PolicyVersion = due.PolicyVersion,
        ProvisionalYear = Math.Max(topic.ProvisionalYear, due.ProvisionalYear),
    };

    private static Refusal? Requires(Topic current, string verb, params TopicState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : TopicErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));

    private static Outcome<TopicStep> Step(
        Topic current, Topic next, string action, string note, DateTimeOffset now, string? supporter = null) =>
        current.Steps >= MaxSteps
            ? TopicErrors.HistoryFull.With(("max", MaxSteps))
            : new TopicStep(
                next with { Steps = current.Steps + 1, UpdatedAt = now, Version = current.Version + 1 },
                action, current.State, note, supporter);
}
