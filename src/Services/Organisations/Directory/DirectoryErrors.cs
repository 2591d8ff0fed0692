using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Organisations.Directory;

public static class DirectoryErrors
{
    public static readonly ErrorDefinition NotFound = new("ORGANISATION_NOT_FOUND", StatusCode.NotFound,
        "There is no organisation {id}.", "没有编号为 {id} 的组织。");

    public static readonly ErrorDefinition ParentUnknown = new("ORGANISATION_PARENT_UNKNOWN", StatusCode.InvalidArgument,
        "names a superior that is not known, or whose own superiors are not", "上级组织不存在，或其上级链中断");

    public static readonly ErrorDefinition ParentLoop = new("ORGANISATION_PARENT_LOOP", StatusCode.InvalidArgument,
        "leads back to itself: its superiors never reach a root", "上级关系形成循环，无法到达根组织");
}
