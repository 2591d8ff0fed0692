using Governance.Primitives;
using Governance.Volunteers.V1;

namespace Governance.Volunteers.Activities;

/// <summary>What people call the states of activities.</summary>
public static class ActivityLabels
{
    public static Words Told(this ActivityState state) => Words.Of(state, state switch
    {
        ActivityState.Open => ("open", "进行中"),
        ActivityState.Completed => ("completed", "已完成"),
        ActivityState.Withdrawn => ("withdrawn", "已撤回"),
        _ => ("unspecified", "未指明"),
    });
}
