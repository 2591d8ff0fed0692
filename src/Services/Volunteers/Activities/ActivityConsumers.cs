using Governance.Contracts.Events;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;

namespace Governance.Volunteers.Activities;

/// <summary>Opens an activity for a case that needs hands; a case given to somebody else is none of ours.</summary>
public sealed class CaseDispatchedConsumer(Commands commands) : EventConsumer<CaseDispatched>(commands)
{
    protected override Task ApplyAsync(CaseDispatched happened, Command command)
    {
        if (happened.Need is { } need)
        {
            var step = ActivityRules.Open(command.NewId(), happened.CaseId, happened.Territory, happened.Title, need, command.Now);
            ActivityStore.Add(command, step);
        }
        return Task.CompletedTask;
    }
}
