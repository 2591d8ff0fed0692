using Google.Protobuf;
using Governance.Grids.Boundaries;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Visits;

public sealed class VisitService(
    VisitStore store,
    HazardStore hazards,
    CaseIntake intake,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands,
    TimeProvider clock) : V1.Visits.VisitsBase
{
    public override Task<PlanVisitsResponse> PlanVisits(PlanVisitsRequest request, ServerCallContext context)
    {
        var grid = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(grid);
        if (grid.Level is not TerritoryLevel.Grid)
            throw new RefusedException(BoundaryErrors.NotAGridCode.With());
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            await boundaries.RequireAsync(grid.ToString(), context);
            var made = VisitRules.Start(
                new Plan
                {
                    Id = command.NewId(),
                    Territory = grid.ToString(),
                    Household = request.Household,
                    Place = VisitMessages.ToPlace(request.Place),
                    Needs = [.. request.Needs.Distinct()],
                    Worker = request.Worker,
                    Helpers = [.. request.Helpers.Distinct()],
                    Consent = VisitMessages.ToConsent(request.Consent),
                    UpdatedAt = command.Now,
                    Version = 0,
                },
                await policies.OfAsync(grid.ToString(), command.Cancellation),
                command.Now).OrRefuse();
            if (await VisitStore.HasActiveAsync(made, command))
                throw new RefusedException(VisitErrors.Exists.With());
            VisitStore.Add(command, made);
            return new PlanVisitsResponse { Plan = VisitMessages.ToMessage(made) };
        });
    }

    public override Task<ChangeVisitPlanResponse> ChangeVisitPlan(ChangeVisitPlanRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await PlanOfAsync(request.PlanId, command, call);
            Commands.RequireEtag(request.Etag, current.Version);
            var territory = request.Territory.Length is 0 ? current.Territory : TerritoryCode.Parse(request.Territory).ToString();
            call.Authorize(territory);
            var successors = territory == current.Territory ? [] : await boundaries.CurrentCodesAsync(current.Territory, command.Cancellation);
            var next = VisitRules.Change(
                current, territory, successors, [.. request.Needs.Distinct()], request.Worker, [.. request.Helpers.Distinct()],
                await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            VisitStore.Save(command, current, next);
            return new ChangeVisitPlanResponse { Plan = VisitMessages.ToMessage(next) };
        });
    }

    public override Task<WithdrawVisitConsentResponse> WithdrawVisitConsent(
        WithdrawVisitConsentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.PlanId, etag: "",
            (current, _, now) => VisitRules.Withdraw(current, now),
            plan => new WithdrawVisitConsentResponse { Plan = plan });

    public override Task<EndVisitPlanResponse> EndVisitPlan(EndVisitPlanRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.PlanId, request.Etag,
            (current, _, now) => VisitRules.End(current, now),
            plan => new EndVisitPlanResponse { Plan = plan });

    public override async Task<GetVisitPlanResponse> GetVisitPlan(GetVisitPlanRequest request, ServerCallContext context) =>
        new() { Plan = VisitMessages.ToMessage(await PlanToReadAsync(request.Id, context)) };

    public override async Task<ListVisitPlansResponse> ListVisitPlans(ListVisitPlansRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await store.ListAsync(range, request.State, request.Worker, page, context.CancellationToken);
        var response = new ListVisitPlansResponse { NextPageToken = page.Next(found, p => [p.Territory, p.Id.ToString()]) };
        response.Plans.Add(found.Select(VisitMessages.ToMessage));
        return response;
    }

    public override async Task<ListDueVisitsResponse> ListDueVisits(ListDueVisitsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var until = request.Until?.ToDateTimeOffset() ?? clock.GetUtcNow();
        var found = await store.DueAsync(range, until, request.Worker, page, context.CancellationToken);
        var response = new ListDueVisitsResponse { NextPageToken = page.Next(found, p => [Page.Key(p.DueAt!.Value), p.Id.ToString()]) };
        response.Plans.Add(found.Select(VisitMessages.ToMessage));
        return response;
    }

    public override async Task<GetVisitRouteResponse> GetVisitRoute(GetVisitRouteRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var until = request.Until?.ToDateTimeOffset() ?? clock.GetUtcNow();
        var due = await store.DueAsync(range, until, request.Worker, context.CancellationToken);
        var (plans, length) = Route.Of(due, VisitMessages.ToPlace(request.Start));
        var response = new GetVisitRouteResponse { LengthM = (long)Math.Round(length) };
        response.Plans.Add(plans.Select(VisitMessages.ToMessage));
        return response;
    }

    public override async Task<RecordVisitResponse> RecordVisit(RecordVisitRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await PlanOfAsync(request.PlanId, command, call);
            var rules = await policies.OfAsync(current.Territory, command.Cancellation);
            var visit = new Made(
                command.NewId(), current.Id, current.Territory, command.Actor.Subject, request.At?.ToDateTimeOffset() ?? command.Now,
                request.Outcome, [.. request.Checked.Distinct()], request.Note);
            var next = VisitRules.Visited(current, visit, rules, command.Now).OrRefuse();
            var found = request.Hazards.Select(h => HazardRules.Find(
                new Danger
                {
                    Id = command.NewId(),
                    PlanId = current.Id,
                    Territory = current.Territory,
                    Category = h.Category,
                    Note = h.Note,
                    FoundAt = visit.At,
                    Version = 0,
                },
                rules).OrRefuse()).ToList();
            if (request.Problem is { } problem)
            {
                await boundaries.RequireAsync(current.Territory, context);
                // The grid is place enough: an exact one would tell which household it was.
                var report = new CaseReport(problem.Title, problem.Description, CaseChannel.Visit, Place: null, command.Actor.Subject);
                var opened = await intake.OpenAsync(command, command.NewId(), current.Territory, report);
                visit = visit with { CaseId = opened.Id };
            }
            foreach (var hazard in found)
                HazardStore.Add(command, hazard);
            VisitStore.Save(command, current, next);
            VisitStore.Add(command, visit);
            var answer = new RecordVisitResponse { Visit = VisitMessages.ToMessage(visit), Plan = VisitMessages.ToMessage(next) };
            answer.Hazards.Add(found.Select(h => VisitMessages.ToMessage(h, command.Now)));
            return answer;
        });
        if (request.Problem is not null)
            intake.Opened();
        return response;
    }

    public override async Task<ListVisitsResponse> ListVisits(ListVisitsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var plan = request.PlanId.Length is 0 ? null : await PlanToReadAsync(request.PlanId, context);
        // Whoever may read a plan reads all of its visits, also those made when its grid had another code.
        if (plan is not null && request.Territory.Length is 0)
            range = TerritoryCode.Parse(plan.Territory).AtLevel(TerritoryLevel.City)!.PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.VisitsAsync(range, plan?.Id, page, context.CancellationToken);
        var response = new ListVisitsResponse { NextPageToken = page.Next(found, v => [v.Id.ToString()]) };
        response.Visits.Add(found.Select(VisitMessages.ToMessage));
        return response;
    }

    public override Task<ReinspectHazardResponse> ReinspectHazard(ReinspectHazardRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await HazardStore.FindAsync(Guid.Parse(request.HazardId), command)
                ?? throw call.NotFound(VisitErrors.HazardNotFound, request.HazardId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(request.Etag, current.Version);
            // Read after the hazard: a plan that ends from then on changes the hazard too, and makes this command be decided anew.
            var plan = await VisitStore.FindAsync(current.PlanId, command) ?? throw call.NotFound(VisitErrors.NotFound, current.PlanId);
            var (next, look) = HazardRules.Reinspect(
                current, plan.State, request.Resolved, request.Note, command.Actor.Subject,
                await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            HazardStore.Save(command, current, next, look);
            return new ReinspectHazardResponse { Hazard = VisitMessages.ToMessage(next, command.Now) };
        });
    }

    public override async Task<GetHazardResponse> GetHazard(GetHazardRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var found = await hazards.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(VisitErrors.HazardNotFound, request.Id);
        call.Authorize(found.Territory);
        var response = new GetHazardResponse { Hazard = VisitMessages.ToMessage(found, clock.GetUtcNow()) };
        response.Reinspections.Add((await hazards.LooksAsync(found.Id, context.CancellationToken)).Select(VisitMessages.ToMessage));
        return response;
    }

    public override async Task<ListHazardsResponse> ListHazards(ListHazardsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var found = await hazards.ListAsync(range, request.OverdueOnly ? now : null, page, context.CancellationToken);
        var response = new ListHazardsResponse { NextPageToken = page.Next(found, h => [Page.Key(h.DueAt!.Value), h.Id.ToString()]) };
        response.Hazards.Add(found.Select(h => VisitMessages.ToMessage(h, now)));
        return response;
    }

    /// <summary>Every verb on a plan: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string planId,
        string etag,
        Func<Plan, CityPolicies, DateTimeOffset, Outcome<Plan>> rule,
        Func<VisitPlan, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await PlanOfAsync(planId, command, call);
            Commands.RequireEtag(etag, current.Version);
            var next = rule(current, await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            VisitStore.Save(command, current, next);
            return answer(VisitMessages.ToMessage(next));
        });
    }

    private static async Task<Plan> PlanOfAsync(string id, Command command, Call call)
    {
        var found = await VisitStore.FindAsync(Guid.Parse(id), command) ?? throw call.NotFound(VisitErrors.NotFound, id);
        call.Authorize(found.Territory);
        return found;
    }

    private async Task<Plan> PlanToReadAsync(string id, ServerCallContext context)
    {
        var call = context.Call();
        var found = await store.FindAsync(Guid.Parse(id), context.CancellationToken) ?? throw call.NotFound(VisitErrors.NotFound, id);
        call.Authorize(found.Territory);
        return found;
    }
}
