using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Budgets;

/// <summary>Rounds, projects and accounts as callers see them.</summary>
public static class BudgetMessages
{
    public static BudgetRound ToMessage(Round from) => new()
    {
        Id = from.Id.ToString(),
        Territory = from.Territory,
        Name = from.Name,
        Phase = from.Phase,
        AmountFen = from.Amount,
        ProjectCapFen = from.ProjectCap,
        Method = from.Method,
        MostChoices = from.MostChoices,
        SupportersNeeded = from.SupportersNeeded,
        ProposalsEach = from.ProposalsEach,
        PolicyVersion = from.PolicyVersion,
        ProposalsUntil = from.ProposalsUntil.ToTimestamp(),
        VotesUntil = from.VotesUntil?.ToTimestamp(),
        Entitled = from.Entitled,
        Ballots = from.Ballots,
        WonFen = from.Won,
        SpentFen = from.Spent,
        CancelReason = from.CancelReason,
        UpdatedAt = from.UpdatedAt.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    /// <param name="from">The project.</param>
    /// <param name="viewer">The subject that residents may see, their own; null for those who work with budgets.</param>
    public static BudgetProject ToMessage(Project from, string? viewer) => new()
    {
        Id = from.Id.ToString(),
        RoundId = from.RoundId.ToString(),
        Territory = from.Territory,
        Number = from.Number,
        Title = from.Title,
        Text = from.Text,
        AmountFen = from.Amount,
        Proposer = viewer is null || viewer == from.Proposer ? from.Proposer : "",
        Supporters = from.Supporters,
        State = from.State,
        ReviewReason = from.ReviewReason,
        Votes = from.Votes,
        SpentFen = from.Spent,
        Result = from.Result,
        UpdatedAt = from.UpdatedAt.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    public static SpendingEntry ToMessage(Spending from) => new()
    {
        Id = from.Id.ToString(),
        ProjectId = from.ProjectId.ToString(),
        AmountFen = from.Amount,
        Purpose = from.Purpose,
        Reverses = from.Reverses?.ToString() ?? "",
        BookedAt = from.At.ToTimestamp(),
    };
}
