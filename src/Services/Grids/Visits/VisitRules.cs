using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Policy = Governance.Grids.V1.Policy;

namespace Governance.Grids.Visits;

/// <summary>
/// The rules of visits, pure: (plan, command, policies, now) to the next plan or a refusal. Without consent nothing is kept
/// and nothing is done; due instants are set here and nowhere else.
/// </summary>
public static class VisitRules
{
    public static Outcome<Plan> Start(Plan made, CityPolicies policies, DateTimeOffset now)
    {
        if (!Holds(made.Consent, now))
            return VisitErrors.ConsentMissing.With();
        return Frequency(made.Needs, policies, now).Then<Plan>(rhythm => made with
        {
            EveryDays = rhythm.Days,
            PolicyVersion = rhythm.Policy.Version,
            // Nobody knows yet how the household is.
            DueAt = now,
            UpdatedAt = now,
            Version = 1,
        });
    }

    public static Outcome<Plan> Change(
        Plan current, string territory, IReadOnlyList<string> successors, IReadOnlyList<CareNeed> needs, string worker,
        IReadOnlyList<string> helpers, CityPolicies policies, DateTimeOffset now)
    {
        if (Problem(current) is { } over)
            return over;
        if (territory != current.Territory && !successors.Contains(territory))
            return VisitErrors.NotSuccessor.With(("territory", territory), ("successors", string.Join(", ", successors)));
        return Frequency(needs, policies, now).Then<Plan>(rhythm => Next(
            current with
            {
                Territory = territory,
                Needs = needs,
                Worker = worker,
                Helpers = helpers,
                EveryDays = rhythm.Days,
                PolicyVersion = rhythm.Policy.Version,
                DueAt = current.LastVisitAt is { } last ? Due(current, last, rhythm.Days) : current.DueAt,
            },
            now));
    }

    /// <summary>Counted from the last visit; a second try at a household that was not at home stays as soon as it was.</summary>
    private static DateTimeOffset Due(Plan current, DateTimeOffset last, int days)
    {
        var due = last.AddDays(days);
        return current.DueAt is { } retry && retry < last.AddDays(current.EveryDays) && retry < due ? retry : due;
    }

    /// <summary>The household is where it was, and its grid has another code.</summary>
    public static Plan Moved(Plan current, string territory, DateTimeOffset now) => Next(current with { Territory = territory }, now);

    public static Outcome<Plan> Withdraw(Plan current, DateTimeOffset now) =>
        Problem(current) is { } over
            ? over
            : Forgotten(current with { State = VisitPlanState.Withdrawn, Consent = current.Consent with { WithdrawnAt = now } }, now);

    public static Outcome<Plan> End(Plan current, DateTimeOffset now) =>
        Problem(current) is { } over ? over : Forgotten(current with { State = VisitPlanState.Ended }, now);

    /// <summary>The plan after a visit. What is told late does not move the instant that a later visit has set.</summary>
    public static Outcome<Plan> Visited(Plan current, Made visit, CityPolicies policies, DateTimeOffset now)
    {
        if (Problem(current) is { } over)
            return over;
        if (visit.At > now || visit.At < current.Consent.GivenAt)
            return VisitErrors.TimeInvalid.With();
        if (visit.At < current.LastVisitAt)
            return Next(current, now);
        return policies.InForce(CityPolicies.VisitsKind, now).Then<Plan>(policy => Next(
            current with
            {
                LastVisitAt = visit.At,
                PolicyVersion = policy.Version,
                DueAt = visit.At.AddDays(
                    visit.Outcome is VisitOutcome.NotAtHome ? Math.Min(policy.Visits.RetryDays, current.EveryDays) : current.EveryDays),
            },
            now));
    }

    /// <summary>The shortest of the times that the needs have.</summary>
    private static Outcome<(int Days, Policy Policy)> Frequency(IReadOnlyList<CareNeed> needs, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.VisitsKind, now).Then<(int, Policy)>(policy =>
        {
            var days = int.MaxValue;
            foreach (var need in needs)
            {
                if (policy.Visits.Frequencies.FirstOrDefault(f => f.Need == need) is not { } frequency)
                    return VisitErrors.NeedUnknown.With(("need", need.Told()));
                days = Math.Min(days, frequency.EveryDays);
            }
            return (days, policy);
        });

    private static bool Holds(Consent consent, DateTimeOffset now) =>
        !string.IsNullOrWhiteSpace(consent.GivenBy) && consent.WithdrawnAt is null && consent.GivenAt <= now;

    private static Refusal? Problem(Plan current) => current.State switch
    {
        VisitPlanState.Active => null,
        VisitPlanState.Withdrawn => VisitErrors.ConsentMissing.With(),
        _ => VisitErrors.Ended.With(),
    };

    /// <summary>What was kept for the visits has no purpose any more.</summary>
    private static Plan Forgotten(Plan over, DateTimeOffset now) =>
        Next(over with { Needs = [], Place = null, Worker = "", Helpers = [], EveryDays = 0, DueAt = null }, now);

    private static Plan Next(Plan next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}

/// <summary>The rules of hazards, pure.</summary>
public static class HazardRules
{
    public const int MaxReinspections = 200;

    /// <summary>Beyond them there is always one more look: the one that resolves it.</summary>
    public const int MaxLooks = MaxReinspections + 1;

    public static Outcome<Danger> Find(Danger found, CityPolicies policies) =>
        Due(found.Category, found.FoundAt, policies).Then<Danger>(due =>
            found with { DueAt = due.At, PolicyVersion = due.Version, ProvisionalYear = due.ProvisionalYear, Version = 1 });

    /// <param name="plan">Of the plan in whose visit it was seen: once that is over nothing is noted of the household any more.</param>
    public static Outcome<(Danger Next, Look Look)> Reinspect(
        Danger current, VisitPlanState plan, bool resolved, string note, string inspector, CityPolicies policies, DateTimeOffset now)
    {
        if (current.DueAt is not { } due)
            return VisitErrors.HazardResolved.With();
        if (current.Reinspections >= MaxReinspections && !resolved)
            return VisitErrors.HazardFull.With(("max", MaxReinspections));
        var looked = current with { Reinspections = current.Reinspections + 1, Version = current.Version + 1 };
        var look = new Look(looked.Reinspections, now, inspector, resolved, plan is VisitPlanState.Active ? note : "", due);
        if (resolved)
            return (looked with { DueAt = null, ResolvedAt = now }, look);
        return Due(current.Category, now, policies).Then<(Danger, Look)>(next =>
            (looked with { DueAt = next.At, PolicyVersion = next.Version, ProvisionalYear = next.ProvisionalYear }, look));
    }

    private static Outcome<(DateTimeOffset At, long Version, int ProvisionalYear)> Due(HazardCategory category, DateTimeOffset from, CityPolicies policies) =>
        policies.InForce(CityPolicies.VisitsKind, from).Then<(DateTimeOffset At, long Version, int ProvisionalYear)>(policy =>
        {
            var limit = policy.Visits.Hazards.FirstOrDefault(h => h.Category == category)?.ReinspectWithin ?? policy.Visits.ReinspectWithin;
            return policies.DueAt(from, limit).Then<(DateTimeOffset, long, int)>(due => (due.At, policy.Version, due.ProvisionalYear));
        });
}
