using Governance.Volunteers.V1;

namespace Governance.Volunteers.Activities;

/// <summary>An activity as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Activity
{
    public required Guid Id { get; init; }

    /// <summary>The case that asked for hands.</summary>
    public required Guid CaseId { get; init; }

    /// <summary>The dispatch of the case that it answers.</summary>
    public Guid? DispatchId { get; init; }

    public required string Title { get; init; }

    /// <summary>Code of the grid; never changes.</summary>
    public required string Territory { get; init; }

    public required string Skill { get; init; }

    public required int Hands { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>How long it is meant to take.</summary>
    public required int Minutes { get; init; }

    public required ActivityState State { get; init; }

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<SignUp> SignUps { get; init; } = [];

    /// <summary>In the order in which they were recorded.</summary>
    public IReadOnlyList<ServiceRecord> Services { get; init; } = [];

    public string Summary { get; init; } = "";

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>A team that takes part, with some of its people.</summary>
public sealed record SignUp(Guid TeamId, string TeamName, int Hands, DateTimeOffset SignedUpAt);

/// <summary>One volunteer's service.</summary>
public sealed record ServiceRecord(Guid TeamId, string VolunteerNumber, int Minutes, DateTimeOffset RecordedAt);
