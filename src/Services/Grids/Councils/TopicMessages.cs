using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Npgsql;

namespace Governance.Grids.Councils;

/// <summary>Topics and sessions as callers see them, and back.</summary>
public static class TopicMessages
{
    /// <param name="viewer">See <see cref="CouncilMessages.ToMessage(Council, DateOnly, string?)"/>.</param>
    public static V1.Topic ToMessage(Topic from, DateTimeOffset now, string? viewer) => new()
    {
        Id = from.Id.ToString(),
        CouncilId = from.CouncilId.ToString(),
        Territory = from.Territory,
        Kind = from.Kind,
        Title = from.Title,
        Text = from.Text,
        Edition = from.Edition,
        Proposer = viewer is null || viewer == from.Proposer ? from.Proposer : "",
        CaseId = from.CaseId?.ToString() ?? "",
        State = from.State,
        Supporters = from.Supporters,
        SupportersNeeded = from.SupportersNeeded,
        SessionId = from.SessionId?.ToString() ?? "",
        Decision = from.Decision is null ? null : ToMessage(from.Decision),
        Tasks = { from.Tasks.Select(t => ToMessage(t, now)) },
        Result = from.Result,
        Answer = from.Answer,
        Deadlines = new TopicDeadlines
        {
            SupportBy = from.SupportBy.ToTimestamp(),
            DecideBy = from.DecideBy?.ToTimestamp(),
            CarryOutBy = from.CarryOutBy?.ToTimestamp(),
            AnswerBy = from.AnswerBy?.ToTimestamp(),
            PolicyVersion = from.PolicyVersion,
            ProvisionalYear = from.ProvisionalYear,
        },
        Overdue = from.DueAt < now,
        ProposedAt = from.ProposedAt.ToTimestamp(),
        UpdatedAt = from.UpdatedAt.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    public static V1.Session ToMessage(Session from)
    {
        var message = new V1.Session
        {
            Id = from.Id.ToString(),
            CouncilId = from.CouncilId.ToString(),
            Territory = from.Territory,
            StartsAt = from.StartsAt.ToTimestamp(),
            Place = from.Place,
            State = from.State,
            Quorum = CouncilMessages.ToMessage(from.Quorum),
            MemberCount = from.MemberCount,
            Minutes = from.Minutes,
            MinutesEdition = from.MinutesEdition,
            ApprovedAt = from.ApprovedAt?.ToTimestamp(),
            CancelReason = from.CancelReason,
            ConvenedAt = from.ConvenedAt.ToTimestamp(),
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.TopicIds.Add(from.Agenda.Select(id => id.ToString()));
        message.PresentMemberIds.Add(from.Present.Select(id => id.ToString()));
        return message;
    }

    public static TopicConsultation ToMessage(Consultation from) => new()
    {
        Form = from.Form,
        HeldOn = IsoDate.Text(from.HeldOn),
        Parties = { from.Parties },
        Summary = from.Summary,
    };

    public static CouncilVote ToMessage(Vote from) => new()
    {
        Rule = ToMessage(from.Rule),
        PolicyVersion = from.Rule.PolicyVersion,
        Entitled = from.Entitled,
        Present = from.Present,
        InFavour = from.InFavour,
        Against = from.Against,
        Abstained = from.Abstained,
        Passed = from.Passed,
    };

    public static VotingRule ToMessage(VoteRule from) =>
        new() { Code = from.Code, Name = from.Name, Basis = from.Basis, Passes = CouncilMessages.ToMessage(from.Passes) };

    public static TopicHistoryEntry ReadEntry(NpgsqlDataReader reader) => new()
    {
        Sequence = reader.GetInt32(0),
        Action = reader.GetString(1),
        FromState = (TopicState)reader.GetInt16(2),
        ToState = (TopicState)reader.GetInt16(3),
        ActorRole = reader.GetString(4),
        At = reader.Instant(5).ToTimestamp(),
        Note = reader.GetString(6),
        DueAt = reader.InstantOrNull(7)?.ToTimestamp(),
    };

    public static TopicEdition ReadEdition(NpgsqlDataReader reader) => new()
    {
        Edition = reader.GetInt32(0),
        Title = reader.GetString(1),
        Text = reader.GetString(2),
        Reason = reader.GetString(3),
        At = reader.Instant(4).ToTimestamp(),
    };

    private static V1.TopicTask ToMessage(TopicTask from, DateTimeOffset now) => new()
    {
        Party = from.Party,
        Text = from.Text,
        DueAt = from.DueAt.ToTimestamp(),
        DoneAt = from.DoneAt?.ToTimestamp(),
        Report = from.Report,
        Overdue = from.DoneAt is null && from.DueAt < now,
    };

    private static TopicDecision ToMessage(Decision from) => new()
    {
        SessionId = from.SessionId.ToString(),
        Vote = ToMessage(from.Vote),
        Text = from.Text,
        Responsible = from.Responsible,
        DecidedAt = from.At.ToTimestamp(),
        BallotId = from.BallotId?.ToString() ?? "",
    };
}
