using Governance.Grids.V1;

namespace Governance.Grids.Bulletins;

/// <summary>Something that stands, or may stand, in the bulletin of a grid or community. Immutable; a rule makes the next one.</summary>
public sealed record Item
{
    public required Guid Id { get; init; }

    /// <summary>Code of the grid or community; never changes.</summary>
    public required string Territory { get; init; }

    public required BulletinSection Section { get; init; }

    public required BulletinSource Source { get; init; }

    /// <summary>The case or topic; null when it was written by hand, and once that was erased.</summary>
    public Guid? SourceId { get; init; }

    /// <summary>Tells several answers of one source apart.</summary>
    public int Occurrence { get; init; }

    /// <summary>The case whose people must not be told.</summary>
    public Guid? PeopleOf { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    public required BulletinItemState State { get; init; }

    /// <summary>Counts up with everything that is done to it.</summary>
    public required int Edition { get; init; }

    /// <summary>The issue in which it was published.</summary>
    public Issue? Issue { get; init; }

    public required DateTimeOffset DraftedAt { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public DateTimeOffset? CorrectedAt { get; init; }

    public DateTimeOffset? WithdrawnAt { get; init; }

    public required long PolicyVersion { get; init; }

    public required long Version { get; init; }
}

/// <summary>What a territory publishes within a month, YYYY-MM.</summary>
public sealed record Issue(int Number, string Period);

/// <summary>What a record has to tell, before anybody asks whether it may be told.</summary>
/// <param name="Occurrence">0 where a record tells once; else the step that tells.</param>
/// <param name="PeopleOf">The case whose people must not be told; null when it is about none.</param>
/// <param name="Categories">That of the case and those above it; empty when it has none.</param>
public sealed record Tale(
    BulletinSection Section,
    BulletinSource Source,
    Guid SourceId,
    int Occurrence,
    string Territory,
    string Title,
    string Text,
    CaseChannel Channel,
    IReadOnlyList<string> Categories,
    Guid? PeopleOf);

/// <summary>What a rule decides: the next item, and what its versions say of how it came about.</summary>
/// <param name="Removed">Places at which personal data were removed.</param>
public sealed record ItemStep(Item Next, string Action, string Reason, int Removed);
