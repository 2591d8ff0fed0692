using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Staffing;

/// <summary>Some buildings whose neighbours look after each other, as the rules see them.</summary>
public sealed record Group : IKept
{
    public required Guid Id { get; init; }

    public required string Code { get; init; }

    /// <summary>Code of the grid; never changes.</summary>
    public required string Territory { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Buildings { get; init; }

    /// <summary>Those of now.</summary>
    public required IReadOnlyList<Head> Heads { get; init; }

    public Guid? SquadId { get; init; }

    public bool Active { get; init; } = true;

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>A head of a group: a resident, of whom no name is kept.</summary>
public sealed record Head(Guid Id, string Subject, bool PartyMember, DateTimeOffset Since);

/// <summary>Heads of some groups, led by a grid worker.</summary>
public sealed record Squad : IKept
{
    public required Guid Id { get; init; }

    /// <summary>Code of the grid; never changes.</summary>
    public required string Territory { get; init; }

    public required string Name { get; init; }

    /// <summary>What it was imported by; empty of one that was formed here.</summary>
    public string Code { get; init; } = "";

    public required Guid LeaderId { get; init; }

    /// <summary>The leader's post has ended.</summary>
    public bool Leaderless { get; init; }

    public required IReadOnlyList<Guid> GroupIds { get; init; }

    public required DateOnly FormedOn { get; init; }

    public DateOnly? DissolvedOn { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>What a squad did on a day.</summary>
public sealed record Exchange(Guid Id, Guid SquadId, V1.ExchangeKind Kind, DateOnly Day, int Attendance, string Note);

/// <summary>The rules of groups and squads, pure.</summary>
public static class NeighbourRules
{
    public const int MaxHeads = 20;
    public const int MaxCheckDays = 100;

    public static Outcome<Group> SetUp(Group made)
    {
        List<Violation> violations = [.. ProblemsOf(made.Buildings, [.. made.Heads.Select(h => h.Subject)])];
        return violations.Count is 0 ? made with { Version = 1 } : CommonErrors.OneOrInvalid(violations);
    }

    public static Outcome<Group> Change(Group current, string name, IReadOnlyList<string> buildings, DateTimeOffset now)
    {
        if (!current.Active)
            return NeighbourErrors.GroupDissolved.With();
        List<Violation> violations = [.. ProblemsOf(buildings, [])];
        return violations.Count is 0
            ? Next(current with { Name = name, Buildings = buildings }, now)
            : CommonErrors.OneOrInvalid(violations);
    }

    public static Outcome<Group> AppointHead(Group current, Head head, DateTimeOffset now)
    {
        if (!current.Active)
            return NeighbourErrors.GroupDissolved.With();
        if (current.Heads.Any(h => h.Subject == head.Subject))
            return NeighbourErrors.HeadTwice.With();
        return current.Heads.Count >= MaxHeads
            ? NeighbourErrors.HeadsFull.With(("max", MaxHeads))
            : Next(current with { Heads = [.. current.Heads, head] }, now);
    }

    public static Outcome<Group> EndHead(Group current, Guid headId, DateTimeOffset now)
    {
        if (!current.Active)
            return NeighbourErrors.GroupDissolved.With();
        return current.Heads.All(h => h.Id != headId)
            ? NeighbourErrors.HeadUnknown.With(("head", headId))
            : Next(current with { Heads = [.. current.Heads.Where(h => h.Id != headId)] }, now);
    }

    public static Outcome<Group> Dissolve(Group current, DateTimeOffset now) =>
        current.Active
            ? Next(current with { Active = false, Heads = [], SquadId = null }, now)
            : NeighbourErrors.GroupDissolved.With();

    /// <summary>The squad, and its groups as they are in it. <paramref name="groups"/> are those found of the ids asked for.</summary>
    public static Outcome<(Squad Squad, IReadOnlyList<Group> Groups)> Form(
        Squad made, Appointment? leader, IReadOnlyDictionary<Guid, Group> groups, DateTimeOffset now)
    {
        if (leader is null || !leader.Leads(made.Territory))
            return NeighbourErrors.SquadLeaderInvalid.With();
        foreach (var id in made.GroupIds)
            if (!groups.TryGetValue(id, out var group) || !group.Active || group.Territory != made.Territory || group.SquadId is not null)
                return NeighbourErrors.SquadGroupInvalid.With(("group", id));
        return (made with { Version = 1 }, [.. made.GroupIds.Select(id => Next(groups[id] with { SquadId = made.Id }, now))]);
    }

    public static Outcome<Squad> Lead(Squad current, Appointment? leader, DateTimeOffset now)
    {
        if (current.DissolvedOn is not null)
            return NeighbourErrors.SquadDissolved.With();
        return leader is null || !leader.Leads(current.Territory)
            ? NeighbourErrors.SquadLeaderInvalid.With()
            : current with { LeaderId = leader.Id, Leaderless = false, UpdatedAt = now, Version = current.Version + 1 };
    }

    public static Outcome<Squad> Dissolve(Squad current, DateOnly today, DateTimeOffset now) =>
        current.DissolvedOn is null
            ? current with { DissolvedOn = today, GroupIds = [], UpdatedAt = now, Version = current.Version + 1 }
            : NeighbourErrors.SquadDissolved.With();

    /// <summary>A group that is in no squad any more.</summary>
    public static Group Free(Group current, DateTimeOffset now) => Next(current with { SquadId = null }, now);

    public static Outcome<Exchange> Record(Squad squad, Exchange made, DateOnly today)
    {
        if (squad.DissolvedOn is not null)
            return NeighbourErrors.SquadDissolved.With();
        return made.Day < squad.FormedOn || made.Day > today ? NeighbourErrors.ExchangeDayInvalid.With() : made;
    }

    public static Refusal? PeriodProblem(DateOnly from, DateOnly until) =>
        until < from || until.DayNumber - from.DayNumber >= MaxCheckDays ? NeighbourErrors.PeriodInvalid.With(("max", MaxCheckDays)) : null;

    /// <summary>What is wrong with a group as it is given whole: when it is set up, or in a row of an import.</summary>
    public static IEnumerable<Violation> ProblemsOf(IReadOnlyList<string> buildings, IReadOnlyList<string> heads)
    {
        for (var i = 0; i < buildings.Count; i++)
            if (buildings.Take(i).Contains(buildings[i], StringComparer.Ordinal))
                yield return Violation.Of($"buildings[{i}]", NeighbourErrors.BuildingTwice);
        for (var i = 0; i < heads.Count; i++)
            if (heads.Take(i).Contains(heads[i], StringComparer.Ordinal))
                yield return Violation.Of($"heads[{i}].subject", NeighbourErrors.HeadTwice);
    }

    private static Group Next(Group next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
