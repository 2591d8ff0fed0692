using Google.Protobuf;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Budgets;

/// <summary>What is proposed, and what is spent on it.</summary>
public sealed partial class BudgetService
{
    public override Task<ProposeProjectResponse> ProposeProject(ProposeProjectRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var round = await RoundOfAsync(Guid.Parse(request.RoundId), command, context);
            call.Authorize(round.Territory, OwnAs(round, call));
            var (all, own) = await ProjectStore.CountAsync(round.Id, call.Caller.Subject, command);
            var proposed = BudgetRules.Propose(
                round,
                new Project
                {
                    Id = command.NewId(),
                    RoundId = round.Id,
                    Territory = round.Territory,
                    Number = 0,
                    Title = request.Title,
                    Text = request.Text,
                    Amount = request.AmountFen,
                    Proposer = call.Caller.Subject,
                    Supporters = 0,
                    State = ProjectState.Unspecified,
                    UpdatedAt = command.Now,
                    Version = 0,
                },
                all, own, command.Now).OrRefuse();
            ProjectStore.Add(command, proposed);
            return new ProposeProjectResponse { Project = BudgetMessages.ToMessage(proposed, ViewerOf(call, round.Territory)) };
        });
    }

    public override Task<SupportProjectResponse> SupportProject(SupportProjectRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var (round, current) = await ProjectOfAsync(request.ProjectId, command, context);
            call.Authorize(round.Territory, OwnAs(round, call));
            var supports = await ProjectStore.SupportsAsync(current.Id, call.Caller.Subject, command);
            var next = BudgetRules.Support(round, current, supports, command.Now).OrRefuse();
            ProjectStore.Support(command, current, call.Caller.Subject);
            return new SupportProjectResponse { Project = BudgetMessages.ToMessage(next, ViewerOf(call, round.Territory)) };
        });
    }

    public override async Task<GetProjectResponse> GetProject(GetProjectRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var found = await projects.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(ProjectErrors.NotFound, request.Id);
        await RoundToReadAsync(found.RoundId, context);
        return new GetProjectResponse { Project = BudgetMessages.ToMessage(found, ViewerOf(call, found.Territory)) };
    }

    public override async Task<ListProjectsResponse> ListProjects(ListProjectsRequest request, ServerCallContext context)
    {
        var round = await RoundToReadAsync(Guid.Parse(request.RoundId), context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await projects.ListAsync(round.Id, page, context.CancellationToken);
        var response = new ListProjectsResponse { NextPageToken = page.Next(found, p => [p.Id.ToString()]) };
        response.Projects.Add(found.Select(p => BudgetMessages.ToMessage(p, ViewerOf(context.Call(), round.Territory))));
        return response;
    }

    public override Task<ReviewProjectResponse> ReviewProject(ReviewProjectRequest request, ServerCallContext context) =>
        ActOnProjectAsync(context, request, request.RequestId, request.ProjectId, request.Etag,
            (round, current, command) => Task.FromResult(
                BudgetRules.Review(round, current, request.Feasible, request.Reason, request.AmountFen, command.Now)),
            project => new ReviewProjectResponse { Project = project });

    public override Task<FinishProjectResponse> FinishProject(FinishProjectRequest request, ServerCallContext context) =>
        ActOnProjectAsync(context, request, request.RequestId, request.ProjectId, request.Etag,
            (_, current, command) => Task.FromResult(BudgetRules.Finish(current, request.Result, command.Now)),
            project => new FinishProjectResponse { Project = project });

    public override async Task<BookSpendingResponse> BookSpending(BookSpendingRequest request, ServerCallContext context)
    {
        Spending entry = null!;
        return await ActOnProjectAsync(context, request, request.RequestId, request.ProjectId, etag: "",
            (_, current, command) =>
            {
                entry = new Spending(command.NewId(), current.Id, request.AmountFen, request.Purpose, Reverses: null, command.Now);
                var booked = BudgetRules.Book(current, request.AmountFen, command.Now);
                ProjectStore.Book(command, current, entry);
                return Task.FromResult(booked);
            },
            project => new BookSpendingResponse { Entry = BudgetMessages.ToMessage(entry), Project = project });
    }

    public override async Task<ReverseSpendingResponse> ReverseSpending(ReverseSpendingRequest request, ServerCallContext context)
    {
        Spending entry = null!;
        return await ActOnProjectAsync(context, request, request.RequestId, request.ProjectId, etag: "",
            async (_, current, command) =>
            {
                var id = Guid.Parse(request.EntryId);
                var found = await ProjectStore.EntryAsync(id, command);
                var next = BudgetRules.Reverse(current, found, id, await ProjectStore.IsReversedAsync(id, command), command.Now);
                if (next.Refusal is not null)
                    return next;
                entry = new Spending(command.NewId(), current.Id, -found!.Amount, request.Reason, id, command.Now);
                ProjectStore.Book(command, current, entry);
                return next;
            },
            project => new ReverseSpendingResponse { Entry = BudgetMessages.ToMessage(entry), Project = project });
    }

    public override async Task<ListSpendingResponse> ListSpending(ListSpendingRequest request, ServerCallContext context)
    {
        var round = await RoundToReadAsync(Guid.Parse(request.RoundId), context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await projects.SpendingAsync(round.Id, page, context.CancellationToken);
        var response = new ListSpendingResponse { NextPageToken = page.Next(found, e => [e.Id.ToString()]) };
        response.Entries.Add(found.Select(BudgetMessages.ToMessage));
        return response;
    }

    private static async Task<(Round Round, Project Project)> ProjectOfAsync(string id, Command command, ServerCallContext context)
    {
        var found = await ProjectStore.FindAsync(Guid.Parse(id), command) ?? throw context.Call().NotFound(ProjectErrors.NotFound, id);
        return (await RoundOfAsync(found.RoundId, command, context), found);
    }

    /// <summary>Every verb of an officer on a project: read it and its round, check reach and etag, let the rule decide, write.</summary>
    private Task<TResponse> ActOnProjectAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string projectId,
        string etag,
        Func<Round, Project, Command, Task<Outcome<Project>>> rule,
        Func<BudgetProject, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var (round, current) = await ProjectOfAsync(projectId, command, context);
            call.Authorize(round.Territory);
            Commands.RequireEtag(etag, current.Version);
            var next = (await rule(round, current, command)).OrRefuse();
            ProjectStore.Save(command, current, next);
            return answer(BudgetMessages.ToMessage(next, ViewerOf(call, round.Territory)));
        });
    }
}
