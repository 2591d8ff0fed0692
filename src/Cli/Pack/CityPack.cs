using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;

namespace Governance.Cli.Pack;

/// <summary>A city pack as it was read: what is written in it, not yet what it generates.</summary>
internal sealed record CityPack(
    string Code,
    string Name,
    IReadOnlyList<Ground> Grounds,
    IReadOnlyList<WrittenOrganisation> Organisations,
    IReadOnlyList<OrganisationRule> OrganisationRules,
    IReadOnlyList<WrittenTeam> Teams,
    TeamRule? TeamRule,
    IReadOnlyList<WrittenEstate> Estates,
    EstateRule? EstateRule,
    GridRules Grids,
    IReadOnlyList<Policy> Policies)
{
    public PastCasePack Past { get; init; } = PastCasePack.None;

    public IReadOnlyList<WrittenIndicator> Indicators { get; init; } = [];
}

/// <summary>
/// Where the rows of a rule lie: the territories of a level, those within one and those of one kind of subdistrict (`subdistrict`, `town`,
/// `township`) alone where that is said. An even share of consecutive rows to each; without a count one row each.
/// </summary>
internal sealed record Scope(Spot At, Level Level, int? Count = null, string Within = "", string Only = "");

/// <summary>A territory. Only communities have an area, grids and households, and only subdistricts a standing.</summary>
internal sealed record Ground(
    Spot At,
    string Code,
    string Name,
    Level Level,
    Area? Area = null,
    int Grids = 0,
    int Households = 0,
    GridKind Kind = GridKind.Residential,
    string Standing = "");

/// <summary>A rectangle in degrees, WGS-84.</summary>
internal sealed record Area(double West, double South, double East, double North)
{
    public bool Overlaps(Area other) => West < other.East && other.West < East && South < other.North && other.South < North;

    public bool Contains(Area other) =>
        West <= other.West && other.East <= East && South <= other.South && other.North <= North;
}

/// <summary>An organisation that the pack writes out.</summary>
internal sealed record WrittenOrganisation(Spot At, OrganisationRow Row);

/// <summary>One line of `generated`: a family of organisations.</summary>
internal sealed record OrganisationRule(
    Scope Scope,
    OrganisationKind Kind,
    Template Code,
    Template Name,
    OrganisationKind Under,
    string Parent,
    string Industry,
    IReadOnlyList<string> RespondsTo);

/// <summary>A team that the pack writes out.</summary>
internal sealed record WrittenTeam(Spot At, TeamRow Row);

/// <summary>How teams are generated.</summary>
internal sealed record TeamRule(
    Spot At, int? Count, Template Code, Template Name, Level Territory, IReadOnlyList<string> Skills, int Members);

/// <summary>An estate that the pack writes out; its company is named by the organisation's code.</summary>
internal sealed record WrittenEstate(Spot At, EstateSeed Seed);

/// <summary>How estates are generated.</summary>
internal sealed record EstateRule(Spot At, int PerCommunity, Template Code, Template Name, IReadOnlyList<ManagementMode> Modes);

/// <summary>An estate before its company's id is known, which the directory gives when the company is imported.</summary>
internal sealed record EstateSeed(EstateRow Row, string CompanyCode);

/// <summary>All rows that a pack stands for, in the order in which they are sent.</summary>
internal sealed record SeedRows(
    string City,
    IReadOnlyList<Policy> Policies,
    IReadOnlyList<OrganisationRow> Organisations,
    IReadOnlyList<GridRow> Grids,
    IReadOnlyList<TeamRow> Teams,
    IReadOnlyList<EstateSeed> Estates,
    GridRecords Records,
    PastCases Past,
    IReadOnlyList<WrittenIndicator> Indicators);
