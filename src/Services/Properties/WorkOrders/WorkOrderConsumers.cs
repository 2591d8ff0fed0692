using Governance.Contracts.Events;
using Governance.Properties.Estates;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Events;

namespace Governance.Properties.WorkOrders;

/// <summary>A case that was given to an estate opens a work order, or goes back to whoever gave it.</summary>
public sealed class CaseDispatchedConsumer(Commands commands) : EventConsumer<CaseDispatched>(commands)
{
    protected override async Task ApplyAsync(CaseDispatched happened, Command command)
    {
        // Other handlers get the same event.
        if (happened.EstateId is not { } estateId)
            return;
        var estate = await EstateStore.FindManagedAsync(estateId, command);
        var step = WorkOrderRules.Open(command.NewId(), happened, estateId, estate, command.Now);
        if (step.Refusal is { } refusal)
        {
            // Nobody waits for this answer in a language of their own; the case's history is kept in Chinese.
            var reason = refusal.Definition.Text(Language.Chinese, refusal.Metadata);
            command.Concerns(happened.Territory, happened.CaseId);
            command.Publish(new WorkOrderDeclined(happened.CaseId, null, reason, command.Now, happened.DispatchId));
            return;
        }
        WorkOrderStore.Add(command, step.OrRefuse());
    }
}

/// <summary>A case went elsewhere: the work orders that are open for it are taken back.</summary>
public sealed class DispatchWithdrawnConsumer(Commands commands) : EventConsumer<DispatchWithdrawn>(commands)
{
    protected override async Task ApplyAsync(DispatchWithdrawn happened, Command command)
    {
        if (happened.EstateId is null)
            return;
        foreach (var order in await WorkOrderStore.OfCaseAsync(happened.CaseId, command))
            if (WorkOrderRules.Withdraw(order, happened.Cause, command.Now) is { } step)
                WorkOrderStore.Save(command, order, step);
    }
}

/// <summary>A case was given longer, or goes on earlier than it was to: so does the work order that is open for this dispatch of it.</summary>
public sealed class CaseDeadlineMovedConsumer(Commands commands) : EventConsumer<CaseDeadlineMoved>(commands)
{
    protected override async Task ApplyAsync(CaseDeadlineMoved happened, Command command)
    {
        if (happened.EstateId is null)
            return;
        foreach (var order in await WorkOrderStore.OfCaseAsync(happened.CaseId, command))
            if (WorkOrderRules.Move(order, happened) is { } step)
                WorkOrderStore.Save(command, order, step);
    }
}
