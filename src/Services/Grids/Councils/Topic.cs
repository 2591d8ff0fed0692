using System.Text.Json.Serialization;
using Governance.Grids.V1;

namespace Governance.Grids.Councils;

/// <summary>What somebody asks a council to deal with, as the rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Topic
{
    public required Guid Id { get; init; }

    public required Guid CouncilId { get; init; }

    /// <summary>The council's territory; what that was then, once it is over.</summary>
    public required string Territory { get; init; }

    public required TopicKind Kind { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    /// <summary>Counts up with every amendment; earlier ones are kept.</summary>
    public required int Edition { get; init; }

    /// <summary>Subject of the proposer's token.</summary>
    public required string Proposer { get; init; }

    /// <summary>A case that it is about.</summary>
    public Guid? CaseId { get; init; }

    public required TopicState State { get; init; }

    /// <summary>Those who support the present edition, counted from their rows.</summary>
    public required int Supporters { get; init; }

    /// <summary>How many are needed: what the policy said when it was proposed.</summary>
    public required int SupportersNeeded { get; init; }

    /// <summary>The session whose agenda it is on, or that decided it.</summary>
    public Guid? SessionId { get; init; }

    public Decision? Decision { get; init; }

    /// <summary>What each of several parties does of what was decided; none when one carries it out alone.</summary>
    public IReadOnlyList<TopicTask> Tasks { get; init; } = [];

    public string Result { get; init; } = "";

    public string Answer { get; init; } = "";

    public required DateTimeOffset SupportBy { get; init; }

    public DateTimeOffset? DecideBy { get; init; }

    public DateTimeOffset? CarryOutBy { get; init; }

    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>Version of the policy by which the newest due instant was set.</summary>
    public required long PolicyVersion { get; init; }

    /// <summary>The last year whose holidays were provisional when a due instant of the topic was set by them; 0 when none was.</summary>
    public int ProvisionalYear { get; init; }

    /// <summary>Entries in the history.</summary>
    public required int Steps { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    /// <summary>The instant by which somebody must act; null once nobody must.</summary>
    public DateTimeOffset? DueAt => State switch
    {
        TopicState.Proposed => SupportBy,
        TopicState.Supported or TopicState.Consulted or TopicState.OnAgenda => DecideBy,
        TopicState.Adopted => Tasks.Where(t => t.DoneAt is null).Min(t => (DateTimeOffset?)t.DueAt) ?? CarryOutBy,
        TopicState.VotedDown or TopicState.CarriedOut => AnswerBy,
        _ => null,
    };
}

/// <summary>The rule that a vote was held under, kept as it was, with the version of the policy that it stood in.</summary>
public sealed record VoteRule(string Code, string Name, VotingBasis Basis, Fraction Passes, long PolicyVersion)
{
    public bool IsPassedBy(int inFavour, int present, int all) => Passes.IsReachedBy(inFavour, Basis is VotingBasis.All ? all : present);
}

/// <summary>What was counted in a vote. Whether it was passed follows from the count and the rule, and is not told by anybody.</summary>
public sealed record Vote(VoteRule Rule, int Entitled, int Present, int InFavour, int Against, int Abstained)
{
    [JsonIgnore]
    public bool Passed => Rule.IsPassedBy(InFavour, Present, Entitled);
}

/// <summary>What a council decided of a topic, in which session and by which vote.</summary>
public sealed record Decision(Guid SessionId, Vote Vote, string Text, string Responsible, DateTimeOffset At, Guid? BallotId = null);

/// <summary>What one party does of a decision, by when, and what was reported of it last.</summary>
public sealed record TopicTask(string Party, string Text, DateTimeOffset DueAt, string Report = "", DateTimeOffset? DoneAt = null);

/// <summary>The same as it is given; without an instant it is due when the topic is.</summary>
public sealed record GivenTask(string Party, string Text, DateTimeOffset? DueAt);

/// <summary>Those concerned talked about a topic before it came to a session.</summary>
public sealed record Consultation(ConsultationForm Form, DateOnly HeldOn, IReadOnlyList<string> Parties, string Summary);

/// <summary>
/// What a rule decides of a topic: the next one, what its history says, and who supports its edition from now on. A step that
/// leaves the version as it was is support and nothing else.
/// </summary>
public sealed record TopicStep(
    Topic Next, string Action, TopicState From, string Note, string? Supporter = null, Consultation? Consultation = null);

/// <summary>A session of a council, as the rules see it.</summary>
public sealed record Session
{
    public required Guid Id { get; init; }

    public required Guid CouncilId { get; init; }

    /// <summary>The council's territory; what that was then, once it is over.</summary>
    public required string Territory { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    public required string Place { get; init; }

    public required SessionState State { get; init; }

    /// <summary>The topics that it was convened for.</summary>
    public required IReadOnlyList<Guid> Agenda { get; init; }

    /// <summary>The council's quorum when the session was held.</summary>
    public required Fraction Quorum { get; init; }

    /// <summary>Members of the council when the session was held.</summary>
    public int MemberCount { get; init; }

    /// <summary>Those of them who attended.</summary>
    public IReadOnlyList<Guid> Present { get; init; } = [];

    public string Minutes { get; init; } = "";

    /// <summary>Counts up with every version of the minutes; earlier ones are kept.</summary>
    public int MinutesEdition { get; init; }

    public string ApprovedBy { get; init; } = "";

    public DateTimeOffset? ApprovedAt { get; init; }

    public string CancelReason { get; init; } = "";

    public required DateTimeOffset ConvenedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}
