using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Budgets;

/// <summary>A round of a community's participatory budget as its rules see it. Amounts are in fen.</summary>
public sealed record Round
{
    public required Guid Id { get; init; }

    /// <summary>Code of a community; never changes.</summary>
    public required string Territory { get; init; }

    public required string Name { get; init; }

    public required BudgetPhase Phase { get; init; }

    /// <summary>All that may be won and spent; never changes.</summary>
    public required long Amount { get; init; }

    /// <summary>Most that one project may cost; never changes.</summary>
    public required long ProjectCap { get; init; }

    public required BudgetMethod Method { get; init; }

    public required int MostChoices { get; init; }

    public required int SupportersNeeded { get; init; }

    public required int ProposalsEach { get; init; }

    public required long PolicyVersion { get; init; }

    public required DateTimeOffset ProposalsUntil { get; init; }

    public DateTimeOffset? VotesUntil { get; init; }

    public int Entitled { get; init; }

    /// <summary>Mark of the key that voters are sealed with; empty before the voting.</summary>
    public byte[] VoterKey { get; init; } = [];

    /// <summary>How many ballots were counted; 0 until it is decided.</summary>
    public int Ballots { get; init; }

    public string CancelReason { get; init; } = "";

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    /// <summary>Sum of what was won, from its projects.</summary>
    public long Won { get; init; }

    /// <summary>Sum of what was booked, from the ledger.</summary>
    public long Spent { get; init; }

    /// <summary>Who lives there takes part.</summary>
    public bool IsHomeOf(TerritoryCode home) => TerritoryCode.Parse(Territory).Contains(home);
}

/// <summary>A project of a round.</summary>
public sealed record Project
{
    public required Guid Id { get; init; }

    public required Guid RoundId { get; init; }

    public required string Territory { get; init; }

    /// <summary>Place in the order of submission, from 1: it decides between equals.</summary>
    public required int Number { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    /// <summary>As proposed, then as reviewed; never changes after that.</summary>
    public required long Amount { get; init; }

    public required string Proposer { get; init; }

    /// <summary>Counted from their rows.</summary>
    public required int Supporters { get; init; }

    public required ProjectState State { get; init; }

    public string ReviewReason { get; init; } = "";

    /// <summary>Ballots that name it; 0 until the round is decided.</summary>
    public int Votes { get; init; }

    public string Result { get; init; } = "";

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    /// <summary>Sum of what was booked on it, from the ledger.</summary>
    public long Spent { get; init; }

    public bool IsWon => State is ProjectState.Won or ProjectState.Done;
}

/// <summary>An entry of the ledger; never changed. One that books another back has its amount below zero.</summary>
public sealed record Spending(Guid Id, Guid ProjectId, long Amount, string Purpose, Guid? Reverses, DateTimeOffset At);
