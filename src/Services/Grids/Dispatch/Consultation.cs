using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>Several organisations consider a case together (会商). Immutable; a rule makes the next one.</summary>
/// <param name="ConvenedFrom">Territory of the level that held the case then.</param>
public sealed record Consultation(
    Guid Id,
    Guid CaseId,
    string Territory,
    string Convener,
    string ConvenedFrom,
    string Question,
    DateTimeOffset OpenedAt,
    DateTimeOffset DueAt,
    IReadOnlyList<Participant> Participants,
    IReadOnlyList<Statement> Statements,
    string Decision,
    string DecidedBy,
    DateTimeOffset? DecidedAt,
    Guid? LeadId);

/// <summary>An organisation that takes part, with its name when it was asked.</summary>
public sealed record Participant(Guid OrganisationId, string Name);

/// <summary>Something that was said; <paramref name="OrganisationId"/> is null when by an officer of a level.</summary>
public sealed record Statement(Guid? OrganisationId, string Subject, DateTimeOffset At, string Text);

/// <summary>The rules of consultations, pure.</summary>
public static class ConsultationRules
{
    public const int MaxStatements = 500;

    public static Outcome<(Consultation Opened, CaseStep Step)> Open(
        Guid id, Case current, Consultation? earlier, IReadOnlyList<Participant> participants, string question, DateTimeOffset dueAt,
        string convener, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "OpenConsultation", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        if (earlier is not null)
            return DispatchErrors.ConsultationOpen.With(("at", earlier.OpenedAt));
        return Latest(policies, now).Then<(Consultation, CaseStep)>(latest =>
        {
            if (dueAt <= now || dueAt > latest)
                return DispatchErrors.ConsultationTooLong.With(("latest", latest));
            var opened = new Consultation(
                id, current.Id, current.Territory, convener, current.Holder, question, now, dueAt, participants, [], "", "", null, null);
            return CaseRules.Step(current, current, "ConsultationOpened", question, now)
                .Then<(Consultation, CaseStep)>(step => (opened, step));
        });
    }

    public static Outcome<Consultation> State(Consultation current, Guid? organisation, string subject, string text, DateTimeOffset now)
    {
        if (current.DecidedAt is { } at)
            return DispatchErrors.ConsultationOver.With(("at", at));
        return current.Statements.Count >= MaxStatements
            ? DispatchErrors.ConsultationFull.With(("max", MaxStatements))
            : current with { Statements = [.. current.Statements, new Statement(organisation, subject, now, text)] };
    }

    /// <summary>The decision, and what it does to the case: without a lead it is only told by the history.</summary>
    public static Outcome<(Consultation Decided, CaseStep Step)> Decide(
        Consultation current, Case of, string decision, IReadOnlyList<Part> parts, string by, TerritoryCode reach, CityPolicies policies,
        DateTimeOffset now)
    {
        if (current.DecidedAt is { } at)
            return DispatchErrors.ConsultationOver.With(("at", at));
        // The case may have gone up since: whoever holds it then is a level above.
        if (by != current.Convener && !CaseRules.IsAbove(reach, of with { Holder = current.ConvenedFrom }))
            return DispatchErrors.ConsultationNotConvener.With();
        var decided = current with
        {
            Decision = decision,
            DecidedBy = by,
            DecidedAt = now,
            LeadId = parts is [] ? null : parts[0].OrganisationId,
        };
        var step = parts is []
            ? CaseRules.Step(of, of, "ConsultationDecided", decision, now)
            : AssignmentRules.Redispatch(of, parts, decision, by, policies, now);
        return step.Then<(Consultation, CaseStep)>(s => (decided, s));
    }

    private static Outcome<DateTimeOffset> Latest(CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            policy.Cases.Dispatch?.ConsultAtMost is { } limit ? policies.DueAt(now, limit).Then<DateTimeOffset>(due => due.At) : DateTimeOffset.MaxValue);
}
