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
            var step = ActivityRules.Open(
                command.NewId(), happened.CaseId, happened.DispatchId, happened.Territory, happened.Title, need, command.Now);
            ActivityStore.Add(command, step);
        }
        return Task.CompletedTask;
    }
}

/// <summary>A case went elsewhere: the activity that is open for it is called off. What was served stays recorded.</summary>
public sealed class DispatchWithdrawnConsumer(Commands commands) : EventConsumer<DispatchWithdrawn>(commands)
{
    protected override async Task ApplyAsync(DispatchWithdrawn happened, Command command)
    {
        foreach (var activity in await ActivityStore.OfCaseAsync(happened.CaseId, command))
            if (ActivityRules.Withdraw(activity, happened.Cause, command.Now) is { } step)
                ActivityStore.Save(command, activity, step);
    }
}
