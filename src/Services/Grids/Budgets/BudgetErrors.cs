using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Budgets;

public static class BudgetErrors
{
    public static readonly ErrorDefinition NotFound = new("BUDGET_NOT_FOUND", StatusCode.NotFound,
        "There is no budget round {id}.", "没有编号为 {id} 的预算轮次。");

    public static readonly ErrorDefinition TerritoryInvalid = new("BUDGET_TERRITORY_INVALID", StatusCode.InvalidArgument,
        "A participatory budget is a community's.", "参与式预算属于社区。");

    public static readonly ErrorDefinition AmountInvalid = new("BUDGET_AMOUNT_INVALID", StatusCode.InvalidArgument,
        "A project may not cost more than all that may be spent.", "单个项目上限不得超过预算总额。");

    public static readonly ErrorDefinition TimePast = new("BUDGET_TIME_PAST", StatusCode.InvalidArgument,
        "A time limit lies in the future.", "截止时间须晚于当前时间。");

    public static readonly ErrorDefinition WrongPhase = new("BUDGET_WRONG_PHASE", StatusCode.FailedPrecondition,
        "The phase of the round is {phase}; this is only possible in the phase {allowed}.", "本轮当前阶段为“{phase}”，此操作须在“{allowed}”阶段进行。");

    public static readonly ErrorDefinition ProposalsOver = new("BUDGET_PROPOSALS_OVER", StatusCode.FailedPrecondition,
        "Proposals and support were taken until {until}.", "提案与附议已于 {until} 截止。");

    public static readonly ErrorDefinition Running = new("BUDGET_RUNNING", StatusCode.FailedPrecondition,
        "The phase runs until {until}.", "本阶段进行至 {until}。");

    public static readonly ErrorDefinition Unreviewed = new("BUDGET_UNREVIEWED", StatusCode.FailedPrecondition,
        "{count} project(s) with enough support are not reviewed yet.", "尚有 {count} 个附议足够的项目未审查。");

    public static readonly ErrorDefinition NoProject = new("BUDGET_NO_PROJECT", StatusCode.FailedPrecondition,
        "No project is feasible, so there is nothing to vote on.", "没有可行项目，无法投票。");

    public static readonly ErrorDefinition BallotInvalid = new("BUDGET_BALLOT_INVALID", StatusCode.InvalidArgument,
        "That is no ballot of this round: {problem}.", "选票不符合本轮规则：{problem}。");

    public static readonly ErrorDefinition Unfinished = new("BUDGET_UNFINISHED", StatusCode.FailedPrecondition,
        "{count} project(s) that were won are not done yet.", "尚有 {count} 个入选项目未完成。");
}

public static class ProjectErrors
{
    public static readonly ErrorDefinition NotFound = new("PROJECT_NOT_FOUND", StatusCode.NotFound,
        "There is no project {id}.", "没有编号为 {id} 的项目。");

    public static readonly ErrorDefinition WrongState = new("PROJECT_WRONG_STATE", StatusCode.FailedPrecondition,
        "The project is {state}; this is only possible while it is {allowed}.", "项目当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition TooDear = new("PROJECT_TOO_DEAR", StatusCode.InvalidArgument,
        "A project of this round costs at most {cap} fen.", "本轮单个项目不超过 {cap} 分。");

    public static readonly ErrorDefinition TooMany = new("PROJECTS_TOO_MANY", StatusCode.FailedPrecondition,
        "A resident proposes at most {max} project(s) in this round.", "本轮每位居民最多提出 {max} 个项目。");

    public static readonly ErrorDefinition Full = new("PROJECTS_FULL", StatusCode.ResourceExhausted,
        "A round has at most {max} projects.", "每轮最多 {max} 个项目。");

    public static readonly ErrorDefinition SupportedTwice = new("PROJECT_SUPPORTED_TWICE", StatusCode.AlreadyExists,
        "You support this project already.", "您已附议该项目。");

    public static readonly ErrorDefinition Unsupported = new("PROJECT_UNSUPPORTED", StatusCode.FailedPrecondition,
        "The project has {supporters} of {needed} supporters.", "该项目附议 {supporters} 人，需要 {needed} 人。");

    public static readonly ErrorDefinition SpendingExceeds = new("SPENDING_EXCEEDS", StatusCode.FailedPrecondition,
        "Of the project's amount {left} fen are left.", "该项目剩余额度为 {left} 分。");

    public static readonly ErrorDefinition SpendingNotFound = new("SPENDING_NOT_FOUND", StatusCode.InvalidArgument,
        "The project has no entry {id} that can be booked back.", "该项目没有可冲销的账目 {id}。");

    public static readonly ErrorDefinition SpendingReversed = new("SPENDING_REVERSED", StatusCode.AlreadyExists,
        "The entry is booked back already.", "该账目已冲销。");
}
