using Governance.Contracts.Events;
using Governance.Grids.Dispatch;
using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Events;

namespace Governance.Grids.Cases;

/// <summary>What every handler's event does: find the case, let the rule decide, write what it says.</summary>
public sealed class CaseEvents(PolicyStore policies, CaseFeed feed)
{
    public async Task ApplyAsync(Guid caseId, Command command, Func<Case, CityPolicies, Outcome<CaseStep>> rule)
    {
        // An event about a case that is not here is a fault of its sender; it becomes a dead letter that names it.
        var current = await CaseStore.FindAsync(caseId, command) ?? throw new RefusedException(CaseErrors.NotFound.With(("id", caseId)));
        var step = rule(current, await policies.OfAsync(current.Territory, command.Cancellation)).OrRefuse();
        CaseStore.Save(command, current, step);
        feed.Changed();
    }
}

public sealed class WorkOrderOpenedConsumer(Commands commands, CaseEvents cases) : EventConsumer<WorkOrderOpened>(commands)
{
    protected override Task ApplyAsync(WorkOrderOpened happened, Command command) =>
        cases.ApplyAsync(happened.CaseId, command, (c, _) => CaseRules.HandlerOpened(
            c, happened.DispatchId, happened.WorkOrderId, happened.CompanyName, command.Now));
}

public sealed class WorkOrderCompletedConsumer(Commands commands, CaseEvents cases) : EventConsumer<WorkOrderCompleted>(commands)
{
    protected override Task ApplyAsync(WorkOrderCompleted happened, Command command) =>
        cases.ApplyAsync(happened.CaseId, command, (c, p) => CaseRules.HandlerCompleted(
            c, happened.DispatchId, happened.Result, p, command.Now));
}

public sealed class WorkOrderDeclinedConsumer(Commands commands, CaseEvents cases) : EventConsumer<WorkOrderDeclined>(commands)
{
    protected override Task ApplyAsync(WorkOrderDeclined happened, Command command) =>
        cases.ApplyAsync(happened.CaseId, command, (c, _) => CaseRules.HandlerDeclined(
            c, happened.DispatchId, happened.Reason, command.Now));
}

public sealed class ActivityOpenedConsumer(Commands commands, CaseEvents cases) : EventConsumer<ActivityOpened>(commands)
{
    protected override Task ApplyAsync(ActivityOpened happened, Command command) =>
        cases.ApplyAsync(happened.CaseId, command, (c, _) => CaseRules.HandlerOpened(
            c, happened.DispatchId, happened.ActivityId, "", command.Now));
}

public sealed class ActivityCompletedConsumer(Commands commands, CaseEvents cases) : EventConsumer<ActivityCompleted>(commands)
{
    protected override Task ApplyAsync(ActivityCompleted happened, Command command) =>
        cases.ApplyAsync(happened.CaseId, command, (c, p) => CaseRules.HandlerCompleted(
            c, happened.DispatchId, $"{happened.Summary} ({happened.Volunteers} volunteers, {happened.ServiceMinutes} minutes)",
            p, command.Now));
}

public sealed class ResponderReportedConsumer(Commands commands, CaseEvents cases) : EventConsumer<ResponderReported>(commands)
{
    protected override Task ApplyAsync(ResponderReported happened, Command command)
    {
        WhistleRecords.Report(command, happened);
        return cases.ApplyAsync(happened.CaseId, command, (c, _) =>
            CaseRules.ResponderReported(c, happened.WhistleId, happened.OrganisationId, happened.ReportedAt, command.Now));
    }
}
