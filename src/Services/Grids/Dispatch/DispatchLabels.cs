using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Dispatch;

/// <summary>What people call the states of assignments.</summary>
public static class DispatchLabels
{
    public static Words Told(this AssignmentState state) => Words.Of(state, state switch
    {
        AssignmentState.Assigned => ("assigned", "已派发"),
        AssignmentState.Accepted => ("accepted", "已接收"),
        AssignmentState.Objected => ("objected to", "已提异议"),
        AssignmentState.Completed => ("completed", "已办结"),
        AssignmentState.Withdrawn => ("withdrawn", "已撤回"),
        _ => ("unspecified", "未指明"),
    });
}
