using Governance.Grids.Councils;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Budgets;

/// <summary>
/// The rules of participatory budgets, pure. What is won follows from the ballots alone, and what is spent never exceeds what
/// was won.
/// </summary>
public static class BudgetRules
{
    public const int MaxProjects = 200;

    public static Outcome<Round> Open(Round opened, CityPolicies policies, DateTimeOffset now)
    {
        if (TerritoryCode.Parse(opened.Territory).Level is not TerritoryLevel.Community)
            return BudgetErrors.TerritoryInvalid.With();
        if (opened.ProjectCap > opened.Amount)
            return BudgetErrors.AmountInvalid.With();
        if (opened.ProposalsUntil <= now)
            return BudgetErrors.TimePast.With();
        return policies.InForce(CityPolicies.BudgetsKind, now).Then<Round>(policy => opened with
        {
            Phase = BudgetPhase.Proposals,
            SupportersNeeded = policy.Budgets.SupportersNeeded,
            ProposalsEach = policy.Budgets.ProposalsEach,
            PolicyVersion = policy.Version,
            UpdatedAt = now,
            Version = 1,
        });
    }

    /// <param name="round">The round.</param>
    /// <param name="proposed">What is proposed; its place and its state are set here.</param>
    /// <param name="all">Projects of the round so far.</param>
    /// <param name="own">Those of the same proposer among them.</param>
    /// <param name="now">The instant.</param>
    public static Outcome<Project> Propose(Round round, Project proposed, int all, int own, DateTimeOffset now)
    {
        if (TakesProposals(round, "ProposeProject", now) is { } wrong)
            return wrong;
        if (proposed.Amount > round.ProjectCap)
            return ProjectErrors.TooDear.With(("cap", round.ProjectCap));
        if (own >= round.ProposalsEach)
            return ProjectErrors.TooMany.With(("max", round.ProposalsEach));
        if (all >= MaxProjects)
            return ProjectErrors.Full.With(("max", MaxProjects));
        return proposed with { Number = all + 1, State = ProjectState.Proposed, Supporters = 1, UpdatedAt = now, Version = 1 };
    }

    /// <summary>Support leaves the project's own row as it is: many may give it at once.</summary>
    public static Outcome<Project> Support(Round round, Project current, bool supportsAlready, DateTimeOffset now)
    {
        if (TakesProposals(round, "SupportProject", now) is { } wrong)
            return wrong;
        return supportsAlready ? ProjectErrors.SupportedTwice.With() : current with { Supporters = current.Supporters + 1 };
    }

    public static Outcome<Round> CloseProposals(Round current, DateTimeOffset now)
    {
        if (Requires(current, "CloseProposals", BudgetPhase.Proposals) is { } wrong)
            return wrong;
        return now < current.ProposalsUntil
            ? BudgetErrors.Running.With(("until", current.ProposalsUntil))
            : Next(current with { Phase = BudgetPhase.Review }, now);
    }

    /// <param name="round">The round.</param>
    /// <param name="current">The project.</param>
    /// <param name="feasible">Whether it can be done.</param>
    /// <param name="reason">Why.</param>
    /// <param name="amount">What it costs; 0: as proposed.</param>
    /// <param name="now">The instant.</param>
    public static Outcome<Project> Review(Round round, Project current, bool feasible, string reason, long amount, DateTimeOffset now)
    {
        if (Requires(round, "ReviewProject", BudgetPhase.Review) is { } wrong)
            return wrong;
        if (Requires(current, "ReviewProject", ProjectState.Proposed) is { } late)
            return late;
        if (current.Supporters < round.SupportersNeeded)
            return ProjectErrors.Unsupported.With(("supporters", current.Supporters), ("needed", round.SupportersNeeded));
        if (amount > round.ProjectCap)
            return ProjectErrors.TooDear.With(("cap", round.ProjectCap));
        return Next(
            current with
            {
                State = feasible ? ProjectState.Feasible : ProjectState.Infeasible,
                ReviewReason = reason,
                Amount = amount is 0 ? current.Amount : amount,
            },
            now);
    }

    public static Outcome<Round> OpenVoting(
        Round current, IReadOnlyList<Project> projects, int entitled, DateTimeOffset until, byte[] voterKey, DateTimeOffset now)
    {
        if (Requires(current, "OpenVoting", BudgetPhase.Review) is { } wrong)
            return wrong;
        if (until <= now)
            return BudgetErrors.TimePast.With();
        var unreviewed = projects.Count(p => p.State is ProjectState.Proposed && p.Supporters >= current.SupportersNeeded);
        if (unreviewed > 0)
            return BudgetErrors.Unreviewed.With(("count", unreviewed));
        return projects.Any(p => p.State is ProjectState.Feasible)
            ? Next(current with { Phase = BudgetPhase.Voting, VotesUntil = until, Entitled = entitled, VoterKey = voterKey }, now)
            : BudgetErrors.NoProject.With();
    }

