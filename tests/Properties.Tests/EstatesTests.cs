using Governance.Common.V1;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Geography;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Properties.Tests.PropertiesFixture;

namespace Governance.Properties.Tests;

public sealed class EstatesTests(PropertiesFixture properties) : ServiceTest(properties), IClassFixture<PropertiesFixture>
{
    [Fact]
    public async Task An_estate_is_given_as_it_was_imported()
    {
        var row = Row("ES-2", 1, OtherCommunity + "01", OtherCompany);
        var estate = (await properties.Estates("resident").GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-2") })).Estate;
        (estate.Code, estate.Name, estate.Territory, estate.Mode, estate.CompanyId, estate.CompanyName, estate.Households)
            .ShouldBe((row.Code, row.Name, row.Territory, row.Mode, row.CompanyId, row.CompanyName, row.Households));
        estate.Boundary.Points.Select(p => (p.Longitude, p.Latitude)).ShouldBe(row.Boundary.Points.Select(p => (p.Longitude, p.Latitude)));
        estate.Etag.ShouldNotBeEmpty();
        estate.UpdatedAt.ToDateTimeOffset().ShouldBe(ServiceFixture.Morning, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_point_finds_its_estate_in_every_coordinate_system()
    {
        var gcj = Coordinates.Wgs84ToGcj02(116.815, 33.905);
        var baidu = Coordinates.Wgs84ToBd09(116.815, 33.905);
        foreach (var point in new[]
        {
            new Point { Longitude = 116.815, Latitude = 33.905 },
            new Point { Longitude = gcj.X, Latitude = gcj.Y, System = CoordinateSystem.Gcj02 },
            new Point { Longitude = baidu.X, Latitude = baidu.Y, System = CoordinateSystem.Bd09 },
        })
        {
            var found = await properties.Estates("resident").LocateEstateAsync(new LocateEstateRequest { Point = point });
            found.Estate.Code.ShouldBe("ES-2");
        }
    }

    [Fact]
    public async Task A_point_on_a_common_border_belongs_to_the_lower_code() =>
        (await properties.Estates().LocateEstateAsync(At(116.81, 33.905))).Estate.Code.ShouldBe("ES-1");

    [Fact]
    public async Task A_point_outside_every_estate_is_refused_with_its_coordinates()
    {
        var refused = await Refused.AsAsync("POINT_OUTSIDE_ESTATES", properties.Estates().LocateEstateAsync(At(10, 50)));
        refused.Code.ShouldBe(StatusCode.NotFound);
        refused.Metadata["longitude"].ShouldBe("10");
    }

    [Fact]
    public async Task A_point_must_be_on_the_earth()
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", properties.Estates().LocateEstateAsync(At(181, -91)));
        refused.Fields.ShouldBe(["point.longitude: FIELD_TOO_LARGE", "point.latitude: FIELD_TOO_SMALL"]);
        refused = await Refused.AsAsync("REQUEST_INVALID", properties.Estates().LocateEstateAsync(new LocateEstateRequest()));
        refused.Fields.ShouldBe(["point: FIELD_REQUIRED"]);
    }

    [Fact]
    public async Task An_estate_of_a_foreign_territory_is_refused_and_a_missing_one_sounds_the_same()
    {
        var officer = properties.Estates("officer", OtherCommunity);
        await officer.GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-2") });
        await Refused.AsAsync("OUTSIDE_TERRITORY", officer.GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-1") }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", officer.LocateEstateAsync(At(116.805, 33.905)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", officer.ListEstatesAsync(new ListEstatesRequest { Territory = Community }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", officer.GetEstateAsync(new GetEstateRequest { Id = NewId() }));
        await Refused.AsAsync("ESTATE_NOT_FOUND", properties.Estates().GetEstateAsync(new GetEstateRequest { Id = NewId() }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", properties.Estates("resident").ListEstatesAsync(new ListEstatesRequest()));
    }

    [Fact]
    public async Task Importing_the_same_rows_again_changes_nothing()
    {
        var etag = (await properties.Estates().GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-1") })).Estate.Etag;
        var summary = await properties.ImportAsync(Row("ES-1", 0), Unmanaged("ES-3", 2));
        (summary.Received, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected).ShouldBe((2, 0, 0, 2, 0));
        (await properties.Estates().GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-1") })).Estate.Etag.ShouldBe(etag);
    }

    [Fact]
    public async Task A_changed_row_keeps_the_id_and_is_located_anew_at_once()
    {
        await properties.ImportAsync(Row("ES-MOVES", 40));
        var before = (await properties.Estates().LocateEstateAsync(At(117.205, 33.905))).Estate;
        var summary = await properties.ImportAsync(Row("ES-MOVES", 41));
        (summary.Created, summary.Updated).ShouldBe((0, 1));
        var after = (await properties.Estates().LocateEstateAsync(At(117.215, 33.905))).Estate;
        after.Id.ShouldBe(before.Id);
        after.Etag.ShouldNotBe(before.Etag);
        await Refused.AsAsync("POINT_OUTSIDE_ESTATES", properties.Estates().LocateEstateAsync(At(117.205, 33.905)));
    }

    [Fact]
    public async Task Bad_rows_are_told_and_good_rows_are_written()
    {
        var crossed = Row("ES-X1", 11);
        (crossed.Boundary.Points[2], crossed.Boundary.Points[3]) = (crossed.Boundary.Points[3], crossed.Boundary.Points[2]);
        var foreign = Row("ES-X2", 12, OtherCityGrid);
        var wide = Row("ES-X3", 13, District);
        var companyless = Row("ES-X4", 14);
        companyless.CompanyId = "";
        var unexpected = Row("ES-X5", 15);
        unexpected.Mode = ManagementMode.Community;
        var bare = Row("ES X6", 16);
        (bare.Name, bare.Households, bare.Mode, bare.CompanyId) = ("", -1, ManagementMode.Unspecified, "no-uuid");
        var good = Row("ES-X7", 17);

        var summary = await properties.ImportAsync(crossed, foreign, wide, companyless, unexpected, bare, good, good);

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((8, 1, 7));
        summary.Errors.Select(e => (e.Row, string.Join(' ', e.Violations.Select(v => $"{v.Field}:{v.Reason}")))).ShouldBe(
        [
            (1, "boundary:POLYGON_INVALID"),
            (2, "territory:ROW_TERRITORY_OUTSIDE"),
            (3, "territory:ESTATE_TERRITORY_INVALID"),
            (4, "company_id:ESTATE_COMPANY_MISSING"),
            (5, "company_id:ESTATE_COMPANY_UNEXPECTED company_name:ESTATE_COMPANY_UNEXPECTED"),
            (6, "code:FIELD_MALFORMED name:FIELD_REQUIRED mode:FIELD_REQUIRED company_id:FIELD_MALFORMED households:FIELD_TOO_SMALL"),
            (8, "code:ROW_DUPLICATE"),
        ]);
        (await properties.Estates().LocateEstateAsync(At(116.975, 33.905))).Estate.Name.ShouldBe(good.Name);
    }

    [Fact]
    public async Task A_row_can_not_take_over_an_estate_outside_the_imports_territory()
    {
        const string Abroad = OtherDistrict + "00100101";
        var summary = await properties.ImportAsync(OtherDistrict, Row("ES-1", 50, Abroad), Row("ES-OWN", 51, Abroad));
        (summary.Created, summary.Updated, summary.Rejected).ShouldBe((1, 0, 1));
        var error = summary.Errors.ShouldHaveSingleItem();
        (error.Row, error.Code, error.Violations.Single().Reason).ShouldBe((1, "ES-1", "ROW_TERRITORY_OUTSIDE"));
        (await properties.Estates().GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-1") })).Estate.Territory.ShouldBe(Grid);
    }

    [Fact]
    public async Task Two_cities_may_use_the_same_code()
    {
        var summary = await properties.ImportAsync(OtherCity, Row("ES-1", 60, OtherCityGrid));
        (summary.Created, summary.Updated, summary.Rejected).ShouldBe((1, 0, 0));
        (await properties.Estates().GetEstateAsync(new GetEstateRequest { Id = IdOf("ES-1") })).Estate.Territory.ShouldBe(Grid);
    }

    [Fact]
    public async Task A_dry_run_reports_and_writes_nothing()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City, DryRun = true };
        (await properties.ImportAsync(header, Row("ES-DRY", 20))).DryRun.ShouldBeTrue();
        (await properties.ScalarAsync<long>("select count(*) from estates where code = 'ES-DRY'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_writes_nothing()
    {
        using (var call = properties.Estates().ImportEstates())
        {
            await call.RequestStream.WriteAsync(Header(City));
            for (var i = 0; i < 100; i++)
                await call.RequestStream.WriteAsync(new ImportEstatesRequest { Rows = { Row($"ES-CUT-{i}", 30) } });
        }
        (await properties.ScalarAsync<long>("select count(*) from estates where code like 'ES-CUT-%'")).ShouldBe(0);
    }

    [Fact]
    public async Task An_import_needs_its_header_once_and_first()
    {
        using (var headless = properties.Estates().ImportEstates())
        {
            await headless.RequestStream.WriteAsync(new ImportEstatesRequest { Rows = { Row("ES-H", 1) } });
            await Refused.AsAsync("IMPORT_HEADER_MISSING", async () => await headless);
        }
        using var twice = properties.Estates().ImportEstates();
        var header = Header(City);
        await twice.RequestStream.WriteAsync(header);
        await twice.RequestStream.WriteAsync(header);
        await Refused.AsAsync("IMPORT_HEADER_MISSING", async () => await twice);
    }

    [Fact]
    public async Task A_finished_import_gives_its_summary_again_and_its_id_serves_no_other()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        var first = await properties.ImportAsync(header, Row("ES-AGAIN", 21));
        first.Created.ShouldBe(1);
        (await properties.ImportAsync(header, Row("ES-AGAIN", 21))).ShouldBe(first);
        header.Territory = District;
        await Refused.AsAsync("REQUEST_ID_REUSED", () => properties.ImportAsync(header));
    }

    [Fact]
    public async Task Only_an_operator_of_the_territory_imports()
    {
        async Task ImportAs(string role, string territory)
        {
            using var call = properties.Estates(role, territory).ImportEstates();
            await call.SendAsync([Header(City)]);
        }
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => ImportAs("operator", District));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", () => ImportAs("officer", City));
    }

    [Fact]
    public async Task Pages_hold_every_estate_once_in_order_and_a_token_fits_only_its_query()
    {
        var request = new ListEstatesRequest { Territory = District, PageSize = 2 };
        var codes = new List<string>();
        ListEstatesResponse page;
        do
        {
            page = await properties.Estates("officer").ListEstatesAsync(request);
            page.Estates.Count.ShouldBeLessThanOrEqualTo(2);
            codes.AddRange(page.Estates.Select(e => e.Code));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID", properties.Estates().ListEstatesAsync(
                    new ListEstatesRequest { Territory = Community, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (page.NextPageToken.Length > 0);
        codes.ShouldBe(codes.Distinct().Order(StringComparer.Ordinal));
        var expected = await properties.ScalarAsync<long>($"select count(*) from estates where territory like '{District}%'");
        codes.Count.ShouldBe((int)expected);
        await Refused.AsAsync("PAGE_TOKEN_INVALID", properties.Estates().ListEstatesAsync(new ListEstatesRequest { PageToken = "AAAA" }));
    }

    [Fact]
    public async Task Indicators_count_the_estates_of_the_territory()
    {
        var client = new Indicators.IndicatorsClient(properties.As("officer", OtherCommunity));
        var indicators = await client.GetIndicatorsAsync(new GetIndicatorsRequest());
        indicators.Indicators.ToDictionary(i => i.Name, i => i.Value).ShouldContainKeyAndValue("estates", 1);
        indicators.Indicators.Select(i => i.Name).ShouldBe(["estates", "estates_with_company", "work_orders", "work_orders_open"]);
    }

    private string IdOf(string code) => properties.EstateIds[code].ToString();

    private static LocateEstateRequest At(double longitude, double latitude) =>
        new() { Point = new Point { Longitude = longitude, Latitude = latitude } };

    private static ImportEstatesRequest Header(string territory) =>
        new() { Header = new ImportHeader { RequestId = NewId(), Territory = territory } };
}
