using System.Text.Json.Serialization;
using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Councils;

/// <summary>A residents' council as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Council
{
    public required Guid Id { get; init; }

    /// <summary>Code of a grid or community; of a grid that was redrawn, that of its successor.</summary>
    public required string Territory { get; init; }

    public required string Name { get; init; }

    public CouncilState State { get; init; } = CouncilState.Active;

    public required Fraction Quorum { get; init; }

    /// <summary>Oldest first; the last is the present one.</summary>
    public required IReadOnlyList<Term> Terms { get; init; }

    /// <summary>Those who sit on it now.</summary>
    public required IReadOnlyList<Member> Members { get; init; }

    public ConcurrentHead ConcurrentHead { get; init; }

    public string ConcurrentSource { get; init; } = "";

    public string DissolveReason { get; init; } = "";

    public required DateTimeOffset EstablishedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    public Member? Head => Holding(CouncilSeat.Head);

    public Member? Deputy => Holding(CouncilSeat.Deputy);

    /// <summary>Who leads sessions: the head, or the deputy while there is no head.</summary>
    public Member? Leader => Head ?? Deputy;

    public bool TermIsOver(DateOnly today) => today > Terms[^1].Until;

    public bool Seats(string subject) => Members.Any(m => m.Subject == subject);

    /// <summary>Who lives there addresses this council.</summary>
    public bool IsHomeOf(TerritoryCode home) => TerritoryCode.Parse(Territory).Contains(home);

    private Member? Holding(CouncilSeat seat) => Members.FirstOrDefault(m => m.Seat == seat);
}

/// <summary>Somebody's seat. Name and duty are public for members of councils; nothing else of the person is kept.</summary>
public sealed record Member(
    Guid Id,
    string Subject,
    CouncilMemberKind Kind,
    string Name,
    string Duty,
    CouncilSeat Seat,
    DateTimeOffset JoinedAt,
    DateTimeOffset? LeftAt = null);

/// <summary>Both days belong to it.</summary>
public sealed record Term(DateOnly From, DateOnly Until);

/// <summary>A part of a whole that must be reached, or exceeded; compared crosswise, never by a quotient.</summary>
public sealed record Fraction(int Numerator, int Denominator, bool MoreThan)
{
    /// <summary>All of a whole reaches it.</summary>
    [JsonIgnore]
    public bool IsReachable => Numerator < Denominator || (Numerator == Denominator && !MoreThan);

    public static Fraction Of(Threshold message) => new(message.Numerator, message.Denominator, message.MoreThan);

    /// <summary>Nothing reaches a part of nothing.</summary>
    public bool IsReachedBy(int count, int whole) =>
        MoreThan ? new Share(count, whole).MoreThan(Numerator, Denominator) : new Share(count, whole).AtLeast(Numerator, Denominator);

    public override string ToString() => $"{(MoreThan ? ">" : ">=")} {Numerator}/{Denominator}";
}
