using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov budget`: rounds of participatory budgets. Their projects are below `gov project`.</summary>
internal static class BudgetCommands
{
    public static Command Build(CliHost host)
    {
        var rounds = new Verbs<BudgetRound>(host, "budget", "The round.", Facts);
        return Group(
            "budget",
            "Participatory budgets of communities, from proposals to the accounts (参与式预算). Projects: gov project.",
            List(rounds), Show(rounds), Open(rounds), Closing(rounds), Voting(rounds), Vote(rounds), Decide(rounds), CarryOut(rounds),
            Cancel(rounds), Spending(host));
    }

    private static (string Name, object? Value)[] Facts(BudgetRound round) =>
        [
            ("name", round.Name),
            ("id", round.Id),
            ("phase", round.Phase),
            ("territory", round.Territory),
            ("yuan", Shared.Yuan(round.AmountFen)),
            ("most for a project", Shared.Yuan(round.ProjectCapFen)),
            ("method", round.Method),
            ("choices", round.MostChoices),
            ("supporters needed", round.SupportersNeeded),
            ("proposals each", round.ProposalsEach),
            ("proposals until", round.ProposalsUntil),
            ("votes until", round.VotesUntil),
            ("entitled", round.Entitled),
            ("ballots", round.Ballots),
            ("won", Shared.Yuan(round.WonFen)),
            ("spent", Shared.Yuan(round.SpentFen)),
            ("cancelled because", round.CancelReason),
            ("etag", round.Etag),
        ];

    private static Command List(Verbs<BudgetRound> rounds)
    {
        var within = Shared.Within();
        return rounds.List(
            "list", "Rounds of a territory, newest first.", [within], "--within 340603",
            ["name", "phase", "territory", "yuan", "won", "spent", "proposals until", "votes until", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Budgets.ListBudgetsAsync(
                    new() { Territory = verb.Text(within), PageSize = size, PageToken = token }, verb.Options);
                return (page.Rounds, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<BudgetRound> rounds) =>
        rounds.On("show", "One round; votes are told once it is decided.", [], "",
            async verb => (await verb.Api.Budgets.GetBudgetAsync(new() { Id = verb.Id }, verb.Options)).Round);

    private static Command Open(Verbs<BudgetRound> rounds)
    {
        var of = Required("--of", "The community.", "CODE");
        var name = Required("--name", "Its name.");
        var amount = Required("--yuan", "All that may be spent.", "YUAN");
        var cap = Required("--project-yuan", "Most that one project may cost.", "YUAN");
        var method = Word<BudgetMethod>("--method", "What a ballot may hold.", required: true);
        var choices = Option<int>("--choices", "Most projects on a ballot.", "N", required: true);
        var until = Required("--until", "Until when proposals are taken, as in 2026-03-31T18:00:00+08:00.", "INSTANT");
        return rounds.New("open", "Open a round, which takes proposals at once.", [of, name, amount, cap, method, choices, until],
            "--of 340603001001 --name 2026年微实事 --yuan 200000 --project-yuan 50000 --method approval --choices 3 "
            + "--until 2026-03-31T18:00:00+08:00",
            async verb => (await verb.Api.Budgets.OpenBudgetAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Name = verb.Text(name),
                    AmountFen = Shared.FenFrom(verb.Text(amount)),
                    ProjectCapFen = Shared.FenFrom(verb.Text(cap)),
                    Method = verb.Word<BudgetMethod>(method),
                    MostChoices = verb.Get(choices),
                    ProposalsUntil = verb.Instant(until),
                },
                verb.Options)).Round);
    }

    private static Command Closing(Verbs<BudgetRound> rounds) =>
        rounds.Change("close-proposals", "Take no more proposals, when their time is over; those with enough support are reviewed.", [], "",
            async verb => (await verb.Api.Budgets.CloseProposalsAsync(
                new() { RequestId = verb.RequestId, RoundId = verb.Id, Etag = verb.Etag }, verb.Options)).Round);

    private static Command Voting(Verbs<BudgetRound> rounds)
    {
        var until = Required("--until", "Until when votes are taken, as in 2026-04-30T18:00:00+08:00.", "INSTANT");
        var entitled = Option<int>("--entitled", "How many residents may vote, from their register.", "N", required: true);
        return rounds.Change("open-voting", "Put the feasible projects to the vote.", [until, entitled],
            "--until 2026-04-30T18:00:00+08:00 --entitled 2310",
            async verb => (await verb.Api.Budgets.OpenVotingAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    RoundId = verb.Id,
                    Etag = verb.Etag,
                    VotesUntil = verb.Instant(until),
                    Entitled = verb.Get(entitled),
                },
                verb.Options)).Round);
    }

    private static Command Vote(Verbs<BudgetRound> rounds)
    {
        var projects = Many("--project", "A project that the voter wants.", "UUID", required: true);
        return rounds.On("vote", "Cast a secret ballot: one a voter, never changed.", [projects],
            "--project 0197f3c2-a005-7b3e-8f21-3c5d7e9f1a2b --subject resident-17 --territory 340603001001",
            async verb => (await verb.Api.Budgets.CastBudgetBallotAsync(
                new() { RequestId = verb.RequestId, RoundId = verb.Id, ProjectIds = { verb.Texts(projects) }, Salt = BallotCommands.Salt() },
                verb.Options)).Round);
    }

    private static Command Decide(Verbs<BudgetRound> rounds) =>
        rounds.Change("decide", "Count the ballots when their time is over, and decide by rule alone.", [], "",
            async verb => (await verb.Api.Budgets.DecideBudgetAsync(
                new() { RequestId = verb.RequestId, RoundId = verb.Id, Etag = verb.Etag }, verb.Options)).Round);

    private static Command CarryOut(Verbs<BudgetRound> rounds) =>
        rounds.Change("carry-out", "Everything that was won is done. Final.", [], "",
            async verb => (await verb.Api.Budgets.CarryOutBudgetAsync(
                new() { RequestId = verb.RequestId, RoundId = verb.Id, Etag = verb.Etag }, verb.Options)).Round);

    private static Command Cancel(Verbs<BudgetRound> rounds)
    {
        var reason = Required("--reason", "Why.");
        return rounds.Change("cancel", "The round ends without a decision. Final.", [reason], "--reason 经费调整",
            async verb => (await verb.Api.Budgets.CancelBudgetAsync(
                new() { RequestId = verb.RequestId, RoundId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Round);
    }

    private static Command Spending(CliHost host)
    {
        var entries = new Verbs<SpendingEntry>(host, "budget", "The entry.", ProjectCommands.Facts);
        return entries.List(
            "spending", "The public accounts of a round, oldest entry first.", [], "",
            ["booked", "yuan", "purpose", "project", "reverses", "entry"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Budgets.ListSpendingAsync(
                    new() { RoundId = verb.Id, PageSize = size, PageToken = token }, verb.Options);
                return (page.Entries, page.NextPageToken);
            },
            of: "The round.");
    }
}