    /// <summary>Why somebody can't cast this ballot, or null.</summary>
    public static Refusal? MayVote(
        Round round,
        IReadOnlyList<Guid> choices,
        IReadOnlyList<Project> projects,
        bool isEntitled,
        bool hasVoted,
        int saltBytes,
        byte[] voterKey,
        DateTimeOffset now)
    {
        if (Requires(round, "CastBudgetBallot", BudgetPhase.Voting) is { } wrong)
            return wrong;
        if (now >= round.VotesUntil)
            return BallotErrors.Closed.With(("closes_at", round.VotesUntil!.Value));
        if (!isEntitled)
            return BallotErrors.NotEntitled.With(("electorate", Electorate.Residents.Told()));
        if (saltBytes < BallotRules.MinSaltBytes)
            return BallotErrors.SaltShort.With(("min", BallotRules.MinSaltBytes));
        // With another key a voter would not be known again.
        if (!voterKey.AsSpan().SequenceEqual(round.VoterKey))
            return BallotErrors.KeyChanged.With();
        if (hasVoted)
            return BallotErrors.Twice.With();
        var chosen = projects.Where(p => p.State is ProjectState.Feasible && choices.Contains(p.Id)).ToList();
        var problem = choices.Distinct().Count() < choices.Count ? new Words("a project stands twice", "项目重复")
            : chosen.Count < choices.Count ? new Words("a project is not put to this vote", "所选项目不在本次投票之列")
            : choices.Count > round.MostChoices ? new Words($"it has more than {round.MostChoices} projects", $"所选项目超过 {round.MostChoices} 个")
            : round.Method is BudgetMethod.Knapsack && chosen.Sum(p => p.Amount) > round.Amount
                ? new Words("the amount does not pay for it", "所选项目合计超出预算总额")
            : null;
        return problem is null ? null : BudgetErrors.BallotInvalid.With(("problem", problem));
    }

    /// <summary>The round and its feasible projects once the ballots are counted.</summary>
    public static Outcome<(Round Round, IReadOnlyList<Project> Projects)> Decide(
        Round current, IReadOnlyList<Project> projects, IReadOnlyDictionary<Guid, int> votes, int ballots, DateTimeOffset now)
    {
        if (Requires(current, "DecideBudget", BudgetPhase.Voting) is { } wrong)
            return wrong;
        if (now < current.VotesUntil)
            return BudgetErrors.Running.With(("until", current.VotesUntil!.Value));
        var counted = projects
            .Where(p => p.State is ProjectState.Feasible)
            .Select(p => p with { Votes = votes.GetValueOrDefault(p.Id) })
            .ToList();
        var won = Winners(current.Amount, counted);
        var sum = counted.Where(p => won.Contains(p.Id)).Sum(p => p.Amount);
        (Round, IReadOnlyList<Project>) decided = (
            Next(current with { Phase = BudgetPhase.Decided, Ballots = ballots, Won = sum }, now),
            [.. counted.Select(p => Next(p with { State = won.Contains(p.Id) ? ProjectState.Won : ProjectState.Lost }, now))]);
        return decided;
    }

    /// <summary>
    /// By votes, the earlier submitted first among equals. A project that what is left does not pay for is passed over, and a
    /// cheaper one behind it may still be won. What nobody votes for is not won.
    /// </summary>
    public static IReadOnlySet<Guid> Winners(long amount, IEnumerable<Project> counted)
    {
        var (won, left) = (new HashSet<Guid>(), amount);
        foreach (var project in counted.Where(p => p.Votes > 0).OrderByDescending(p => p.Votes).ThenBy(p => p.Number))
        {
            if (project.Amount > left)
                continue;
            won.Add(project.Id);
            left -= project.Amount;
        }
        return won;
    }

    public static Outcome<Project> Book(Project current, long amount, DateTimeOffset now)
    {
        if (Requires(current, "BookSpending", ProjectState.Won) is { } wrong)
            return wrong;
        var left = current.Amount - current.Spent;
        return amount > left
            ? ProjectErrors.SpendingExceeds.With(("left", left))
            : Next(current with { Spent = current.Spent + amount }, now);
    }

    public static Outcome<Project> Reverse(Project current, Spending? entry, Guid entryId, bool isReversed, DateTimeOffset now)
    {
        if (Requires(current, "ReverseSpending", ProjectState.Won) is { } wrong)
            return wrong;
        if (entry is null || entry.ProjectId != current.Id || entry.Reverses is not null)
            return ProjectErrors.SpendingNotFound.With(("id", entryId));
        return isReversed
            ? ProjectErrors.SpendingReversed.With()
            : Next(current with { Spent = current.Spent - entry.Amount }, now);
    }

    public static Outcome<Project> Finish(Project current, string result, DateTimeOffset now) =>
        Requires(current, "FinishProject", ProjectState.Won) is { } wrong
            ? wrong
            : Next(current with { State = ProjectState.Done, Result = result }, now);

    public static Outcome<Round> CarryOut(Round current, IReadOnlyList<Project> projects, DateTimeOffset now)
    {
        if (Requires(current, "CarryOutBudget", BudgetPhase.Decided) is { } wrong)
            return wrong;
        return projects.Count(p => p.State is ProjectState.Won) is > 0 and var open
            ? BudgetErrors.Unfinished.With(("count", open))
            : Next(current with { Phase = BudgetPhase.CarriedOut }, now);
    }

    public static Outcome<Round> Cancel(Round current, string reason, DateTimeOffset now) =>
        Requires(current, "CancelBudget", BudgetPhase.Proposals, BudgetPhase.Review, BudgetPhase.Voting) is { } wrong
            ? wrong
            : Next(current with { Phase = BudgetPhase.Cancelled, CancelReason = reason }, now);

    private static Refusal? TakesProposals(Round round, string verb, DateTimeOffset now) =>
        Requires(round, verb, BudgetPhase.Proposals)
        ?? (now >= round.ProposalsUntil ? BudgetErrors.ProposalsOver.With(("until", round.ProposalsUntil)) : null);

    private static Refusal? Requires(Round current, string verb, params BudgetPhase[] allowed) =>
        allowed.Contains(current.Phase)
            ? null
            : BudgetErrors.WrongPhase.With(("verb", verb), ("phase", current.Phase.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));

    private static Refusal? Requires(Project current, string verb, ProjectState allowed) =>
        current.State == allowed
            ? null
            : ProjectErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", allowed.Told()));

    private static Round Next(Round next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };

    private static Project Next(Project next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
