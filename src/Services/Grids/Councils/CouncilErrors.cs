using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Councils;

public static class CouncilErrors
{
    public static readonly ErrorDefinition NotFound = new("COUNCIL_NOT_FOUND", StatusCode.NotFound,
        "There is no council {id}.", "没有编号为 {id} 的议事会。");

    public static readonly ErrorDefinition TerritoryInvalid = new("COUNCIL_TERRITORY_INVALID", StatusCode.InvalidArgument,
        "A residents' council is of a grid or of a community.", "居民议事会只设在网格或社区。");

    public static readonly ErrorDefinition Exists = new("COUNCIL_EXISTS", StatusCode.AlreadyExists,
        "{territory} has an active council already.", "{territory} 已有在任的议事会。");

    public static readonly ErrorDefinition Dissolved = new("COUNCIL_DISSOLVED", StatusCode.FailedPrecondition,
        "The council is dissolved.", "该议事会已撤销。");

    public static readonly ErrorDefinition QuorumInvalid = new("COUNCIL_QUORUM_INVALID", StatusCode.InvalidArgument,
        "A quorum is a part of all members that can be reached: at most 1/1, or more than a smaller part.",
        "法定人数须为可以达到的份额：不超过 1/1，或超过更小的份额。");

    public static readonly ErrorDefinition TermInvalid = new("COUNCIL_TERM_INVALID", StatusCode.InvalidArgument,
        "That is no term: {problem}.", "任期无效：{problem}。");

    public static readonly ErrorDefinition TermsFull = new("COUNCIL_TERMS_FULL", StatusCode.ResourceExhausted,
        "A council has at most {max} terms.", "议事会最多 {max} 个任期。");

    public static readonly ErrorDefinition Full = new("COUNCIL_FULL", StatusCode.ResourceExhausted,
        "A council has at most {max} members.", "议事会最多 {max} 名成员。");

    public static readonly ErrorDefinition MemberTwice = new("COUNCIL_MEMBER_TWICE", StatusCode.AlreadyExists,
        "Somebody sits on a council once; this subject already does.", "同一人在议事会只占一席，该人员已是成员。");

    public static readonly ErrorDefinition MemberUnknown = new("COUNCIL_MEMBER_UNKNOWN", StatusCode.InvalidArgument,
        "The council has no member {member}.", "该议事会没有成员 {member}。");

    public static readonly ErrorDefinition SeatTwice = new("COUNCIL_SEAT_TWICE", StatusCode.InvalidArgument,
        "A council has one head and one deputy; two members are given the same seat.", "会长、副会长各一人，名单中席位重复。");

    public static readonly ErrorDefinition SeatOrdinary = new("COUNCIL_SEAT_ORDINARY", StatusCode.InvalidArgument,
        "A member is appointed head or deputy here; ordinary seats are given by AppointMember.", "此处只任命会长或副会长，普通席位请直接任命成员。");

    public static readonly ErrorDefinition Headless = new("COUNCIL_HEADLESS", StatusCode.InvalidArgument,
        "Concurrent headship is said of a head, with where it was learnt; there is no head here, or no source.",
        "是否一肩挑须针对会长填写并注明来源；此处没有会长或来源。");
}
