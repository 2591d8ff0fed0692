using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>Who is answerable for a case (首接负责), pure: who took it up first, until somebody else has accepted it.</summary>
public static class ReceiverRules
{
    private static readonly CaseState[] NotOver =
    [
        CaseState.Reported, CaseState.Assessed, CaseState.Dispatched, CaseState.Handling, CaseState.Whistled, CaseState.Banked,
        CaseState.Handled, CaseState.Answered,
    ];

    /// <summary>The first officer who acts has taken the case up; later ones change nothing.</summary>
    public static Case Received(Case next, string subject, TerritoryCode territory, DateTimeOffset now) =>
        next.Receiver is null ? next with { Receiver = new CaseReceiver(subject, territory.ToString(), now, subject, now) } : next;

    public static Outcome<CaseStep> Offer(Case current, string to, string reason, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "OfferReceipt", NotOver) is { } wrong)
            return wrong;
        if (current.Receiver is not { } receiver)
            return DispatchErrors.ReceiverMissing.With();
        return receiver.Answerable == to
            ? DispatchErrors.ReceiverSame.With()
            : CaseRules.Step(
                current, current with { Receiver = receiver with { Offer = new ReceiptOffer(to, reason) } },
                "ReceiptOffered", $"{to}: {reason}", now);
    }

    public static Outcome<CaseStep> Accept(Case current, string by, DateTimeOffset now) =>
        current.Receiver is { Offer: { } offer } receiver && offer.To == by
            ? CaseRules.Step(
                current, current with { Receiver = receiver with { Answerable = by, AnswerableSince = now, Offer = null } },
                "ReceiptAccepted", offer.Reason, now)
            : DispatchErrors.ReceiptNotOffered.With();
}
