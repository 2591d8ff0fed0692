using Google.Protobuf.WellKnownTypes;
using Governance.Grids.Dispatch;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;
using VolunteerNeed = Governance.Contracts.Events.VolunteerNeed;

namespace Governance.Grids.Cases;

/// <summary>Cases as callers see them, and back.</summary>
public static class CaseMessages
{
    public const string EntryColumns =
        "h.sequence, h.action, h.from_state, h.to_state, h.actor, h.actor_role, h.at, h.note, h.holder, h.due_at";

    public static V1.Case ToMessage(Case from, DateTimeOffset now)
    {
        var message = new V1.Case
        {
            Id = from.Id.ToString(),
            Number = from.Number,
            Territory = from.Territory,
            Holder = from.Holder,
            Title = from.Title,
            Description = from.Description,
            Channel = from.Channel,
            Reporter = from.Reporter,
            State = from.State,
            Category = from.Category,
            Handler = from.Handler is null ? null : ToMessage(from.Handler),
            Whistle = from.Whistle is null ? null : ToMessage(from.Whistle),
            Result = from.Result,
            Answer = from.Answer,
            Satisfaction = from.Satisfaction,
            Deadlines = new CaseDeadlines
            {
                AssessBy = from.AssessBy?.ToTimestamp(),
                HandleBy = from.HandleBy?.ToTimestamp(),
                AnswerBy = from.AnswerBy?.ToTimestamp(),
                ConfirmBy = from.ConfirmBy?.ToTimestamp(),
                ReopenBy = from.ReopenBy?.ToTimestamp(),
                PolicyVersion = from.PolicyVersion,
                ProvisionalYear = from.ProvisionalYear,
                EscalateAt = from.EscalateAt?.ToTimestamp(),
                PausedUntil = from.Deadline?.PausedUntil?.ToTimestamp(),
                Extensions = from.Deadline?.Extensions ?? 0,
                Requested = from.Deadline?.Pending is { } change ? ToMessage(change) : null,
            },
            ReportedAt = from.ReportedAt.ToTimestamp(),
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
            Confidential = from.Confidential,
            Reopenings = from.Reopenings,
            People = from.People,
            Verification = from.Verification is null ? null : ToMessage(from.Verification),
            MergedInto = from.MergedInto?.ToString() ?? "",
            Followers = from.Followers,
            TransferredTo = from.TransferredTo,
            Review = from.Review is null ? null : ToMessage(from.Review),
            FirstReceiver = from.Receiver is { } receiver ? DispatchMessages.ToMessage(receiver) : null,
        };
        message.Dimensions.Add(from.Dimensions);
        message.Assignments.Add(from.Assignments.Select(a => DispatchMessages.ToMessage(a, from.Id)));
        if (from.Place is { } place)
            message.Place = new Common.V1.Point { Longitude = place.Longitude, Latitude = place.Latitude, System = Common.V1.CoordinateSystem.Wgs84 };
        return AsOf(message, now);
    }

    /// <summary>Sets what depends on the time of the answer; everything else may come from the cache.</summary>
    public static V1.Case AsOf(V1.Case message, DateTimeOffset now)
    {
        var due = message.State switch
        {
            CaseState.Reported => message.Deadlines.AssessBy,
            CaseState.Assessed or CaseState.Dispatched or CaseState.Handling or CaseState.Whistled or CaseState.Banked => message.Deadlines.HandleBy,
            CaseState.Handled => message.Deadlines.AnswerBy,
            CaseState.Merged => message.Deadlines.HandleBy ?? message.Deadlines.AssessBy,
            CaseState.UnderReview => message.Review.DueAt,
            _ => null,
        };
        message.Overdue = due is not null && due.ToDateTimeOffset() < now;
        foreach (var responder in message.Whistle?.Responders ?? [])
            responder.Late = WhistleRules.IsLate(
                message.Whistle!.ReportBy.ToDateTimeOffset(), responder.ReportedAt?.ToDateTimeOffset(), message.Whistle.ClosedAt?.ToDateTimeOffset(), now);
        foreach (var assignment in message.Assignments)
            DispatchMessages.AsOf(assignment, now);
        return message;
    }

