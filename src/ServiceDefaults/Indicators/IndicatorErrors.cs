using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.ServiceDefaults.Indicators;

public static class IndicatorErrors
{
    public static readonly ErrorDefinition Unknown = new("INDICATOR_UNKNOWN", StatusCode.NotFound,
        "There is no indicator {name} here.", "没有名为 {name} 的指标。");

    public static readonly ErrorDefinition PeriodInvalid = new("INDICATOR_PERIOD_INVALID", StatusCode.InvalidArgument,
        "The period ends before it begins, or lies outside the years {first} to {last}.", "时段的结束早于开始，或超出 {first} 年至 {last} 年。");

    public static readonly ErrorDefinition PeriodRequired = new("INDICATOR_PERIOD_REQUIRED", StatusCode.InvalidArgument,
        "{name} can only be told for a period with a first and a last day.", "{name} 只能按有起止日期的时段计算。");

    public static readonly ErrorDefinition SeriesTooLong = new("INDICATOR_SERIES_TOO_LONG", StatusCode.InvalidArgument,
        "The series has {count} points, at most {max} are given.", "序列共 {count} 个点，最多 {max} 个。");

    public static readonly ErrorDefinition WithoutPeriod = new("INDICATOR_WITHOUT_PERIOD", StatusCode.FailedPrecondition,
        "{name} tells how things stand; it has no series.", "{name} 反映当前状况，没有时间序列。");

    public static readonly ErrorDefinition NotDivisible = new("INDICATOR_NOT_DIVISIBLE", StatusCode.FailedPrecondition,
        "{name} can't be broken down: it is made of groups of its own.", "{name} 按自身分组计算，不能再细分。");

    public static readonly ErrorDefinition HasNoBase = new("INDICATOR_HAS_NO_BASE", StatusCode.FailedPrecondition,
        "{name} has no denominator that is made of records.", "{name} 没有由记录构成的分母。");

    public static readonly ErrorDefinition MeasureUnknown = new("INDICATOR_MEASURE_UNKNOWN", StatusCode.InvalidArgument,
        "names no measure of this service: {measure}", "本服务没有名为 {measure} 的度量");

    public static readonly ErrorDefinition DimensionUnknown = new("INDICATOR_DIMENSION_UNKNOWN", StatusCode.InvalidArgument,
        "names no dimension of {measure}: {dimension}", "{measure} 没有名为 {dimension} 的维度");

    public static readonly ErrorDefinition ValueUnknown = new("INDICATOR_VALUE_UNKNOWN", StatusCode.InvalidArgument,
        "is no value of {dimension}: {value}", "{dimension} 没有取值 {value}");

    public static readonly ErrorDefinition NumberUnknown = new("INDICATOR_NUMBER_UNKNOWN", StatusCode.InvalidArgument,
        "names no number of {measure}: {number}", "{measure} 没有名为 {number} 的数值");

    public static readonly ErrorDefinition InstantUnknown = new("INDICATOR_INSTANT_UNKNOWN", StatusCode.InvalidArgument,
        "names no instant of {measure}: {instant}", "{measure} 没有名为 {instant} 的时点");

    public static readonly ErrorDefinition AggregateInvalid = new("INDICATOR_AGGREGATE_INVALID", StatusCode.InvalidArgument,
        "does not fit the aggregate: {problem}", "与汇总方式不符：{problem}");

    public static readonly ErrorDefinition GroupsInvalid = new("INDICATOR_GROUPS_INVALID", StatusCode.InvalidArgument,
        "are no groups: {problem}", "分组无效：{problem}");

    public static readonly ErrorDefinition DenominatorInvalid = new("INDICATOR_DENOMINATOR_INVALID", StatusCode.InvalidArgument,
        "is no denominator here: {problem}", "分母无效：{problem}");

    public static readonly ErrorDefinition NamedTwice = new("INDICATOR_NAMED_TWICE", StatusCode.InvalidArgument,
        "stands in this request twice: {name}", "在本次请求中重复：{name}");

    public static readonly ErrorDefinition TooMany = new("INDICATOR_TOO_MANY", StatusCode.ResourceExhausted,
        "A city has at most {max} indicators of its own.", "每个城市最多自定义 {max} 个指标。");
}
