using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Dispatch;

public static class DispatchErrors
{
    public static readonly ErrorDefinition AssignmentNotFound = new("ASSIGNMENT_NOT_FOUND", StatusCode.NotFound,
        "The newest dispatch of the case has no assignment {assignment}.", "该事项最近一次派单中没有任务 {assignment}。");

    public static readonly ErrorDefinition AssignmentWrongState = new("ASSIGNMENT_WRONG_STATE", StatusCode.FailedPrecondition,
        "The assignment is {state}; this is only possible while it is {allowed}.", "任务当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition AssignmentDueTooLate = new("ASSIGNMENT_DUE_TOO_LATE", StatusCode.InvalidArgument,
        "A part of a case is due with the case at the latest, by {latest}.", "各单位的办理时限不得晚于事项的办理时限 {latest}。");

    public static readonly ErrorDefinition AssignmentIsLead = new("ASSIGNMENT_IS_LEAD", StatusCode.FailedPrecondition,
        "The lead is not released; it returns the case or objects.", "主办单位不能被解除，可退回或提出异议。");

    public static readonly ErrorDefinition AssignmentTaken = new("ASSIGNMENT_TAKEN", StatusCode.FailedPrecondition,
        "Somebody has the assignment of case {id} already; name who shall have it.", "事项 {id} 的任务已有经办人，改派请指定人员。");

    public static readonly ErrorDefinition CoHandlersTooMany = new("CO_HANDLERS_TOO_MANY", StatusCode.InvalidArgument,
        "The city's policy allows {max} co-handlers; {count} are named.", "本市政策最多允许 {max} 个协办单位，本次指定了 {count} 个。");

    public static readonly ErrorDefinition CoHandlersOpen = new("CO_HANDLERS_OPEN", StatusCode.FailedPrecondition,
        "Co-handlers are not done: {names}. The lead waits for them or releases them.", "协办单位尚未办结：{names}；须等待其办结或予以解除。");

    public static readonly ErrorDefinition HandlerTwice = new("HANDLER_TWICE", StatusCode.InvalidArgument,
        "{name} is named twice.", "{name} 被重复指定。");

    public static readonly ErrorDefinition ObjectionPending = new("OBJECTION_PENDING", StatusCode.FailedPrecondition,
        "The lead's objection of {at} is not ruled on yet.", "主办单位于 {at} 提出的异议尚未裁定。");

    public static readonly ErrorDefinition ObjectionRepeated = new("OBJECTION_REPEATED", StatusCode.FailedPrecondition,
        "An objection to this assignment was raised at {at}; there is one each.", "该任务已于 {at} 提出过异议，每项任务只能提出一次。");

    public static readonly ErrorDefinition ObjectionTooLate = new("OBJECTION_TOO_LATE", StatusCode.FailedPrecondition,
        "Objections were possible until {until}.", "提出异议的期限已于 {until} 届满。");

    public static readonly ErrorDefinition ObjectionNotAllowed = new("OBJECTION_NOT_ALLOWED", StatusCode.FailedPrecondition,
        "The city's policy knows no objections to a dispatch.", "本市政策未设置派单异议。");

    public static readonly ErrorDefinition ObjectionMissing = new("OBJECTION_MISSING", StatusCode.FailedPrecondition,
        "There is no objection to rule on.", "没有待裁定的异议。");

    public static readonly ErrorDefinition ObjectionRulingOwn = new("OBJECTION_RULING_OWN", StatusCode.PermissionDenied,
        "Neither who dispatched nor who objected rules on the objection.", "派单人和异议提出人不得裁定该异议。");

    public static readonly ErrorDefinition ReceiverMissing = new("RECEIVER_MISSING", StatusCode.FailedPrecondition,
        "Nobody has taken the case up yet.", "该事项尚无首接责任人。");

    public static readonly ErrorDefinition ReceiverSame = new("RECEIVER_SAME", StatusCode.InvalidArgument,
        "They are answerable for the case already.", "该人员已是该事项的责任人。");

