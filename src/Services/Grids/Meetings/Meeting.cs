using System.Text.Json.Serialization;
using Governance.Grids.V1;

namespace Governance.Grids.Meetings;

/// <summary>A meeting of grid Party branches as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Meeting
{
    public required Guid Id { get; init; }

    /// <summary>Of an imported meeting; else empty.</summary>
    public string Code { get; init; } = "";

    public required MeetingKind Kind { get; init; }

    /// <summary>Code of a community or grid; never changes.</summary>
    public required string Territory { get; init; }

    public required MeetingState State { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    public required string Place { get; init; }

    public string Notice { get; init; } = "";

    public IReadOnlyList<string> Agenda { get; init; } = [];

    /// <summary>Numbers of people by kind; nobody is named.</summary>
    public IReadOnlyList<Attended> Attendance { get; init; } = [];

    public string Minutes { get; init; } = "";

    /// <summary>Counts up with every version of the minutes; earlier ones are kept.</summary>
    public int MinutesEdition { get; init; }

    /// <summary>Who wrote the present version.</summary>
    public string MinutesBy { get; init; } = "";

    public IReadOnlyList<Matter> Matters { get; init; } = [];

    public IReadOnlyList<Debriefing> Debriefs { get; init; } = [];

    public string ApprovedBy { get; init; } = "";

    public DateTimeOffset? ApprovedAt { get; init; }

    public string CancelReason { get; init; } = "";

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    /// <summary>How many came as what.</summary>
    public int Present(MeetingAttendeeKind kind) => Attendance.Where(a => a.Kind == kind).Sum(a => a.Count);
}

public sealed record Attended(MeetingAttendeeKind Kind, int Count);

/// <summary>What was talked about, with the case that it became.</summary>
public sealed record Matter(string Title, string Text, Guid? CaseId);

/// <summary>Somebody's debrief for a Party organisation.</summary>
public sealed record Debriefing(Guid Id, string Subject, Guid OrganisationId, Appraisal? Appraisal = null);

/// <summary>The papers on one debrief, counted by what they say; no paper is kept, so that none can be tied to a resident.</summary>
public sealed record Appraisal(int Papers, int Good, int FairlyGood, int Average, int Poor, int Unmarked)
{
    [JsonIgnore]
    public int Counted => Good + FairlyGood + Average + Poor + Unmarked;
}
