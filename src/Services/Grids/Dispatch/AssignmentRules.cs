using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>
/// Lead and co-handlers of a case, pure. The assignments are part of the case: whatever is done to it, <see cref="Settled"/>
/// leaves none open that nobody is to work on any more.
/// </summary>
public static class AssignmentRules
{
    private static readonly CaseState[] WithHandler = [CaseState.Dispatched, CaseState.Handling];

    /// <summary>The first of the parts leads.</summary>
    public static Outcome<CaseStep> Dispatch(
        Case current, IReadOnlyList<Part> parts, string note, string by, CityPolicies policies, DateTimeOffset now) =>
        CaseRules.Requires(current, "DispatchCase", CaseState.Assessed) is { } wrong
            ? wrong
            : Assigned(current, parts, by, policies, now).Then(assigned =>
                CaseRules.Dispatch(assigned, HandlerOf(parts), note, now, assigned.Assignments));

    /// <summary>A decision of several organisations: whoever has the case is released, and who leads from now on is given it.</summary>
    public static Outcome<CaseStep> Redispatch(
        Case current, IReadOnlyList<Part> parts, string note, string by, CityPolicies policies, DateTimeOffset now)
    {
        const string action = "ConsultationDecided";
        if (CaseRules.Requires(current, "DecideConsultation", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        return Assigned(current, parts, by, policies, now).Then(assigned =>
        {
            var handler = HandlerOf(parts);
            var dispatched = CaseRules.Dispatched(assigned, handler, assigned.Assignments, now);
            return CaseRules.Step(
                current,
                assigned with { State = CaseState.Dispatched, Handler = handler, Whistle = null },
                action, note, now,
                WithHandler.Contains(current.State) ? [Withdrawn(current, action, now), dispatched] : [dispatched]);
        });
    }

    public static Outcome<CaseStep> Accept(Case current, Guid id, DateTimeOffset now) =>
        Found(current, id, "AcceptAssignment", AssignmentState.Assigned).Then(found => found.Role is AssignmentRole.Lead
            ? CaseRules.StartHandling(current, now)
            : Changed(current, found with { State = AssignmentState.Accepted, AcceptedAt = now }, "AssignmentAccepted", found.Name, now));

    public static Outcome<CaseStep> Complete(Case current, Guid id, string result, CityPolicies policies, DateTimeOffset now) =>
        Found(current, id, "CompleteAssignment", AssignmentState.Assigned, AssignmentState.Accepted).Then(found =>
            found.Role is AssignmentRole.Lead
                ? CaseRules.CompleteHandling(current, result, policies, now)
                : Changed(
                    current, found with { State = AssignmentState.Completed, Result = result, EndedAt = now },
                    "AssignmentCompleted", $"{found.Name}: {result}", now));

    public static Outcome<CaseStep> Release(Case current, Guid id, string reason, DateTimeOffset now) =>
        Found(current, id, "ReleaseCoHandler", AssignmentState.Assigned, AssignmentState.Accepted, AssignmentState.Objected).Then(found =>
            found.Role is AssignmentRole.Lead
                ? DispatchErrors.AssignmentIsLead.With()
                : Changed(current, Ended(found, reason, now), "CoHandlerReleased", $"{found.Name}: {reason}", now));

    public static Outcome<CaseStep> Object(Case current, Guid id, string reason, string by, DateTimeOffset now)
    {
        if (current.Assignments.FirstOrDefault(a => a.Id == id) is { Objection: { } earlier })
            return DispatchErrors.ObjectionRepeated.With(("at", earlier.RaisedAt));
        return Found(current, id, "ObjectToAssignment", AssignmentState.Assigned).Then(found =>
        {
            if (found.ObjectBy is not { } until)
                return DispatchErrors.ObjectionNotAllowed.With();
            if (now > until)
                return DispatchErrors.ObjectionTooLate.With(("until", until));
            return Changed(
                current, found with { State = AssignmentState.Objected, Objection = new Objection(reason, by, now) },
                "ObjectionRaised", $"{found.Name}: {reason}", now,
                new AssignmentObjected(current.Id, id, current.Territory, found.OrganisationId, now));
        });
    }

    /// <summary>Whoever rules, the case is due when it was due.</summary>
    public static Outcome<CaseStep> RuleOn(Case current, Guid id, bool uphold, string ruling, string by, DateTimeOffset now)
    {
        if (current.Assignments.FirstOrDefault(a => a.Id == id) is not { } found)
            return DispatchErrors.AssignmentNotFound.With(("assignment", id));
        if (found is not { State: AssignmentState.Objected, Objection: { } objection })
            return DispatchErrors.ObjectionMissing.With();
        if (by == found.AssignedBy || by == objection.RaisedBy)
            return DispatchErrors.ObjectionRulingOwn.With();
        var ruled = found with { Objection = objection with { Upheld = uphold, Ruling = ruling, RuledBy = by, RuledAt = now } };
        var told = new ObjectionRuled(current.Id, id, current.Territory, found.OrganisationId, uphold, now);
        if (!uphold)
            return Changed(current, ruled with { State = AssignmentState.Assigned }, "ObjectionDismissed", ruling, now, told);
        var without = With(current, Ended(ruled, ruling, now));
        if (found.Role is AssignmentRole.Lead)
            without = without with { State = CaseState.Assessed, Handler = null };
        return CaseRules.Step(current, without, "ObjectionUpheld", ruling, now, told);
    }

    /// <summary>A person on duty has it from now on.</summary>
    public static Outcome<CaseStep> Give(Case current, Assignment assignment, string subject, DateTimeOffset now) =>
        Changed(current, assignment with { Subject = subject, GivenAt = now }, "AssignmentGiven", $"{assignment.Name}: {subject}", now,
            new AssignmentGiven(current.Id, assignment.Id, current.Territory, assignment.OrganisationId, assignment.DueAt, now));

    /// <summary>Whoever has longer to handle a case gives as much longer to those who help.</summary>
    /// <param name="due">When a part is due that was due at an instant, and has an id.</param>
    internal static Outcome<Assignment[]> Moved(IReadOnlyList<Assignment> assignments, Func<DateTimeOffset, Guid, Outcome<Due>> due)
    {
        var moved = new List<Assignment>();
        foreach (var assignment in assignments)
        {
            var next = assignment.IsOpen ? due(assignment.DueAt, assignment.Id) : new Due(assignment.DueAt);
            if (next.Refusal is { } refusal)
                return refusal;
            moved.Add(assignment with { DueAt = next.OrRefuse().At });
        }
        return moved.ToArray();
    }

    /// <summary>The lead has objected: until that is ruled on it neither begins nor reports.</summary>
    internal static Refusal? Disputed(Case current) =>
        Lead(current) is { State: AssignmentState.Objected, Objection: { } objection }
            ? DispatchErrors.ObjectionPending.With(("at", objection.RaisedAt))
            : null;

    internal static Refusal? StillHelping(Case current)
    {
        var open = current.Assignments.Where(a => a.Role is AssignmentRole.CoHandler && a.IsOpen).Select(a => a.Name).ToList();
        return open is [] ? null : DispatchErrors.CoHandlersOpen.With(("names", string.Join(", ", open)));
    }

    /// <summary>The assignments of a case as its state demands.</summary>
    internal static IReadOnlyList<Assignment> Settled(Case next, string action, DateTimeOffset now)
    {
        if (!next.Assignments.Any(a => a.IsOpen))
            return next.Assignments;
        return next.State switch
        {
            CaseState.Dispatched => next.Assignments,
            CaseState.Handling => [.. next.Assignments.Select(a => a is { Role: AssignmentRole.Lead, State: AssignmentState.Assigned }
                ? a with { State = AssignmentState.Accepted, AcceptedAt = now }
                : a)],
            CaseState.Handled => [.. next.Assignments.Select(a => a is { Role: AssignmentRole.Lead, IsOpen: true }
                ? a with { State = AssignmentState.Completed, Result = next.Result, EndedAt = now }
                : a)],
            _ => [.. next.Assignments.Select(a => a.IsOpen ? Ended(a, action, now) : a)],
        };
    }

    /// <summary>Whoever handled it does so no more, and it is not handled.</summary>
    internal static bool IsWithdrawn(Case current, Case next) =>
        WithHandler.Contains(current.State) && !WithHandler.Contains(next.State) && next.State is not CaseState.Handled
        // What a company or a team has given back is ended there already.
        && !(next.State is CaseState.Assessed && next.Holder == current.Holder && current.Handler is { OrganisationId: null });

    internal static DispatchWithdrawn Withdrawn(Case current, string action, DateTimeOffset now) => new(
        current.Id, current.Territory, action,
        [.. current.Assignments.Where(a => a.IsOpen).Select(a => a.OrganisationId)], current.Handler?.EstateId, now);

    internal static Assignment Ended(Assignment assignment, string why, DateTimeOffset now) =>
        assignment with { State = AssignmentState.Withdrawn, Result = why, EndedAt = now };

    /// <summary>The case with its parts given out, and otherwise as it was.</summary>
    private static Outcome<Case> Assigned(
        Case current, IReadOnlyList<Part> parts, string by, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then<Case>(policy =>
        {
            var rules = policy.Cases.Dispatch;
            if (parts.Count - 1 > (rules?.CoHandlers ?? 0))
                return DispatchErrors.CoHandlersTooMany.With(("max", rules?.CoHandlers ?? 0), ("count", parts.Count - 1));
            if (parts.GroupBy(p => p.OrganisationId).FirstOrDefault(g => g.Count() > 1) is { } twice)
                return DispatchErrors.HandlerTwice.With(("name", twice.First().Name));
            var next = current;
            DateTimeOffset? objectBy = null;
            if (rules is not null)
            {
                var until = policies.DueAt(now, rules.ObjectWithin);
                if (until.Refusal is { } missing)
                    return missing;
                objectBy = until.OrRefuse().At;
                next = next.RestingOn(until.OrRefuse().ProvisionalYear);
            }
            var assignments = new List<Assignment>();
            foreach (var part in parts)
            {
                var due = DueAt(part, assignments is [] ? null : rules!.CoHandleWithin, current.HandleBy!.Value, policies, now);
                if (due.Refusal is { } refusal)
                    return refusal;
                next = next.RestingOn(due.OrRefuse().ProvisionalYear);
                assignments.Add(new Assignment
                {
                    Id = part.Id,
                    Role = assignments is [] ? AssignmentRole.Lead : AssignmentRole.CoHandler,
                    OrganisationId = part.OrganisationId,
                    Name = part.Name,
                    DueAt = due.OrRefuse().At,
                    ObjectBy = objectBy,
                    State = AssignmentState.Assigned,
                    AssignedBy = by,
                    AssignedFrom = current.Holder,
                    AssignedAt = now,
                });
            }
            return next with { Assignments = assignments };
        });

    // The policy's own limit bends to the case; one that somebody names must fit.
    private static Outcome<Due> DueAt(
        Part part, V1.TimeLimit? usual, DateTimeOffset handleBy, CityPolicies policies, DateTimeOffset now)
    {
        if ((part.Within ?? usual) is not { } limit)
            return new Due(handleBy);
        return policies.DueAt(now, limit).Then<Due>(due =>
        {
            if (due.At <= handleBy)
                return due;
            return part.Within is null ? new Due(handleBy) : DispatchErrors.AssignmentDueTooLate.With(("latest", handleBy));
        });
    }

    private static CaseHandler HandlerOf(IReadOnlyList<Part> parts) =>
        new(parts[0].OrganisationId, null, null, parts[0].Name, null) { DispatchId = parts[0].Id };

    private static Assignment? Lead(Case current) => current.Assignments.FirstOrDefault(a => a.Role is AssignmentRole.Lead);

    private static Outcome<Assignment> Found(Case current, Guid id, string verb, params AssignmentState[] allowed)
    {
        if (current.Assignments.FirstOrDefault(a => a.Id == id) is not { } found)
            return DispatchErrors.AssignmentNotFound.With(("assignment", id));
        return allowed.Contains(found.State)
            ? found
            : DispatchErrors.AssignmentWrongState.With(
                ("verb", verb), ("state", found.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));
    }

    private static Case With(Case current, Assignment changed) =>
        current with { Assignments = [.. current.Assignments.Select(a => a.Id == changed.Id ? changed : a)] };

    private static Outcome<CaseStep> Changed(
        Case current, Assignment changed, string action, string note, DateTimeOffset now, params IReadOnlyList<IEvent> events) =>
        CaseRules.Step(current, With(current, changed), action, note, now, events);
}
