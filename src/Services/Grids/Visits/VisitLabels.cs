using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Visits;

/// <summary>What people call the needs of households, and the kinds of hazards.</summary>
public static class VisitLabels
{
    public static Words Told(this CareNeed need) => Words.Of(need, need switch
    {
        CareNeed.LivingAlone => ("living alone", "独居"),
        CareNeed.Elderly => ("old age", "高龄"),
        CareNeed.Ill => ("illness or disability", "病残"),
        CareNeed.Asked => ("asked for by the household", "主动申请"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this HazardCategory category) => Words.Of(category, category switch
    {
        HazardCategory.Fire => ("fire", "消防"),
        HazardCategory.Gas => ("gas", "燃气"),
        HazardCategory.Electricity => ("electricity", "用电"),
        HazardCategory.Building => ("building", "房屋"),
        HazardCategory.Fall => ("falls", "坠落"),
        HazardCategory.Other => ("other", "其他"),
        _ => ("unspecified", "未指明"),
    });
}
