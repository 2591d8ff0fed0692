using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Bulletins;

public static class BulletinErrors
{
    public static readonly ErrorDefinition NotFound = new("BULLETIN_ITEM_NOT_FOUND", StatusCode.NotFound,
        "There is no bulletin item {id}.", "没有编号为 {id} 的专栏内容。");

    public static readonly ErrorDefinition WrongState = new("BULLETIN_WRONG_STATE", StatusCode.FailedPrecondition,
        "The item is {state}; this is only possible while it is {allowed}.", "专栏内容当前状态为“{state}”，此操作须在“{allowed}”状态下进行。");

    public static readonly ErrorDefinition TerritoryInvalid = new("BULLETIN_TERRITORY_INVALID", StatusCode.InvalidArgument,
        "A bulletin is that of a grid or of a community.", "专栏只设在网格或社区。");

    public static readonly ErrorDefinition VersionsFull = new("BULLETIN_VERSIONS_FULL", StatusCode.ResourceExhausted,
        "The item has {max} versions, the most it can have; it can only be withdrawn.", "该内容的版本已达上限 {max} 个，只能撤回。");
}
