using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>Families of records of grids, one rule each, as city.yaml writes them.</summary>
internal sealed record GridRules(
    StaffRule? Staff,
    GroupRule? Groups,
    SquadRule? Squads,
    IReadOnlyList<VenueRule> Venues,
    StudioRule? Studios,
    IReadOnlyList<CouncilRule> Councils,
    DeliberationRule? Deliberations,
    IReadOnlyList<MeetingRule> Meetings,
    IReadOnlyList<BulletinSeed> Bulletins);

/// <summary>Leaders and workers of every grid.</summary>
internal sealed record StaffRule(Spot At, int Leaders, int Workers, DateOnly From);

/// <summary>Neighbour groups, spread over the grids; as many buildings each as the list says in turn.</summary>
internal sealed record GroupRule(
    Scope Scope, Template Code, Template Name, IReadOnlyList<int> Buildings, int Heads, bool PartyMembers);

/// <summary>One squad of all groups of a grid, and what it did from a day until before another.</summary>
internal sealed record SquadRule(Spot At, Template Code, Template Name, DateOnly FormedOn, DateOnly From, DateOnly Until);

/// <summary>Places where neighbours meet, or are heard.</summary>
internal sealed record VenueRule(VenueKind Kind, Scope Scope, Template Code, Template Name, IReadOnlyList<VenuePremises> Premises);

/// <summary>Deputies' studios, over which so many deputies are dealt out.</summary>
internal sealed record StudioRule(Scope Scope, Template Code, Template Name, int Deputies, IReadOnlyList<DeputyKind> Kinds);

/// <summary>Residents' councils, so many of them with a head who also heads the Party organisation; null where nobody has said.</summary>
internal sealed record CouncilRule(Scope Scope, Template Name, int Members, int? ConcurrentHeads, string Source, CouncilTerm Term);

/// <summary>Deliberations that councils held from a day until before another, each on a topic of its own.</summary>
internal sealed record DeliberationRule(
    Scope Scope, Template Title, ConsultationForm Form, IReadOnlyList<string> Parties, string Summary, DateOnly From, DateOnly Until);

/// <summary>Meetings of grid branches, one in each month or year that begins from a day until before another.</summary>
internal sealed record MeetingRule(Scope Scope, MeetingKind Kind, Template Code, string Minutes, DateOnly From, DateOnly Until);

/// <summary>A published item of the bulletin of a grid or community; its title tells it from the others.</summary>
internal sealed record BulletinSeed(string Territory, BulletinSection Section, string Title, string Text);

/// <summary>The rows that the families stand for.</summary>
internal sealed record GridRecords(
    IReadOnlyList<StaffRow> Staff,
    IReadOnlyList<NeighbourGroupRow> Groups,
    IReadOnlyList<SquadRow> Squads,
    IReadOnlyList<ExchangeRow> Exchanges,
    IReadOnlyList<VenueRow> Venues,
    IReadOnlyList<StudioRow> Studios,
    IReadOnlyList<CouncilRow> Councils,
    IReadOnlyList<Deliberation> Deliberations,
    IReadOnlyList<MeetingRow> Meetings,
    IReadOnlyList<BulletinSeed> Bulletins);

/// <summary>A deliberation of the council of a territory; its title tells it from the others.</summary>
internal sealed record Deliberation(
    string Territory, string Title, ConsultationForm Form, string HeldOn, IReadOnlyList<string> Parties, string Summary);
