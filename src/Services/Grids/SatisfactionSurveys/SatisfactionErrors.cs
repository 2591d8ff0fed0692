using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.SatisfactionSurveys;

public static class SatisfactionErrors
{
    public static readonly ErrorDefinition CaseOpen = new("SATISFACTION_CASE_OPEN", StatusCode.FailedPrecondition,
        "A reporter is asked once the case is confirmed or closed; it is {state}.", "事项确认或办结后方可评价，当前状态为“{state}”。");

    public static readonly ErrorDefinition NotAnswered = new("SATISFACTION_NOT_ANSWERED", StatusCode.FailedPrecondition,
        "The case was given no answer here that one could respond to.", "该事项在本系统中没有可供评价的答复。");

    public static readonly ErrorDefinition TooLate = new("SATISFACTION_TOO_LATE", StatusCode.FailedPrecondition,
        "A response was taken until {until}.", "评价已于 {until} 截止。");

    public static readonly ErrorDefinition Given = new("SATISFACTION_GIVEN", StatusCode.AlreadyExists,
        "There is a response to this answer already.", "该答复已有评价。");

    public static readonly ErrorDefinition VerdictMissing = new("SATISFACTION_VERDICT_MISSING", StatusCode.InvalidArgument,
        "Say whether the reporter is satisfied, or give a score.", "请填写满意与否或评分。");

    public static readonly ErrorDefinition OwnAnswer = new("SATISFACTION_OWN_ANSWER", StatusCode.FailedPrecondition,
        "Whoever gave the answer neither records what the reporter says of it nor decides its review.", "答复人不得登记对本人答复的评价，也不得决定其复核。");

    public static readonly ErrorDefinition ResponseNotFound = new("SATISFACTION_RESPONSE_NOT_FOUND", StatusCode.NotFound,
        "There is no response {id}.", "没有编号为 {id} 的评价。");

    public static readonly ErrorDefinition ReviewNotFound = new("SATISFACTION_REVIEW_NOT_FOUND", StatusCode.NotFound,
        "There is no review {id}.", "没有编号为 {id} 的复核。");

    public static readonly ErrorDefinition ReviewDecided = new("SATISFACTION_REVIEW_DECIDED", StatusCode.FailedPrecondition,
        "The review is decided: {state}.", "该复核已有结论：{state}。");

    public static readonly ErrorDefinition LevelTooLow = new("SATISFACTION_LEVEL_TOO_LOW", StatusCode.FailedPrecondition,
        "A review is decided by a level above the one that gave the answer, {holder}.", "复核须由作出答复的层级（{holder}）的上级决定。");
}

public static class SupervisionErrors
{
    public static readonly ErrorDefinition SupervisorNotFound = new("SUPERVISOR_NOT_FOUND", StatusCode.NotFound,
        "There is no supervisor {id}.", "没有编号为 {id} 的监督员。");

    public static readonly ErrorDefinition SupervisorExists = new("SUPERVISOR_EXISTS", StatusCode.AlreadyExists,
        "The subject supervises the territory within that term already.", "该人员在此任期内已是该辖区监督员。");

    public static readonly ErrorDefinition TermInvalid = new("SUPERVISOR_TERM_INVALID", StatusCode.InvalidArgument,
        "A term ends neither before it begins nor before today, and within {years} years.", "任期结束不得早于开始或今日，且不得超过 {years} 年。");

    public static readonly ErrorDefinition NotServing = new("SUPERVISOR_NOT_SERVING", StatusCode.FailedPrecondition,
        "The supervisor's term runs from {from} to {until}.", "该监督员的任期为 {from} 至 {until}。");

    public static readonly ErrorDefinition PeriodInvalid = new("SUPERVISION_PERIOD_INVALID", StatusCode.InvalidArgument,
        "The period ends neither before it begins nor in the future, and is at most {days} days long.",
        "抽查期间的结束不得早于开始或晚于今日，且不得超过 {days} 天。");

    public static readonly ErrorDefinition SampleTooLarge = new("SUPERVISION_SAMPLE_TOO_LARGE", StatusCode.InvalidArgument,
        "At most {max} cases are drawn at once.", "一次最多抽取 {max} 件。");

    public static readonly ErrorDefinition NothingToDraw = new("SUPERVISION_NOTHING_TO_DRAW", StatusCode.FailedPrecondition,
        "No case that may be drawn was closed in the period.", "该期间没有可供抽取的办结事项。");

    public static readonly ErrorDefinition DrawNotFound = new("SUPERVISION_DRAW_NOT_FOUND", StatusCode.NotFound,
        "There is no draw {id}.", "没有编号为 {id} 的抽查。");

    public static readonly ErrorDefinition CaseNotDrawn = new("SUPERVISION_CASE_NOT_DRAWN", StatusCode.FailedPrecondition,
        "The case is not among those that were drawn.", "该事项不在抽取之列。");

    public static readonly ErrorDefinition Reviewed = new("SUPERVISION_REVIEWED", StatusCode.AlreadyExists,
        "The case is reviewed already.", "该事项已评议。");

    public static readonly ErrorDefinition MarksInvalid = new("SUPERVISION_MARKS_INVALID", StatusCode.InvalidArgument,
        "Each of these is marked once: {aspects}.", "以下各项须各评分一次：{aspects}。");
}

public static class ImprovementErrors
{
    public static readonly ErrorDefinition NotFound = new("IMPROVEMENT_NOT_FOUND", StatusCode.NotFound,
        "There is no improvement {id}.", "没有编号为 {id} 的整改事项。");

    public static readonly ErrorDefinition CauseMissing = new("IMPROVEMENT_CAUSE_MISSING", StatusCode.FailedPrecondition,
        "An improvement needs a supervisor's finding in words, or a dissatisfied response.", "整改须基于监督员的书面意见或不满意评价。");

    public static readonly ErrorDefinition Exists = new("IMPROVEMENT_EXISTS", StatusCode.AlreadyExists,
        "There is an improvement for this cause already.", "该意见已立整改事项。");

    public static readonly ErrorDefinition DuePast = new("IMPROVEMENT_DUE_PAST", StatusCode.InvalidArgument,
        "An improvement is due at an instant to come.", "整改期限须晚于当前时间。");

    public static readonly ErrorDefinition Own = new("IMPROVEMENT_OWN", StatusCode.FailedPrecondition,
        "Somebody other than who completed it checks an improvement.", "整改完成人不得自行核查。");

    public static readonly ErrorDefinition WrongState = new("IMPROVEMENT_WRONG_STATE", StatusCode.FailedPrecondition,
        "The improvement is {state}; this is only possible while it is {allowed}.",
        "整改事项当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");
}
