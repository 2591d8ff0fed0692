using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Volunteers.Teams;

public static class TeamErrors
{
    public static readonly ErrorDefinition NotFound = new("TEAM_NOT_FOUND", StatusCode.NotFound,
        "There is no team {id}.", "没有编号为 {id} 的志愿服务队。");

    public static readonly ErrorDefinition MemberDuplicate = new("TEAM_MEMBER_DUPLICATE", StatusCode.InvalidArgument,
        "has the number {number} that another member of the team has", "编号 {number} 在本队成员中重复");
}

/// <summary>A volunteer team as rules see it. Its content comes by import only.</summary>
public sealed record Team(
    Guid Id,
    string Code,
    string Name,
    string Territory,
    IReadOnlyList<string> Skills,
    IReadOnlyList<TeamMember> Members,
    DateTimeOffset UpdatedAt,
    long Version)
{
    public bool Can(string skill) => Skills.Contains(skill, StringComparer.Ordinal);

    public bool Has(string number) => Members.Any(m => m.Number == number);

    /// <summary>True when the token's subject is the number of a member who may act for the team.</summary>
    public bool IsLedBy(string subject) => Members.Any(m => m.Leader && m.Number == subject);

    /// <summary>
    /// A team serves every place inside its territory, and its neighbours: one whose own territory lies in the community of
    /// the place, such as the next grid's, may come as well.
    /// </summary>
    public bool Serves(string place)
    {
        var (own, there) = (TerritoryCode.Parse(Territory), TerritoryCode.Parse(place));
        return own.Contains(there) || (there.AtLevel(TerritoryLevel.Community) is { } community && community.Contains(own));
    }
}

/// <summary>One of a team's people. A number is one person, in whichever team.</summary>
public sealed record TeamMember(string Number, string Name, bool Leader);
