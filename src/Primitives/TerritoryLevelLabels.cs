namespace Governance.Primitives;

/// <summary>What people call the levels of territory.</summary>
public static class TerritoryLevelLabels
{
    public static Words Told(this TerritoryLevel level) => Words.Of(level, level switch
    {
        TerritoryLevel.Country => ("country", "全国"),
        TerritoryLevel.City => ("city", "市"),
        TerritoryLevel.District => ("district", "区县"),
        TerritoryLevel.Subdistrict => ("subdistrict", "街道"),
        TerritoryLevel.Community => ("community", "社区"),
        TerritoryLevel.Grid => ("grid", "网格"),
        _ => ("unspecified", "未指明"),
    });
}
