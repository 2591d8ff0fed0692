using Governance.Cli.Pack;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

/// <summary>The packs of this repository: that each can be read, and holds as many of everything as its articles publish.</summary>
public sealed class CityPacksTests
{
    private static readonly string Seeds = Path.Combine(Repository(), "seeds");

    public static TheoryData<string> Cities => [.. System.IO.Directory.GetDirectories(Seeds).Select(folder => Path.GetFileName(folder)!)];

    [Fact]
    public void Every_city_of_the_articles_has_a_pack() =>
        Cities.Select(city => city.Data).Order(StringComparer.Ordinal).ShouldBe(["hetian", "huaibei", "huainan", "shizuishan", "yancheng"]);

    [Theory]
    [MemberData(nameof(Cities))]
    public void A_pack_of_the_repository_is_sound_and_its_areas_lie_apart(string city)
    {
        var rows = Rows(city);

        rows.Grids.ShouldNotBeEmpty();
        rows.Organisations.ShouldNotBeEmpty();
        Policy.ContentOneofCase[] needed =
        [
            Policy.ContentOneofCase.Cases, Policy.ContentOneofCase.WorkingHours, Policy.ContentOneofCase.Holidays,
            Policy.ContentOneofCase.Grids, Policy.ContentOneofCase.Councils, Policy.ContentOneofCase.Staffing, Policy.ContentOneofCase.Visits,
        ];
        needed.ShouldBeSubsetOf(rows.Policies.Select(policy => policy.ContentCase));
        // Reading a pack names communities that overlap; grids are cut out of them.
        rows.Grids.Select(grid => grid.Code).ShouldBeUnique();
        rows.Grids.ShouldAllBe(grid => grid.Boundary.Points[0].Longitude < grid.Boundary.Points[1].Longitude);
    }

    [Theory]
    [InlineData("huaibei", 84)]
    [InlineData("hetian", 16)]
    [InlineData("huainan", 75)]
    [InlineData("shizuishan", 35)]
    [InlineData("yancheng", 17)]
    public void Every_published_figure_of_a_city_stands_in_its_pack(string city, int count)
    {
        var figures = Figures.Read(Path.Combine(Seeds, city), path => path);
        var code = Rows(city).City;

        figures.Count.ShouldBe(count);
        figures.Select(figure => figure.Service).Distinct().ShouldBeSubsetOf(["organisations", "grids", "volunteers", "properties"]);
        figures.ShouldAllBe(figure => figure.Territory.Length == 0 || figure.Territory.StartsWith(code, StringComparison.Ordinal));
        figures.ShouldAllBe(figure => (figure.From.Length == 0) == (figure.Until.Length == 0));
    }

    [Theory]
    [MemberData(nameof(Cities))]
    public void Every_figure_of_grids_is_of_an_indicator_that_the_service_or_the_pack_defines(string city)
    {
        var common = File.ReadAllText(Path.Combine(Repository(), "src", "Services", "Grids", "indicators.json"));
        var defined = Common.V1.PutIndicatorDefinitionsRequest.Parser.ParseJson(common).Definitions.Select(d => d.Name).ToHashSet();
        var own = Rows(city).Indicators.Where(i => i.Service is "grids").Select(i => i.Definition.Name).ToList();
        var published = Figures.Read(Path.Combine(Seeds, city), path => path)
            .Where(figure => figure.Service is "grids").Select(figure => figure.Indicator).ToList();

        published.ShouldBeSubsetOf(defined.Concat(own));
        // What the common set has need not stand here, and what nobody publishes is not the pack's.
        own.ShouldBeSubsetOf(published.Except(defined));
    }

    [Fact]
    public void Codes_of_cities_are_apart_so_that_one_installation_holds_them_all()
    {
        var all = Cities.Select(city => Rows(city.Data)).ToList();

        all.Select(rows => rows.City).ShouldBeUnique();
        all.SelectMany(rows => rows.Organisations.Select(row => row.Code)).ShouldBeUnique();
        all.SelectMany(rows => rows.Teams.Select(row => row.Code)).ShouldBeUnique();
        all.SelectMany(rows => rows.Estates.Select(row => row.Row.Code)).ShouldBeUnique();
    }

