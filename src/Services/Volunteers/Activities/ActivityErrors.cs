using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Volunteers.Activities;

public static class ActivityErrors
{
    public static readonly ErrorDefinition NotFound = new("ACTIVITY_NOT_FOUND", StatusCode.NotFound,
        "There is no activity {id}.", "没有编号为 {id} 的志愿活动。");

    public static readonly ErrorDefinition WrongState = new("ACTIVITY_WRONG_STATE", StatusCode.FailedPrecondition,
        "The activity is {state}; this is only possible while it is {allowed}.", "志愿活动当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition Full = new("ACTIVITY_FULL", StatusCode.ResourceExhausted,
        "The activity has {max} {what}, the most it can have.", "志愿活动的{what}已达上限 {max}。");

    public static readonly ErrorDefinition TeamNotYours = new("TEAM_NOT_YOURS", StatusCode.PermissionDenied,
        "Only a leader of team {team} or an officer may sign it up.", "只有志愿服务队 {team} 的负责人或工作人员可以为其报名。");

    public static readonly ErrorDefinition TeamLacksSkill = new("TEAM_LACKS_SKILL", StatusCode.FailedPrecondition,
        "The activity needs {skill}, which team {team} does not offer.", "活动需要技能 {skill}，志愿服务队 {team} 不具备。");

    public static readonly ErrorDefinition TeamOutOfArea = new("TEAM_OUT_OF_AREA", StatusCode.FailedPrecondition,
        "Team {team} serves {territory}, which does not reach {place}.", "志愿服务队 {team} 的服务范围 {territory} 不覆盖 {place}。");

    public static readonly ErrorDefinition TeamTooSmall = new("TEAM_TOO_SMALL", StatusCode.FailedPrecondition,
        "Team {team} has {members} members, fewer than {hands}.", "志愿服务队 {team} 只有 {members} 名成员，不足 {hands} 人。");

    public static readonly ErrorDefinition TeamSignedUp = new("TEAM_SIGNED_UP", StatusCode.AlreadyExists,
        "Team {team} has signed up already.", "志愿服务队 {team} 已经报名。");

    public static readonly ErrorDefinition NotStarted = new("ACTIVITY_NOT_STARTED", StatusCode.FailedPrecondition,
        "The activity starts at {starts_at}; service is recorded after that.", "活动将于 {starts_at} 开始，开始后方可记录服务。");

    public static readonly ErrorDefinition TeamNotSignedUp = new("TEAM_NOT_SIGNED_UP", StatusCode.FailedPrecondition,
        "Team {team} takes no part in the activity.", "志愿服务队 {team} 未报名参加本次活动。");

    public static readonly ErrorDefinition VolunteerNotInTeam = new("VOLUNTEER_NOT_IN_TEAM", StatusCode.FailedPrecondition,
        "Team {team} has no volunteer {volunteer}.", "志愿服务队 {team} 没有编号为 {volunteer} 的志愿者。");

    public static readonly ErrorDefinition ServiceRecorded = new("SERVICE_RECORDED", StatusCode.AlreadyExists,
        "The service of volunteer {volunteer} is recorded already.", "志愿者 {volunteer} 的服务已记录。");

    public static readonly ErrorDefinition ServiceTooLong = new("SERVICE_TOO_LONG", StatusCode.InvalidArgument,
        "{minutes} minutes are more than the {max} that can be recorded for this activity.", "服务时长 {minutes} 分钟，超过本次活动可记录的上限 {max} 分钟。");

    public static readonly ErrorDefinition WithoutService = new("ACTIVITY_WITHOUT_SERVICE", StatusCode.FailedPrecondition,
        "No service was recorded, so there is nothing to complete.", "尚无服务记录，不能完成活动。");
}