    public static CaseHandler ToHandler(Handler message) => new(
        message.ByCase is Handler.ByOneofCase.OrganisationId ? Guid.Parse(message.OrganisationId) : null,
        message.ByCase is Handler.ByOneofCase.EstateId ? Guid.Parse(message.EstateId) : null,
        message.Volunteers is { } need ? new VolunteerNeed(need.Skill, need.Hands, need.StartsAt.ToDateTimeOffset(), need.Minutes) : null,
        "",
        null);

    public static CaseHistoryEntry ReadEntry(NpgsqlDataReader reader, int from) => new()
    {
        Sequence = reader.GetInt32(from),
        Action = reader.GetString(from + 1),
        FromState = (CaseState)reader.GetInt16(from + 2),
        ToState = (CaseState)reader.GetInt16(from + 3),
        Actor = reader.GetString(from + 4),
        ActorRole = reader.GetString(from + 5),
        At = reader.Instant(from + 6).ToTimestamp(),
        Note = reader.GetString(from + 7),
        Holder = reader.GetString(from + 8),
        DueAt = reader.InstantOrNull(from + 9)?.ToTimestamp(),
    };

    private static Handler ToMessage(CaseHandler from)
    {
        var message = new Handler { OrganisationName = from.Name, Reference = from.Reference?.ToString() ?? "" };
        if (from.OrganisationId is { } organisation)
            message.OrganisationId = organisation.ToString();
        if (from.EstateId is { } estate)
            message.EstateId = estate.ToString();
        if (from.Need is { } need)
        {
            message.Volunteers = new V1.VolunteerNeed
            {
                Skill = need.Skill,
                Hands = need.Hands,
                StartsAt = need.StartsAt.ToTimestamp(),
                Minutes = need.Minutes,
            };
        }
        return message;
    }

    private static V1.CaseReview ToMessage(CaseReview from) => new()
    {
        Round = from.Round,
        RequestBy = from.RequestBy?.ToTimestamp(),
        From = from.From,
        RequestedAt = from.RequestedAt?.ToTimestamp(),
        DueAt = from.DueAt?.ToTimestamp(),
        Decision = from.Decision,
        DecidedBy = from.DecidedBy,
        DecidedAt = from.DecidedAt?.ToTimestamp(),
    };

    private static Verification ToMessage(CaseVerification from) => new()
    {
        Question = from.Question,
        AskedBy = from.AskedBy,
        AskedAt = from.AskedAt.ToTimestamp(),
        VerifyBy = from.VerifyBy.ToTimestamp(),
        Finding = from.Finding,
        Note = from.Note,
        VerifiedBy = from.VerifiedBy,
        VerifiedAt = from.VerifiedAt?.ToTimestamp(),
    };

    private static V1.DeadlineChange ToMessage(DeadlineChange from) => new()
    {
        ExtendBy = from.ExtendBy,
        PauseUntil = from.PauseUntil?.ToTimestamp(),
        Reason = from.Reason,
        RequestedBy = from.RequestedBy,
        RequestedAt = from.RequestedAt.ToTimestamp(),
    };

    private static Whistle ToMessage(CaseWhistle from)
    {
        var message = new Whistle
        {
            Id = from.Id.ToString(),
            Reason = from.Reason,
            BlownBy = from.BlownBy,
            BlownAt = from.BlownAt.ToTimestamp(),
            ReportBy = from.ReportBy.ToTimestamp(),
            ClosedAt = from.ClosedAt?.ToTimestamp(),
        };
        message.Responders.Add(from.Responders.Select(r => new WhistleResponder
        {
            OrganisationId = r.OrganisationId.ToString(),
            OrganisationName = r.Name,
            ReportedAt = r.ReportedAt?.ToTimestamp(),
        }));
        return message;
    }
}
