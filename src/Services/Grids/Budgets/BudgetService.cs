using Google.Protobuf;
using Governance.Grids.Councils;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Budgets;

public sealed partial class BudgetService(
    BudgetStore store, ProjectStore projects, VoterSeals seals, PolicyStore policies, Commands commands) : V1.Budgets.BudgetsBase
{
    public override Task<OpenBudgetResponse> OpenBudget(OpenBudgetRequest request, ServerCallContext context)
    {
        var territory = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(territory);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var opened = BudgetRules.Open(
                new Round
                {
                    Id = command.NewId(),
                    Territory = territory.ToString(),
                    Name = request.Name,
                    Phase = BudgetPhase.Unspecified,
                    Amount = request.AmountFen,
                    ProjectCap = request.ProjectCapFen,
                    Method = request.Method,
                    MostChoices = request.MostChoices,
                    SupportersNeeded = 0,
                    ProposalsEach = 0,
                    PolicyVersion = 0,
                    ProposalsUntil = request.ProposalsUntil.ToDateTimeOffset(),
                    UpdatedAt = command.Now,
                    Version = 0,
                },
                await policies.OfAsync(territory.ToString(), command.Cancellation),
                command.Now).OrRefuse();
            BudgetStore.Add(command, opened);
            return new OpenBudgetResponse { Round = BudgetMessages.ToMessage(opened) };
        });
    }

    public override async Task<GetBudgetResponse> GetBudget(GetBudgetRequest request, ServerCallContext context) =>
        new() { Round = BudgetMessages.ToMessage(await RoundToReadAsync(Guid.Parse(request.Id), context)) };

    public override async Task<ListBudgetsResponse> ListBudgets(ListBudgetsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        var around = territory.Level is TerritoryLevel.Grid ? territory.Parent!.ToString() : "";
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.ListAsync(territory.PrefixRange, around, page, context.CancellationToken);
        var response = new ListBudgetsResponse { NextPageToken = page.Next(found, r => [r.Id.ToString()]) };
        response.Rounds.Add(found.Select(BudgetMessages.ToMessage));
        return response;
    }

    public override Task<CloseProposalsResponse> CloseProposals(CloseProposalsRequest request, ServerCallContext context) =>
        ActOnRoundAsync(context, request, request.RequestId, request.RoundId, request.Etag,
            (current, command) => Task.FromResult(BudgetRules.CloseProposals(current, command.Now)),
            round => new CloseProposalsResponse { Round = round });

    public override Task<OpenVotingResponse> OpenVoting(OpenVotingRequest request, ServerCallContext context) =>
        ActOnRoundAsync(context, request, request.RequestId, request.RoundId, request.Etag,
            async (current, command) => BudgetRules.OpenVoting(
                current, await ProjectStore.OfRoundAsync(current.Id, command), request.Entitled, request.VotesUntil.ToDateTimeOffset(),
                seals.Mark, command.Now),
            round => new OpenVotingResponse { Round = round });

    public override Task<CastBudgetBallotResponse> CastBudgetBallot(CastBudgetBallotRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            // Before the round: of one that is decided meanwhile the phase is told, and not that its projects are no longer put to a vote.
            var offered = await ProjectStore.OfRoundAsync(Guid.Parse(request.RoundId), command);
            var round = await RoundOfAsync(Guid.Parse(request.RoundId), command, context);
            call.Authorize(round.Territory, OwnAs(round, call));
            var voter = seals.Seal(round.Id, call.Caller.Subject);
            Guid[] choices = [.. request.ProjectIds.Select(Guid.Parse)];
            var isEntitled = call.Caller.HasAny([Roles.Resident]) && round.IsHomeOf(call.Caller.Territory);
            if (BudgetRules.MayVote(
                    round, choices, offered, isEntitled,
                    await BudgetStore.HasVotedAsync(round.Id, voter, command), request.Salt.Length, seals.Mark, command.Now) is { } refusal)
                throw new RefusedException(refusal);
            command.ActUnder(VoterSeals.Word(voter));
            BudgetStore.Vote(command, round, voter, choices);
            return new CastBudgetBallotResponse { Round = BudgetMessages.ToMessage(round) };
        });
    }

    public override Task<DecideBudgetResponse> DecideBudget(DecideBudgetRequest request, ServerCallContext context) =>
        ActOnRoundAsync(context, request, request.RequestId, request.RoundId, request.Etag,
            async (current, command) =>
            {
                var before = await ProjectStore.OfRoundAsync(current.Id, command);
                var (votes, ballots) = await BudgetStore.CountAsync(current.Id, command);
                return BudgetRules.Decide(current, before, votes, ballots, command.Now).Then<Round>(decided =>
                {
                    BudgetStore.RequireAllCounted(command, current, ballots);
                    foreach (var project in decided.Projects)
                        ProjectStore.Save(command, before.First(p => p.Id == project.Id), project);
                    return decided.Round;
                });
            },
            round => new DecideBudgetResponse { Round = round });

    public override Task<CarryOutBudgetResponse> CarryOutBudget(CarryOutBudgetRequest request, ServerCallContext context) =>
        ActOnRoundAsync(context, request, request.RequestId, request.RoundId, request.Etag,
            async (current, command) => BudgetRules.CarryOut(current, await ProjectStore.OfRoundAsync(current.Id, command), command.Now),
            round => new CarryOutBudgetResponse { Round = round });

    public override Task<CancelBudgetResponse> CancelBudget(CancelBudgetRequest request, ServerCallContext context) =>
        ActOnRoundAsync(context, request, request.RequestId, request.RoundId, request.Etag,
            (current, command) => Task.FromResult(BudgetRules.Cancel(current, request.Reason, command.Now)),
            round => new CancelBudgetResponse { Round = round });

    private static async Task<Round> RoundOfAsync(Guid id, Command command, ServerCallContext context) =>
        await BudgetStore.FindAsync(id, command) ?? throw context.Call().NotFound(BudgetErrors.NotFound, id);

    private async Task<Round> RoundToReadAsync(Guid id, ServerCallContext context)
    {
        var call = context.Call();
        var round = await store.FindAsync(id, context.CancellationToken) ?? throw call.NotFound(BudgetErrors.NotFound, id);
        call.Authorize(round.Territory, OwnAs(round, call));
        return round;
    }

    /// <summary>Whose budget it is: those whose home or work lies under it.</summary>
    private static string[] OwnAs(Round round, Call call) =>
        round.IsHomeOf(call.Caller.Territory) ? [Roles.Resident, Roles.GridWorker] : [];

    /// <summary>The subject that others may see, their own; null for those who work where the budget is.</summary>
    private static string? ViewerOf(Call call, string territory) => call.Caller.WorksIn(territory) ? null : call.Caller.Subject;

    /// <summary>Every verb on a round: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActOnRoundAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string roundId,
        string etag,
        Func<Round, Command, Task<Outcome<Round>>> rule,
        Func<BudgetRound, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await RoundOfAsync(Guid.Parse(roundId), command, context);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var next = (await rule(current, command)).OrRefuse();
            BudgetStore.Save(command, current, next);
            return answer(BudgetMessages.ToMessage(next));
        });
    }
}
