using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Intake;

/// <summary>Whether a case is as reported, pure.</summary>
public static class VerificationRules
{
    public static Outcome<CaseStep> Ask(Case current, string question, string by, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "AskVerification", CaseState.Reported) is { } wrong)
            return wrong;
        return policies.InForce(CityPolicies.CasesKind, now).Then(policy => policy.Cases.VerifyWithin is { } limit
            ? policies.DueAt(now, limit).Then(due => CaseRules.Step(
                current,
                current.RestingOn(due.ProvisionalYear) with { Verification = new CaseVerification(question, by, now, due.At) },
                "VerificationAsked", question, now))
            : IntakeErrors.VerificationNotSet.With());
    }

    public static Outcome<CaseStep> Verify(Case current, VerificationFinding finding, string note, string by, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "VerifyCase", CaseState.Reported) is { } wrong)
            return wrong;
        return current.Verification is { Finding: VerificationFinding.Unspecified } asked
            ? CaseRules.Step(
                current, current with { Verification = asked with { Finding = finding, Note = note, VerifiedBy = by, VerifiedAt = now } },
                "Verified", $"{finding}: {note}", now)
            : IntakeErrors.VerificationNotAsked.With();
    }

    /// <summary>Why a case can't be taken up yet; null when nothing of the kind is in the way.</summary>
    internal static Refusal? Hindrance(Case current, bool required) => current.Verification switch
    {
        null when !required => null,
        { Finding: VerificationFinding.Confirmed or VerificationFinding.Different } => null,
        var other => CaseErrors.NotVerified.With(("finding", other?.Finding.Told() ?? "-")),
    };
}
