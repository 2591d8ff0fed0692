using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Cases;

public static class PastCaseErrors
{
    public static readonly ErrorDefinition StateNotImportable = new("ROW_STATE_NOT_IMPORTABLE", StatusCode.InvalidArgument,
        "is {state}; only REPORTED, CLOSED and REJECTED cases are imported", "状态为“{state}”；只能导入已上报、已办结或不予受理的事项");

    public static readonly ErrorDefinition EndMissing = new("ROW_END_MISSING", StatusCode.InvalidArgument,
        "is missing: an ended case says when it ended", "缺失：已办结或不予受理的事项须填写结束时间");

    public static readonly ErrorDefinition NotEnded = new("ROW_NOT_ENDED", StatusCode.InvalidArgument,
        "is only for cases that have ended", "只适用于已结束的事项");

    public static readonly ErrorDefinition EndedBeforeReported = new("ROW_ENDED_BEFORE_REPORTED", StatusCode.InvalidArgument,
        "lies before reported_at", "早于上报时间");

    public static readonly ErrorDefinition InFuture = new("ROW_IN_FUTURE", StatusCode.InvalidArgument,
        "lies in the future", "晚于当前时间");

    public static readonly ErrorDefinition GridUnknown = new("ROW_GRID_UNKNOWN", StatusCode.InvalidArgument,
        "is no grid on the city's map; an ended case may also name one that has ended", "不是本市地图上的网格；已结束的事项也可填写已停用的网格");

    public static readonly ErrorDefinition Elsewhere = new("ROW_CASE_ELSEWHERE", StatusCode.InvalidArgument,
        "differs from that of the case with this code, which does not move", "与同一编码的已有事项所在网格不一致，事项不能移动");

    public static readonly ErrorDefinition ActedOn = new("ROW_CASE_ACTED_ON", StatusCode.InvalidArgument,
        "names a case that was acted on here since its import; only its own row, unchanged, may come again",
        "对应的事项导入后已在本系统办理，只接受与原导入一致的数据");
}

/// <summary>What may be imported of the past: judged row by row, pure.</summary>
public static class PastCaseRules
{
    public static void Check(CaseRow row, DateTimeOffset now, List<Violation> violations)
    {
        if (TerritoryCode.Parse(row.GridCode).Level is not TerritoryLevel.Grid)
            violations.Add(Violation.Of("grid_code", BoundaryErrors.NotAGridCode));
        var reported = row.ReportedAt.ToDateTimeOffset();
        if (reported > now)
            violations.Add(Violation.Of("reported_at", PastCaseErrors.InFuture));
        switch (row.State)
        {
            case CaseState.Closed or CaseState.Rejected:
                CheckEnd(row.EndedAt?.ToDateTimeOffset(), reported, now, violations);
                break;
            case CaseState.Reported:
                CheckWaiting(row, violations);
                break;
            default:
                violations.Add(Violation.Of("state", PastCaseErrors.StateNotImportable, ("state", row.State.Told())));
                break;
        }
    }

    private static void CheckEnd(DateTimeOffset? ended, DateTimeOffset reported, DateTimeOffset now, List<Violation> violations)
    {
        if (ended is null)
            violations.Add(Violation.Of("ended_at", PastCaseErrors.EndMissing));
        else if (ended < reported)
            violations.Add(Violation.Of("ended_at", PastCaseErrors.EndedBeforeReported));
        else if (ended > now)
            violations.Add(Violation.Of("ended_at", PastCaseErrors.InFuture));
    }

    // What only an assessment or an end can have given it.
    private static void CheckWaiting(CaseRow row, List<Violation> violations)
    {
        Refuse("category", row.Category.Length > 0);
        Refuse("ended_at", row.EndedAt is not null);
        Refuse("answer", row.Answer.Length > 0);
        Refuse("satisfaction", row.Satisfaction is not Satisfaction.Unspecified);
        Refuse("late", row.Late);

        void Refuse(string field, bool given)
        {
            if (given)
                violations.Add(Violation.Of(field, PastCaseErrors.NotEnded));
        }
    }
}
