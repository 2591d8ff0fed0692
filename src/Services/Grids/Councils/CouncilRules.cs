using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Councils;

/// <summary>The rules of councils, pure: (council, command, now) to the next council or a refusal.</summary>
public static class CouncilRules
{
    public const int MaxMembers = 200;
    public const int MaxTerms = 50;
    public const int MaxTermYears = 10;

    public static Outcome<Council> Establish(Council founded)
    {
        List<Violation> violations =
        [
            .. ProblemsOf(
                founded.Territory, founded.Quorum, founded.Terms[0], founded.Members, founded.ConcurrentHead, founded.ConcurrentSource),
        ];
        return violations.Count is 0 ? founded with { Version = 1 } : CommonErrors.OneOrInvalid(violations);
    }

    public static Outcome<Council> AppointMember(Council current, Member member, DateTimeOffset now)
    {
        if (current.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (current.Members.Any(m => m.Subject == member.Subject))
            return CommonErrors.OneOrInvalid([Violation.Of("subject", CouncilErrors.MemberTwice)]);
        if (current.Members.Count >= MaxMembers)
            return CouncilErrors.Full.With(("max", MaxMembers));
        return Next(current with { Members = [.. current.Members, member with { Seat = CouncilSeat.Member, JoinedAt = now }] }, now);
    }

    public static Outcome<Council> EndMembership(Council current, Guid memberId, DateTimeOffset now)
    {
        if (current.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (current.Members.FirstOrDefault(m => m.Id == memberId) is not { } member)
            return CouncilErrors.MemberUnknown.With(("member", memberId));
        var next = current with { Members = [.. current.Members.Where(m => m.Id != memberId)] };
        return Next(member.Seat is CouncilSeat.Head ? WithoutHead(next) : next, now);
    }

    /// <summary>What was known of the former head does not hold for the new one.</summary>
    public static Outcome<Council> AppointHead(
        Council current, Guid memberId, CouncilSeat seat, ConcurrentHead concurrent, string source, DateTimeOffset now)
    {
        if (current.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (seat is not (CouncilSeat.Head or CouncilSeat.Deputy))
            return CouncilErrors.SeatOrdinary.With();
        if (current.Members.FirstOrDefault(m => m.Id == memberId) is not { } member)
            return CouncilErrors.MemberUnknown.With(("member", memberId));
        if (concurrent is not ConcurrentHead.Unspecified && (seat is not CouncilSeat.Head || string.IsNullOrWhiteSpace(source)))
            return CommonErrors.OneOrInvalid([Violation.Of("concurrent_head", CouncilErrors.Headless)]);
        var seated = current with
        {
            Members = [.. current.Members.Select(m =>
                m.Id == memberId ? m with { Seat = seat } : m.Seat == seat ? m with { Seat = CouncilSeat.Member } : m)],
        };
        if (seat is CouncilSeat.Head)
            seated = seated with { ConcurrentHead = concurrent, ConcurrentSource = concurrent is ConcurrentHead.Unspecified ? "" : source };
        else if (member.Seat is CouncilSeat.Head)
            seated = WithoutHead(seated);
        return Next(seated, now);
    }

    public static Outcome<Council> RenewTerm(Council current, Term term, DateTimeOffset now)
    {
        if (current.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        if (current.Terms.Count >= MaxTerms)
            return CouncilErrors.TermsFull.With(("max", MaxTerms));
        var problem = ProblemOf(term)
            ?? (term.From <= current.Terms[^1].From ? new Words("it begins no later than the present one", "开始不晚于现任期") : null);
        return problem is null
            ? Next(current with { Terms = [.. current.Terms, term] }, now)
            : CommonErrors.OneOrInvalid([Violation.Of("term", CouncilErrors.TermInvalid, ("problem", problem))]);
    }

    /// <param name="openTopics">Topics that somebody still waits for: a council answers before it ends.</param>
    public static Outcome<Council> Dissolve(Council current, string reason, int openTopics, DateTimeOffset now)
    {
        if (current.State is not CouncilState.Active)
            return CouncilErrors.Dissolved.With();
        return openTopics > 0
            ? SessionErrors.TopicsOpen.With(("count", openTopics))
            : Next(WithoutHead(current with { State = CouncilState.Dissolved, DissolveReason = reason, Members = [] }), now);
    }

    /// <summary>The residents are the same, and their grid has another code.</summary>
    public static Council Moved(Council current, string territory, DateTimeOffset now) => Next(current with { Territory = territory }, now);

    /// <summary>What is wrong with a council as it is given whole: at its establishment, or in a row of an import.</summary>
    public static IEnumerable<Violation> ProblemsOf(
        string territory, Fraction quorum, Term term, IReadOnlyList<Member> members, ConcurrentHead concurrent, string source)
    {
        if (TerritoryCode.Parse(territory).Level is not (TerritoryLevel.Grid or TerritoryLevel.Community))
            yield return Violation.Of("territory", CouncilErrors.TerritoryInvalid);
        if (!quorum.IsReachable)
            yield return Violation.Of("quorum", CouncilErrors.QuorumInvalid);
        if (ProblemOf(term) is { } problem)
            yield return Violation.Of("term", CouncilErrors.TermInvalid, ("problem", problem));
        var (subjects, seats) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<CouncilSeat>());
        for (var i = 0; i < members.Count; i++)
        {
            if (!subjects.Add(members[i].Subject))
                yield return Violation.Of($"members[{i}].subject", CouncilErrors.MemberTwice);
            if (members[i].Seat is not CouncilSeat.Member && !seats.Add(members[i].Seat))
                yield return Violation.Of($"members[{i}].seat", CouncilErrors.SeatTwice);
        }
        if (concurrent is not ConcurrentHead.Unspecified && (!seats.Contains(CouncilSeat.Head) || string.IsNullOrWhiteSpace(source)))
            yield return Violation.Of("concurrent_head", CouncilErrors.Headless);
    }

    private static Words? ProblemOf(Term term) =>
        term.Until <= term.From ? new Words("it ends before it has begun", "结束早于开始")
        : term.Until >= term.From.AddYears(MaxTermYears) ? new Words($"it is longer than {MaxTermYears} years", $"超过 {MaxTermYears} 年")
        : null;

    private static Council WithoutHead(Council council) =>
        council with { ConcurrentHead = ConcurrentHead.Unspecified, ConcurrentSource = "" };

    private static Council Next(Council next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
