using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Visits;

public static class VisitErrors
{
    public static readonly ErrorDefinition NotFound = new("VISIT_PLAN_NOT_FOUND", StatusCode.NotFound,
        "There is no visit plan {id}.", "没有编号为 {id} 的走访计划。");

    public static readonly ErrorDefinition Exists = new("VISIT_PLAN_EXISTS", StatusCode.AlreadyExists,
        "The household has an active visit plan already.", "该户已有在用的走访计划。");

    public static readonly ErrorDefinition Ended = new("VISIT_PLAN_ENDED", StatusCode.FailedPrecondition,
        "The visit plan has ended.", "该走访计划已结束。");

    public static readonly ErrorDefinition ConsentMissing = new("VISIT_CONSENT_MISSING", StatusCode.FailedPrecondition,
        "The household's consent is missing, lies in the future, or was withdrawn: nobody visits without it.",
        "缺少住户同意、同意时间在将来或同意已撤回，不得走访。");

    public static readonly ErrorDefinition NotSuccessor = new("VISIT_PLAN_ELSEWHERE", StatusCode.FailedPrecondition,
        "A plan moves only to what its grid has become, which is {successors}, not {territory}.",
        "走访计划只能转到其网格调整后的网格（{successors}），不能转到 {territory}。");

    public static readonly ErrorDefinition NeedUnknown = new("VISIT_NEED_UNKNOWN", StatusCode.FailedPrecondition,
        "The city's policy has no frequency for the need {need}.", "本市政策未规定“{need}”的走访频次。");

    public static readonly ErrorDefinition TimeInvalid = new("VISIT_TIME_INVALID", StatusCode.InvalidArgument,
        "A visit lies after the consent and not in the future.", "走访时间须在取得同意之后且不晚于现在。");

    public static readonly ErrorDefinition HazardNotFound = new("HAZARD_NOT_FOUND", StatusCode.NotFound,
        "There is no hazard {id}.", "没有编号为 {id} 的隐患。");

    public static readonly ErrorDefinition HazardResolved = new("HAZARD_RESOLVED", StatusCode.FailedPrecondition,
        "The hazard is resolved.", "该隐患已消除。");

    public static readonly ErrorDefinition HazardFull = new("HAZARD_HISTORY_FULL", StatusCode.ResourceExhausted,
        "A hazard is looked at again at most {max} times here, and once more when it is resolved; report it as a case.", "同一隐患最多复查 {max} 次，此后仅可记录消除；请转为事项办理。");
}
