using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class BudgetsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Home = Community + "01";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Budgets = new BudgetPolicy { SupportersNeeded = 2, ProposalsEach = 2 });
    }

    [Fact]
    public async Task A_round_goes_from_proposals_to_published_accounts()
    {
        var round = await OpenedAsync();
        (round.Phase, round.SupportersNeeded, round.ProposalsEach).ShouldBe((BudgetPhase.Proposals, 2, 2));
        var bench = await SupportedAsync(round, "a", 60_000);
        var lamp = await SupportedAsync(round, "b", 50_000);
        var ramp = await SupportedAsync(round, "c", 40_000);
        (bench.Number, lamp.Number, ramp.Supporters).ShouldBe((1, 2, 2));
        var lonely = await ProposedAsync(round, "d", 10_000);
        await Refused.AsAsync("BUDGET_RUNNING", Officer().CloseProposalsAsync(Closing(round)));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Refused.AsAsync("BUDGET_PROPOSALS_OVER", Resident("e").SupportProjectAsync(Supporting(lonely)));
        round = (await Officer().CloseProposalsAsync(Closing(round))).Round;
        await Refused.AsAsync("PROJECT_UNSUPPORTED", Officer().ReviewProjectAsync(Reviewing(lonely)));
        foreach (var project in new[] { bench, lamp })
            await Officer().ReviewProjectAsync(Reviewing(project));
        await Refused.AsAsync("BUDGET_UNREVIEWED", Officer().OpenVotingAsync(Voting(round)));
        var dear = Reviewing(ramp);
        dear.AmountFen = 70_000;
        await Refused.AsAsync("PROJECT_TOO_DEAR", Officer().ReviewProjectAsync(dear));
        dear.AmountFen = 45_000;
        (await Officer().ReviewProjectAsync(dear)).Project.AmountFen.ShouldBe(45_000);
        dear.RequestId = NewId();
        await Refused.AsAsync("PROJECT_WRONG_STATE", Officer().ReviewProjectAsync(dear));
        var past = Voting(round);
        past.VotesUntil = ServiceFixture.Morning.ToTimestamp();
        await Refused.AsAsync("BUDGET_TIME_PAST", Officer().OpenVotingAsync(past));
        round = (await Officer().OpenVotingAsync(Voting(round))).Round;

        // The lamp and the ramp have two votes each, the bench one: 50,000 and 45,000 of 100,000 leave no 60,000.
        await Resident("a").CastBudgetBallotAsync(Ballot(round, bench, ramp));
        await Resident("b").CastBudgetBallotAsync(Ballot(round, lamp));
        await Resident("c").CastBudgetBallotAsync(Ballot(round, lamp, ramp));
        await Refused.AsAsync("BUDGET_RUNNING", Officer().DecideBudgetAsync(Deciding(round)));
        (await Resident("c").GetBudgetAsync(new GetBudgetRequest { Id = round.Id })).Round.Ballots.ShouldBe(0);
        (await Officer().GetProjectAsync(new GetProjectRequest { Id = lamp.Id })).Project.Votes.ShouldBe(0);
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Refused.AsAsync("BALLOT_CLOSED", Resident("d").CastBudgetBallotAsync(Ballot(round, lamp)));
        var deciding = Deciding(round);
        round = (await Officer().DecideBudgetAsync(deciding)).Round;
        (await Officer().DecideBudgetAsync(deciding)).Round.ShouldBe(round);
        (round.Phase, round.Ballots, round.WonFen).ShouldBe((BudgetPhase.Decided, 3, 95_000));
        var projects = (await Officer().ListProjectsAsync(new ListProjectsRequest { RoundId = round.Id })).Projects;
        projects.Select(p => (p.State, p.Votes)).ShouldBe(
            [(ProjectState.Lost, 1), (ProjectState.Won, 2), (ProjectState.Won, 2), (ProjectState.Proposed, 0)]);

        var before = await IndicatorAsync("budget_spent");
        var doneBefore = await IndicatorAsync("budget_projects_done");
        var first = (await Officer().BookSpendingAsync(Booking(lamp, 30_000))).Entry;
        (await Refused.AsAsync("SPENDING_EXCEEDS", Officer().BookSpendingAsync(Booking(lamp, 20_001)))).Metadata["left"].ShouldBe("20000");
        await Refused.AsAsync("PROJECT_WRONG_STATE", Officer().BookSpendingAsync(Booking(bench, 1)));
        (await Officer().ReverseSpendingAsync(Reversing(lamp, first.Id))).Project.SpentFen.ShouldBe(0);
        await Refused.AsAsync("SPENDING_REVERSED", Officer().ReverseSpendingAsync(Reversing(lamp, first.Id)));
        await Refused.AsAsync("SPENDING_NOT_FOUND", Officer().ReverseSpendingAsync(Reversing(ramp, first.Id)));
        await Officer().BookSpendingAsync(Booking(lamp, 50_000));
        var accounts = (await Resident("z").ListSpendingAsync(new ListSpendingRequest { RoundId = round.Id })).Entries;
        accounts.Select(e => e.AmountFen).ShouldBe([30_000, -30_000, 50_000]);
        (await IndicatorAsync("budget_spent")).ShouldBe(before + 50_000);

        await Refused.AsAsync("BUDGET_UNFINISHED",
            Officer().CarryOutBudgetAsync(new CarryOutBudgetRequest { RequestId = NewId(), RoundId = round.Id }));
        foreach (var project in new[] { lamp, ramp })
            await Officer().FinishProjectAsync(new FinishProjectRequest { RequestId = NewId(), ProjectId = project.Id, Result = "完工" });
        await Refused.AsAsync("PROJECT_WRONG_STATE", Officer().BookSpendingAsync(Booking(ramp, 1)));
        var done = (await Officer().CarryOutBudgetAsync(new CarryOutBudgetRequest { RequestId = NewId(), RoundId = round.Id })).Round;
        (done.Phase, done.SpentFen).ShouldBe((BudgetPhase.CarriedOut, 50_000));
        (await Officer().GetBudgetAsync(new GetBudgetRequest { Id = round.Id })).Round.ShouldBe(done);
        (await IndicatorAsync("budget_projects_done")).ShouldBe(doneBefore + 2);
        await Refused.AsAsync("BUDGET_WRONG_PHASE", Officer().CancelBudgetAsync(Cancelling(round)));
    }

    [Fact]
    public async Task A_voter_has_one_secret_ballot_however_often_it_is_cast_at_once()
    {
        var (round, projects) = await InVotingAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await Resident("a").CastBudgetBallotAsync(Ballot(round, projects[i % 2]));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Order().ShouldBe(["", .. Enumerable.Repeat("BALLOT_TWICE", 7)]);
        var row = await grids.ScalarAsync<string>($"select encode(voter, 'hex') from budget_ballots where round_id = '{round.Id}'");
        row.Length.ShouldBeGreaterThan(30);
        (await grids.ScalarAsync<long>(
            $"select count(*) from budget_ballots where round_id = '{round.Id}' and voter in ('a'::bytea, sha256('a'))")).ShouldBe(0);
        foreach (var change in (string[])["update budget_ballots set voter = ''", "delete from budget_ballots", "truncate budget_ballots"])
        {
            await using var command = grids.Database.CreateCommand(change);
            (await Should.ThrowAsync<PostgresException>(command.ExecuteNonQueryAsync())).MessageText.ShouldBe("votes are never changed");
        }
    }

    [Fact]
    public async Task Nothing_that_is_written_with_a_ballot_names_its_voter()
    {
        const string subject = "resident-who-votes";
        var (round, projects) = await InVotingAsync();
        await Resident(subject).CastBudgetBallotAsync(Ballot(round, projects[0]));
        var rows = await grids.WrittenWithAsync($"select xmin from budget_ballots where round_id = '{round.Id}'");
        rows.Select(r => r.Table).ShouldBe(["audit", "budget_ballots", "requests"], ignoreOrder: true);
        rows.ShouldAllBe(r => !r.Text.Contains(subject));
    }

    [Fact]
    public async Task Ballots_that_race_with_the_decision_are_counted_or_refused()
    {
        var (round, projects) = await InVotingAsync();
        var votes = Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await Resident($"racer-{i}").CastBudgetBallotAsync(Ballot(round, projects[0]));
                return 1;
            }
            catch (RpcException refused)
            {
                Refused.Of(refused).Reason.ShouldBeOneOf("BALLOT_CLOSED", "BUDGET_WRONG_PHASE");
                return 0;
            }
        }).ToList();
        await Task.WhenAny(votes);
        grids.Clock.Advance(TimeSpan.FromDays(2));
        var decided = (await Officer().DecideBudgetAsync(Deciding(round))).Round;
        decided.Ballots.ShouldBe((await Task.WhenAll(votes)).Sum());
        (await grids.ScalarAsync<long>($"select count(*) from budget_ballots where round_id = '{round.Id}'")).ShouldBe(decided.Ballots);
        (await Officer().GetProjectAsync(new GetProjectRequest { Id = projects[0].Id })).Project.Votes.ShouldBe(decided.Ballots);
    }

    [Fact]
    public async Task Spending_at_once_never_exceeds_the_amount_of_a_project()
    {
        var (round, projects) = await InVotingAsync();
        await Resident("a").CastBudgetBallotAsync(Ballot(round, projects[0]));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().DecideBudgetAsync(Deciding(round));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await Officer().BookSpendingAsync(Booking(projects[0], 20_000));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.ShouldAllBe(o => o == "" || o == "SPENDING_EXCEEDS" || o == "CONTENDED");
        var spent = (await Officer().GetProjectAsync(new GetProjectRequest { Id = projects[0].Id })).Project.SpentFen;
        spent.ShouldBe(20_000 * outcomes.Count(o => o is ""));
        spent.ShouldBeLessThanOrEqualTo(projects[0].AmountFen);
        await using var command = grids.Database.CreateCommand("update budget_spending set amount = 1");
        (await Should.ThrowAsync<PostgresException>(command.ExecuteNonQueryAsync())).MessageText
            .ShouldBe("entries of the accounts are never changed");
    }

    [Fact]
    public async Task Ballots_that_cannot_be_are_refused_by_name()
    {
        var (round, projects) = await InVotingAsync();
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Budgets("resident", OtherCommunity + "01", "stranger").CastBudgetBallotAsync(Ballot(round, projects[0])));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Officer().CastBudgetBallotAsync(Ballot(round, projects[0])));
        var short1 = Ballot(round, projects[0]);
        short1.Salt = ByteString.CopyFrom(new byte[15]);
        await Refused.AsAsync("BALLOT_SALT_SHORT", Resident("a").CastBudgetBallotAsync(short1));
        await InvalidAsync("a project stands twice", Ballot(round, projects[0], projects[0]));
        await InvalidAsync("it has more than 2 projects", Ballot(round, [.. projects]));
        var strange = Ballot(round, projects[0]);
        strange.ProjectIds[0] = NewId();
        await InvalidAsync("a project is not put to this vote", strange);
        await Refused.AsAsync("BUDGET_NOT_FOUND", Officer().GetBudgetAsync(new GetBudgetRequest { Id = NewId() }));

        var (knapsack, dear) = await InVotingAsync(BudgetMethod.Knapsack, 60_000);
        await InvalidAsync("the amount does not pay for it", Ballot(knapsack, dear[0], dear[1]));
        await Resident("a").CastBudgetBallotAsync(Ballot(knapsack, dear[0]));

        async Task InvalidAsync(string problem, CastBudgetBallotRequest ballot) =>
            (await Refused.AsAsync("BUDGET_BALLOT_INVALID", Resident("a").CastBudgetBallotAsync(ballot)))
            .Metadata["problem"].ShouldBe(problem);
    }

    [Fact]
    public async Task Rounds_and_proposals_that_cannot_be_are_refused_by_name()
    {
        var opening = Opening();
        opening.Territory = Home;
        await Refused.AsAsync("BUDGET_TERRITORY_INVALID", Officer().OpenBudgetAsync(opening));
        opening = Opening();
        opening.ProjectCapFen = opening.AmountFen + 1;
        await Refused.AsAsync("BUDGET_AMOUNT_INVALID", Officer().OpenBudgetAsync(opening));
        opening = Opening();
        opening.ProposalsUntil = ServiceFixture.Morning.ToTimestamp();
        await Refused.AsAsync("BUDGET_TIME_PAST", Officer().OpenBudgetAsync(opening));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Budgets("officer", OtherCommunity).OpenBudgetAsync(Opening()));
        opening = Opening();
        opening.Territory = "340402001001";
        await Refused.AsAsync("POLICY_MISSING", Budgets("officer", "3404").OpenBudgetAsync(opening));

        var round = await OpenedAsync();
        await Refused.AsAsync("PROJECT_TOO_DEAR", Resident("a").ProposeProjectAsync(Proposing(round, 60_001)));
        var first = await ProposedAsync(round, "a", 1);
        await ProposedAsync(round, "a", 2);
        await Refused.AsAsync("PROJECTS_TOO_MANY", Resident("a").ProposeProjectAsync(Proposing(round, 3)));
        await Refused.AsAsync("PROJECT_SUPPORTED_TWICE", Resident("a").SupportProjectAsync(Supporting(first)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Budgets("resident", OtherCommunity + "01").ProposeProjectAsync(Proposing(round, 1)));
        await Refused.AsAsync("BUDGET_WRONG_PHASE", Resident("a").CastBudgetBallotAsync(Ballot(round, first)));
        await Refused.AsAsync("PROJECT_NOT_FOUND", Officer().GetProjectAsync(new GetProjectRequest { Id = NewId() }));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().CloseProposalsAsync(Closing(round));
        await Refused.AsAsync("BUDGET_NO_PROJECT", Officer().OpenVotingAsync(Voting(round)));
        var stale = Cancelling(round);
        stale.Etag = round.Etag;
        await Refused.AsAsync("ETAG_STALE", Officer().CancelBudgetAsync(stale));
        (await Officer().CancelBudgetAsync(Cancelling(round))).Round.Phase.ShouldBe(BudgetPhase.Cancelled);
        var again = Opening();
        await Officer().OpenBudgetAsync(again);
        again.Name = "另一轮";
        await Refused.AsAsync("REQUEST_ID_REUSED", Officer().OpenBudgetAsync(again));
    }

    [Fact]
    public async Task Residents_see_projects_without_their_proposers_and_pages_hold_each_once()
    {
        var round = await OpenedAsync();
        // Proposed at once: numbers have neither gap nor tie.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ProposedAsync(round, $"p{i}", 10)));
        await ProposedAsync(round, "me", 10);
        var request = new ListProjectsRequest { RoundId = round.Id, PageSize = 2 };
        var found = new List<BudgetProject>();
        do
        {
            var page = await Resident("me").ListProjectsAsync(request);
            found.AddRange(page.Projects);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        found.Select(p => p.Number).ShouldBe([1, 2, 3, 4, 5]);
        found.Select(p => p.Proposer).ShouldBe(["", "", "", "", "me"]);
        (await Resident("me").ListBudgetsAsync(new ListBudgetsRequest())).Rounds.ShouldContain(r => r.Id == round.Id);
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Budgets("resident", OtherCommunity + "01").GetBudgetAsync(new GetBudgetRequest { Id = round.Id }));

        var persons = new Persons.PersonsClient(grids.As("operator", City));
        var erase = new EraseSubjectRequest { RequestId = NewId(), Subject = "me", Reason = "本人申请" };
        await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        await Officer().CancelBudgetAsync(Cancelling(round));
        erase.RequestId = NewId();
        await persons.EraseSubjectAsync(erase);
        (await grids.ScalarAsync<long>(
            """
            select (select count(*) from budget_projects where proposer = 'me')
                + (select count(*) from budget_supports where subject = 'me')
            """)).ShouldBe(0);
        (await Officer().GetProjectAsync(new GetProjectRequest { Id = found[4].Id })).Project.Supporters.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_proposed_a_project_is_needed_until_it_is_done_or_known_not_to_be_and_then_its_text_goes()
    {
        var round = await OpenedAsync();
        var won = await SupportedAsync(round, "leaving-winner", 50_000);
        var lonely = await ProposedAsync(round, "leaving-lonely", 10_000);
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().CloseProposalsAsync(Closing(round));
        await NeededAsync("leaving-winner", "leaving-lonely");
        await Officer().ReviewProjectAsync(Reviewing(won));
        await Officer().OpenVotingAsync(Voting(round));
        await NeededAsync("leaving-winner");
        await ForgottenAsync("leaving-lonely", lonely);
        await Resident("leaving-winner").CastBudgetBallotAsync(Ballot(round, won));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().DecideBudgetAsync(Deciding(round));
        await NeededAsync("leaving-winner");
        await Officer().FinishProjectAsync(new FinishProjectRequest { RequestId = NewId(), ProjectId = won.Id, Result = "完工" });
        await ForgottenAsync("leaving-winner", won);
        (await Officer().GetProjectAsync(new GetProjectRequest { Id = won.Id })).Project.Supporters.ShouldBe(2);

        async Task NeededAsync(params string[] subjects)
        {
            foreach (var subject in subjects)
                (await Refused.AsAsync("SUBJECT_NEEDED", Erase(subject))).Metadata["kind"].ShouldBe("budget_project");
        }

        async Task ForgottenAsync(string subject, BudgetProject project)
        {
            (await Erase(subject)).Records.ShouldBe(1);
            var left = (await Officer().GetProjectAsync(new GetProjectRequest { Id = project.Id })).Project;
            (left.Proposer, left.Title, left.Text).ShouldBe(("", "项目", ""));
        }

        AsyncUnaryCall<EraseSubjectResponse> Erase(string subject) => new Persons.PersonsClient(grids.As("operator", City)).EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = subject, Reason = "本人申请" });
    }

    private V1.Budgets.BudgetsClient Budgets(string role, string territory, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Budgets.BudgetsClient Officer() => Budgets("officer", City);

    private V1.Budgets.BudgetsClient Resident(string subject) => Budgets("resident", Home, subject);

    private async Task<BudgetRound> OpenedAsync(BudgetMethod method = BudgetMethod.Approval) =>
        (await Officer().OpenBudgetAsync(Opening(method))).Round;

    private async Task<BudgetProject> ProposedAsync(BudgetRound round, string subject, long amount) =>
        (await Resident(subject).ProposeProjectAsync(Proposing(round, amount))).Project;

    private async Task<BudgetProject> SupportedAsync(BudgetRound round, string subject, long amount)
    {
        var proposed = await ProposedAsync(round, subject, amount);
        return (await Resident("supporter").SupportProjectAsync(Supporting(proposed))).Project;
    }

    /// <summary>A round in which three feasible projects are put to the vote.</summary>
    private async Task<(BudgetRound Round, IReadOnlyList<BudgetProject> Projects)> InVotingAsync(
        BudgetMethod method = BudgetMethod.Approval, long amount = 50_000)
    {
        var round = await OpenedAsync(method);
        var projects = new List<BudgetProject>();
        for (var i = 0; i < 3; i++)
            projects.Add(await SupportedAsync(round, $"p{i}", amount));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().CloseProposalsAsync(Closing(round));
        foreach (var project in projects)
            await Officer().ReviewProjectAsync(Reviewing(project));
        return ((await Officer().OpenVotingAsync(Voting(round))).Round, projects);
    }

    private async Task<long> IndicatorAsync(string name) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = Community, Names = { name } })).Indicators.Single().Value;

    private OpenBudgetRequest Opening(BudgetMethod method = BudgetMethod.Approval) => new()
    {
        RequestId = NewId(),
        Territory = Community,
        Name = "社区微更新",
        AmountFen = 100_000,
        ProjectCapFen = 60_000,
        Method = method,
        MostChoices = 2,
        ProposalsUntil = grids.Clock.GetUtcNow().AddDays(1).ToTimestamp(),
    };

    private OpenVotingRequest Voting(BudgetRound round) => new()
    {
        RequestId = NewId(),
        RoundId = round.Id,
        VotesUntil = grids.Clock.GetUtcNow().AddDays(1).ToTimestamp(),
        Entitled = 100,
    };

    private static ProposeProjectRequest Proposing(BudgetRound round, long amount) =>
        new() { RequestId = NewId(), RoundId = round.Id, Title = "项目", Text = "内容", AmountFen = amount };

    private static SupportProjectRequest Supporting(BudgetProject project) => new() { RequestId = NewId(), ProjectId = project.Id };

    private static CloseProposalsRequest Closing(BudgetRound round) => new() { RequestId = NewId(), RoundId = round.Id };

    private static ReviewProjectRequest Reviewing(BudgetProject project) =>
        new() { RequestId = NewId(), ProjectId = project.Id, Feasible = true, Reason = "可行" };

    private static CastBudgetBallotRequest Ballot(BudgetRound round, params BudgetProject[] projects) => new()
    {
        RequestId = NewId(),
        RoundId = round.Id,
        ProjectIds = { projects.Select(p => p.Id) },
        Salt = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
    };

    private static DecideBudgetRequest Deciding(BudgetRound round) => new() { RequestId = NewId(), RoundId = round.Id };

    private static CancelBudgetRequest Cancelling(BudgetRound round) => new() { RequestId = NewId(), RoundId = round.Id, Reason = "停办" };

    private static BookSpendingRequest Booking(BudgetProject project, long amount) =>
        new() { RequestId = NewId(), ProjectId = project.Id, AmountFen = amount, Purpose = "材料" };

    private static ReverseSpendingRequest Reversing(BudgetProject project, string entryId) =>
        new() { RequestId = NewId(), ProjectId = project.Id, EntryId = entryId, Reason = "记错" };
}
