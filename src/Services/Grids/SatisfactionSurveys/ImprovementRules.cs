using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>What somebody is to improve since a supervisor or a reporter found fault. Immutable; a rule makes the next one.</summary>
public sealed record Betterment
{
    public required Guid Id { get; init; }

    public required Guid CaseId { get; init; }

    public required string Territory { get; init; }

    /// <summary>The draw of the finding that is the cause; else it is the response.</summary>
    public Guid? DrawId { get; init; }

    public Guid? ResponseId { get; init; }

    public required string Text { get; init; }

    public required string Responsible { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public ImprovementState State { get; init; } = ImprovementState.Open;

    public required string OpenedBy { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public string Result { get; init; } = "";

    public string DoneBy { get; init; } = "";

    public DateTimeOffset? DoneAt { get; init; }

    public string CheckNote { get; init; } = "";

    public string CheckedBy { get; init; } = "";

    public DateTimeOffset? CheckedAt { get; init; }

    public long Version { get; init; } = 1;

    public bool IsOverdue(DateTimeOffset now) => State is ImprovementState.Open && DueAt < now;
}

/// <summary>Improvements, pure: each has a cause, and is done when somebody else than who did it has seen so.</summary>
public static class ImprovementRules
{
    /// <summary>Why a case that was drawn is no cause; null when it is one.</summary>
    public static Refusal? ProblemOf(Drawn drawn) =>
        drawn.ReviewedAt is null || drawn.Finding.Length is 0 ? ImprovementErrors.CauseMissing.With() : null;

    /// <summary>Why a response is no cause; null when it is one.</summary>
    public static Refusal? ProblemOf(Response response) =>
        response.Satisfaction is Satisfaction.Dissatisfied ? null : ImprovementErrors.CauseMissing.With();

    public static Outcome<Betterment> Open(Betterment given, bool exists, DateTimeOffset now) =>
        exists ? ImprovementErrors.Exists.With()
        : given.DueAt <= now ? ImprovementErrors.DuePast.With()
        : given;

    public static Outcome<Betterment> Complete(Betterment current, string result, string by, DateTimeOffset now) =>
        Requires(current, "CompleteImprovement", ImprovementState.Open) is { } wrong
            ? wrong
            : current with { State = ImprovementState.Done, Result = result, DoneBy = by, DoneAt = now, Version = current.Version + 1 };

    public static Outcome<Betterment> Check(
        Betterment current, bool accepted, string note, DateTimeOffset? dueAt, string by, DateTimeOffset now)
    {
        if (Requires(current, "CheckImprovement", ImprovementState.Done) is { } wrong)
            return wrong;
        if (by == current.DoneBy)
            return ImprovementErrors.Own.With();
        var looked = current with { CheckNote = note, CheckedBy = by, CheckedAt = now, Version = current.Version + 1 };
        if (accepted)
            return looked with { State = ImprovementState.Checked };
        return dueAt is { } again && again > now
            ? looked with { State = ImprovementState.Open, DueAt = again }
            : ImprovementErrors.DuePast.With();
    }

    private static Refusal? Requires(Betterment current, string verb, ImprovementState allowed) =>
        current.State == allowed
            ? null
            : ImprovementErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", allowed.Told()));
}
