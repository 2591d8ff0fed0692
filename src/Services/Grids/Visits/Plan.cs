using Governance.Grids.V1;

namespace Governance.Grids.Visits;

/// <summary>About where a household is: degrees in WGS-84, rounded so that a hundred metres hold it.</summary>
public readonly record struct Place
{
    /// <summary>How far the place may be from where it was before it was rounded, in degrees.</summary>
    public const double Roundness = 0.0005;

    private const int Digits = 3;

    public Place(double longitude, double latitude) =>
        (Longitude, Latitude) = (Math.Round(longitude, Digits), Math.Round(latitude, Digits));

    public double Longitude { get; }

    public double Latitude { get; }
}

/// <summary>That a household agrees, and whether it still does.</summary>
public sealed record Consent(string GivenBy, DateTimeOffset GivenAt, DateTimeOffset? WithdrawnAt = null);

/// <summary>Visits to one household, as the rules see them. Of the household nothing is known but an opaque reference.</summary>
public sealed record Plan
{
    public required Guid Id { get; init; }

    /// <summary>Code of the grid; of a grid that was redrawn, that of its successor.</summary>
    public required string Territory { get; init; }

    public required string Household { get; init; }

    public Place? Place { get; init; }

    public required IReadOnlyList<CareNeed> Needs { get; init; }

    public required string Worker { get; init; }

    public required IReadOnlyList<string> Helpers { get; init; }

    public required Consent Consent { get; init; }

    public VisitPlanState State { get; init; } = VisitPlanState.Active;

    public int EveryDays { get; init; }

    public DateTimeOffset? LastVisitAt { get; init; }

    /// <summary>When the next visit is due; null once the plan is over.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public long PolicyVersion { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>A visit that was made.</summary>
public sealed record Made(
    Guid Id,
    Guid PlanId,
    string Territory,
    string Visitor,
    DateTimeOffset At,
    VisitOutcome Outcome,
    IReadOnlyList<string> Checked,
    string Note,
    Guid? CaseId = null);

/// <summary>Something that could harm somebody, until it is resolved.</summary>
public sealed record Danger
{
    public required Guid Id { get; init; }

    public required Guid PlanId { get; init; }

    public required string Territory { get; init; }

    public required HazardCategory Category { get; init; }

    public required string Note { get; init; }

    public required DateTimeOffset FoundAt { get; init; }

    /// <summary>When it must be looked at again; null once it is resolved.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public int Reinspections { get; init; }

    public long PolicyVersion { get; init; }

    /// <summary>Whose holidays were provisional when <see cref="DueAt"/> was set by them; 0 when they were not.</summary>
    public int ProvisionalYear { get; init; }

    public required long Version { get; init; }
}

/// <summary>A look at a hazard.</summary>
public sealed record Look(int Sequence, DateTimeOffset At, string Inspector, bool Resolved, string Note, DateTimeOffset DueAt);
