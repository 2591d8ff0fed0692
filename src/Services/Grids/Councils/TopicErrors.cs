using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Councils;

public static class TopicErrors
{
    public static readonly ErrorDefinition NotFound = new("TOPIC_NOT_FOUND", StatusCode.NotFound,
        "There is no topic {id}.", "没有编号为 {id} 的议题。");

    public static readonly ErrorDefinition WrongState = new("TOPIC_WRONG_STATE", StatusCode.FailedPrecondition,
        "The topic is {state}; this is only possible while it is {allowed}.", "议题当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition SupportedTwice = new("TOPIC_SUPPORTED_TWICE", StatusCode.AlreadyExists,
        "You support this edition of the topic already.", "您已附议该版本的议题。");

    public static readonly ErrorDefinition NotProposer = new("TOPIC_NOT_PROPOSER", StatusCode.FailedPrecondition,
        "Until it has enough support, only its proposer amends a topic.", "议题获得足够附议之前，只有提议人可以修改。");

    public static readonly ErrorDefinition CaseUnknown = new("TOPIC_CASE_UNKNOWN", StatusCode.InvalidArgument,
        "There is no case {case_id} in the council's territory.", "议事会范围内没有编号为 {case_id} 的事项。");

    public static readonly ErrorDefinition OtherCouncil = new("TOPIC_OTHER_COUNCIL", StatusCode.InvalidArgument,
        "The topic {id} is not one of this council's.", "议题 {id} 不属于该议事会。");

    public static readonly ErrorDefinition HistoryFull = new("TOPIC_HISTORY_FULL", StatusCode.ResourceExhausted,
        "The topic has {max} entries in its history, the most it can have.", "议题的办理记录已达上限 {max} 条。");

    public static readonly ErrorDefinition TaskDueInvalid = new("TOPIC_TASK_DUE_INVALID", StatusCode.InvalidArgument,
        "What {party} does is due at an instant to come, at {latest} at the latest.",
        "{party} 的任务须在当前时间之后、不迟于 {latest} 完成。");

    public static readonly ErrorDefinition TaskUnknown = new("TOPIC_TASK_UNKNOWN", StatusCode.InvalidArgument,
        "The topic has no task {task}.", "议题没有第 {task} 项任务。");

    public static readonly ErrorDefinition TaskDone = new("TOPIC_TASK_DONE", StatusCode.FailedPrecondition,
        "Task {task} was done at {at}.", "第 {task} 项任务已于 {at} 完成。");

    public static readonly ErrorDefinition TasksOpen = new("TOPIC_TASKS_OPEN", StatusCode.FailedPrecondition,
        "{count} task(s) of the topic are not done yet.", "议题尚有 {count} 项任务未完成。");

    public static readonly ErrorDefinition HeldInFuture = new("CONSULTATION_IN_FUTURE", StatusCode.InvalidArgument,
        "A consultation is recorded once it has been held.", "协商须在召开之后记录。");
}

public static class SessionErrors
{
    public static readonly ErrorDefinition NotFound = new("SESSION_NOT_FOUND", StatusCode.NotFound,
        "There is no session {id}.", "没有编号为 {id} 的会议。");

    public static readonly ErrorDefinition WrongState = new("SESSION_WRONG_STATE", StatusCode.FailedPrecondition,
        "The session is {state}; this is only possible while it is {allowed}.", "会议当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition InPast = new("SESSION_IN_PAST", StatusCode.InvalidArgument,
        "A session is convened for an instant to come.", "会议时间须晚于当前时间。");

    public static readonly ErrorDefinition TooEarly = new("SESSION_TOO_EARLY", StatusCode.FailedPrecondition,
        "The session begins at {starts_at}; attendance is recorded after that.", "会议于 {starts_at} 开始，之后方可登记出席。");

    public static readonly ErrorDefinition TermOver = new("COUNCIL_TERM_OVER", StatusCode.FailedPrecondition,
        "The council's term ends on {until}, before the session; renew it first.", "议事会任期于 {until} 届满，早于会议日期，请先换届。");

    public static readonly ErrorDefinition Leaderless = new("COUNCIL_LEADERLESS", StatusCode.FailedPrecondition,
        "The council has neither head nor deputy to lead a session.", "议事会没有会长和副会长，无法召集会议。");

    public static readonly ErrorDefinition NoQuorum = new("SESSION_NO_QUORUM", StatusCode.FailedPrecondition,
        "{present} of {members} members are present; the quorum is {quorum}. Cancel the session and convene another.",
        "{members} 名成员中到会 {present} 名，未达到法定人数（{quorum}）；请取消本次会议并另行召集。");

    public static readonly ErrorDefinition VotersTooMany = new("SESSION_VOTERS_TOO_MANY", StatusCode.InvalidArgument,
        "{votes} votes were counted of {present} members present.", "到会 {present} 名，计票 {votes} 张，超过到会人数。");

    public static readonly ErrorDefinition RuleUnknown = new("VOTING_RULE_UNKNOWN", StatusCode.InvalidArgument,
        "The city's policy has no voting rule {rule}.", "本市政策中没有表决规则 {rule}。");

    public static readonly ErrorDefinition MinutesMissing = new("SESSION_MINUTES_MISSING", StatusCode.FailedPrecondition,
        "There are no minutes to approve.", "尚无会议记录可供审定。");

    public static readonly ErrorDefinition Undecided = new("SESSION_UNDECIDED", StatusCode.FailedPrecondition,
        "{count} topic(s) of the agenda are neither decided nor deferred.", "议程中尚有 {count} 个议题未表决或延期。");

    public static readonly ErrorDefinition NotLeader = new("SESSION_NOT_LEADER", StatusCode.FailedPrecondition,
        "Minutes are approved by the head of the council, or by the deputy while there is no head.", "会议记录由会长审定；会长空缺时由副会长审定。");

    public static readonly ErrorDefinition TopicsOpen = new("COUNCIL_TOPICS_OPEN", StatusCode.FailedPrecondition,
        "{count} topic(s) of the council are not answered yet.", "议事会尚有 {count} 个议题未答复。");
}