    [Fact]
    public void Huaibei_has_as_many_of_everything_as_published()
    {
        var rows = Rows("huaibei");

        Count(rows, OrganisationKind.IndustryPartyOrganisation).ShouldBe(11); // HB1-04
        Count(rows, OrganisationKind.Community).ShouldBe(113); // HB2-29
        Count(rows, OrganisationKind.GridPartyOrganisation).ShouldBe(552); // HB2-30
        Count(rows, OrganisationKind.MunicipalUnit).ShouldBe(75); // HB2-04
        Count(rows, OrganisationKind.ResidentUnit).ShouldBe(311); // HB2-05
        rows.Teams.Count.ShouldBe(3200); // HB2-59
        rows.Records.Councils.Count.ShouldBe(461); // HB2-31, at most one a grid
        rows.Records.Councils.Select(council => council.Territory).ShouldBeUnique();
        rows.Records.Councils.Count(council => council.ConcurrentHead == ConcurrentHead.Yes).ShouldBe(369); // HB2-32: 80.04 %
    }

    [Fact]
    public void Huainan_has_as_many_of_everything_as_published()
    {
        var rows = Rows("huainan");

        Count(rows, OrganisationKind.GreaterWorkingCommittee).ShouldBe(19); // HN-07, HN-38
        Places(rows, OrganisationKind.GreaterWorkingCommittee, digits: 6).ShouldBe(5); // HN-14
        Count(rows, OrganisationKind.CommunityPartyOrganisation).ShouldBe(272); // HN-17, HN-39
        Count(rows, OrganisationKind.ResidentUnit).ShouldBe(785); // HN-40
        rows.Teams.Count.ShouldBe(387); // HN-46
        var records = rows.Records;
        records.Groups.Count.ShouldBe(5580);
        records.Groups.Sum(group => group.Heads.Count(head => head.PartyMember)).ShouldBe(5580); // HN-43
        records.Groups.Min(group => group.Buildings.Count).ShouldBe(3); // HN-41
        records.Groups.Max(group => group.Buildings.Count).ShouldBe(5); // HN-42
        records.Squads.Sum(squad => squad.GroupCodes.Count).ShouldBe(5580);
        records.Exchanges.GroupBy(row => (row.SquadCode, row.Day)).Count(day => day.Any(row => row.Kind == ExchangeKind.Daily))
            .ShouldBe(records.Squads.Count * 14); // HN-44
        records.Exchanges.Count(row => row.Kind == ExchangeKind.Weekly).ShouldBe(records.Squads.Count * 2); // HN-45
        records.Venues.Count.ShouldBe(470); // HN-47
        Past(rows).ShouldBe(new Dictionary<CaseChannel, int> { [CaseChannel.JointMeeting] = 3140 }); // HN-19
    }

    [Fact]
    public void Hetian_has_cases_of_household_visits()
    {
        var rows = Rows("hetian");

        Past(rows).Keys.ShouldBe([CaseChannel.Visit]); // HT-16
        rows.Policies.Single(policy => policy.Staffing is not null).Staffing.Duties
            .Count(duty => duty.Role == GridStaffRole.Worker).ShouldBe(6); // HT-08
        rows.Policies.Single(policy => policy.WorkingHours is not null).WorkingHours.Seasons
            .Select(season => (season.FromMonth, season.FromDay, season.Spans[0].FromMinute)).ShouldBe([(5, 1, 570), (10, 1, 600)]);
        rows.Records.Venues.Select(venue => (venue.Territory, venue.Kind))
            .ShouldBe(rows.Grids.Select(grid => (grid.Code, VenueKind.TalkPoint)));
        rows.Policies.Single(policy => policy.Cases is not null).Cases.Steps.Count.ShouldBe(6); // HT-07
    }

