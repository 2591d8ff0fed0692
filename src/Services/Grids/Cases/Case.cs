using Governance.Grids.Dispatch;
using Governance.Grids.V1;
using Assignment = Governance.Grids.Dispatch.Assignment;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Cases;

/// <summary>A case as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Case
{
    public required Guid Id { get; init; }

    public required long Number { get; init; }

    /// <summary>Code of the grid; once the case has ended it never changes.</summary>
    public required string Territory { get; init; }

    /// <summary>Territory of the level that holds the case.</summary>
    public required string Holder { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required (double Longitude, double Latitude)? Place { get; init; }

    public required CaseChannel Channel { get; init; }

    /// <summary>Subject of the reporter's token; of a confidential case its pseudonym; empty once erased.</summary>
    public required string Reporter { get; init; }

    public bool Confidential { get; init; }

    /// <summary>How many people it named when it was reported.</summary>
    public int People { get; init; }

    public required CaseState State { get; init; }

    public string Category { get; init; } = "";

    public CaseHandler? Handler { get; init; }

    public CaseWhistle? Whistle { get; init; }

    /// <summary>Who took it up first and who is answerable for it; null until an officer has acted.</summary>
    public CaseReceiver? Receiver { get; init; }

    /// <summary>What organisations were asked to do by the newest dispatch, the lead first.</summary>
    public IReadOnlyList<Assignment> Assignments { get; init; } = [];

    public string Result { get; init; } = "";

    public string Answer { get; init; } = "";

    public Satisfaction Satisfaction { get; init; }

    /// <summary>Whether it is as reported; null when nobody was asked.</summary>
    public CaseVerification? Verification { get; init; }

    /// <summary>The case with which it is, or was, answered.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>How many wait for its answer.</summary>
    public int Followers { get; init; }

    /// <summary>The authority that it was handed to.</summary>
    public string TransferredTo { get; init; } = "";

    /// <summary>The newest review of its answer, or the time for the first.</summary>
    public CaseReview? Review { get; init; }

    /// <summary>Each once, in their order.</summary>
    public IReadOnlyList<GovernanceDimension> Dimensions { get; init; } = [];

    /// <summary>Null when the case had ended before it was imported.</summary>
    public required DateTimeOffset? AssessBy { get; init; }

    public DateTimeOffset? HandleBy { get; init; }

    public DateTimeOffset? AnswerBy { get; init; }

    public DateTimeOffset? ConfirmBy { get; init; }

    /// <summary>Until when it may be reopened, counted from the answer; null when it can't be.</summary>
    public DateTimeOffset? ReopenBy { get; init; }

    public int Reopenings { get; init; }

    /// <summary>When the case goes up by itself, unless the step that is due is done before; null when it can't.</summary>
    public DateTimeOffset? EscalateAt { get; init; }

    /// <summary>Some step was not done by its instant; never taken back.</summary>
    public bool Late { get; init; }

    /// <summary>Changes of <see cref="HandleBy"/> since it was set; null when there were none.</summary>
    public CaseDeadline? Deadline { get; init; }

    /// <summary>Version of the policy by which the newest due instant was set.</summary>
    public required long PolicyVersion { get; init; }

    /// <summary>The last year whose holidays were provisional when a due instant of the case was set by them; 0 when none was.</summary>
    public int ProvisionalYear { get; init; }

    /// <summary>Entries in the history.</summary>
    public required int Steps { get; init; }

    public required DateTimeOffset ReportedAt { get; init; }

    /// <summary>Of a case that has ended, when it did.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    /// <summary>States of which none is left but by taking the case up again.</summary>
    public static readonly CaseState[] Ended = [CaseState.Closed, CaseState.Rejected, CaseState.Transferred];

    /// <summary>The same as a list in SQL.</summary>
    internal static readonly string EndedInSql = string.Join(", ", Ended.Select(state => (int)state));

    public bool HasEnded => Ended.Contains(State);

    /// <summary>
    /// Where cases in a state that few are in at a time lie by themselves, to be listed; null for the others. The column of that name
    /// is made by the same rule.
    /// </summary>
    public static CaseState? AsideOf(CaseState state) => state switch
    {
        CaseState.Answered or CaseState.Confirmed => CaseState.Answered,
        CaseState.Rejected or CaseState.Banked or CaseState.Transferred or CaseState.Merged or CaseState.UnderReview => state,
        _ => null,
    };

    /// <summary>The instant by which somebody of ours must act; null while nobody must.</summary>
    public DateTimeOffset? DueAt => State switch
    {
        CaseState.Reported => AssessBy,
        CaseState.Assessed or CaseState.Dispatched or CaseState.Handling or CaseState.Whistled or CaseState.Banked => HandleBy,
        CaseState.Handled => AnswerBy,
        // Its reporter waits, whoever's turn it is.
        CaseState.Merged => HandleBy ?? AssessBy,
        CaseState.UnderReview => Review!.DueAt,
        _ => null,
    };

    /// <summary>When the service closes it, unless somebody has done so before; null while there is no answer to confirm.</summary>
    public DateTimeOffset? CloseAt => State is CaseState.Answered or CaseState.Confirmed ? ConfirmBy : null;

    /// <summary>The case with one more due instant, whose calendar was perhaps provisional.</summary>
    public Case RestingOn(int provisionalYear) => this with { ProvisionalYear = Math.Max(ProvisionalYear, provisionalYear) };
}

/// <summary>Who handles a case: exactly one of the three is set.</summary>
public sealed record CaseHandler(
    Guid? OrganisationId,
    Guid? EstateId,
    Contracts.Events.VolunteerNeed? Need,
    string Name,
    Guid? Reference)
{
    /// <summary>Of the dispatch that gave it the case.</summary>
    public Guid? DispatchId { get; init; }
}

/// <summary>A question whether a case is as reported, and what was found.</summary>
public sealed record CaseVerification(
    string Question,
    string AskedBy,
    DateTimeOffset AskedAt,
    DateTimeOffset VerifyBy,
    VerificationFinding Finding = VerificationFinding.Unspecified,
    string Note = "",
    string VerifiedBy = "",
    DateTimeOffset? VerifiedAt = null);

/// <summary>A review of the answer to a case. Who asked and why stands in the history alone, which forgets when somebody is erased.</summary>
public sealed record CaseReview
{
    public int Round { get; init; }

    /// <summary>Until then the next one may be asked for.</summary>
    public DateTimeOffset? RequestBy { get; init; }

    /// <summary>Territory of the level whose answer is reviewed.</summary>
    public string From { get; init; } = "";

    public DateTimeOffset? RequestedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public ReviewDecision Decision { get; init; }

    public string DecidedBy { get; init; } = "";

    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Departments called to a case.</summary>
public sealed record CaseWhistle(
    Guid Id, string Reason, string BlownBy, DateTimeOffset BlownAt, DateTimeOffset ReportBy, IReadOnlyList<CaseResponder> Responders,
    int ProvisionalYear = 0)
{
    /// <summary>Null while the departments are waited for.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>One department called, and when it came.</summary>
public sealed record CaseResponder(Guid OrganisationId, string Name, DateTimeOffset? ReportedAt);

/// <summary>What became of the instant by which a case must be handled: a change that was asked for, extensions, a pause.</summary>
public sealed record CaseDeadline(DeadlineChange? Pending, int Extensions, DateTimeOffset? PausedUntil)
{
    public static readonly CaseDeadline None = new(null, 0, null);

    /// <summary>What the newest pause began with; null when there was none, or it began before that was kept.</summary>
    public CasePause? Pause { get; init; }
}

/// <summary>When a pause began, and what was due when by then: the case, and each part that was given out.</summary>
public sealed record CasePause(DateTimeOffset From, DateTimeOffset HandleBy, IReadOnlyDictionary<Guid, DateTimeOffset> Parts);

/// <summary>A change that was asked for: exactly one of the first two is set.</summary>
public sealed record DeadlineChange(TimeLimit? ExtendBy, DateTimeOffset? PauseUntil, string Reason, string RequestedBy, DateTimeOffset RequestedAt);

/// <summary>One thing that was done to a case, as its history keeps it.</summary>
public sealed record CaseEntry(string Action, CaseState From, CaseState To, string Note);
