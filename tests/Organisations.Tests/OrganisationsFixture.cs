using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.Organisations.V1;
using Governance.TestKit;
using Grpc.Core;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Classes share the broker, whose queue belongs to one running service.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Governance.Organisations.Tests;

/// <summary>Organisations of one city: a committee, two departments, an industry's, two districts, and one branch down to a grid.</summary>
public sealed class OrganisationsFixture(TestServers servers) : ServiceFixture(servers, "organisations", Program.Create)
{
    public const string City = "3406";
    public const string District = "340603";
    public const string OtherDistrict = "340602";
    public const string Subdistrict = "340603001";
    public const string Community = "340603001004";
    public const string Grid = Community + "01";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ImportAsync(Seed());
    }

    public static OrganisationRow[] Seed() =>
    [
        Row("ROOT", City, "", "中共淮北市委员会", OrganisationKind.MunicipalCommittee),
        Row("POLICE", City, "ROOT", "淮北市公安局", OrganisationKind.LawEnforcementDepartment, "noise", "road"),
        Row("WORKS", City, "ROOT", "淮北市城市管理局", OrganisationKind.LawEnforcementDepartment, "noise", "street_order"),
        new OrganisationRow(Row("LAWYERS", City, "ROOT", "淮北市律师行业党委", OrganisationKind.IndustryPartyOrganisation)) { Industry = "lawyers" },
        Row("XS", District, "ROOT", "相山区", OrganisationKind.District),
        Row("DJ", OtherDistrict, "ROOT", "杜集区", OrganisationKind.District),
        Row("DJ-SQUAD", OtherDistrict, "DJ", "杜集区城管中队", OrganisationKind.LawEnforcementDepartment, "noise"),
        Row("XN", Subdistrict, "XS", "相南街道办事处", OrganisationKind.Subdistrict, "noise"),
        Row("CQ", Community, "XN", "春秋社区", OrganisationKind.Community),
        Row("CQ-1", Grid, "CQ", "春秋社区第一网格党支部", OrganisationKind.GridPartyOrganisation),
    ];

    public static OrganisationRow Row(
        string code, string territory, string parent, string name, OrganisationKind kind = OrganisationKind.ResidentUnit,
        params string[] respondsTo) =>
        new() { Code = code, Territory = territory, ParentCode = parent, Name = name, Kind = kind, RespondsTo = { respondsTo } };

    public V1.Directory.DirectoryClient Directory(string role = "operator", string territory = City) => new(As(role, territory));

    public V1.Whistles.WhistlesClient Whistles(string role = "operator", string territory = City, Guid? organisation = null) =>
        new(As(role, territory, organisation: organisation));

    public Task<ImportSummary> ImportAsync(params OrganisationRow[] rows) => ImportAsync(Header(), rows);

    public async Task<ImportSummary> ImportAsync(ImportHeader header, params OrganisationRow[] rows)
    {
        using var call = Directory().ImportOrganisations();
        return (await call.SendAsync([new ImportOrganisationsRequest { Header = header }, .. rows.Select(row => new ImportOrganisationsRequest { Rows = { row } })])).Summary;
    }

    public static ImportHeader Header(string territory = City) => new() { RequestId = NewId(), Territory = territory };

    public Task<Guid> IdOfAsync(string code) => ScalarAsync<Guid>($"select id from organisations where code = '{code}'");

    public async Task<Organisation> GetAsync(string code) =>
        (await Directory().GetOrganisationAsync(new GetOrganisationRequest { Id = (await IdOfAsync(code)).ToString() })).Organisation;

    public async Task<List<(string Code, int Level)>> TreeAsync(
        GetOrganisationTreeRequest request, string role = "operator", string territory = City)
    {
        using var call = Directory(role, territory).GetOrganisationTree(request);
        var nodes = new List<(string, int)>();
        await foreach (var node in call.ResponseStream.ReadAllAsync())
            nodes.Add((node.Organisation.Code, node.Level));
        return nodes;
    }

    public WhistleBlown Whistle(string territory, TimeSpan reportIn, params Guid[] organisations) => new(
        Guid.NewGuid(), Guid.NewGuid(), territory, "占道经营", [.. organisations.Select(o => new WhistledOrganisation(o, $"部门 {o:N}"))],
        Clock.GetUtcNow() + reportIn, Clock.GetUtcNow());

    /// <summary>Blows a whistle as Grids would, and waits for its summonses.</summary>
    public async Task<IReadOnlyList<Summons>> BlowAsync(WhistleBlown whistle)
    {
        await using var broker = await Broker.ConnectAsync(Servers);
        await broker.PublishAsync(whistle, Guid.NewGuid());
        return await Eventually.BecomesAsync(() => OfCaseAsync(whistle.CaseId), found => found.Count > 0);
    }

    public async Task<IReadOnlyList<Summons>> OfCaseAsync(Guid caseId) =>
        (await Whistles().ListSummonsesAsync(new ListSummonsesRequest { CaseId = caseId.ToString() })).Summonses;

    public static string NewId() => Guid.NewGuid().ToString();
}
