using System.Globalization;
using Governance.Contracts.Events;
using Governance.Grids.Dispatch;
using Governance.Grids.Intake;
using Governance.Grids.Policies;
using Governance.Grids.Reviews;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Assignment = Governance.Grids.Dispatch.Assignment;
using Policy = Governance.Grids.V1.Policy;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Cases;

/// <summary>
/// The rules of cases, pure: (case, command, now) to a step or a refusal. Every rule names the states that it may start
/// from; due instants are set here and nowhere else.
/// </summary>
public static partial class CaseRules
{
    private static readonly TimeSpan RetryEscalationAfter = TimeSpan.FromDays(1);

    /// <summary>States that <see cref="Case.HandleBy"/> is waited for in.</summary>
    internal static readonly CaseState[] ToBeHandled = [CaseState.Assessed, CaseState.Dispatched, CaseState.Handling, CaseState.Whistled];

    /// <summary>States in which a level has the case in its hands.</summary>
    private static readonly CaseState[] InHand = [CaseState.Assessed, CaseState.Dispatched, CaseState.Handling];

    public static Outcome<CaseStep> Report(
        Guid id, long number, string grid, CaseReport report, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            Limit(policies, policy, policy.Cases.AssessWithin, now).Then<CaseStep>(assess => new CaseStep(
                new Case
                {
                    Id = id,
                    Number = number,
                    Territory = grid,
                    Holder = policy.Cases.FirstLevel is EscalationLevel.Grid
                        ? grid
                        : TerritoryCode.Parse(grid).AtLevel(TerritoryLevel.Community)!.ToString(),
                    Title = report.Title,
                    Description = report.Description,
                    Place = report.Place,
                    Channel = report.Channel,
                    Reporter = report.Reporter,
                    Confidential = report.Confidential,
                    People = report.People,
                    State = CaseState.Reported,
                    AssessBy = assess.At,
                    EscalateAt = assess.EscalateAt,
                    PolicyVersion = assess.PolicyVersion,
                    ProvisionalYear = assess.ProvisionalYear,
                    Steps = 1,
                    ReportedAt = now,
                    UpdatedAt = now,
                    Version = 1,
                },
                new CaseEntry("Reported", CaseState.Unspecified, CaseState.Reported, report.Note),
                new CaseReported(id, grid, report.Title, now))));

    /// <summary>Its grid was redrawn: the level that holds it is the one above the new grid, and so is the one whose answer is reviewed.</summary>
    public static Outcome<CaseStep> Moved(Case current, string grid, DateTimeOffset now)
    {
        var next = current with
        {
            Territory = grid,
            Holder = SameLevel(current.Holder),
            Review = current.Review is { From.Length: > 0 } review ? review with { From = SameLevel(review.From) } : current.Review,
        };
        return Step(current, next, "GridRedrawn", current.Territory, now);

        string SameLevel(string before) => TerritoryCode.Parse(grid).AtLevel(TerritoryCode.Parse(before).Level)!.ToString();
    }

