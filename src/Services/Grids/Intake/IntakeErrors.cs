using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Intake;

public static class IntakeErrors
{
    public static readonly ErrorDefinition VerificationNotSet = new("VERIFICATION_NOT_SET", StatusCode.FailedPrecondition,
        "The city's policy sets no time to verify a case in.", "本市政策未设置核实时限。");

    public static readonly ErrorDefinition VerificationNotAsked = new("VERIFICATION_NOT_ASKED", StatusCode.FailedPrecondition,
        "Nobody was asked to verify the case, or it is verified already.", "该事项无待完成的核实任务。");

    public static readonly ErrorDefinition DuplicatesNotSet = new("DUPLICATES_NOT_SET", StatusCode.FailedPrecondition,
        "The city's policy does not say which cases may be about one matter.", "本市政策未设置疑似重复事项的判定条件。");

    public static readonly ErrorDefinition MergeWithItself = new("MERGE_WITH_ITSELF", StatusCode.InvalidArgument,
        "A case can't be merged into itself.", "事项不能与自身合并。");

    public static readonly ErrorDefinition MergePrimaryWrongState = new("MERGE_PRIMARY_WRONG_STATE", StatusCode.FailedPrecondition,
        "The primary is {state}: only a case that is still to be answered takes others in.", "主事项当前状态为“{state}”，仅尚未答复的事项可以并入其他事项。");

    public static readonly ErrorDefinition MergeHasFollowers = new("MERGE_HAS_FOLLOWERS", StatusCode.FailedPrecondition,
        "{count} cases wait for the answer to this one; split them from it, or merge the other into this.",
        "已有 {count} 件事项并入本事项，请先拆分，或改为将另一事项并入本事项。");

    public static readonly ErrorDefinition MergeOtherCity = new("MERGE_OTHER_CITY", StatusCode.FailedPrecondition,
        "The two cases belong to different cities.", "两件事项不属于同一城市。");

    public static readonly ErrorDefinition MergeTooMany = new("MERGE_TOO_MANY", StatusCode.ResourceExhausted,
        "{max} cases are merged into the primary, the most it can have.", "主事项已并入 {max} 件事项，达到上限。");
}
