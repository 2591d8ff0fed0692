using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Meetings;

/// <summary>What people call the kinds and the states of meetings.</summary>
public static class MeetingLabels
{
    public static Words Told(this MeetingState state) => Words.Of(state, state switch
    {
        MeetingState.Planned => ("planned", "已计划"),
        MeetingState.Called => ("called", "已通知"),
        MeetingState.Held => ("held", "已召开"),
        MeetingState.Approved => ("approved", "记录已确认"),
        MeetingState.Cancelled => ("cancelled", "已取消"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this MeetingKind kind) => Words.Of(kind, kind switch
    {
        MeetingKind.GridSecretaries => ("grid secretaries", "网格党支部书记月例会"),
        MeetingKind.AnnualDebrief => ("annual debrief", "年度述职评议"),
        MeetingKind.BranchCouncil => ("branch and council", "党支部与议事会会商"),
        _ => ("unspecified", "未指明"),
    });
}
