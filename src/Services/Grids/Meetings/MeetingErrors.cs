using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Meetings;

public static class MeetingErrors
{
    public static readonly ErrorDefinition NotFound = new("MEETING_NOT_FOUND", StatusCode.NotFound,
        "There is no meeting {id}.", "没有编号为 {id} 的会议。");

    public static readonly ErrorDefinition TerritoryInvalid = new("MEETING_TERRITORY_INVALID", StatusCode.InvalidArgument,
        "The secretaries of a community meet in the community; every other meeting is a grid's.", "支部书记会议属于社区，其他会议属于网格。");

    public static readonly ErrorDefinition InPast = new("MEETING_IN_PAST", StatusCode.InvalidArgument,
        "A meeting is planned and called before it begins.", "会议须在开始之前计划和通知。");

    public static readonly ErrorDefinition InFuture = new("MEETING_IN_FUTURE", StatusCode.InvalidArgument,
        "A meeting that was held did not begin in the future.", "已召开的会议不能在将来开始。");

    public static readonly ErrorDefinition TooEarly = new("MEETING_TOO_EARLY", StatusCode.FailedPrecondition,
        "The meeting begins at {starts_at}; it can't have been held before.", "会议于 {starts_at} 开始，此前不能登记为已召开。");

    public static readonly ErrorDefinition DebriefTwice = new("MEETING_DEBRIEF_TWICE", StatusCode.FailedPrecondition,
        "The grid has another debrief in that year, planned or held.", "该网格当年已安排或召开年度述职评议。");

    public static readonly ErrorDefinition WrongState = new("MEETING_WRONG_STATE", StatusCode.FailedPrecondition,
        "The meeting is {state}; this is only possible while it is {allowed}.", "会议当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition AttendanceInvalid = new("MEETING_ATTENDANCE_INVALID", StatusCode.InvalidArgument,
        "That is no attendance of such a meeting: {problem}.", "到会情况与会议类型不符：{problem}。");

    public static readonly ErrorDefinition DebriefersInvalid = new("MEETING_DEBRIEFERS_INVALID", StatusCode.InvalidArgument,
        "A debrief has at least one who debriefs, each once; other meetings have none.", "述职评议会议须有述职人且不得重复，其他会议没有述职人。");

    public static readonly ErrorDefinition MatterGridInvalid = new("MEETING_MATTER_GRID_INVALID", StatusCode.InvalidArgument,
        "A matter that becomes a case names a grid within {territory}.", "转为诉求的事项须指明 {territory} 范围内的网格。");

    public static readonly ErrorDefinition MinutesFull = new("MEETING_MINUTES_FULL", StatusCode.ResourceExhausted,
        "Minutes have at most {max} versions.", "会议记录最多 {max} 个版本。");

    public static readonly ErrorDefinition OwnMinutes = new("MEETING_OWN_MINUTES", StatusCode.FailedPrecondition,
        "Whoever wrote the minutes does not approve them.", "会议记录的撰写人不能自行审定。");

    public static readonly ErrorDefinition OwnAppraisal = new("MEETING_OWN_APPRAISAL", StatusCode.FailedPrecondition,
        "Whoever debriefed neither counts how that was appraised nor approves that it is shown.", "述职人不得统计本人的测评结果，也不得审定该次会议记录。");

    public static readonly ErrorDefinition Unappraised = new("MEETING_UNAPPRAISED", StatusCode.FailedPrecondition,
        "{count} debrief(s) of the meeting are not appraised yet.", "该会议尚有 {count} 项述职未完成评议。");

    public static readonly ErrorDefinition FrequencyMissing = new("MEETING_FREQUENCY_MISSING", StatusCode.FailedPrecondition,
        "The policy says not how often meetings of the kind {kind} are held.", "政策未规定“{kind}”的频次。");

    public static readonly ErrorDefinition DebriefNotFound = new("DEBRIEF_NOT_FOUND", StatusCode.InvalidArgument,
        "The meeting has no debrief {id}.", "该会议没有编号为 {id} 的述职。");

    public static readonly ErrorDefinition AppraisedTwice = new("DEBRIEF_APPRAISED_TWICE", StatusCode.AlreadyExists,
        "The papers on this debrief are counted already.", "该述职的评议票已计票。");

    public static readonly ErrorDefinition PapersTooMany = new("DEBRIEF_PAPERS_TOO_MANY", StatusCode.InvalidArgument,
        "{papers} papers were given out, but {residents} residents were present.", "发出评议票 {papers} 张，到会居民 {residents} 人。");

    public static readonly ErrorDefinition PapersDiffer = new("DEBRIEF_PAPERS_DIFFER", StatusCode.InvalidArgument,
        "{papers} papers were given out and {counted} counted; they must be as many.", "发出评议票 {papers} 张，计票 {counted} 张，两者须一致。");
}
