using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Boundaries;

public static class BoundaryErrors
{
    public static readonly ErrorDefinition GridNotFound = new("GRID_NOT_FOUND", StatusCode.NotFound,
        "There is no grid {id}.", "没有编号为 {id} 的网格。");

    public static readonly ErrorDefinition PointOutsideGrids = new("POINT_OUTSIDE_GRIDS", StatusCode.NotFound,
        "No grid holds the point {longitude}, {latitude} (WGS-84).", "坐标 {longitude}, {latitude}（WGS-84）不在任何网格内。");

    public static readonly ErrorDefinition NotAGridCode = new("GRID_CODE_INVALID", StatusCode.InvalidArgument,
        "must be a grid's code of 14 to 16 digits", "必须是 14 至 16 位的网格编码");

    public static readonly ErrorDefinition RowOfEnded = new("ROW_GRID_ENDED", StatusCode.InvalidArgument,
        "is the code of a grid that has ended", "该网格编码已停用");

    public static readonly ErrorDefinition Ended = new("GRID_ENDED", StatusCode.FailedPrecondition,
        "Grid {code} has ended; {successors} took its place.", "网格 {code} 已停用，由 {successors} 取代。");

    public static readonly ErrorDefinition CodeTaken = new("GRID_CODE_TAKEN", StatusCode.AlreadyExists,
        "The code {code} is taken; a code is given once, also when its grid has ended.", "编码 {code} 已被使用；网格停用后其编码也不得再用。");

    public static readonly ErrorDefinition TooFew = new("GRIDS_TOO_FEW", StatusCode.InvalidArgument,
        "A split or a merger takes at least two grids, each once.", "拆分或合并至少涉及两个网格，且不得重复。");

    public static readonly ErrorDefinition CommunityDiffers = new("GRID_COMMUNITY_DIFFERS", StatusCode.InvalidArgument,
        "{code} does not lie in {home}.", "{code} 不在 {home} 范围内。");

    public static readonly ErrorDefinition KindsDiffer = new("GRID_KINDS_DIFFER", StatusCode.FailedPrecondition,
        "Grid {code} is of another kind than {other}.", "网格 {code} 与 {other} 类型不同。");

    public static readonly ErrorDefinition Apart = new("GRIDS_APART", StatusCode.FailedPrecondition,
        "The grids do not make one area without a hole; give the boundary of the new one.", "这些网格不能合成一个无空洞的区域，请给出新网格的边界。");

    public static readonly ErrorDefinition AreaDiffers = new("GRID_AREA_DIFFERS", StatusCode.InvalidArgument,
        "{uncovered_m2} square metres of the old area are left uncovered, {beyond_m2} lie beyond it; {max_m2} may be.",
        "原区域有 {uncovered_m2} 平方米未被覆盖，超出原区域 {beyond_m2} 平方米；允许误差为 {max_m2} 平方米。");

    public static readonly ErrorDefinition Overlaps = new("GRID_OVERLAPS", StatusCode.FailedPrecondition,
        "{code} shares {area_m2} square metres with {other}, of the same kind.", "{code} 与同类网格 {other} 重叠 {area_m2} 平方米。");

    public static Refusal EndedGrid(Grid grid) => Ended.With(("code", grid.Code), ("successors", string.Join(", ", grid.Successors)));
}
