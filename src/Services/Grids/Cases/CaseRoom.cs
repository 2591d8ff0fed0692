using Governance.Grids.Dispatch;
using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Cases;

/// <summary>
/// Room in the history of a case, pure. A case always has room for the rest of its way to an end: what leads nowhere by itself, or back,
/// is refused before it would take that. A step onwards makes the way shorter by at least its own entry, so none is ever refused, and
/// neither are the service's own; every other step leaves as many entries as the way is long after it.
/// </summary>
internal static class CaseRoom
{
    /// <summary>Entries of a history.</summary>
    public const int MaxSteps = 1000;

    /// <summary>Kept from what leads nowhere by itself, so that a case may also go back now and then on its last way.</summary>
    public const int KeptForWays = 50;

    /// <summary>Up it goes with an entry of its own, and back from being handled to being assessed.</summary>
    private const int OneLevelUp = 3;

    private const int FromAssessed = 6;

    // Once what they conclude was begun they may come; beginning it is refused.
    private static readonly HashSet<string> Concluding =
    [
        "AssignmentAccepted", "ObjectionDismissed", "ConsultationDecided", "ReceiptAccepted", "FollowerSplit",
        "HandlerReported", "ResponderReported", "MediationAgreed", "MediationFailed", "MediationWithdrawn",
        "DeadlineExtended", "DeadlinePaused", "DeadlineChangeDeclined", "DeadlineResumed",
    ];

    public static bool Has(Case current, Case next, string action)
    {
        var (before, after) = (ToEnd(current), ToEnd(next));
        if (after < before)
            return current.Steps < MaxSteps;
        var leadsNowhere = next.State == current.State && next.Holder == current.Holder && !Concluding.Contains(action);
        return current.Steps + 1 + after <= MaxSteps
            && (!leadsNowhere || current.Steps < MaxSteps - KeptForWays);
    }

    /// <summary>Entries that a case may still need to its end, if it goes straight on but is escalated wherever it can be.</summary>
    public static int ToEnd(Case of) => of.State switch
    {
        CaseState.Reported => LevelsAbove(of) + Reported(of),
        CaseState.Assessed => LevelsAbove(of) + FromAssessed,
        // What may be given back has to be dispatched anew.
        CaseState.Dispatched => LevelsAbove(of) + OpenParts(of) + (MayComeBack(of) ? FromAssessed + 2 : FromAssessed - 1),
        CaseState.Handling => LevelsAbove(of) + OpenParts(of) + (MayComeBack(of) ? FromAssessed + 1 : FromAssessed - 2),
        CaseState.Whistled => LevelsAbove(of) + FromAssessed - 2 + of.Whistle!.Responders.Count(r => r.ReportedAt is null),
        CaseState.Banked => LevelsAbove(of) + FromAssessed + 1,
        CaseState.Merged => LevelsAbove(of) + 1 + (of.Category is "" ? Reported(of) : FromAssessed),
        CaseState.Handled => LevelsAbove(of) + 3,
        // A review may send it back to the level below.
        CaseState.UnderReview => LevelsAbove(of) + OneLevelUp + FromAssessed + 1,
        CaseState.Answered => 2,
        CaseState.Confirmed => 1,
        _ => 0,
    };

    private static int Reported(Case of) => FromAssessed + (of.Verification is { Finding: VerificationFinding.Unspecified } ? 2 : 1);

    private static int LevelsAbove(Case of) => (TerritoryCode.Parse(of.Holder).Level - TerritoryLevel.City) * OneLevelUp;

    private static int OpenParts(Case of) => of.Assignments.Count(a => a is { Role: AssignmentRole.CoHandler, IsOpen: true });

    private static bool MayComeBack(Case of) => of.Handler is { OrganisationId: null } || AssignmentRules.Disputed(of) is not null;
}
