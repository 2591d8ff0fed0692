using Governance.Grids.V1;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Dispatch;

/// <summary>What one organisation is asked to do about a case, as the rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Assignment
{
    public required Guid Id { get; init; }

    public required AssignmentRole Role { get; init; }

    public required Guid OrganisationId { get; init; }

    /// <summary>Its name when it was assigned.</summary>
    public required string Name { get; init; }

    /// <summary>Subject of the person on duty who has it; empty while nobody has.</summary>
    public string Subject { get; init; } = "";

    /// <summary>When that person was given it.</summary>
    public DateTimeOffset? GivenAt { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Until then the organisation may object; null when the policy lets nobody.</summary>
    public DateTimeOffset? ObjectBy { get; init; }

    public required AssignmentState State { get; init; }

    public string Result { get; init; } = "";

    public required string AssignedBy { get; init; }

    /// <summary>Territory of the level that dispatched.</summary>
    public required string AssignedFrom { get; init; }

    public required DateTimeOffset AssignedAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public Objection? Objection { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOpen => EndedAt is null;

    public bool IsLate(DateTimeOffset now) => (EndedAt ?? now) > DueAt;
}

/// <summary>An objection to an assignment, and how it was ruled on.</summary>
public sealed record Objection(
    string Reason,
    string RaisedBy,
    DateTimeOffset RaisedAt,
    bool Upheld = false,
    string Ruling = "",
    string RuledBy = "",
    DateTimeOffset? RuledAt = null);

/// <summary>One organisation of a dispatch that is being made, with the id that its assignment gets.</summary>
public sealed record Part(Guid Id, Guid OrganisationId, string Name, TimeLimit? Within);

/// <summary>Who took a case up first, and who is answerable for it since.</summary>
public sealed record CaseReceiver(
    string First,
    string Territory,
    DateTimeOffset ReceivedAt,
    string Answerable,
    DateTimeOffset AnswerableSince,
    ReceiptOffer? Offer = null);

/// <summary>Answerability that was offered to somebody who has not accepted yet.</summary>
public sealed record ReceiptOffer(string To, string Reason);
