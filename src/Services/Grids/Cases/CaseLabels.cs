using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Cases;

/// <summary>What people call the states of cases, and what was found about them.</summary>
public static class CaseLabels
{
    public static Words Told(this CaseState state) => Words.Of(state, state switch
    {
        CaseState.Reported => ("reported", "已上报"),
        CaseState.Assessed => ("assessed", "已受理"),
        CaseState.Dispatched => ("dispatched", "已派发"),
        CaseState.Handling => ("being handled", "办理中"),
        CaseState.Whistled => ("whistled", "已吹哨"),
        CaseState.Handled => ("handled", "已处置"),
        CaseState.Answered => ("answered", "已答复"),
        CaseState.Confirmed => ("confirmed", "已确认"),
        CaseState.Closed => ("closed", "已办结"),
        CaseState.Rejected => ("rejected", "不予受理"),
        CaseState.Banked => ("on file", "已挂账"),
        CaseState.Transferred => ("transferred", "已转送"),
        CaseState.Merged => ("merged", "已合并"),
        CaseState.UnderReview => ("under review", "复查复核中"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this VerificationFinding finding) => Words.Of(finding, finding switch
    {
        VerificationFinding.Confirmed => ("confirmed", "属实"),
        VerificationFinding.Different => ("different", "与反映不符"),
        VerificationFinding.Unspecified => ("still to come", "尚未核实"),
        VerificationFinding.NotFound => ("not found", "未发现"),
        _ => ("unspecified", "未指明"),
    });
}
