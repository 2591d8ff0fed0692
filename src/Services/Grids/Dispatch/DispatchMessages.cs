using Google.Protobuf.WellKnownTypes;

namespace Governance.Grids.Dispatch;

/// <summary>Assignments and receivers as callers see them.</summary>
public static class DispatchMessages
{
    public static V1.Assignment ToMessage(Assignment from, Guid caseId) => new()
    {
        Id = from.Id.ToString(),
        CaseId = caseId.ToString(),
        Role = from.Role,
        OrganisationId = from.OrganisationId.ToString(),
        OrganisationName = from.Name,
        Subject = from.Subject,
        DueAt = from.DueAt.ToTimestamp(),
        ObjectBy = from.ObjectBy?.ToTimestamp(),
        State = from.State,
        Result = from.Result,
        AssignedBy = from.AssignedBy,
        AssignedFrom = from.AssignedFrom,
        AssignedAt = from.AssignedAt.ToTimestamp(),
        AcceptedAt = from.AcceptedAt?.ToTimestamp(),
        EndedAt = from.EndedAt?.ToTimestamp(),
        Objection = from.Objection is { } objection ? ToMessage(objection) : null,
    };

    /// <summary>Sets what depends on the time of the answer.</summary>
    public static V1.Assignment AsOf(V1.Assignment message, DateTimeOffset now)
    {
        message.Overdue = (message.EndedAt?.ToDateTimeOffset() ?? now) > message.DueAt.ToDateTimeOffset();
        return message;
    }

    public static V1.FirstReceiver ToMessage(CaseReceiver from) => new()
    {
        Subject = from.First,
        Territory = from.Territory,
        ReceivedAt = from.ReceivedAt.ToTimestamp(),
        Answerable = from.Answerable,
        AnswerableSince = from.AnswerableSince.ToTimestamp(),
        OfferedTo = from.Offer?.To ?? "",
        OfferReason = from.Offer?.Reason ?? "",
    };

    private static V1.Objection ToMessage(Objection from) => new()
    {
        Reason = from.Reason,
        RaisedBy = from.RaisedBy,
        RaisedAt = from.RaisedAt.ToTimestamp(),
        Upheld = from.Upheld,
        Ruling = from.Ruling,
        RuledBy = from.RuledBy,
        RuledAt = from.RuledAt?.ToTimestamp(),
    };
}
