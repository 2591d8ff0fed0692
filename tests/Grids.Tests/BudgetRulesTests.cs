using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Budgets;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

public sealed class BudgetRulesTests
{
    private static readonly byte[] Key = [1];

    private static readonly CityPolicies Policies =
        RulePolicies.With(p => p.Budgets = new BudgetPolicy { SupportersNeeded = 2, ProposalsEach = 2 });

    [Fact]
    public void Nothing_is_overspent_and_a_voter_has_one_ballot_over_random_histories()
    {
        var reached = new HashSet<BudgetPhase>();
        var (wonSomething, spentSomething, reversedSomething) = (false, false, false);
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Act, byte By, byte With)[]>(), steps =>
        {
            var world = new World(steps.Length % 2 is 0 ? BudgetMethod.Approval : BudgetMethod.Knapsack);
            foreach (var (act, by, with) in steps)
            {
                world.Act(act % 16, by, with);
                world.Check();
                reached.Add(world.Round.Phase);
            }
            wonSomething |= world.Round.Won > 0;
            spentSomething |= world.Ledger.Count > 0;
            reversedSomething |= world.Ledger.Exists(e => e.Reverses is not null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000).WithEndSize(150));
        reached.Count.ShouldBe(6);
        (wonSomething, spentSomething, reversedSomething).ShouldBe((true, true, true));
    }

    [Fact]
    public void What_is_won_depends_on_votes_and_submission_and_nothing_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<((byte Amount, byte Votes)[] Projects, ushort Amount, int Seed)>(), how =>
        {
            var counted = how.Projects.Select((g, i) => NewProject(i + 1, 1 + g.Amount) with { Votes = g.Votes % 5 }).ToList();
            var won = BudgetRules.Winners(how.Amount, counted);
            var shuffled = counted.ToArray();
            new Random(how.Seed).Shuffle(shuffled);
            BudgetRules.Winners(how.Amount, shuffled).SetEquals(won).ShouldBeTrue();
            var spent = counted.Where(p => won.Contains(p.Id)).Sum(p => p.Amount);
            spent.ShouldBeLessThanOrEqualTo(how.Amount);
            foreach (var lost in counted.Where(p => p.Votes > 0 && !won.Contains(p.Id)))
            {
                // Those before it left too little for it.
                var before = counted
                    .Where(p => won.Contains(p.Id) && (p.Votes > lost.Votes || (p.Votes == lost.Votes && p.Number < lost.Number)))
                    .Sum(p => p.Amount);
                (before + lost.Amount).ShouldBeGreaterThan(how.Amount);
            }
            counted.ShouldAllBe(p => p.Votes > 0 || !won.Contains(p.Id));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_round_takes_no_ballot_under_another_key_and_counts_no_project_of_another()
    {
        var (now, project) = (ServiceFixture.Morning, NewProject(1, 60));
        var round = new World(BudgetMethod.Approval).Round with
        {
            Phase = BudgetPhase.Voting,
            VotesUntil = now.AddHours(1),
            VoterKey = Key,
        };
        BudgetRules.MayVote(round, [project.Id], [project], true, false, 16, Key, now).ShouldBeNull();
        BudgetRules.MayVote(round, [project.Id], [project], true, false, 16, [2], now)!.Definition.Reason.ShouldBe("BALLOT_KEY_CHANGED");
        BudgetRules.MayVote(round, [project.Id], [project], false, false, 16, Key, now)!.Definition.Reason.ShouldBe("BALLOT_NOT_ENTITLED");
        BudgetRules.MayVote(round, [project.Id], [], true, false, 16, Key, now)!.Definition.Reason.ShouldBe("BUDGET_BALLOT_INVALID");
        BudgetRules.MayVote(round, [project.Id], [project], true, false, 16, Key, now.AddHours(1))!.Definition.Reason
            .ShouldBe("BALLOT_CLOSED");
    }

    [Fact]
    public void Among_equals_the_earlier_submitted_is_won_and_a_cheaper_one_behind_may_follow()
    {
        var (first, second, cheap) = (NewProject(1, 60), NewProject(2, 60), NewProject(3, 40));
        Project[] counted = [cheap with { Votes = 1 }, second with { Votes = 3 }, first with { Votes = 3 }];
        BudgetRules.Winners(100, counted).ShouldBe([first.Id, cheap.Id], ignoreOrder: true);
    }

    private static Project NewProject(int number, long amount) => new()
    {
        Id = Guid.NewGuid(),
        RoundId = Guid.Empty,
        Territory = GridsFixture.Community,
        Number = number,
        Title = "项目",
        Text = "内容",
        Amount = amount,
        Proposer = "",
        Supporters = 0,
        State = ProjectState.Feasible,
        UpdatedAt = ServiceFixture.Morning,
        Version = 1,
    };

    /// <summary>One round with all its projects, ballots and accounts, done to at random.</summary>
    private sealed class World
    {
        private readonly List<Project> projects = [];
        private readonly Dictionary<Guid, HashSet<string>> supporters = [];
        private readonly Dictionary<string, Guid[]> ballots = [];
        private DateTimeOffset now = ServiceFixture.Morning;

        public World(BudgetMethod method) => Round = BudgetRules.Open(
            new Round
            {
                Id = Guid.NewGuid(),
                Territory = GridsFixture.Community,
                Name = "微更新",
                Phase = BudgetPhase.Unspecified,
                Amount = 1000,
                ProjectCap = 600,
                Method = method,
                MostChoices = 2,
                SupportersNeeded = 0,
                ProposalsEach = 0,
                PolicyVersion = 0,
                ProposalsUntil = now.AddMinutes(600),
                UpdatedAt = now,
                Version = 0,
            },
            Policies, now).OrRefuse();

        public Round Round { get; private set; }

        public List<Spending> Ledger { get; } = [];

        public void Act(int act, int by, int with)
        {
            now = now.AddMinutes(by % 60);
            var subject = $"s{by % 6}";
            var at = projects.Count is 0 ? -1 : with % projects.Count;
            switch (act)
            {
                case 0 or 1:
                    var proposed = BudgetRules.Propose(
                        Round, NewProject(0, 1 + (with * 3)) with { Proposer = subject }, projects.Count,
                        projects.Count(p => p.Proposer == subject), now);
                    if (proposed.Refusal is null)
                    {
                        projects.Add(proposed.OrRefuse());
                        supporters[projects[^1].Id] = [subject];
                    }
                    break;
                case 2 or 3 when at >= 0:
                    var mine = supporters[projects[at].Id];
                    if (Take(at, BudgetRules.Support(Round, projects[at], mine.Contains(subject), now)))
                        mine.Add(subject).ShouldBeTrue();
                    break;
                case 4:
                    Take(BudgetRules.CloseProposals(Round, now));
                    break;
                case 5 or 6 when at >= 0:
                    Take(at, BudgetRules.Review(Round, projects[at], by % 4 > 0, "看过", with, now));
                    break;
                case 7:
                    Take(BudgetRules.OpenVoting(Round, projects, 6, now.AddMinutes(200), Key, now));
                    break;
                case 8 or 9 or 10 when at >= 0:
                    Guid[] choices = [.. projects.Skip(at).Take(1 + (by % 3)).Select(p => p.Id)];
                    if (BudgetRules.MayVote(Round, choices, projects, by % 6 < 5, ballots.ContainsKey(subject), 16, Key, now) is null)
                    {
                        Round.Phase.ShouldBe(BudgetPhase.Voting);
                        (now < Round.VotesUntil).ShouldBeTrue();
                        ballots.Add(subject, choices);
                    }
                    break;
                case 11:
                    Decide();
                    break;
                case 12 or 13 when at >= 0:
                    if (Take(at, BudgetRules.Book(projects[at], 1 + (by * 2), now)))
                        Ledger.Add(new Spending(Guid.NewGuid(), projects[at].Id, 1 + (by * 2), "", null, now));
                    break;
                case 14 when Ledger.Count > 0:
                    var entry = Ledger[with % Ledger.Count];
                    var of = projects.FindIndex(p => p.Id == entry.ProjectId);
                    if (Take(of, BudgetRules.Reverse(projects[of], entry, entry.Id, Ledger.Exists(e => e.Reverses == entry.Id), now)))
                        Ledger.Add(new Spending(Guid.NewGuid(), entry.ProjectId, -entry.Amount, "", entry.Id, now));
                    break;
                case 15:
                    if (at >= 0 && by % 3 is 0)
                        Take(at, BudgetRules.Finish(projects[at], "完工", now));
                    else
                        Take(by % 16 is 1 ? BudgetRules.Cancel(Round, "停办", now) : BudgetRules.CarryOut(Round, projects, now));
                    break;
            }
        }

        public void Check()
        {
            var won = projects.Where(p => p.IsWon).ToList();
            won.Sum(p => p.Amount).ShouldBeLessThanOrEqualTo(Round.Amount);
            won.Sum(p => p.Amount).ShouldBe(Round.Won);
            Ledger.Sum(e => e.Amount).ShouldBeLessThanOrEqualTo(Round.Won);
            foreach (var project in projects)
            {
                project.Amount.ShouldBeLessThanOrEqualTo(Round.ProjectCap);
                project.Supporters.ShouldBe(supporters[project.Id].Count);
                var spent = Ledger.Where(e => e.ProjectId == project.Id).Sum(e => e.Amount);
                spent.ShouldBe(project.Spent);
                (spent >= 0 && spent <= (project.IsWon ? project.Amount : 0)).ShouldBeTrue();
                (project.State is ProjectState.Proposed || project.Supporters >= Round.SupportersNeeded).ShouldBeTrue();
            }
            projects.GroupBy(p => p.Proposer).ShouldAllBe(p => p.Count() <= Round.ProposalsEach);
            foreach (var choices in ballots.Values)
            {
                choices.Length.ShouldBeLessThanOrEqualTo(Round.MostChoices);
                if (Round.Method is BudgetMethod.Knapsack)
                    projects.Where(p => choices.Contains(p.Id)).Sum(p => p.Amount).ShouldBeLessThanOrEqualTo(Round.Amount);
            }
            if (Round.Phase is BudgetPhase.CarriedOut)
                won.ShouldAllBe(p => p.State == ProjectState.Done);
        }

        private void Decide()
        {
            var votes = ballots.Values.SelectMany(b => b).GroupBy(id => id).ToDictionary(g => g.Key, g => g.Count());
            var decided = BudgetRules.Decide(Round, projects, votes, ballots.Count, now);
            if (decided.Refusal is not null)
                return;
            (now >= Round.VotesUntil).ShouldBeTrue();
            var before = Round;
            (Round, var after) = decided.OrRefuse();
            (Round.Version, Round.Ballots).ShouldBe((before.Version + 1, ballots.Count));
            foreach (var project in after)
                projects[projects.FindIndex(p => p.Id == project.Id)] = project;
        }

        private bool Take(int at, Outcome<Project> outcome)
        {
            if (outcome.Refusal is null)
                projects[at] = outcome.OrRefuse();
            return outcome.Refusal is null;
        }

        private void Take(Outcome<Round> outcome)
        {
            if (outcome.Refusal is null)
                Round = outcome.OrRefuse();
        }
    }
}