    public static Outcome<CaseStep> Assess(Case current, string category, string note, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "AssessCase", CaseState.Reported) is { } wrong)
            return wrong;
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
        {
            var categories = policies.CategoriesOf(policy);
            if (categories.Find(category) is not { } found)
                return CaseErrors.CategoryUnknown.With(("category", category));
            if (!categories.IsLeaf(category))
                return CaseErrors.CategoryNotLeaf.With(("category", category));
            if (VerificationRules.Hindrance(current, categories.MustBeVerified(found)) is { } hindrance)
                return hindrance;
            return Timed(current with { State = CaseState.Assessed, Category = category }, policies, now)
                .Then(next => Step(current, next, "Assessed", note, now));
        });
    }

    /// <summary>What whoever sees the case first can do with it at once: with a category it is assessed in the same act.</summary>
    public static Outcome<CaseStep> AssessedFirst(
        Case current, string category, CityPolicies policies, DateTimeOffset now, Func<Case, Outcome<CaseStep>> then) =>
        category.Length is 0
            ? then(current)
            : Assess(current, category, "", policies, now).Then(assessed =>
                then(assessed.Next).Then<CaseStep>(step => step with { Before = assessed }));

    public static Outcome<CaseStep> Reject(Case current, string reason, CityPolicies policies, DateTimeOffset now) =>
        Requires(current, "RejectCase", CaseState.Reported) is { } wrong
            ? wrong
            : Rejected(current, reason, policies, now);

    internal static Outcome<CaseStep> Rejected(Case current, string reason, CityPolicies policies, DateTimeOffset now) =>
        Ended(policies, now, Step(
            current, current with { State = CaseState.Rejected, Answer = reason, Deadline = null }, "Rejected", reason, now,
            new CaseRejected(current.Id, current.Territory, now)));

    /// <summary>Another authority's matter ends here, and its reporter knows whose it is.</summary>
    public static Outcome<CaseStep> Transfer(Case current, string authority, string reason, CityPolicies policies, DateTimeOffset now) =>
        Requires(current, "TransferCase", CaseState.Reported, CaseState.Assessed) is { } wrong
            ? wrong
            : Transferred(current, authority, reason, policies, now);

    internal static Outcome<CaseStep> Transferred(Case current, string authority, string reason, CityPolicies policies, DateTimeOffset now) =>
        Ended(policies, now, Step(
            current, current with { State = CaseState.Transferred, TransferredTo = authority, Answer = reason, Deadline = null },
            "Transferred", $"{authority}: {reason}", now,
            new CaseTransferred(current.Id, current.Territory, authority, now)));

    public static Outcome<CaseStep> Dispatch(
        Case current, CaseHandler handler, string note, DateTimeOffset now, IReadOnlyList<Assignment>? assignments = null) =>
        Requires(current, "DispatchCase", CaseState.Assessed) is { } wrong ? wrong
            : handler.Need is { } need && need.StartsAt.AddMinutes(need.Minutes) is var over && over <= now
                ? CaseErrors.NeedOver.With(("over_at", over))
            : Step(current, current with { State = CaseState.Dispatched, Handler = handler, Assignments = assignments ?? [] }, "Dispatched", note, now,
                Dispatched(current, handler, assignments ?? [], now));

    internal static CaseDispatched Dispatched(
        Case current, CaseHandler handler, IReadOnlyList<Assignment> assignments, DateTimeOffset now) =>
        new(
            current.Id, current.Territory, current.Title, current.HandleBy!.Value,
            handler.OrganisationId, handler.EstateId, handler.Need, now,
            assignments.Count > 1 ? [.. assignments.Skip(1).Select(a => a.OrganisationId)] : null,
            handler.DispatchId, current.ProvisionalYear);

    public static Outcome<CaseStep> StartHandling(Case current, DateTimeOffset now)
    {
        if (Requires(current, "StartHandling", CaseState.Dispatched) is { } wrong)
            return wrong;
        return (HandledElsewhere(current) ?? AssignmentRules.Disputed(current)) is { } hindrance
            ? hindrance
            : Step(current, current with { State = CaseState.Handling }, "HandlingStarted", "", now);
    }

    public static Outcome<CaseStep> CompleteHandling(Case current, string result, CityPolicies policies, DateTimeOffset now)
    {
        // Whoever works in a grid handles on the spot what the grid holds.
        CaseState[] from = IsOfGrid(current) ? ToBeHandled : [CaseState.Dispatched, CaseState.Handling, CaseState.Whistled];
        if (Requires(current, "CompleteHandling", from) is { } wrong)
            return wrong;
        return (HandledElsewhere(current) ?? AssignmentRules.Disputed(current) ?? AssignmentRules.StillHelping(current)) is { } hindrance
            ? hindrance
            : Handled(current, result, policies, now);
    }

    public static Outcome<CaseStep> Return(Case current, string reason, DateTimeOffset now)
    {
        if (Requires(current, "ReturnCase", CaseState.Dispatched, CaseState.Handling) is { } wrong)
            return wrong;
        return HandledElsewhere(current) is { } elsewhere
            ? elsewhere
            : Step(current, current with { State = CaseState.Assessed, Handler = null }, "Returned", reason, now);
    }

    /// <summary>One level up; who had it in hand has it no more.</summary>
    public static Outcome<CaseStep> Escalate(Case current, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "EscalateCase", InHand) is { } wrong)
            return wrong;
        return Above(current) is { } above ? Raise(current, above, "Escalated", reason, policies, now) : CaseErrors.AtTop.With();
    }

    /// <summary>
    /// One level up, since the step that was due was not done, whoever should have done it and also when nobody was called.
    /// What can't be escalated now, as in a year without calendar, is tried again a day later, and its history says why while it has
    /// room for that.
    /// </summary>
    public static Outcome<CaseStep> EscalateOverdue(Case current, CityPolicies policies, DateTimeOffset now)
    {
        var overdue = $"{current.State} due {Text(current.DueAt!.Value)}";
        var raised = Raise(current, Above(current)!, "EscalatedOverdue", overdue, policies, now);
        if (raised.Refusal is not { } refusal)
            return raised;
        var postponed = Step(
            current, current with { EscalateAt = now + RetryEscalationAfter }, "EscalationPostponed",
            refusal.Definition.Text(Language.Chinese, refusal.Metadata), now);
        return postponed.Refusal is null ? postponed : refusal;
    }

    private static Outcome<CaseStep> Raise(Case current, string above, string action, string note, CityPolicies policies, DateTimeOffset now)
    {
        var raised = current with { Holder = above };
        var timed = current.State switch
        {
            CaseState.Reported => Limit(policies, p => p.AssessWithin, now).Then<Case>(assess => raised.RestingOn(assess.ProvisionalYear) with
            {
                AssessBy = assess.At,
                EscalateAt = assess.EscalateAt,
                PolicyVersion = assess.PolicyVersion,
            }),
            CaseState.Handled => Limit(policies, p => p.AnswerWithin, now).Then<Case>(answer => raised.RestingOn(answer.ProvisionalYear) with
            {
                AnswerBy = answer.At,
                EscalateAt = answer.EscalateAt,
                PolicyVersion = answer.PolicyVersion,
            }),
            _ => Timed(raised with { State = CaseState.Assessed, Handler = null, Whistle = null }, policies, now),
        };
        return timed.Then(next => Step(current, next, action, note, now,
            new CaseEscalated(current.Id, current.Territory, next.Holder, next.DueAt!.Value, now, next.ProvisionalYear)));
    }

    /// <summary>Whether the grid holds it, and so whoever works there.</summary>
    internal static bool IsOfGrid(Case current) => TerritoryCode.Parse(current.Holder).Level is TerritoryLevel.Grid;

    internal static string? Above(Case current)
    {
        var holder = TerritoryCode.Parse(current.Holder);
        return holder.Level is TerritoryLevel.City ? null : holder.Parent?.ToString();
    }

    public static Outcome<CaseStep> BlowWhistle(
        Case current,
        Guid whistleId,
        IReadOnlyList<WhistledOrganisation> called,
        string reason,
        TimeSpan? reportWithin,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (Requires(current, "BlowWhistle", CaseState.Assessed) is { } wrong)
            return wrong;
        var level = TerritoryCode.Parse(current.Holder).Level;
        if (level is TerritoryLevel.Community or TerritoryLevel.Grid)
            return CaseErrors.LevelTooLow.With(("level", level.Told()));
        return Limit(policies, p => p.ReportWithin, now).Then<CaseStep>(latest =>
        {
            var reportBy = reportWithin is { } within ? now + within : latest.At;
            // What somebody has named rests on no calendar.
            var provisionalYear = reportWithin is null ? latest.ProvisionalYear : 0;
            if (reportBy <= now || reportBy > latest.At)
                return CaseErrors.WhistleTooLong.With(("latest", latest.At));
            var whistle = new CaseWhistle(
                whistleId, reason, current.Holder, now, reportBy, [.. called.Select(c => new CaseResponder(c.OrganisationId, c.Name, null))],
                provisionalYear);
            return Step(current, current.RestingOn(provisionalYear) with { State = CaseState.Whistled, Whistle = whistle }, "WhistleBlown", reason, now,
                new WhistleBlown(current.Id, whistleId, current.Territory, current.Title, called, reportBy, now, provisionalYear));
        });
    }

    public static Outcome<CaseStep> Answer(Case current, string answer, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "AnswerCase", CaseState.Handled) is { } wrong)
            return wrong;
        return Answer(current, current, answer, policies, now);
    }

    /// <summary>The answer to a case as it is known with it.</summary>
    internal static Outcome<CaseStep> Answer(Case current, Case known, string answer, CityPolicies policies, DateTimeOffset now) =>
        Answered(known, answer, policies, now).Then(next => Step(current, next, "Answered", answer, now,
            new CaseAnswered(current.Id, current.Territory, next.ConfirmBy!.Value, now)));

    /// <summary>The case with an answer from now on, and the times that run from it.</summary>
    internal static Outcome<Case> Answered(Case current, string answer, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            policies.DueAt(now, policy.Cases.ConfirmWithin).Then(confirmBy =>
                UntilOrNone(policies, policy.Cases.ReopenWithin, now).Then(reopenBy =>
                    UntilOrNone(policies, policy.Cases.Reviews?.RequestWithin, now).Then<Case>(requestBy =>
                        current.RestingOn(Last(confirmBy, reopenBy, requestBy)) with
                        {
                            State = CaseState.Answered,
                            Answer = answer,
                            // What was said of an earlier answer is not said of this one.
                            Satisfaction = Satisfaction.Unspecified,
                            Deadline = null,
                            ConfirmBy = confirmBy.At,
                            ReopenBy = reopenBy?.At,
                            Review = requestBy is null ? null : new CaseReview { RequestBy = requestBy.Value.At },
                            PolicyVersion = policy.Version,
                        }))));

    private static Outcome<Due?> UntilOrNone(CityPolicies policies, TimeLimit? limit, DateTimeOffset now) =>
        limit is null ? (Due?)null : policies.DueAt(now, limit).Then<Due?>(due => (Due?)due);

    internal static int Last(params ReadOnlySpan<Due?> dues)
    {
        var last = 0;
        foreach (var due in dues)
            last = Math.Max(last, due?.ProvisionalYear ?? 0);
        return last;
    }

    /// <summary>
    /// Satisfied, it can be closed. Dissatisfied, the level that holds it must see to it again, as often as the policy lets a case be
    /// reopened and its history has room; after that, and after a review, the word stands and the way is the next review.
    /// </summary>
    public static Outcome<CaseStep> Confirm(Case current, Satisfaction satisfaction, string comment, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "ConfirmCase", CaseState.Answered) is { } wrong)
            return wrong;
        if (now > current.ConfirmBy)
            return CaseErrors.ConfirmTooLate.With(("until", current.ConfirmBy.Value));
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
        {
            var stands = Step(current, current with { State = CaseState.Confirmed, Satisfaction = satisfaction }, "Confirmed", comment, now);
            if (satisfaction is Satisfaction.Satisfied || current.Review is { Round: > 0 } || IsExhausted(current, policy.Cases))
                return stands;
            var reopened = Reopened(current, comment, policies, now);
            // No word is lost because the history has no room for going round once more.
            return reopened.Refusal?.Definition == CaseErrors.HistoryFull ? stands : reopened;
        });
    }

    /// <summary>Nobody says of an own answer that it satisfies, nor reviews it.</summary>
    internal static Refusal? OwnAnswer(GivenAnswer? answer, string by) => answer?.By == by ? CaseErrors.ConfirmationOwn.With() : null;

    // A city that lets nothing be reopened has no number for it either: there an answer is taken back while it is not confirmed.
    private static bool IsExhausted(Case current, CasePolicy policy) =>
        policy.ReopenWithin is not null && current.Reopenings >= policy.ReopenAtMost;

    /// <summary>What was confirmed or closed is taken up again, as long as the time since the answer has not run out.</summary>
    public static Outcome<CaseStep> Reopen(Case current, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "ReopenCase", CaseState.Confirmed, CaseState.Closed) is { } wrong)
            return wrong;
        if (ReviewRules.Finality(current) is { } final)
            return final;
        if (current.ReopenBy is not { } until || now > until)
            return CaseErrors.ReopenTooLate.With(("until", current.ReopenBy ?? (Words)"-"));
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            current.Reopenings >= policy.Cases.ReopenAtMost
                ? CaseErrors.ReopenedTooOften.With(("count", current.Reopenings))
                : Reopened(current, reason, policies, now));
    }

    private static Outcome<CaseStep> Reopened(Case current, string reason, CityPolicies policies, DateTimeOffset now) =>
        Timed(
            current with
            {
                State = CaseState.Assessed,
                Satisfaction = Satisfaction.Dissatisfied,
                Handler = null,
                Whistle = null,
                ConfirmBy = null,
                ReopenBy = null,
                Reopenings = current.Reopenings + 1,
            },
            policies, now).Then(next => Step(current, next, "Reopened", reason, now,
                new CaseReopened(current.Id, current.Territory, next.Reopenings, next.HandleBy!.Value, now)));

    /// <summary>Whether there is nothing to say of its dimensions that is not said already.</summary>
    internal static bool IsTagged(Case current, IReadOnlyList<GovernanceDimension> dimensions) =>
        !current.HasEnded && current.Dimensions.SequenceEqual(dimensions.Distinct().Order());

    /// <summary>An ended case changed last when it ended, and keeps it so.</summary>
    public static Outcome<CaseStep> Tag(Case current, IReadOnlyList<GovernanceDimension> dimensions, DateTimeOffset now) => current.HasEnded
        ? CaseErrors.Ended.With()
        : Step(current, current with { Dimensions = [.. dimensions.Distinct().Order()] }, "Tagged", string.Join(", ", dimensions.Distinct().Order()), now);

    public static Outcome<CaseStep> Close(Case current, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "CloseCase", CaseState.Confirmed, CaseState.Answered) is { } wrong)
            return wrong;
        if (current.State is CaseState.Answered && now < current.ConfirmBy)
            return CaseErrors.ConfirmationPending.With(("until", current.ConfirmBy.Value));
        return Ended(policies, now, Step(current, current with { State = CaseState.Closed }, "Closed", "", now,
            new CaseClosed(current.Id, current.Territory, current.Satisfaction is Satisfaction.Satisfied, now)));
    }

    private static Outcome<CaseStep> Ended(CityPolicies policies, DateTimeOffset now, Outcome<CaseStep> step) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            step.Then<CaseStep>(last => last with { KeepPeopleUntil = now.AddDays(policy.Cases.KeepPeopleDays) }));

    /// <summary>When a limit of the policy in force ends, counted from now, and when the case goes up if nothing happens.</summary>
    private static Outcome<Deadline> Limit(CityPolicies policies, Func<CasePolicy, TimeLimit> limit, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy => Limit(policies, policy, limit(policy.Cases), now));

    private static Outcome<Deadline> Limit(CityPolicies policies, Policy policy, TimeLimit limit, DateTimeOffset now) =>
        policies.DueAt(now, limit).Then(due =>
            EscalateAt(policies, policy, due.At).Then<Deadline>(up => new Deadline(due.At, up?.At, policy.Version, Last(due, up))));

    /// <summary>When a case that is due at an instant goes up by itself; null when the policy lets none.</summary>
    internal static Outcome<Due?> EscalateAt(CityPolicies policies, Policy policy, DateTimeOffset due) =>
        UntilOrNone(policies, policy.Cases.Escalation?.After, due);

    /// <summary>Whether a reach takes in the level above the one that holds the case; above the city is nobody but the city.</summary>
    internal static bool IsAbove(TerritoryCode reach, Case current)
    {
        var holder = TerritoryCode.Parse(current.Holder);
        return reach.Contains(holder.Level is TerritoryLevel.City ? holder : holder.Parent!);
    }

    private sealed record Deadline(DateTimeOffset At, DateTimeOffset? EscalateAt, long PolicyVersion, int ProvisionalYear);

    /// <summary>Sets the instant by which the case must be handled, from the limit of its level or its category.</summary>
    internal static Outcome<Case> Timed(Case current, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            LimitOf(current, policy, policies).Then(limit => Limit(policies, policy, limit, now)).Then<Case>(handle =>
                current.RestingOn(handle.ProvisionalYear) with
                {
                    Deadline = null,
                    HandleBy = handle.At,
                    EscalateAt = handle.EscalateAt,
                    PolicyVersion = handle.PolicyVersion,
                }));

    /// <summary>The limit by which the case must be handled at its level: the level's own, or the category's.</summary>
    internal static Outcome<TimeLimit> LimitOf(Case current, Policy policy, CityPolicies policies)
    {
        var level = TerritoryCode.Parse(current.Holder).Level switch
        {
            TerritoryLevel.Subdistrict => EscalationLevel.Subdistrict,
            TerritoryLevel.District => EscalationLevel.District,
            TerritoryLevel.City => EscalationLevel.City,
            TerritoryLevel.Community => EscalationLevel.Community,
            _ => EscalationLevel.Grid,
        };
        var ofLevel = policy.Cases.Escalation?.Levels.FirstOrDefault(l => l.Level == level)?.HandleWithin;
        return (ofLevel ?? policies.LimitOf(current.Category, policy)) is { } limit
            ? limit
            : CaseErrors.CategoryUnknown.With(("category", current.Category));
    }

    private static Outcome<CaseStep> Handled(Case current, string result, CityPolicies policies, DateTimeOffset now) =>
        Limit(policies, p => p.AnswerWithin, now).Then(answer => Step(
            current,
            current.RestingOn(answer.ProvisionalYear) with
            {
                State = CaseState.Handled,
                Result = result,
                Deadline = null,
                AnswerBy = answer.At,
                EscalateAt = answer.EscalateAt,
                PolicyVersion = answer.PolicyVersion,
            },
            "Handled", result, now));

    /// <summary>The parties of a dispute have agreed, which is how it is handled.</summary>
    internal static Outcome<CaseStep> Settle(Case current, string agreement, CityPolicies policies, DateTimeOffset now) =>
        (HandledElsewhere(current) ?? AssignmentRules.Disputed(current) ?? AssignmentRules.StillHelping(current)) is { } hindrance
            ? hindrance
            : Handled(current, agreement, policies, now);

    private static Refusal? HandledElsewhere(Case current) => current.Handler switch
    {
        { EstateId: not null } => CaseErrors.NotYours.With(("channel", new Words("a work order", "物业工单"))),
        { Need: not null } => CaseErrors.NotYours.With(("channel", new Words("a volunteers' activity", "志愿活动"))),
        _ => null,
    };

    internal static Refusal? Requires(Case current, string verb, params CaseState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : CaseErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));

    internal static Outcome<CaseStep> Step(Case current, Case next, string action, string note, DateTimeOffset now, params IReadOnlyList<IEvent> events) =>
        !CaseRoom.Has(current, next, action)
            ? CaseErrors.HistoryFull.With(("count", current.Steps), ("max", CaseRoom.MaxSteps))
            : new CaseStep(
                next with
                {
                    Assignments = AssignmentRules.Settled(next, action, now),
                    Whistle = WhistleRules.Settled(current, next, now),
                    // Nobody is late where nothing is due, and above the city is nobody.
                    EscalateAt = next.DueAt is null || Above(next) is null ? null : next.EscalateAt,
                    Late = current.Late || current.DueAt < now,
                    Steps = current.Steps + 1,
                    // What comes in late does not move the end, which is told by the last change.
                    UpdatedAt = current.HasEnded && next.HasEnded ? current.UpdatedAt : now,
                    Version = current.Version + 1,
                },
                new CaseEntry(action, current.State, next.State, note),
                AssignmentRules.IsWithdrawn(current, next) ? [AssignmentRules.Withdrawn(current, action, now), .. events]
                    : WhistleRules.IsClosed(current, next) ? [WhistleRules.Closed(current, action, now), .. events]
                    : events);

    internal static string Text(DateTimeOffset instant) => instant.ToString("O", CultureInfo.InvariantCulture);
}
