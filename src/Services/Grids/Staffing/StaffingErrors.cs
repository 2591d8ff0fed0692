using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Staffing;

public static class StaffingErrors
{
    public static readonly ErrorDefinition NotFound = new("STAFF_NOT_FOUND", StatusCode.NotFound,
        "There is no post {id}.", "没有编号为 {id} 的任职记录。");

    public static readonly ErrorDefinition LeaderExists = new("GRID_LEADER_EXISTS", StatusCode.AlreadyExists,
        "The grid has a leader already; that post must end first.", "该网格已有网格长，须先结束其任职。");

    public static readonly ErrorDefinition Twice = new("STAFF_TWICE", StatusCode.AlreadyExists,
        "Somebody has one post in a grid; this subject already has one.", "同一人在一个网格只任一职，该人员已在任。");

    public static readonly ErrorDefinition Full = new("STAFF_FULL", StatusCode.ResourceExhausted,
        "A grid has at most {max} active posts.", "每个网格最多 {max} 个在任岗位。");

    public static readonly ErrorDefinition Ended = new("STAFF_ENDED", StatusCode.FailedPrecondition,
        "The post has ended.", "该任职已结束。");

    public static readonly ErrorDefinition DayInvalid = new("STAFF_DAY_INVALID", StatusCode.InvalidArgument,
        "A post begins today or earlier, and ends between that day and today.", "任职起始日不得晚于今天，结束日须在起始日与今天之间。");

    public static readonly ErrorDefinition StandInNotFound = new("STAND_IN_NOT_FOUND", StatusCode.NotFound,
        "There is no arrangement {id}.", "没有编号为 {id} 的替岗安排。");

    public static readonly ErrorDefinition StandInCancelled = new("STAND_IN_CANCELLED", StatusCode.FailedPrecondition,
        "The arrangement is cancelled.", "该替岗安排已取消。");

    public static readonly ErrorDefinition StandInInvalid = new("STAND_IN_INVALID", StatusCode.InvalidArgument,
        "That is no arrangement: {problem}.", "替岗安排无效：{problem}。");

    public static readonly ErrorDefinition StandInOverlaps = new("STAND_IN_OVERLAPS", StatusCode.FailedPrecondition,
        "One of the two stands in, or is stood in for, from {from} until {until}.", "双方之一在 {from} 至 {until} 已有替岗安排。");
}

public static class NeighbourErrors
{
    public static readonly ErrorDefinition GroupNotFound = new("NEIGHBOUR_GROUP_NOT_FOUND", StatusCode.NotFound,
        "There is no neighbour group {id}.", "没有编号为 {id} 的邻里小组。");

    public static readonly ErrorDefinition GroupExists = new("NEIGHBOUR_GROUP_EXISTS", StatusCode.AlreadyExists,
        "There is an active neighbour group {code} already.", "邻里小组 {code} 已存在。");

    public static readonly ErrorDefinition GroupDissolved = new("NEIGHBOUR_GROUP_DISSOLVED", StatusCode.FailedPrecondition,
        "The neighbour group is dissolved.", "该邻里小组已撤销。");

    public static readonly ErrorDefinition GroupElsewhere = new("NEIGHBOUR_GROUP_ELSEWHERE", StatusCode.FailedPrecondition,
        "A neighbour group keeps its grid; the one of this code lies in another.", "邻里小组不得变更所属网格，该编码的小组在另一网格。");

    public static readonly ErrorDefinition BuildingTwice = new("NEIGHBOUR_BUILDING_TWICE", StatusCode.InvalidArgument,
        "A building stands in its group once.", "同一楼栋在小组中重复。");

    public static readonly ErrorDefinition HeadTwice = new("NEIGHBOUR_HEAD_TWICE", StatusCode.AlreadyExists,
        "Somebody is head of a group once; this subject already is.", "该人员已是本小组邻长。");

    public static readonly ErrorDefinition HeadUnknown = new("NEIGHBOUR_HEAD_UNKNOWN", StatusCode.InvalidArgument,
        "The group has no head {head}.", "该小组没有邻长 {head}。");

    public static readonly ErrorDefinition HeadsFull = new("NEIGHBOUR_HEADS_FULL", StatusCode.ResourceExhausted,
        "A neighbour group has at most {max} heads.", "每个邻里小组最多 {max} 名邻长。");

    public static readonly ErrorDefinition SquadNotFound = new("SQUAD_NOT_FOUND", StatusCode.NotFound,
        "There is no squad {id}.", "没有编号为 {id} 的邻长小队。");

    public static readonly ErrorDefinition SquadDissolved = new("SQUAD_DISSOLVED", StatusCode.FailedPrecondition,
        "The squad is dissolved.", "该邻长小队已撤销。");

