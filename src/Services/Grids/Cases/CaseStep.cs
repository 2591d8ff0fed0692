using Governance.Contracts.Events;
using Governance.Grids.V1;

namespace Governance.Grids.Cases;

/// <summary>What a rule decides: the next case, what its history says, and what others are told.</summary>
public sealed record CaseStep(Case Next, CaseEntry Entry, params IReadOnlyList<IEvent> Events)
{
    /// <summary>The step that the same act took first.</summary>
    public CaseStep? Before { get; init; }

    /// <summary>Until when the data of its people are kept, when this step ends the case.</summary>
    public DateTimeOffset? KeepPeopleUntil { get; init; }
}

/// <summary>
/// What somebody reports: <see cref="Reporter"/> is a pseudonym when it is confidential; <see cref="Note"/> is for whoever
/// assesses it.
/// </summary>
public sealed record CaseReport(
    string Title,
    string Description,
    CaseChannel Channel,
    (double Longitude, double Latitude)? Place,
    string Reporter,
    bool Confidential = false,
    int People = 0,
    string Note = "");
