using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Mediations;

public static class MediationErrors
{
    public static readonly ErrorDefinition NotFound = new("MEDIATION_NOT_FOUND", StatusCode.NotFound,
        "There is no mediation {id}.", "没有编号为 {id} 的调解。");

    public static readonly ErrorDefinition WrongState = new("MEDIATION_WRONG_STATE", StatusCode.FailedPrecondition,
        "The mediation is {state}; this is only possible while it is {allowed}.", "调解当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition NotSet = new("MEDIATION_NOT_SET", StatusCode.FailedPrecondition,
        "The city's policy sets no time to mediate in.", "本市政策未设置调解时限。");

    public static readonly ErrorDefinition Open = new("MEDIATION_OPEN", StatusCode.FailedPrecondition,
        "The case is being mediated already.", "该事项正在调解中。");

    public static readonly ErrorDefinition ConsentMissing = new("MEDIATION_CONSENT_MISSING", StatusCode.FailedPrecondition,
        "{party} has not consented; a mediation takes the consent of every party.", "{party} 尚未同意；调解须各方当事人自愿。");

    public static readonly ErrorDefinition PartyUnknown = new("MEDIATION_PARTY_UNKNOWN", StatusCode.InvalidArgument,
        "A mediation has at least two parties, each with a name and a label of its own.", "调解至少有两方当事人，每方须有姓名和各自的称谓。");

    public static readonly ErrorDefinition SessionsFull = new("MEDIATION_SESSIONS_FULL", StatusCode.ResourceExhausted,
        "The mediation has {max} meetings, the most it can have.", "调解已有 {max} 次会议记录，达到上限。");

    public static readonly ErrorDefinition InFuture = new("MEDIATION_IN_FUTURE", StatusCode.InvalidArgument,
        "A meeting that is recorded has been held.", "会议时间不得晚于当前时间。");

    public static readonly ErrorDefinition PerformByPast = new("MEDIATION_PERFORM_BY_PAST", StatusCode.InvalidArgument,
        "perform_by belongs to an agreement, and lies after now.", "履行期限仅适用于达成协议的情形，且须晚于当前时间。");
}
