using Governance.Grids.V1;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using CaseMessage = Governance.Grids.V1.Case;

namespace Governance.Grids.Cases;

/// <summary>
/// A case as its reporter sees it: which office handles it, as what and until when. Who of its staff has it, and what offices
/// object to each other, is theirs. What counts is the right by which the case is seen, not what else the caller is.
/// </summary>
public static class ResidentView
{
    // What their notes say is said to colleagues, and names some of them.
    private static readonly HashSet<string> AmongColleagues = new(StringComparer.Ordinal)
    {
        "ObjectionRaised", "ObjectionUpheld", "ObjectionDismissed", "AssignmentGiven", "CoHandlerReleased", "ReceiptOffered",
        "ReceiptAccepted", "DeadlineChangeRequested", "DeadlineChangeDeclined", "SupervisionOrdered", "ConsultationOpened",
        "Merged", "FollowerMerged", "Split", "FollowerSplit",
    };

    /// <summary>The message as the caller may see it; never changes the one that is given, which may be another's too.</summary>
    public static CaseMessage Of(Call call, CaseMessage message)
    {
        if (IsOfStaff(call.Caller, message))
            return message;
        var seen = message.Clone();
        foreach (var assignment in seen.Assignments)
        {
            (assignment.Subject, assignment.AssignedBy, assignment.Objection, assignment.ObjectBy) = ("", "", null, null);
            if (assignment.State is AssignmentState.Objected)
                assignment.State = AssignmentState.Assigned;
            if (assignment.State is AssignmentState.Withdrawn)
                assignment.Result = "";
        }
        if (seen.FirstReceiver is { } receiver)
            (receiver.Subject, receiver.Answerable, receiver.OfferedTo, receiver.OfferReason) = ("", "", "", "");
        if (seen.Whistle is { } whistle)
            whistle.BlownBy = "";
        if (seen.Verification is { } verification)
            (verification.AskedBy, verification.VerifiedBy) = ("", "");
        if (seen.Review is { } review)
            review.DecidedBy = "";
        seen.Deadlines.Requested = null;
        return seen;
    }

    /// <summary>The same for what was said of its answer, made for this caller alone: who of the staff asked is theirs.</summary>
    public static SatisfactionResponse Of(Call call, SatisfactionResponse response, Case of)
    {
        if (!IsOfStaff(call.Caller, of))
            (response.AskedBy, response.Agent) = ("", "");
        return response;
    }

    /// <summary>The same for a file, made for this caller alone: who of the staff has added it is theirs.</summary>
    public static Attachment Of(Call call, Attachment attachment, Case of, bool own)
    {
        if (!own && !IsOfStaff(call.Caller, of))
            attachment.AddedBy = "";
        return attachment;
    }

    /// <summary>The same for what was done to it, made for this caller alone.</summary>
    public static IEnumerable<CaseHistoryEntry> Of(Call call, IEnumerable<CaseHistoryEntry> entries, CaseMessage of) =>
        IsOfStaff(call.Caller, of) ? entries : entries.Select(Masked);

    private static CaseHistoryEntry Masked(CaseHistoryEntry entry)
    {
        if (entry.ActorRole is not Roles.Resident)
            entry.Actor = "";
        if (AmongColleagues.Contains(entry.Action))
            entry.Note = "";
        return entry;
    }

    private static bool IsOfStaff(Caller caller, CaseMessage of) =>
        caller.WorksIn(of.Territory) || (caller.Organisation is { } own && CaseActs.OrganisationsIn(of).Contains(own));

    private static bool IsOfStaff(Caller caller, Case of) =>
        caller.WorksIn(of.Territory) || (caller.Organisation is { } own && CaseActs.OrganisationsIn(of).Contains(own));
}
