using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.TestKit;
using Governance.Volunteers.V1;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Classes share the broker, whose queue belongs to one running service.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Governance.Volunteers.Tests;

/// <summary>Volunteers with four teams: of a community, of a grid in it, of another community, and of the whole city.</summary>
public sealed class VolunteersFixture(TestServers servers) : ServiceFixture(servers, "volunteers", Program.Create)
{
    public const string City = "3406";
    public const string Community = "340603001001";
    public const string OtherCommunity = "340603001002";
    public const string Grid = Community + "01";
    public const string NextGrid = Community + "02";

    public const string Leader = "V-1";
    public const string Taxi = "T-1";

    public Team CommunityTeam { get; private set; } = null!;

    public Team GridTeam { get; private set; } = null!;

    public Team OtherTeam { get; private set; } = null!;

    public Team TaxiTeam { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ImportAsync(
            Row("HB-COMMUNITY", Community, ["cleaning", "repair"], Person(Leader, leader: true), Person("V-2"), Person("V-3")),
            Row("HB-GRID", NextGrid, ["cleaning"], Person("G-1", leader: true)),
            Row("HB-OTHER", OtherCommunity, ["cleaning"], Person("O-1", leader: true), Person("O-2")),
            Row("HB-TAXI", City, ["cleaning", "transport"], Person(Taxi, leader: true), Person("T-2"), Person("V-2")));
        CommunityTeam = await TeamAsync("HB-COMMUNITY");
        GridTeam = await TeamAsync("HB-GRID");
        OtherTeam = await TeamAsync("HB-OTHER");
        TaxiTeam = await TeamAsync("HB-TAXI");
    }

    public V1.Teams.TeamsClient Teams(string role = "operator", string territory = City) => new(As(role, territory));

    public V1.Activities.ActivitiesClient Activities(string role = "officer", string territory = City, string subject = "somebody") =>
        new(As(role, territory, subject));

    public static TeamRow Row(string code, string territory, string[] skills, params TeamMember[] members) => new()
    {
        Code = code,
        Name = $"志愿服务队 {code}",
        Territory = territory,
        Skills = { skills },
        Members = { members },
    };

    public static TeamMember Person(string number, string? name = null, bool leader = false) =>
        new() { Number = number, Name = name ?? $"志愿者 {number}", Leader = leader };

    public Task<ImportSummary> ImportAsync(params TeamRow[] rows) =>
        ImportAsync(new ImportHeader { RequestId = NewId(), Territory = City }, rows);

    public async Task<ImportSummary> ImportAsync(ImportHeader header, params TeamRow[] rows)
    {
        using var call = Teams().ImportTeams();
        return (await call.SendAsync([new ImportTeamsRequest { Header = header }, .. rows.Select(row => new ImportTeamsRequest { Rows = { row } })])).Summary;
    }

    public async Task<Team> TeamAsync(string code)
    {
        var id = await ScalarAsync<Guid>($"select id from teams where code = '{code}'");
        return (await Teams().GetTeamAsync(new GetTeamRequest { Id = id.ToString() })).Team;
    }

    /// <summary>A need for three people to clean, from now on for two hours.</summary>
    public CaseDispatched Dispatch(string territory = Grid, string skill = "cleaning", TimeSpan startsIn = default) => new(
        Guid.NewGuid(), territory, "清扫积雪", Clock.GetUtcNow().AddDays(1), null, null,
        new VolunteerNeed(skill, 3, Clock.GetUtcNow() + startsIn, 120), Clock.GetUtcNow());

    /// <summary>The activity that a need becomes.</summary>
    public async Task<Activity> OpenAsync(CaseDispatched? dispatched = null)
    {
        var happened = dispatched ?? Dispatch();
        await using var broker = await Broker.ConnectAsync(Servers);
        await broker.PublishAsync(happened, Guid.NewGuid());
        return (await Eventually.BecomesAsync(() => OfCaseAsync(happened.CaseId.ToString()), found => found.Count > 0)).Single();
    }

    public async Task<IReadOnlyList<Activity>> OfCaseAsync(string caseId) =>
        (await Activities().ListActivitiesAsync(new ListActivitiesRequest { CaseId = caseId })).Activities;

    /// <summary>An activity in which the community's team takes part with two people.</summary>
    public async Task<Activity> JoinedAsync(CaseDispatched? dispatched = null) =>
        (await Activities().SignUpTeamAsync(SignUp(await OpenAsync(dispatched), CommunityTeam))).Activity;

    public static SignUpTeamRequest SignUp(Activity activity, Team team, int hands = 1) =>
        new() { RequestId = NewId(), ActivityId = activity.Id, TeamId = team.Id, Hands = hands };

    public static RecordServiceRequest Service(Activity activity, Team team, string volunteer, int minutes = 90) =>
        new() { RequestId = NewId(), ActivityId = activity.Id, TeamId = team.Id, VolunteerNumber = volunteer, Minutes = minutes };

    public static CompleteActivityRequest Completion(Activity activity) =>
        new() { RequestId = NewId(), ActivityId = activity.Id, Summary = "积雪已清" };

    public static string NewId() => Guid.NewGuid().ToString();
}
