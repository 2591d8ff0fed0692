using System.Text.Json;
using Governance.Common.V1;
using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Geography;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

public sealed class BoundariesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task A_point_finds_its_grid_in_every_coordinate_system()
    {
        var gcj = Coordinates.Wgs84ToGcj02(116.805, 33.905);
        var baidu = Coordinates.Wgs84ToBd09(116.805, 33.905);
        foreach (var point in new[]
        {
            new Point { Longitude = 116.805, Latitude = 33.905 },
            new Point { Longitude = gcj.X, Latitude = gcj.Y, System = CoordinateSystem.Gcj02 },
            new Point { Longitude = baidu.X, Latitude = baidu.Y, System = CoordinateSystem.Bd09 },
        })
        {
            var found = await grids.Boundaries("resident").LocateGridAsync(new LocateGridRequest { Point = point });
            found.Grid.Code.ShouldBe(GridsFixture.Grid);
        }
    }

    [Fact]
    public async Task A_point_on_a_common_border_belongs_to_the_lower_code() =>
        (await grids.Boundaries().LocateGridAsync(new LocateGridRequest { Point = new Point { Longitude = 116.81, Latitude = 33.905 } }))
            .Grid.Code.ShouldBe(GridsFixture.Grid);

    [Fact]
    public async Task A_point_outside_every_grid_is_refused_with_its_coordinates()
    {
        var refused = await Refused.AsAsync("POINT_OUTSIDE_GRIDS",
            grids.Boundaries().LocateGridAsync(new LocateGridRequest { Point = new Point { Longitude = 10, Latitude = 50 } }));
        refused.Metadata["longitude"].ShouldBe("10");
    }

    [Fact]
    public async Task Importing_the_same_rows_again_changes_nothing()
    {
        var summary = await grids.ImportAsync(GridsFixture.Row(GridsFixture.Grid, 0), GridsFixture.Row(GridsFixture.NextGrid, 1));
        (summary.Received, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected).ShouldBe((2, 0, 0, 2, 0));
    }

    [Fact]
    public async Task Bad_rows_are_told_and_good_rows_are_written()
    {
        var crossed = GridsFixture.Row("34060300100311", 11);
        (crossed.Boundary.Points[2], crossed.Boundary.Points[3]) = (crossed.Boundary.Points[3], crossed.Boundary.Points[2]);
        var foreign = GridsFixture.Row("34040200100101", 12);
        var short1 = GridsFixture.Row("340603001003", 13);
        var unnamed = GridsFixture.Row("34060300100314", 14);
        unnamed.Name = "";
        unnamed.Households = -1;
        var good = GridsFixture.Row("34060300100315", 15);

        var summary = await grids.ImportAsync(crossed, foreign, short1, unnamed, good, good);

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 1, 5));
        summary.Errors.Select(e => (e.Row, string.Join(' ', e.Violations.Select(v => $"{v.Field}:{v.Reason}")))).ShouldBe(
        [
            (1, "boundary:POLYGON_INVALID"),
            (2, "territory:ROW_TERRITORY_OUTSIDE"),
            (3, "code:GRID_CODE_INVALID"),
            (4, "name:FIELD_REQUIRED households:FIELD_TOO_SMALL"),
            (6, "code:ROW_DUPLICATE"),
        ]);
        (await grids.Boundaries().GetGridAsync(new GetGridRequest { Code = "34060300100315" })).Grid.Name.ShouldBe(good.Name);
    }

    [Fact]
    public async Task A_dry_run_reports_and_writes_nothing()
    {
        var header = new ImportHeader { RequestId = GridsFixture.NewId(), Territory = GridsFixture.City, DryRun = true };
        var summary = await grids.ImportAsync(header, GridsFixture.Row("34060300100399", 20));
        summary.DryRun.ShouldBeTrue();
        await Refused.AsAsync("GRID_NOT_FOUND", grids.Boundaries().GetGridAsync(new GetGridRequest { Code = "34060300100399" }));
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_writes_nothing()
    {
        using (var call = grids.Boundaries().ImportGrids())
        {
            await call.RequestStream.WriteAsync(new ImportGridsRequest { Header = new ImportHeader { RequestId = GridsFixture.NewId(), Territory = GridsFixture.City } });
            for (var i = 0; i < 100; i++)
                await call.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { GridsFixture.Row($"3406030010090{i:00}", 30) } });
        }
        (await grids.ScalarAsync<long>("select count(*) from grids where code like '340603001009%'")).ShouldBe(0);
    }

    [Fact]
    public async Task An_import_without_header_is_refused()
    {
        using var call = grids.Boundaries().ImportGrids();
        await call.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { GridsFixture.Row("34060300100398", 1) } });
        await Refused.AsAsync("IMPORT_HEADER_MISSING", async () => await call);
    }

    [Fact]
    public async Task A_message_with_too_many_rows_is_refused()
    {
        var max = (int)ImportGridsRequest.Descriptor.FindFieldByName("rows").GetOptions().GetExtension(AccessExtensions.Limits).MaxItems;
        var header = new ImportGridsRequest { Header = new ImportHeader { RequestId = GridsFixture.NewId(), Territory = GridsFixture.City } };
        using var call = grids.Boundaries().ImportGrids();
        var refused = await Refused.AsAsync("REQUEST_INVALID", () => call.SendAsync([header, RowsOf(max), RowsOf(max + 1)]));
        refused.Fields.ShouldBe(["rows: FIELD_TOO_MANY"]);

        static ImportGridsRequest RowsOf(int count) => new() { Rows = { Enumerable.Repeat(GridsFixture.Row("34060300100396", 1), count) } };
    }

    [Fact]
    public async Task A_finished_import_gives_its_summary_again()
    {
        var header = new ImportHeader { RequestId = GridsFixture.NewId(), Territory = GridsFixture.City };
        var first = await grids.ImportAsync(header, GridsFixture.Row("34060300100397", 21));
        var again = await grids.ImportAsync(header, GridsFixture.Row("34060300100397", 21));
        again.ShouldBe(first);
    }

    [Fact]
    public async Task Pages_hold_every_grid_once_and_a_token_fits_only_its_query()
    {
        var request = new ListGridsRequest { Territory = "340603001", PageSize = 3 };
        var codes = new List<string>();
        ListGridsResponse page;
        do
        {
            page = await grids.Boundaries().ListGridsAsync(request);
            codes.AddRange(page.Grids.Select(g => g.Code));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    grids.Boundaries().ListGridsAsync(new ListGridsRequest { Territory = GridsFixture.Community, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (page.NextPageToken.Length > 0);
        codes.ShouldBe(codes.Distinct().Order(StringComparer.Ordinal));
        codes.Count.ShouldBe((int)await grids.ScalarAsync<long>("select count(*) from grids where code like '340603001%'"));
    }

    [Fact]
    public async Task A_check_tells_overlaps_gaps_and_sizes_of_its_territory_only()
    {
        const string community = "340603002001";
        // Eight around an empty ninth; the last one reaches a twentieth into its neighbour, and is small.
        var cells = (from x in Enumerable.Range(0, 3) from y in Enumerable.Range(0, 3) where (x, y) != (1, 1) select (x, y)).ToArray();
        var rows = cells.Select((cell, i) =>
        {
            var row = GridsFixture.Row($"{community}{i + 1:00}", 0);
            row.Boundary = GridsFixture.Square(117 + (cell.x * 0.01), 33 + (cell.y * 0.01), 0.01);
            return row;
        }).ToArray();
        rows[^1].Boundary = GridsFixture.Square(117.02, 33.0195, 0.01);
        rows[^1].Households = 100;
        await grids.PutPolicyAsync(p => p.Grids = new GridPolicy
        {
            Sizes = { new GridSize { Kind = GridKind.Residential, MinHouseholds = 300, MaxHouseholds = 500 } },
        });
        await grids.ImportAsync(rows);

        var answers = await CheckAsync(new CheckBoundariesRequest { Territory = community });

        var findings = answers.SelectMany(a => a.Findings).ToList();
        findings.Select(f => f.FindingCase).ShouldBe(
            [GridFinding.FindingOneofCase.Size, GridFinding.FindingOneofCase.Overlap, GridFinding.FindingOneofCase.Gap]);
        (findings[0].Size.Code, findings[0].Size.Households, findings[0].Size.MinHouseholds).ShouldBe((rows[^1].Code, 100, 300));
        (findings[1].Overlap.Code, findings[1].Overlap.OtherCode).ShouldBe((rows[^2].Code, rows[^1].Code));
        findings[1].Overlap.AreaM2.ShouldBe(findings[2].Gap.AreaM2 / 20, 50);
        answers[^1].Summary.ShouldBe(new CheckSummary { Grids = 8, Overlaps = 1, Gaps = 1, SizeWarnings = 1 });
        (await CheckAsync(new CheckBoundariesRequest { Territory = community, ToleranceM2 = 100_000 }))[^1].Summary.Overlaps.ShouldBe(0);
        (await CheckAsync(new CheckBoundariesRequest { Territory = "340604" })).ShouldHaveSingleItem().Summary.ShouldBe(new CheckSummary());
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => CheckAsync(new CheckBoundariesRequest { Territory = community }, "340604"));
        await Refused.AsAsync("REQUEST_INVALID", () => CheckAsync(new CheckBoundariesRequest { Territory = community, ToleranceM2 = -1 }));
    }

    [Fact]
    public async Task A_size_that_contradicts_itself_is_no_policy()
    {
        var size = new GridSize { Kind = GridKind.Park, MinHouseholds = 10, MaxHouseholds = 5 };
        await Refused.AsAsync("POLICY_INVALID", () => PutAsync(new GridPolicy { Sizes = { size } }));
        size.MaxHouseholds = 20;
        await Refused.AsAsync("POLICY_INVALID", () => PutAsync(new GridPolicy { Sizes = { size, size } }));

        Task PutAsync(GridPolicy policy) => grids.PutPolicyAsync(p => p.Grids = policy, "2026-01-02");
    }

    [Fact]
    public async Task A_foreign_territory_is_refused_before_anything_is_looked_up()
    {
        var refused = await Refused.AsAsync("OUTSIDE_TERRITORY",
            grids.Boundaries("officer", "340602").GetGridAsync(new GetGridRequest { Code = "34060399999999" }));
        refused.Code.ShouldBe(StatusCode.PermissionDenied);
    }

    [Theory]
    [InlineData(CoordinateSystem.Unspecified)]
    [InlineData(CoordinateSystem.Wgs84)]
    [InlineData(CoordinateSystem.Gcj02)]
    [InlineData(CoordinateSystem.Bd09)]
    public async Task A_boundary_is_given_in_the_system_that_was_asked_for(CoordinateSystem system)
    {
        var plain = (await grids.Boundaries().GetGridAsync(new GetGridRequest { Code = GridsFixture.Grid })).Grid;

        var got = (await grids.Boundaries().GetGridAsync(new GetGridRequest { Code = GridsFixture.Grid, System = system })).Grid;
        var request = new LocateGridRequest { Point = GridsFixture.PointIn(0), System = system };

        (await grids.Boundaries().LocateGridAsync(request)).Grid.ShouldBe(got);
        foreach (var (point, wgs) in got.Boundary.Points.Zip(plain.Boundary.Points))
        {
            point.System.ShouldBe(system is CoordinateSystem.Unspecified ? CoordinateSystem.Wgs84 : system);
            var back = Coordinates.ToWgs84(point);
            (back.X, back.Y).ShouldSatisfyAllConditions(b => b.X.ShouldBe(wgs.Longitude, 1e-8), b => b.Y.ShouldBe(wgs.Latitude, 1e-8));
            Math.Abs(point.Longitude - wgs.Longitude).ShouldBeInRange(
                point.System is CoordinateSystem.Wgs84 ? 0 : 0.001, point.System is CoordinateSystem.Wgs84 ? 0 : 0.02);
        }
    }

    [Fact]
    public async Task A_point_of_several_kinds_of_grids_lies_in_the_one_that_is_asked_for_or_comes_first_by_policy()
    {
        // A park within the homes, with the lower code.
        var (park, homes) = (GridsFixture.Row("34060300500101", 0), GridsFixture.Row("34060300500102", 0));
        (park.Kind, park.Boundary) = (GridKind.Park, GridsFixture.Square(116.802, 34.202, 0.002));
        homes.Boundary = GridsFixture.Square(116.8, 34.2, 0.01);
        await grids.ImportAsync(park, homes);

        (await LocateAsync()).ShouldBe(homes.Code);
        (await LocateAsync(GridKind.Park)).ShouldBe(park.Code);
        await Refused.AsAsync("POINT_OUTSIDE_GRIDS", () => LocateAsync(GridKind.Office));
        (await ReportedAsync()).ShouldBe(homes.Code);

        var policy = new GridPolicy
        {
            Sizes = { new GridSize { Kind = GridKind.Residential, MinHouseholds = 300, MaxHouseholds = 500 } },
            LocateOrder = { GridKind.Park, GridKind.Residential },
        };
        await grids.PutPolicyAsync(p => p.Grids = policy, "2026-01-03");
        (await LocateAsync()).ShouldBe(park.Code);
        (await LocateAsync(GridKind.Residential)).ShouldBe(homes.Code);
        (await ReportedAsync()).ShouldBe(park.Code);
        policy.LocateOrder.Add(GridKind.Park);
        await Refused.AsAsync("POLICY_INVALID", () => grids.PutPolicyAsync(p => p.Grids = policy, "2026-01-04"));

        async Task<string> LocateAsync(GridKind kind = GridKind.Unspecified) =>
            (await grids.Boundaries().LocateGridAsync(new LocateGridRequest { Point = Within(), Kind = kind })).Grid.Code;

        async Task<string> ReportedAsync() => (await grids.Cases().ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = GridsFixture.NewId(),
            Point = Within(),
            Title = "长椅坏了",
            Channel = CaseChannel.Patrol,
        })).Case.Territory;

        static Point Within() => new() { Longitude = 116.803, Latitude = 34.203 };
    }

    [Fact]
    public async Task What_an_import_corrects_stays_in_the_history_of_its_grid()
    {
        var row = GridsFixture.Row("34060300500201", 40);
        await grids.ImportAsync(row);
        var first = await GetAsync();
        grids.Clock.Advance(TimeSpan.FromHours(1));
        await grids.ImportAsync(row);
        (await RevisionsAsync()).ShouldBeEmpty();

        (row.Kind, row.Boundary) = (GridKind.Park, GridsFixture.Row(row.Code, 41).Boundary);
        await grids.ImportAsync(row);
        var second = await GetAsync();
        grids.Clock.Advance(TimeSpan.FromHours(1));
        row.Households++;
        await grids.ImportAsync(row);

        (await RevisionsAsync()).ShouldBe([AsOf(first, second.UpdatedAt), AsOf(second, (await GetAsync()).UpdatedAt)]);

        async Task<V1.Grid> GetAsync() => (await grids.Boundaries().GetGridAsync(new GetGridRequest { Code = row.Code })).Grid;

        async Task<IEnumerable<GridRevision>> RevisionsAsync() =>
            (await grids.Boundaries().GetGridHistoryAsync(new GetGridHistoryRequest { Code = row.Code })).Revisions;

        static GridRevision AsOf(V1.Grid grid, Google.Protobuf.WellKnownTypes.Timestamp until) => new()
        {
            Name = grid.Name,
            Kind = grid.Kind,
            Boundary = grid.Boundary,
            Households = grid.Households,
            UpdatedAt = grid.UpdatedAt,
            Until = until,
            Etag = grid.Etag,
        };
    }

    [Fact]
    public async Task An_export_is_one_GeoJSON_document_of_the_grids_in_force()
    {
        const string community = "340603004001";
        await grids.ImportAsync(Enumerable.Range(0, 600).Select(i =>
        {
            var row = GridsFixture.Row($"{community}{i:000}", 0);
            row.Boundary = GridsFixture.Square(118 + (i * 0.01), 33, 0.01);
            return row;
        }).ToArray());
        var recode = new RecodeGridRequest { RequestId = GridsFixture.NewId(), Code = community + "007", NewCode = community + "900" };
        await grids.Boundaries().RecodeGridAsync(recode);

        var pieces = await ExportAsync(community);

        pieces.Count.ShouldBeGreaterThan(2);
        using var document = JsonDocument.Parse(string.Concat(pieces));
        document.RootElement.GetProperty("type").GetString().ShouldBe("FeatureCollection");
        var codes = document.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("id").GetString()!).ToList();
        codes.Count.ShouldBe(600);
        codes.ShouldBe(codes.Order(StringComparer.Ordinal));
        codes.ShouldContain(community + "900");
        codes.ShouldNotContain(community + "007");
        (await ExportAsync("340604")).ShouldBe(["""{"type":"FeatureCollection","features":[]}"""]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => ExportAsync(community, "340604"));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", () => ExportAsync(community, role: "resident"));
    }

    [Fact]
    public async Task Reading_the_map_anew_stops_no_lookup()
    {
        var store = grids.Services.GetRequiredService<BoundaryStore>();
        var cancellation = TestContext.Current.CancellationToken;
        var before = await store.MapAsync(cancellation);
        Task<BoundaryMap>[] calls;
        await using (var connection = await grids.Database.OpenConnectionAsync(cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await using (var hold = connection.CreateCommand())
            {
                hold.CommandText = "lock table grids in access exclusive mode";
                await hold.ExecuteNonQueryAsync(cancellation);
            }
            await grids.ScalarAsync<long>("update revisions set revision = revision + 1 where name = 'boundaries' returning revision");
            grids.Clock.Advance(TimeSpan.FromSeconds(2));
            // One call reads anew, which now has to wait, of these or of what the service does by itself; the others go on.
            calls = [.. Enumerable.Range(0, 4).Select(_ => store.MapAsync(cancellation).AsTask())];
            calls.Count(call => !call.IsCompleted).ShouldBeLessThanOrEqualTo(1);
            calls.Where(call => call.IsCompleted).ShouldAllBe(call => call.Result == before);
        }
        await Task.WhenAll(calls);
        (await Eventually.BecomesAsync(async () => await store.MapAsync(cancellation), map => map != before)).Revision.ShouldBeGreaterThan(before.Revision);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_keeps_no_old_map()
    {
        var store = grids.Services.GetRequiredService<BoundaryStore>();
        var cancellation = TestContext.Current.CancellationToken;
        grids.Clock.Advance(TimeSpan.FromHours(3));
        var before = await store.MapAsync(cancellation);
        grids.Clock.Set(ServiceFixture.Morning);

        await grids.ScalarAsync<long>("update revisions set revision = revision + 1 where name = 'boundaries' returning revision");
        grids.Clock.Advance(TimeSpan.FromSeconds(2));

        (await store.MapAsync(cancellation)).Revision.ShouldBeGreaterThan(before.Revision);
    }

    private async Task<List<string>> ExportAsync(string territory, string reach = GridsFixture.City, string role = "officer")
    {
        using var call = grids.Boundaries(role, reach).ExportGrids(new ExportGridsRequest { Territory = territory });
        var pieces = new List<string>();
        await foreach (var piece in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            pieces.Add(piece.Geojson);
        return pieces;
    }

    private async Task<List<CheckBoundariesResponse>> CheckAsync(CheckBoundariesRequest request, string reach = GridsFixture.City)
    {
        using var call = grids.Boundaries("officer", reach).CheckBoundaries(request);
        var answers = new List<CheckBoundariesResponse>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            answers.Add(answer);
        return answers;
    }
}
