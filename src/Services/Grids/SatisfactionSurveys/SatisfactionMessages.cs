using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>Responses, reviews and supervision as callers see them.</summary>
public static class SatisfactionMessages
{
    public static SatisfactionResponse ToMessage(Response from) => new()
    {
        Id = from.Id.ToString(),
        CaseId = from.CaseId.ToString(),
        Territory = from.Territory,
        Holder = from.Holder,
        Channel = from.Channel,
        Satisfaction = from.Satisfaction,
        Score = from.Score,
        Comment = from.Comment,
        AskedBy = from.AskedBy,
        Agent = from.Agent,
        AnsweredAt = from.AnsweredAt.ToTimestamp(),
        At = from.At.ToTimestamp(),
        PolicyVersion = from.PolicyVersion,
    };

    public static SatisfactionReview? ToMessage(Review? from, DateTimeOffset now) => from is null ? null : new SatisfactionReview
    {
        Id = from.Id.ToString(),
        CaseId = from.CaseId.ToString(),
        ResponseId = from.ResponseId.ToString(),
        Territory = from.Territory,
        Holder = from.Holder,
        State = from.State,
        OpenedAt = from.OpenedAt.ToTimestamp(),
        DueAt = from.DueAt.ToTimestamp(),
        Overdue = from.State is SatisfactionReviewState.Open && from.DueAt < now,
        DecidedBy = from.DecidedBy,
        DecidedAt = from.DecidedAt?.ToTimestamp(),
        Reason = from.Reason,
        PolicyVersion = from.PolicyVersion,
        ProvisionalYear = from.ProvisionalYear,
        Etag = Commands.Etag(from.Version),
    };

    public static Improvement ToMessage(Betterment from, DateTimeOffset now) => new()
    {
        Id = from.Id.ToString(),
        CaseId = from.CaseId.ToString(),
        Territory = from.Territory,
        DrawId = from.DrawId?.ToString() ?? "",
        ResponseId = from.ResponseId?.ToString() ?? "",
        Text = from.Text,
        Responsible = from.Responsible,
        DueAt = from.DueAt.ToTimestamp(),
        State = from.State,
        Overdue = from.IsOverdue(now),
        OpenedBy = from.OpenedBy,
        OpenedAt = from.OpenedAt.ToTimestamp(),
        Result = from.Result,
        DoneBy = from.DoneBy,
        DoneAt = from.DoneAt?.ToTimestamp(),
        CheckNote = from.CheckNote,
        CheckedBy = from.CheckedBy,
        CheckedAt = from.CheckedAt?.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    public static CaseSupervisor ToMessage(Supervisor from) => new()
    {
        Id = from.Id.ToString(),
        Territory = from.Territory,
        Subject = from.Subject,
        Kind = from.Kind,
        From = IsoDate.Text(from.From),
        Until = IsoDate.Text(from.Until),
        Etag = Commands.Etag(from.Version),
    };

    public static SupervisionDraw ToMessage(Draw from, IEnumerable<DrawnCase>? cases = null)
    {
        var message = new SupervisionDraw
        {
            Id = from.Id.ToString(),
            SupervisorId = from.SupervisorId.ToString(),
            Territory = from.Territory,
            From = IsoDate.Text(from.From),
            Until = IsoDate.Text(from.Until),
            Seed = from.Seed,
            Population = from.Population,
            DrawnAt = from.DrawnAt.ToTimestamp(),
        };
        message.Cases.Add(cases ?? []);
        return message;
    }
}
