using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Boundaries;

/// <summary>What people call the kinds of grids.</summary>
public static class GridLabels
{
    public static Words Told(this GridKind kind) => Words.Of(kind, kind switch
    {
        GridKind.Residential => ("residential", "居住"),
        GridKind.Building => ("building", "楼宇"),
        GridKind.Park => ("park", "园区"),
        GridKind.BusinessCircle => ("business circle", "商圈"),
        GridKind.Office => ("office", "机关单位"),
        _ => ("unspecified", "未指明"),
    });
}
