using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Cases;

public static class CaseErrors
{
    public static readonly ErrorDefinition NotFound = new("CASE_NOT_FOUND", StatusCode.NotFound,
        "There is no case {id}.", "没有编号为 {id} 的事项。");

    public static readonly ErrorDefinition WrongState = new("CASE_WRONG_STATE", StatusCode.FailedPrecondition,
        "The case is {state}; this is only possible while it is {allowed}.", "事项当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition CategoryUnknown = new("CASE_CATEGORY_UNKNOWN", StatusCode.InvalidArgument,
        "The city's policy has no category {category}.", "本市政策中没有类别 {category}。");

    public static readonly ErrorDefinition CategoryNotLeaf = new("CASE_CATEGORY_NOT_LEAF", StatusCode.InvalidArgument,
        "{category} has categories below it; choose one of them.", "类别 {category} 还有下级类别，请选择最末级类别。");

    public static readonly ErrorDefinition NotVerified = new("CASE_NOT_VERIFIED", StatusCode.FailedPrecondition,
        "The case is not verified: the finding is {finding}. Ask for it, or ask again.", "该事项尚未核实属实（核实结果：{finding}），请先安排核实。");

    public static readonly ErrorDefinition HandlerUnknown = new("CASE_HANDLER_UNKNOWN", StatusCode.InvalidArgument,
        "No such handler: {handler}.", "办理主体不存在：{handler}。");

    public static readonly ErrorDefinition NeedOver = new("CASE_NEED_OVER", StatusCode.InvalidArgument,
        "Volunteers are asked for a time that is over at {over_at}.", "所需志愿服务已于 {over_at} 结束，请填写今后的时间。");

    public static readonly ErrorDefinition NotYours = new("CASE_NOT_YOURS", StatusCode.FailedPrecondition,
        "The case is handled through {channel}, which reports by itself.", "该事项通过{channel}办理，结果将自动回传。");

    public static readonly ErrorDefinition AtTop = new("CASE_AT_TOP", StatusCode.FailedPrecondition,
        "The city holds the case already; there is no level above.", "事项已由市级办理，不能再上报。");

    public static readonly ErrorDefinition LevelTooLow = new("CASE_LEVEL_TOO_LOW", StatusCode.FailedPrecondition,
        "A whistle is blown by a subdistrict or above; the case is held by a {level}. Escalate it first.",
        "只有街道及以上层级可以吹哨；事项目前由{level}办理，请先上报。");

    public static readonly ErrorDefinition WhistleTooLong = new("WHISTLE_TOO_LONG", StatusCode.InvalidArgument,
        "report_within must be positive and at most what the policy allows, until {latest}.", "报到时限必须为正，且不得晚于政策规定的 {latest}。");

    public static readonly ErrorDefinition ConfirmationPending = new("CASE_CONFIRMATION_PENDING", StatusCode.FailedPrecondition,
        "The reporter may confirm until {until}; the case can be closed after that.", "诉求人可在 {until} 前确认，期满后方可结案。");

    public static readonly ErrorDefinition ConfirmationOwn = new("CASE_CONFIRMATION_OWN", StatusCode.PermissionDenied,
        "Whoever gave the answer neither says whether it satisfies nor reviews it.", "答复人不得代为确认本人的答复，也不得对其作出复查复核决定。");

    public static readonly ErrorDefinition DecisionOwn = new("CASE_DECISION_OWN", StatusCode.PermissionDenied,
        "Whoever reported a case does not decide about the answer to it.", "诉求人不得对本人诉求的答复作出复查、复核决定。");

    public static readonly ErrorDefinition ConfirmTooLate = new("CASE_CONFIRM_TOO_LATE", StatusCode.FailedPrecondition,
        "The answer could be confirmed until {until}; whoever is not done with it asks for the case to be reopened.",
        "可在 {until} 前确认答复，现已逾期；仍有异议的，请申请重办。");

    public static readonly ErrorDefinition ReopenTooLate = new("CASE_REOPEN_TOO_LATE", StatusCode.FailedPrecondition,
        "The case could be reopened until {until}; report it anew.", "该事项可在 {until} 前申请重办，现已逾期，请重新反映。");

    public static readonly ErrorDefinition ReopenedTooOften = new("CASE_REOPENED_TOO_OFTEN", StatusCode.FailedPrecondition,
        "The case was reopened {count} times, as often as the city's policy allows.", "该事项已重办 {count} 次，达到本市政策规定的上限。");

    public static readonly ErrorDefinition HistoryFull = new("CASE_HISTORY_FULL", StatusCode.ResourceExhausted,
        "The history of the case has {count} of at most {max} entries; the rest is kept for the steps to its end.",
        "事项的办理记录已有 {count} 条（上限 {max} 条），其余留给办结所需的步骤。");

    public static readonly ErrorDefinition LocationMissing = new("CASE_LOCATION_MISSING", StatusCode.InvalidArgument,
        "Say where it is: a point or a grid code.", "请提供位置：坐标或网格编码。");

    public static readonly ErrorDefinition DirectoryUnavailable = new("DIRECTORY_UNAVAILABLE", StatusCode.Unavailable,
        "The directory of organisations can't be asked now; try again.", "组织名录暂时无法查询，请稍后重试。");

    public static readonly ErrorDefinition Ended = new("CASE_ENDED", StatusCode.FailedPrecondition,
        "The case has ended; nothing is added to it.", "事项已办结，不能再添加内容。");
}
