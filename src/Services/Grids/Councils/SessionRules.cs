using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Councils;

/// <summary>The rules of sessions, pure. Nothing is decided in a session that was not held with a quorum.</summary>
public static class SessionRules
{
    public const int MaxTopics = 30;

    public static Outcome<Session> Convene(
        Guid id,
        Council council,
        DateTimeOffset startsAt,
        string place,
        IReadOnlyList<Guid> agenda,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (council.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (council.Leader is null)
            return SessionErrors.Leaderless.With();
        if (startsAt <= now)
            return SessionErrors.InPast.With();
        if (council.TermIsOver(policies.LocalDate(startsAt)))
            return SessionErrors.TermOver.With(("until", IsoDate.Text(council.Terms[^1].Until)));
        return new Session
        {
            Id = id,
            CouncilId = council.Id,
            Territory = council.Territory,
            StartsAt = startsAt,
            Place = place,
            State = SessionState.Convened,
            Agenda = agenda,
            Quorum = council.Quorum,
            ConvenedAt = now,
            UpdatedAt = now,
            Version = 1,
        };
    }

    /// <summary>Opens the session on the attendance of members: of those that the council has now, by its quorum of now.</summary>
    public static Outcome<Session> Hold(Session current, Council council, IReadOnlyCollection<Guid> present, DateTimeOffset now)
    {
        if (Requires(current, "HoldSession", SessionState.Convened) is { } wrong)
            return wrong;
        if (council.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (now < current.StartsAt)
            return SessionErrors.TooEarly.With(("starts_at", current.StartsAt));
        Guid[] came = [.. present.Distinct()];
        foreach (var id in came)
            if (council.Members.All(m => m.Id != id))
                return CouncilErrors.MemberUnknown.With(("member", id));
        if (!council.Quorum.IsReachedBy(came.Length, council.Members.Count))
            return SessionErrors.NoQuorum.With(("present", came.Length), ("members", council.Members.Count), ("quorum", council.Quorum.ToString()));
        return Next(
            current with { State = SessionState.Held, Quorum = council.Quorum, MemberCount = council.Members.Count, Present = came }, now);
    }

    public static Outcome<Session> Cancel(Session current, string reason, DateTimeOffset now) =>
        Requires(current, "CancelSession", SessionState.Convened) is { } wrong
            ? wrong
            : Next(current with { State = SessionState.Cancelled, CancelReason = reason }, now);

    /// <summary>What a show of hands in this session counted.</summary>
    public static Outcome<Vote> Count(Session current, VoteRule rule, int inFavour, int against, int abstained)
    {
        if (Requires(current, "DecideTopic", SessionState.Held) is { } wrong)
            return wrong;
        var votes = inFavour + against + abstained;
        return votes > current.Present.Count
            ? SessionErrors.VotersTooMany.With(("votes", votes), ("present", current.Present.Count))
            : new Vote(rule, current.MemberCount, current.Present.Count, inFavour, against, abstained);
    }

    public static Outcome<Session> WriteMinutes(Session current, string minutes, DateTimeOffset now) =>
        Requires(current, "WriteMinutes", SessionState.Held) is { } wrong
            ? wrong
            : Next(current with { Minutes = minutes, MinutesEdition = current.MinutesEdition + 1 }, now);

    /// <param name="undecided">Topics that still stand on its agenda.</param>
    public static Outcome<Session> Approve(Session current, Council council, string subject, int undecided, DateTimeOffset now)
    {
        if (Requires(current, "ApproveMinutes", SessionState.Held) is { } wrong)
            return wrong;
        if (council.Leader?.Subject != subject)
            return SessionErrors.NotLeader.With();
        if (current.MinutesEdition is 0)
            return SessionErrors.MinutesMissing.With();
        if (undecided > 0)
            return SessionErrors.Undecided.With(("count", undecided));
        return Next(current with { State = SessionState.Approved, ApprovedBy = subject, ApprovedAt = now }, now);
    }

    public static Refusal? Requires(Session current, string verb, params SessionState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : SessionErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));

    private static Session Next(Session next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