    public static readonly ErrorDefinition ReceiptNotOffered = new("RECEIPT_NOT_OFFERED", StatusCode.FailedPrecondition,
        "Answerability for the case was not offered to the caller.", "该事项未移交给当前用户。");

    public static readonly ErrorDefinition QueueNotYours = new("QUEUE_NOT_YOURS", StatusCode.FailedPrecondition,
        "The token names no organisation, or may not see the queue of a territory.", "令牌未注明所属单位，或无权查看辖区待办。");

    public static readonly ErrorDefinition RosterPeriodInvalid = new("ROSTER_PERIOD_INVALID", StatusCode.InvalidArgument,
        "ends_at must lie after starts_at, and at most {max} days after it.", "结束时间须晚于开始时间，且不超过 {max} 天。");

    public static readonly ErrorDefinition NobodyOnDuty = new("NOBODY_ON_DUTY", StatusCode.FailedPrecondition,
        "Nobody on duty takes cases of the organisation in {territory}.", "该单位在 {territory} 没有在岗的值班人员。");

    public static readonly ErrorDefinition WhistleNotFound = new("WHISTLE_NOT_FOUND", StatusCode.NotFound,
        "There is no whistle {id}.", "没有编号为 {id} 的吹哨。");

    public static readonly ErrorDefinition WhistleOpen = new("WHISTLE_OPEN", StatusCode.FailedPrecondition,
        "The whistle is not closed yet; its sides appraise each other afterwards.", "该吹哨尚未结束，结束后方可评价。");

    public static readonly ErrorDefinition WhistleNotCalled = new("WHISTLE_NOT_CALLED", StatusCode.InvalidArgument,
        "The whistle did not call {organisation}.", "该吹哨未通知 {organisation}。");

    public static readonly ErrorDefinition AppraisalMade = new("APPRAISAL_MADE", StatusCode.FailedPrecondition,
        "This side was appraised already.", "该方已评价过，不能重复评价。");

    public static readonly ErrorDefinition AppraisalTooLate = new("APPRAISAL_TOO_LATE", StatusCode.FailedPrecondition,
        "Appraisals were possible until {until}.", "评价期限已于 {until} 届满。");

    public static readonly ErrorDefinition PeriodInvalid = new("PERIOD_INVALID", StatusCode.InvalidArgument,
        "until must lie after from, and at most {max} days after it.", "结束时间须晚于开始时间，且不超过 {max} 天。");

    public static readonly ErrorDefinition ConsultationNotFound = new("CONSULTATION_NOT_FOUND", StatusCode.NotFound,
        "There is no consultation {id}.", "没有编号为 {id} 的会商。");

    public static readonly ErrorDefinition ConsultationOpen = new("CONSULTATION_OPEN", StatusCode.FailedPrecondition,
        "A consultation on the case was opened at {at} and is not decided yet.", "该事项于 {at} 发起的会商尚未形成决定。");

    public static readonly ErrorDefinition ConsultationTooLong = new("CONSULTATION_TOO_LONG", StatusCode.InvalidArgument,
        "due_at must lie after now, and until {latest} at the latest.", "会商期限须晚于当前时间，且不得晚于 {latest}。");

    public static readonly ErrorDefinition ConsultationOver = new("CONSULTATION_OVER", StatusCode.FailedPrecondition,
        "The consultation was decided at {at}.", "会商已于 {at} 形成决定。");

    public static readonly ErrorDefinition ConsultationFull = new("CONSULTATION_FULL", StatusCode.ResourceExhausted,
        "The consultation has {max} statements, the most it can have.", "会商发言已达上限 {max} 条。");

    public static readonly ErrorDefinition ConsultationNotConvener = new("CONSULTATION_NOT_CONVENER", StatusCode.PermissionDenied,
        "The convener decides, or a level above the one that convened.", "会商由召集人或上级作出决定。");
}
