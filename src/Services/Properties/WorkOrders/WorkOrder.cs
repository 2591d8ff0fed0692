using Governance.Properties.V1;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Properties.WorkOrders;

public static class WorkOrderErrors
{
    public static readonly ErrorDefinition NotFound = new("WORK_ORDER_NOT_FOUND", StatusCode.NotFound,
        "There is no work order {id}.", "没有编号为 {id} 的工单。");

    public static readonly ErrorDefinition WrongState = new("WORK_ORDER_WRONG_STATE", StatusCode.FailedPrecondition,
        "The work order is {state}; this is only possible while it is {allowed}.", "工单当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    // The two below refuse an event, not a call: the case is told their text as the reason.
    public static readonly ErrorDefinition EstateUnknown = new("WORK_ORDER_ESTATE_UNKNOWN", StatusCode.FailedPrecondition,
        "The case's city has no estate {id}.", "本市没有编号为 {id} 的小区，无法派发工单。");

    public static readonly ErrorDefinition EstateWithoutCompany = new("WORK_ORDER_ESTATE_WITHOUT_COMPANY", StatusCode.FailedPrecondition,
        "No property company manages {estate}.", "{estate}没有物业服务企业，无法派发工单。");
}

/// <summary>A work order as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record WorkOrder
{
    public required Guid Id { get; init; }

    public required Guid CaseId { get; init; }

    /// <summary>The dispatch of the case that it answers.</summary>
    public required Guid? DispatchId { get; init; }

    public required Guid EstateId { get; init; }

    public required string EstateName { get; init; }

    /// <summary>Code of the grid where the case lies.</summary>
    public required string Territory { get; init; }

    public required Guid CompanyId { get; init; }

    public required string Title { get; init; }

    public required WorkOrderState State { get; init; }

    /// <summary>When the case must be handled; never changes.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whose holidays were provisional when the case's instants were set by them; 0 when none was.</summary>
    public int ProvisionalYear { get; init; }

    public string Result { get; init; } = "";

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required long Version { get; init; }
}
