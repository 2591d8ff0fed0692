using Google.Protobuf;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Properties.WorkOrders;

public sealed class WorkOrderService(WorkOrderStore store, Commands commands, RedisCache cache, TimeProvider clock)
    : V1.WorkOrders.WorkOrdersBase
{
    public override async Task<GetWorkOrderResponse> GetWorkOrder(GetWorkOrderRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var id = Guid.Parse(request.Id);
        var message = await cache.GetAsync(
            WorkOrderStore.CacheKey(id),
            async cancellation => await store.FindAsync(id, cancellation) is { } found
                ? WorkOrderMessages.ToMessage(found, clock.GetUtcNow())
                : null,
            context.CancellationToken) ?? throw call.NotFound(WorkOrderErrors.NotFound, request.Id);
        call.Authorize(message.Territory, OwnAs(call.Caller, Guid.Parse(message.CompanyId)));
        return new GetWorkOrderResponse { WorkOrder = WorkOrderMessages.AsOf(message, clock.GetUtcNow()) };
    }

    public override async Task<ListWorkOrdersResponse> ListWorkOrders(ListWorkOrdersRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var company = context.Call().OwnOrganisationOnly;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var orders = await store.ListAsync(company, range, request.State, caseId, page, context.CancellationToken);
        var response = new ListWorkOrdersResponse { NextPageToken = page.Next(orders, o => [Page.Key(o.DueAt), o.Id.ToString()]) };
        response.WorkOrders.Add(orders.Select(o => WorkOrderMessages.ToMessage(o, clock.GetUtcNow())));
        return response;
    }

    public override Task<StartWorkOrderResponse> StartWorkOrder(StartWorkOrderRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.WorkOrderId, request.Etag,
            (current, _) => WorkOrderRules.Start(current),
            message => new StartWorkOrderResponse { WorkOrder = message });

    public override Task<CompleteWorkOrderResponse> CompleteWorkOrder(CompleteWorkOrderRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.WorkOrderId, request.Etag,
            (current, now) => WorkOrderRules.Complete(current, request.Result, now),
            message => new CompleteWorkOrderResponse { WorkOrder = message });

    public override Task<DeclineWorkOrderResponse> DeclineWorkOrder(DeclineWorkOrderRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.WorkOrderId, request.Etag,
            (current, now) => WorkOrderRules.Decline(current, request.Reason, now),
            message => new DeclineWorkOrderResponse { WorkOrder = message });

    /// <summary>Every verb on a work order: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string workOrderId,
        string etag,
        Func<WorkOrder, DateTimeOffset, Outcome<WorkOrderStep>> rule,
        Func<V1.WorkOrder, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await WorkOrderStore.FindAsync(Guid.Parse(workOrderId), command)
                ?? throw call.NotFound(WorkOrderErrors.NotFound, workOrderId);
            call.Authorize(current.Territory, OwnAs(call.Caller, current.CompanyId));
            Commands.RequireEtag(etag, current.Version);
            var step = rule(current, command.Now).OrRefuse();
            WorkOrderStore.Save(command, current, step);
            return answer(WorkOrderMessages.ToMessage(step.Next, command.Now));
        });
    }

    private static string[] OwnAs(Caller caller, Guid company) => caller.Organisation == company ? [Roles.Responder] : [];
}
