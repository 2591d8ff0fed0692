using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Reviews;

public static class ReviewErrors
{
    public static readonly ErrorDefinition NotSet = new("REVIEW_NOT_SET", StatusCode.FailedPrecondition,
        "The policy under which the case was answered knows no review.", "答复该事项时的政策未设置复查复核。");

    public static readonly ErrorDefinition RequestTooLate = new("REVIEW_REQUEST_TOO_LATE", StatusCode.FailedPrecondition,
        "A review could be asked for until {until}.", "可在 {until} 前申请复查复核，现已逾期。");

    public static readonly ErrorDefinition Final = new("REVIEW_FINAL", StatusCode.FailedPrecondition,
        "The case was reviewed twice; the opinion of {at} is final.", "该事项已完成复核，{at} 的复核意见为终结意见，不再受理。");

    public static readonly ErrorDefinition AtTop = new("REVIEW_AT_TOP", StatusCode.FailedPrecondition,
        "The city has answered itself; whoever stands above it reviews that outside this system.", "该事项由市级答复，复查复核须向上一级机关提出，不在本系统内办理。");
}
