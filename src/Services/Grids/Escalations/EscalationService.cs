using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Escalations;

public sealed class EscalationService(
    CaseActs acts, EscalationStore store, PolicyStore policies, CaseFeed feed, Commands commands, TimeProvider clock) : V1.Escalations.EscalationsBase
{
    public override Task<BankCaseResponse> BankCase(BankCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => EscalationRules.Bank(current, request.ReviewAt.ToDateTimeOffset(), request.Reason, rules, now),
            message => new BankCaseResponse { Case = message });

    public override Task<ReviewBankedCaseResponse> ReviewBankedCase(ReviewBankedCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => EscalationRules.Review(current, request.ReviewAt?.ToDateTimeOffset(), request.Reason, rules, now),
            message => new ReviewBankedCaseResponse { Case = message });

    public override async Task<IssueSupervisionOrderResponse> IssueSupervisionOrder(IssueSupervisionOrderRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await CaseStore.FindAsync(Guid.Parse(request.CaseId), command) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
            call.Authorize(current.Territory);
            var (order, step) = EscalationRules.Supervise(
                command.NewId(), current, request.Instruction, request.ReplyWithin, call.Caller.Subject, call.Caller.Territory,
                await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            CaseStore.Save(command, current, step);
            EscalationStore.Add(command, order);
            return new IssueSupervisionOrderResponse { Order = EscalationStore.ToMessage(order, command.Now) };
        });
        feed.Changed();
        return response;
    }

    public override Task<ReplySupervisionOrderResponse> ReplySupervisionOrder(ReplySupervisionOrderRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await EscalationStore.FindAsync(Guid.Parse(request.OrderId), command)
                ?? throw call.NotFound(EscalationErrors.OrderNotFound, request.OrderId);
            call.Authorize(current.Ordered);
            var replied = EscalationRules.Reply(current, request.Reply, call.Caller.Subject, command.Now).OrRefuse();
            EscalationStore.SaveReply(command, replied);
            command.Publish(new SupervisionReplied(
                replied.CaseId, replied.Id, replied.Territory, replied.IsLate(command.Now), command.Now));
            return new ReplySupervisionOrderResponse { Order = EscalationStore.ToMessage(replied, command.Now) };
        });
    }

    public override async Task<ListSupervisionOrdersResponse> ListSupervisionOrders(ListSupervisionOrdersRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var orders = await store.ListAsync(range, caseId, request.OpenOnly, page, context.CancellationToken);
        var response = new ListSupervisionOrdersResponse { NextPageToken = page.Next(orders, EscalationStore.KeyOf) };
        var now = clock.GetUtcNow();
        response.Orders.Add(orders.Select(o => EscalationStore.ToMessage(o, now)));
        return response;
    }
}