    [Fact]
    public void Shizuishan_has_as_many_of_everything_as_published()
    {
        var rows = Rows("shizuishan");

        Count(rows, OrganisationKind.GreaterWorkingCommittee).ShouldBe(16); // SZS-15
        Count(rows, OrganisationKind.GreaterPartyCommittee).ShouldBe(122); // SZS-16
        Count(rows, OrganisationKind.ResidentUnit).ShouldBe(498); // SZS-17
        Count(rows, OrganisationKind.Community, "640221").ShouldBe(29); // SZS-23
        Count(rows, OrganisationKind.ResidentUnit, "640221").ShouldBe(142); // SZS-24
        rows.Teams.Count.ShouldBe(150); // SZS-11
        rows.Records.Studios.Count.ShouldBe(122);
        rows.Records.Studios.SelectMany(studio => studio.Deputies).DistinctBy(deputy => deputy.Subject).Count().ShouldBe(2000); // SZS-21
        rows.Records.Deliberations.Count.ShouldBe(160); // SZS-26
        rows.Records.Deliberations.ShouldAllBe(held => held.Territory.StartsWith("640221"));
        rows.Records.Deliberations.Select(held => held.Title).ShouldBeUnique();
        rows.Estates.Count(estate => estate.Row.Mode == ManagementMode.PropertyCompany).ShouldBe(189); // 87 of them are 46 % (SZS-30)
        rows.Estates.Count.ShouldBeGreaterThanOrEqualTo(200); // SZS-33
        Past(rows).ShouldBe(new Dictionary<CaseChannel, int>
        {
            [CaseChannel.MemberRegistration] = 932, // SZS-10
            [CaseChannel.JointMeeting] = 1800, // SZS-18
            [CaseChannel.DeputyStudio] = 4800, // SZS-22, two years
            [CaseChannel.ResidentOrder] = 600, // SZS-27
        });
        rows.Past.Rows(0, rows.Past.Count).Where(row => row.Channel == CaseChannel.ResidentOrder)
            .ShouldAllBe(row => row.GridCode.StartsWith("640221"));
    }

    [Fact]
    public void Yancheng_has_as_many_of_everything_as_published()
    {
        var rows = Rows("yancheng");

        Count(rows, OrganisationKind.GreaterWorkingCommittee).ShouldBe(29); // YC-07
        Count(rows, OrganisationKind.GreaterPartyCommittee).ShouldBe(259); // YC-08
        rows.Teams.Count.ShouldBe(34); // YC-17
        foreach (var role in (GridStaffRole[])[GridStaffRole.Leader, GridStaffRole.Worker]) // YC-05, YC-06
        {
            rows.Records.Staff.Where(post => post.Role == role).Select(post => post.Territory)
                .ShouldBe(rows.Grids.Select(grid => grid.Code), ignoreOrder: true);
        }
    }

    private static SeedRows Rows(string city)
    {
        var problems = new PackProblems();
        var rows = Expansion.Expand(PackReader.Read(Path.Combine(Seeds, city), path => path, problems)!, problems);
        problems.ThrowIfAny();
        return rows;
    }

    private static int Count(SeedRows rows, OrganisationKind kind, string within = "") =>
        rows.Organisations.Count(row => row.Kind == kind && row.Territory.StartsWith(within, StringComparison.Ordinal));

    private static int Places(SeedRows rows, OrganisationKind kind, int digits) =>
        rows.Organisations.Where(row => row.Kind == kind).Select(row => row.Territory[..digits]).Distinct().Count();

    private static Dictionary<CaseChannel, int> Past(SeedRows rows) =>
        rows.Past.Rows(0, rows.Past.Count).CountBy(row => row.Channel).ToDictionary();

    internal static string Repository()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Governance.Micro.sln")))
            root = root.Parent;
        return root.FullName;
    }
}