    public static readonly ErrorDefinition SquadLeaderInvalid = new("SQUAD_LEADER_INVALID", StatusCode.InvalidArgument,
        "A squad is led by an active leader or worker of its grid.", "邻长小队须由本网格在任的网格长或网格员带领。");

    public static readonly ErrorDefinition SquadGroupInvalid = new("SQUAD_GROUP_INVALID", StatusCode.InvalidArgument,
        "{group} is no active group of the grid without a squad.", "{group} 不是本网格尚未编队的在用邻里小组。");

    public static readonly ErrorDefinition SquadGroupsInvalid = new("SQUAD_GROUPS_INVALID", StatusCode.InvalidArgument,
        "The groups of a squad are active groups of its grid, each once and in no other squad.", "小队的邻里小组须是本网格在用且未编入其他小队的小组，每组一次。");

    public static readonly ErrorDefinition SquadDayInvalid = new("SQUAD_DAY_INVALID", StatusCode.InvalidArgument,
        "A squad is formed today or earlier.", "小队组建日不得晚于今天。");

    public static readonly ErrorDefinition SquadElsewhere = new("SQUAD_ELSEWHERE", StatusCode.FailedPrecondition,
        "A squad keeps its grid; the one of this code lies in another.", "小队不得变更所属网格，该编码的小队在另一网格。");

    public static readonly ErrorDefinition SquadCodeUnknown = new("SQUAD_CODE_UNKNOWN", StatusCode.InvalidArgument,
        "The grid has no active squad of this code.", "该网格没有此编码的在用邻长小队。");

    public static readonly ErrorDefinition ExchangeDayInvalid = new("EXCHANGE_DAY_INVALID", StatusCode.InvalidArgument,
        "The day lies before the squad was formed, or after today.", "日期早于小队组建日或晚于今天。");

    public static readonly ErrorDefinition PeriodInvalid = new("CHECK_PERIOD_INVALID", StatusCode.InvalidArgument,
        "A period ends on or after its first day, and has at most {max} days.", "核查期间的末日不得早于首日，且最多 {max} 天。");
}

public static class PlaceErrors
{
    public static readonly ErrorDefinition VenueNotFound = new("VENUE_NOT_FOUND", StatusCode.NotFound,
        "There is no venue {id}.", "没有编号为 {id} 的邻里阵地。");

    public static readonly ErrorDefinition VenueExists = new("VENUE_EXISTS", StatusCode.AlreadyExists,
        "There is a venue {code} already.", "邻里阵地 {code} 已存在。");

    public static readonly ErrorDefinition VenueClosed = new("VENUE_CLOSED", StatusCode.FailedPrecondition,
        "The venue was given up.", "该邻里阵地已停用。");

    public static readonly ErrorDefinition ActivityTimeInvalid = new("NEIGHBOUR_ACTIVITY_TIME_INVALID", StatusCode.InvalidArgument,
        "An activity ends after it began, within {days} days, and not in the future.", "活动结束时间须晚于开始时间、在 {days} 天以内且不晚于现在。");

    public static readonly ErrorDefinition StudioNotFound = new("STUDIO_NOT_FOUND", StatusCode.NotFound,
        "There is no studio {id}.", "没有编号为 {id} 的工作室。");

    public static readonly ErrorDefinition StudioExists = new("STUDIO_EXISTS", StatusCode.AlreadyExists,
        "There is a studio {code} already.", "工作室 {code} 已存在。");

    public static readonly ErrorDefinition StudioClosed = new("STUDIO_CLOSED", StatusCode.FailedPrecondition,
        "The studio was given up.", "该工作室已停用。");

    public static readonly ErrorDefinition DeputyTwice = new("DEPUTY_TWICE", StatusCode.AlreadyExists,
        "A deputy is assigned to a studio once; this subject already is.", "该代表委员已派驻本工作室。");

    public static readonly ErrorDefinition DeputyUnknown = new("DEPUTY_UNKNOWN", StatusCode.InvalidArgument,
        "The studio has no assignment {deputy}.", "该工作室没有派驻记录 {deputy}。");

    public static readonly ErrorDefinition DeputiesFull = new("DEPUTIES_FULL", StatusCode.ResourceExhausted,
        "A studio has at most {max} deputies.", "每个工作室最多 {max} 名代表委员。");

    public static readonly ErrorDefinition ReceptionTimeInvalid = new("RECEPTION_TIME_INVALID", StatusCode.InvalidArgument,
        "A reception is recorded once it has begun.", "接待开始后方可登记。");

    public static readonly ErrorDefinition ReceptionCaseUnknown = new("RECEPTION_CASE_UNKNOWN", StatusCode.InvalidArgument,
        "There is no case {case_id} in the studio's territory.", "工作室所在区域没有事项 {case_id}。");
}
