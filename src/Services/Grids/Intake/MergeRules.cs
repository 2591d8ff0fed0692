using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Intake;

/// <summary>
/// Cases about one matter, pure: those merged wait for the primary, and get what its reporter gets. Each keeps its own due
/// instant and its own reporter's say.
/// </summary>
public static class MergeRules
{
    /// <summary>All of them are answered in one transaction.</summary>
    public const int MaxFollowers = 200;

    private static readonly CaseState[] ToBeAnswered = [CaseState.Reported, .. CaseRules.ToBeHandled, CaseState.Banked, CaseState.Handled];

    public static Outcome<(CaseStep Follower, CaseStep Primary)> Merge(Case current, Case primary, string note, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "MergeCase", CaseState.Reported, CaseState.Assessed) is { } wrong)
            return wrong;
        if (current.Id == primary.Id)
            return IntakeErrors.MergeWithItself.With();
        if (current.Followers > 0)
            return IntakeErrors.MergeHasFollowers.With(("count", current.Followers));
        if (!ToBeAnswered.Contains(primary.State))
            return IntakeErrors.MergePrimaryWrongState.With(("state", primary.State.Told()));
        if (CityOf(current) != CityOf(primary))
            return IntakeErrors.MergeOtherCity.With();
        if (primary.Followers >= MaxFollowers)
            return IntakeErrors.MergeTooMany.With(("max", MaxFollowers));
        return Both(
            CaseRules.Step(
                current, current with { State = CaseState.Merged, MergedInto = primary.Id, EscalateAt = null }, "Merged", Named(primary, note), now,
                new CaseMerged(current.Id, primary.Id, current.Territory, now)),
            CaseRules.Step(primary, primary with { Followers = primary.Followers + 1 }, "FollowerMerged", Named(current, note), now));
    }

    public static Outcome<(CaseStep Follower, CaseStep Primary)> Split(
        Case current, Case primary, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "SplitCase", CaseState.Merged) is { } wrong)
            return wrong;
        var alone = current with { State = current.Category is "" ? CaseState.Reported : CaseState.Assessed, MergedInto = null };
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
            CaseRules.EscalateAt(policies, policy, alone.DueAt!.Value).Then(up => Both(
                CaseRules.Step(
                    current, alone.RestingOn(up?.ProvisionalYear ?? 0) with { EscalateAt = up?.At }, "Split", reason, now),
                CaseRules.Step(primary, primary with { Followers = primary.Followers - 1 }, "FollowerSplit", Named(current, reason), now))));
    }

    /// <summary>Whether those who were merged into a case must hear of this step.</summary>
    public static bool Concerns(CaseStep step) =>
        step.Next is { Followers: > 0, State: CaseState.Answered or CaseState.Rejected or CaseState.Transferred };

    /// <summary>What became of the primary becomes of the one that waited for it.</summary>
    public static Outcome<CaseStep> Follow(Case current, Case primary, CityPolicies policies, DateTimeOffset now)
    {
        // A dissatisfied reporter sends it to be handled, which takes a category.
        var known = current with { Category = current.Category is "" ? primary.Category : current.Category, Result = primary.Result };
        return primary.State switch
        {
            CaseState.Answered => CaseRules.Answer(current, known, primary.Answer, policies, now),
            CaseState.Rejected => CaseRules.Rejected(current, primary.Answer, policies, now),
            CaseState.Transferred => CaseRules.Transferred(current, primary.TransferredTo, primary.Answer, policies, now),
            _ => throw new ArgumentOutOfRangeException(nameof(primary), primary.State, null),
        };
    }

    private static Outcome<(CaseStep Follower, CaseStep Primary)> Both(Outcome<CaseStep> follower, Outcome<CaseStep> primary) =>
        follower.Then(first => primary.Then<(CaseStep, CaseStep)>(second => (first, second)));

    private static TerritoryCode CityOf(Case of) => TerritoryCode.Parse(of.Territory).AtLevel(TerritoryLevel.City)!;

    private static string Named(Case other, string note) => note is "" ? $"{other.Number}" : $"{other.Number}: {note}";
}
