using Governance.Primitives;
using Governance.Properties.V1;

namespace Governance.Properties.WorkOrders;

/// <summary>What people call the states of work orders.</summary>
public static class WorkOrderLabels
{
    public static Words Told(this WorkOrderState state) => Words.Of(state, state switch
    {
        WorkOrderState.Open => ("open", "待受理"),
        WorkOrderState.Started => ("started", "办理中"),
        WorkOrderState.Completed => ("completed", "已完成"),
        WorkOrderState.Declined => ("declined", "已拒接"),
        WorkOrderState.Withdrawn => ("withdrawn", "已撤回"),
        _ => ("unspecified", "未指明"),
    });
}
