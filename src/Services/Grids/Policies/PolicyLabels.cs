using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Policies;

/// <summary>What people call the levels that cases go up to, and the kinds of policies.</summary>
public static class PolicyLabels
{
    public static Words Told(this EscalationLevel level) => Words.Of(level, level switch
    {
        EscalationLevel.Grid => ("grid", "网格"),
        EscalationLevel.Community => ("community", "社区"),
        EscalationLevel.Subdistrict => ("subdistrict", "街道"),
        EscalationLevel.District => ("district", "区县"),
        EscalationLevel.City => ("city", "市"),
        _ => ("unspecified", "未指明"),
    });

    /// <summary>A kind as <see cref="CityPolicies.KindOf"/> names it.</summary>
    public static Words Told(string kind) => kind switch
    {
        CityPolicies.CasesKind => new(kind, "cases", "事项办理"),
        CityPolicies.CouncilsKind => new(kind, "councils", "议事会"),
        CityPolicies.WorkingHoursKind => new(kind, "working hours", "工作时间"),
        CityPolicies.HolidaysKind => new(kind, "holidays", "节假日"),
        CityPolicies.GridsKind => new(kind, "grids", "网格划分"),
        CityPolicies.StaffingKind => new(kind, "staffing", "网格人员"),
        CityPolicies.VisitsKind => new(kind, "visits", "入户走访"),
        CityPolicies.BulletinsKind => new(kind, "bulletins", "专栏"),
        CityPolicies.SatisfactionKind => new(kind, "satisfaction", "满意度"),
        CityPolicies.MeetingsKind => new(kind, "meetings", "会议"),
        CityPolicies.BudgetsKind => new(kind, "budgets", "参与式预算"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
