using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Mediations;

/// <summary>A mediation as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Dispute
{
    public required Guid Id { get; init; }

    public required Guid CaseId { get; init; }

    public required string Territory { get; init; }

    public required string About { get; init; }

    public required IReadOnlyList<string> Parties { get; init; }

    public required IReadOnlyList<string> Mediators { get; init; }

    public Guid? OrganisationId { get; init; }

    public required MediationState State { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public IReadOnlyList<Session> Sessions { get; init; } = [];

    public string Conclusion { get; init; } = "";

    public DateTimeOffset? ConcludedAt { get; init; }

    public DateTimeOffset? PerformBy { get; init; }

    public string Performance { get; init; } = "";

    public required string OpenedBy { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required long PolicyVersion { get; init; }

    /// <summary>See <see cref="Case.ProvisionalYear"/>; here of <see cref="DueAt"/> alone.</summary>
    public int ProvisionalYear { get; init; }

    public required long Version { get; init; }

    public bool IsOverdue(DateTimeOffset now) => State switch
    {
        MediationState.Open => DueAt < now,
        MediationState.Agreed => PerformBy < now,
        _ => false,
    };
}

/// <summary>A meeting of mediators and parties.</summary>
public sealed record Session(DateTimeOffset HeldAt, string Note);

/// <summary>A party as it is given: its label, whether it has a name, and whether it consents.</summary>
public sealed record Party(string Label, bool IsNamed, bool Consents);

/// <summary>Disputes between people, pure: nothing without the consent of all, one conclusion, and a due instant that never moves.</summary>
public static class MediationRules
{
    public const int MaxSessions = 50;

    private static readonly CaseState[] ToBeSettled = [CaseState.Assessed, CaseState.Dispatched, CaseState.Handling];

    public static Outcome<(Dispute Opened, CaseStep Step)> Open(
        Guid id,
        Case current,
        bool hasOpen,
        string about,
        IReadOnlyList<Party> parties,
        IReadOnlyList<string> mediators,
        Guid? organisation,
        string by,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "OpenMediation", ToBeSettled) is { } wrong)
            return wrong;
        if (hasOpen)
            return MediationErrors.Open.With();
        if (parties.Count < 2 || parties.Any(p => !p.IsNamed) || parties.DistinctBy(p => p.Label).Count() < parties.Count)
            return MediationErrors.PartyUnknown.With();
        if (parties.FirstOrDefault(p => !p.Consents) is { } unwilling)
            return MediationErrors.ConsentMissing.With(("party", unwilling.Label));
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy => policy.Cases.MediateWithin is { } limit
            ? policies.DueAt(now, limit).Then(due => CaseRules.Step(current, current, "MediationOpened", about, now)
                .Then<(Dispute, CaseStep)>(step => (
                    new Dispute
                    {
                        Id = id,
                        CaseId = current.Id,
                        Territory = current.Territory,
                        About = about,
                        Parties = [.. parties.Select(p => p.Label)],
                        Mediators = mediators,
                        OrganisationId = organisation,
                        State = MediationState.Open,
                        DueAt = due.At,
                        OpenedBy = by,
                        OpenedAt = now,
                        PolicyVersion = policy.Version,
                        ProvisionalYear = due.ProvisionalYear,
                        Version = 1,
                    },
                    step)))
            : MediationErrors.NotSet.With());
    }

    public static Outcome<Dispute> Meet(Dispute current, DateTimeOffset heldAt, string note, DateTimeOffset now)
    {
        if (Requires(current, "RecordMediationSession", MediationState.Open) is { } wrong)
            return wrong;
        if (heldAt > now)
            return MediationErrors.InFuture.With();
        return current.Sessions.Count >= MaxSessions
            ? MediationErrors.SessionsFull.With(("max", MaxSessions))
            : Next(current, current with { Sessions = [.. current.Sessions, new Session(heldAt, note)] });
    }

    /// <summary>With what becomes of the case; null when that has gone its own way meanwhile and is over.</summary>
    public static Outcome<(Dispute Concluded, CaseStep? Step)> Conclude(
        Dispute current, Case of, MediationOutcome outcome, string conclusion, DateTimeOffset? performBy, CityPolicies policies, DateTimeOffset now)
    {
        if (Requires(current, "ConcludeMediation", MediationState.Open) is { } wrong)
            return wrong;
        if (performBy is not null && (outcome is not MediationOutcome.Agreed || performBy <= now))
            return MediationErrors.PerformByPast.With();
        var concluded = Next(current, current with
        {
            State = outcome switch
            {
                // What was performed at once needs nobody to look again.
                MediationOutcome.Agreed => performBy is null ? MediationState.Performed : MediationState.Agreed,
                MediationOutcome.Failed => MediationState.Failed,
                _ => MediationState.Withdrawn,
            },
            Conclusion = conclusion,
            ConcludedAt = now,
            PerformBy = performBy,
        });
        if (of.HasEnded)
            return (concluded, null);
        var step = outcome is MediationOutcome.Agreed && ToBeSettled.Contains(of.State)
            ? CaseRules.Settle(of, conclusion, policies, now)
            : CaseRules.Step(of, of, $"Mediation{outcome}", conclusion, now);
        return step.Then<(Dispute, CaseStep?)>(known => (concluded, known));
    }

    public static Outcome<Dispute> Performed(Dispute current, bool performed, string note) =>
        Requires(current, "RecordPerformance", MediationState.Agreed) is { } wrong
            ? wrong
            : Next(current, current with { State = performed ? MediationState.Performed : MediationState.Breached, Performance = note });

    private static Dispute Next(Dispute current, Dispute next) => next with { Version = current.Version + 1 };

    private static Refusal? Requires(Dispute current, string verb, MediationState allowed) =>
        current.State == allowed
            ? null
            : MediationErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", allowed.Told()));
}
