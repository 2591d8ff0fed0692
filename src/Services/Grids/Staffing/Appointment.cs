using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Staffing;

/// <summary>What every record of this capability has, so that its verbs can be run alike.</summary>
public interface IKept
{
    Guid Id { get; }

    string Territory { get; }

    long Version { get; }
}

/// <summary>Somebody's post in a grid. Name and duty are public; of the person nothing else is kept but the subject.</summary>
public sealed record Appointment : IKept
{
    public required Guid Id { get; init; }

    /// <summary>Code of the grid; never changes.</summary>
    public required string Territory { get; init; }

    public required GridStaffRole Role { get; init; }

    public required string Subject { get; init; }

    public required string Name { get; init; }

    public required string Duty { get; init; }

    public required StaffEmployment Employment { get; init; }

    public required bool PartyMember { get; init; }

    public required DateOnly From { get; init; }

    /// <summary>Its last day; null while it lasts.</summary>
    public DateOnly? Until { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    public bool IsActive => Until is null;

    /// <summary>Who may lead a squad of neighbour heads in the grid.</summary>
    public bool Leads(string grid) => IsActive && Territory == grid && Role is GridStaffRole.Leader or GridStaffRole.Worker;
}

/// <summary>Somebody stands in for somebody else; both days belong to it.</summary>
public sealed record StandIn(
    Guid Id, string Territory, Guid StaffId, Guid SubstituteId, DateOnly From, DateOnly Until, DateTimeOffset? CancelledAt = null)
{
    public bool Holds(DateOnly day) => CancelledAt is null && From <= day && day <= Until;

    public bool Overlaps(StandIn other) => CancelledAt is null && other.CancelledAt is null && From <= other.Until && other.From <= Until;

    public bool Concerns(Guid staff) => StaffId == staff || SubstituteId == staff;
}

/// <summary>The rules of posts, pure.</summary>
public static class AppointmentRules
{
    public const int MaxActive = 100;
    public const int MaxStandInDays = 366;

    /// <param name="active">The posts of the grid that last.</param>
    public static Outcome<Appointment> Appoint(Appointment made, IReadOnlyCollection<Appointment> active, DateOnly today)
    {
        if (made.From > today)
            return StaffingErrors.DayInvalid.With();
        if (active.Any(a => a.Subject == made.Subject))
            return StaffingErrors.Twice.With();
        if (made.Role is GridStaffRole.Leader && active.Any(a => a.Role is GridStaffRole.Leader))
            return StaffingErrors.LeaderExists.With();
        return active.Count >= MaxActive ? StaffingErrors.Full.With(("max", MaxActive)) : made with { Version = 1 };
    }

    public static Outcome<Appointment> End(Appointment current, DateOnly until, DateOnly today, DateTimeOffset now)
    {
        if (!current.IsActive)
            return StaffingErrors.Ended.With();
        return until < current.From || until > today
            ? StaffingErrors.DayInvalid.With()
            : current with { Until = until, UpdatedAt = now, Version = current.Version + 1 };
    }

    /// <param name="others">Arrangements that either of the two has a part in.</param>
    public static Outcome<StandIn> Arrange(
        Guid id, Appointment absent, Appointment substitute, DateOnly from, DateOnly until, IEnumerable<StandIn> others, DateOnly today)
    {
        if (!absent.IsActive || !substitute.IsActive)
            return StaffingErrors.Ended.With();
        var problem =
            absent.Id == substitute.Id ? new Words("nobody stands in for himself", "不能替代本人")
            : absent.Territory != substitute.Territory ? new Words("the two belong to different grids", "双方不在同一网格")
            : absent.Role is GridStaffRole.Substitute ? new Words("a substitute is not stood in for", "替岗网格员不设替岗")
            : substitute.Role is GridStaffRole.Leader ? new Words("the leader does not stand in for others", "网格长不替他人岗")
            : until < from ? new Words("it ends before it has begun", "结束早于开始")
            : until < today ? new Words("it is over already", "已经结束")
            : until.DayNumber - from.DayNumber >= MaxStandInDays ? new Words("it is longer than a year", "超过一年")
            : null;
        if (problem is not null)
            return StaffingErrors.StandInInvalid.With(("problem", problem));
        var made = new StandIn(id, absent.Territory, absent.Id, substitute.Id, from, until);
        return others.FirstOrDefault(o => (o.Concerns(absent.Id) || o.Concerns(substitute.Id)) && o.Overlaps(made)) is { } taken
            ? StaffingErrors.StandInOverlaps.With(
                ("from", IsoDate.Text(taken.From)), ("until", IsoDate.Text(taken.Until)))
            : made;
    }

    public static Outcome<StandIn> Cancel(StandIn current, DateTimeOffset now) =>
        current.CancelledAt is null ? current with { CancelledAt = now } : StaffingErrors.StandInCancelled.With();
}

/// <summary>What the board at the entrance of a grid shows. Pure.</summary>
public static class PublicRoster
{
    /// <summary>Leader, workers, substitutes; who stands in today is named with the duty that is stood in for.</summary>
    public static IEnumerable<PublicRosterEntry> Of(
        IReadOnlyCollection<Appointment> active, IReadOnlyCollection<StandIn> standIns, DateOnly today) =>
        active.OrderBy(a => a.Role).ThenBy(a => a.From).ThenBy(a => a.Id).Select(a => new PublicRosterEntry
        {
            Name = a.Name,
            Duty = standIns.FirstOrDefault(s => s.SubstituteId == a.Id && s.Holds(today)) is { } standing
                && active.FirstOrDefault(b => b.Id == standing.StaffId) is { } absent
                ? $"代{DutyOf(absent)}"
                : DutyOf(a),
        });

    private static string DutyOf(Appointment from) => from.Duty.Length > 0 ? from.Duty : from.Role.Told().Chinese;
}
