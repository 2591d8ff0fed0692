using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.Properties.V1;
using Governance.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Classes share the broker, whose queue belongs to one running service.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Governance.Properties.Tests;

/// <summary>
/// Properties with four estates in two communities of one district: two with a company each, one self-managed, one looked after by
/// its community; and one estate with a company in another city.
/// </summary>
public sealed class PropertiesFixture(TestServers servers) : ServiceFixture(servers, "properties", Program.Create)
{
    public const string City = "3406";
    public const string OtherCity = "3404";
    public const string District = "340603";
    public const string OtherDistrict = "340602";
    public const string Community = "340603001001";
    public const string OtherCommunity = "340603001002";
    public const string Grid = Community + "01";
    public const string OtherCityGrid = "34040200100101";

    public static readonly Guid Company = new("0198c0de-0000-7000-8000-000000000001");
    public static readonly Guid OtherCompany = new("0198c0de-0000-7000-8000-000000000002");

    private int dispatched;

    public Dictionary<string, Guid> EstateIds { get; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ImportAsync(
            Row("ES-1", 0),
            Row("ES-2", 1, OtherCommunity + "01", OtherCompany),
            Unmanaged("ES-3", 2),
            Unmanaged("ES-4", 3, ManagementMode.Community));
        await ImportAsync(OtherCity, Row("ES-9", 9, OtherCityGrid, Company));
        await using var command = Database.CreateCommand("select code, id from estates");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            EstateIds.Add(reader.GetString(0), reader.GetGuid(1));
    }

    /// <summary>An estate with a company: a square of a hundredth of a degree, the n-th from the west.</summary>
    public static EstateRow Row(string code, int n, string territory = Grid, Guid? company = null) => new()
    {
        Code = code,
        Name = $"小区 {code}",
        Territory = territory,
        Mode = ManagementMode.PropertyCompany,
        CompanyId = (company ?? Company).ToString(),
        CompanyName = company == OtherCompany ? "乙物业" : "甲物业",
        Households = 300,
        Boundary = Square(116.8 + (n * 0.01), 33.9, 0.01),
    };

    public static EstateRow Unmanaged(string code, int n, ManagementMode mode = ManagementMode.SelfManaged)
    {
        var row = Row(code, n);
        (row.Mode, row.CompanyId, row.CompanyName) = (mode, "", "");
        return row;
    }

    public static Polygon Square(double west, double south, double side) => new()
    {
        Points =
        {
            new Point { Longitude = west, Latitude = south },
            new Point { Longitude = west + side, Latitude = south },
            new Point { Longitude = west + side, Latitude = south + side },
            new Point { Longitude = west, Latitude = south + side },
        },
    };

    public V1.Estates.EstatesClient Estates(string role = "operator", string territory = City) => new(As(role, territory));

    public V1.WorkOrders.WorkOrdersClient WorkOrders(string role = "operator", string territory = City) => new(As(role, territory));

    /// <summary>As the property company does; its token's territory is where it is registered, not where it works.</summary>
    public V1.WorkOrders.WorkOrdersClient ForCompany(Guid? company, string territory = OtherDistrict) =>
        new(As("responder", territory, $"company:{company}", company));

    public Task<ImportSummary> ImportAsync(params EstateRow[] rows) => ImportAsync(City, rows);

    public Task<ImportSummary> ImportAsync(string territory, params EstateRow[] rows) =>
        ImportAsync(new ImportHeader { RequestId = NewId(), Territory = territory }, rows);

    public async Task<ImportSummary> ImportAsync(ImportHeader header, params EstateRow[] rows)
    {
        using var call = Estates("operator", header.Territory).ImportEstates();
        return (await call.SendAsync([new ImportEstatesRequest { Header = header }, .. rows.Select(row => new ImportEstatesRequest { Rows = { row } })])).Summary;
    }

    /// <summary>As Grids tells it. Every case is due a minute after the one before.</summary>
    public CaseDispatched Dispatched(Guid? estate, string territory = Grid) => new(
        Guid.NewGuid(), territory, "大门损坏",
        Morning.AddHours(4).AddMinutes(Interlocked.Increment(ref dispatched)), null, estate, null, Morning);

    /// <summary>A work order that has come by event.</summary>
    public async Task<WorkOrder> OpenAsync(string estate = "ES-1", string territory = Grid)
    {
        await using var broker = await Broker.ConnectAsync(Servers);
        var happened = Dispatched(EstateIds[estate], territory);
        await broker.PublishAsync(happened, Guid.NewGuid());
        return await OrderOfAsync(happened.CaseId);
    }

    public async Task<WorkOrder> OrderOfAsync(Guid caseId) =>
        (await Eventually.BecomesAsync(
            async () => (await WorkOrders("auditor").ListWorkOrdersAsync(Of(caseId.ToString()))).WorkOrders,
            orders => orders.Count > 0)).Single();

    public static ListWorkOrdersRequest Of(string caseId) => new() { CaseId = caseId };

    public static string NewId() => Guid.NewGuid().ToString();
}
