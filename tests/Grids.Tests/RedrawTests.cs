using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>Splitting, merging and re-coding through gRPC. Each test has a community of its own, of two squares.</summary>
public sealed class RedrawTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const double South = 33;

    [Fact]
    public async Task What_is_redrawn_while_it_is_exported_is_no_picture_of_one_instant()
    {
        var (community, _) = await NewCommunityAsync(40);
        var store = grids.Services.GetRequiredService<Boundaries.BoundaryStore>();
        var read = new List<string>();
        var whole = Should.ThrowAsync<RefusedException>(async () =>
        {
            await foreach (var grid in store.StreamAsync(TerritoryCode.Parse(community).PrefixRange, TestContext.Current.CancellationToken))
            {
                read.Add(grid.Code);
                if (read.Count is 1)
                    await grids.Boundaries().RecodeGridAsync(
                        new RecodeGridRequest { RequestId = GridsFixture.NewId(), Code = community + "02", NewCode = community + "09" });
            }
        });
        (await whole).Refusal.Definition.Reason.ShouldBe("EXPORT_REDRAWN");
        read.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_grid_that_was_split_stays_readable_and_names_its_parts()
    {
        var (community, west) = await NewCommunityAsync(1);
        var old = await GetAsync(community + "01");

        var split = await SplitAsync(community, west);

        split.Ended.ValidTo.ShouldBe(split.Grids[0].ValidFrom);
        split.Grids.Select(g => (g.Code, g.Etag)).ShouldBe([(community + "03", "v1"), (community + "04", "v1")]);
        var ended = await GetAsync(community + "01");
        ended.ShouldBe(split.Ended);
        ended.Successors.ShouldBe([community + "03", community + "04"]);
        (ended.Boundary, ended.ValidFrom).ShouldBe((old.Boundary, old.ValidFrom));
        ended.Etag.ShouldNotBe(old.Etag);
        (await ListAsync(community, includeEnded: false)).ShouldBe([community + "02", community + "03", community + "04"]);
        (await ListAsync(community, includeEnded: true)).ShouldBe([community + "01", community + "02", community + "03", community + "04"]);
        (await LocateAsync(west + 0.002)).ShouldBe(community + "03");
        (await LocateAsync(west + 0.008)).ShouldBe(community + "04");
    }

    [Fact]
    public async Task A_case_that_is_over_keeps_the_grid_it_was_reported_in()
    {
        var (community, west) = await NewCommunityAsync(2);
        var report = new ReportCaseRequest
        {
            RequestId = GridsFixture.NewId(),
            Point = new Point { Longitude = west + 0.002, Latitude = South + 0.005 },
            Title = "路灯不亮",
            Channel = CaseChannel.Patrol,
        };
        var reported = (await grids.Cases("grid_worker").ReportCaseAsync(report)).Case;
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = GridsFixture.NewId(), CaseId = reported.Id, Reason = "已修好" });

        await SplitAsync(community, west);

        var read = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        read.Territory.ShouldBe(community + "01");
        (await GetAsync(read.Territory)).Successors.Count.ShouldBe(2);
        report.RequestId = GridsFixture.NewId();
        (await grids.Cases("grid_worker").ReportCaseAsync(report)).Case.Territory.ShouldBe(community + "03");
    }

    [Fact]
    public async Task A_history_tells_all_that_led_to_a_grid_and_all_that_came_of_it()
    {
        var (community, west) = await NewCommunityAsync(3);
        await SplitAsync(community, west);
        grids.Clock.Advance(TimeSpan.FromDays(1));
        await MergeAsync(community, "02", "04");
        grids.Clock.Advance(TimeSpan.FromDays(1));
        await grids.Boundaries().RecodeGridAsync(Recode(community + "09", community + "10"));

        var first = await HistoryAsync(community + "01");
        first.Changes.Select(c => (c.Kind, string.Join(' ', c.OldCodes.Select(Last)), string.Join(' ', c.NewCodes.Select(Last)))).ShouldBe(
        [
            (GridChangeKind.Split, "01", "03 04"), (GridChangeKind.Merged, "02 04", "09"), (GridChangeKind.Recoded, "09", "10"),
        ]);
        first.Changes.Select(c => c.At).ShouldBe(first.Changes.Select(c => c.At).OrderBy(at => at));
        first.CurrentCodes.Select(Last).ShouldBe(["03", "10"]);
        var last = await HistoryAsync(community + "10");
        last.ShouldBe(new GetGridHistoryResponse { Changes = { first.Changes }, CurrentCodes = { community + "10" } });
        var sibling = await HistoryAsync(community + "03");
        sibling.Changes.ShouldBe([first.Changes[0]]);
        sibling.CurrentCodes.ShouldBe([community + "03"]);
        await Refused.AsAsync("GRID_NOT_FOUND", () => HistoryAsync(community + "88"));

        static string Last(string code) => code[^2..];
    }

    [Fact]
    public async Task A_merged_grid_has_the_union_and_the_households_of_all()
    {
        var (community, west) = await NewCommunityAsync(4);

        var merged = await MergeAsync(community, "02", "01");

        merged.Ended.Select(g => g.Code).ShouldBe([community + "01", community + "02"]);
        (merged.Grid.Households, merged.Grid.Kind).ShouldBe((800, GridKind.Residential));
        (await GetAsync(community + "09")).ShouldBe(merged.Grid);
        (await LocateAsync(west + 0.002)).ShouldBe(community + "09");
        (await LocateAsync(west + 0.018)).ShouldBe(community + "09");
        (await ListAsync(community, includeEnded: false)).ShouldBe([community + "09"]);
    }

    [Fact]
    public async Task A_code_is_given_once()
    {
        var (community, west) = await NewCommunityAsync(5);
        await SplitAsync(community, west);

        var taken = grids.Boundaries().RecodeGridAsync(Recode(community + "02", community + "01"));
        (await Refused.AsAsync("GRID_CODE_TAKEN", taken)).Metadata["code"].ShouldBe(community + "01");
        var over = grids.Boundaries().RecodeGridAsync(Recode(community + "01", community + "11"));
        (await Refused.AsAsync("GRID_ENDED", over)).Metadata["successors"].ShouldBe($"{community}03, {community}04");
        var summary = await grids.ImportAsync(Row(community + "01", west), Row(community + "05", west + 0.03));
        (summary.Created, summary.Rejected).ShouldBe((1, 1));
        summary.Errors.Single().Violations.Single().Reason.ShouldBe("ROW_GRID_ENDED");
        (await GetAsync(community + "01")).Etag.ShouldBe("v2");
    }

    [Fact]
    public async Task Nothing_is_kept_for_a_grid_that_has_ended_and_the_refusal_names_its_successors()
    {
        var (community, west) = await NewCommunityAsync(11);
        await SplitAsync(community, west);
        var report = new ReportCaseRequest
        {
            RequestId = GridsFixture.NewId(),
            GridCode = community + "01",
            Title = "路灯不亮",
            Channel = CaseChannel.MiniProgramme,
        };

        var told = await Refused.AsAsync("GRID_ENDED", grids.Cases("resident", community).ReportCaseAsync(report));

        (told.Metadata["code"], told.Metadata["successors"]).ShouldBe((community + "01", $"{community}03, {community}04"));
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("resident", community + "02").ReportCaseAsync(report));
        await Refused.AsAsync("GRID_ENDED", new V1.Staffing.StaffingClient(grids.As("resident", GridsFixture.City)).GetPublicRosterAsync(
            new GetPublicRosterRequest { GridCode = community + "01" }));
        report.GridCode = community + "03";
        (await grids.Cases("resident", community).ReportCaseAsync(report)).Case.Territory.ShouldBe(community + "03");
    }

    [Fact]
    public async Task A_redraw_is_refused_where_it_would_lie_on_a_neighbour_of_its_kind()
    {
        var (community, west) = await NewCommunityAsync(6);
        await grids.ImportAsync(Row("34060300600299", west + 0.019));
        var refused = await Refused.AsAsync("GRID_OVERLAPS", () => MergeAsync(community, "01", "02"));
        (refused.Metadata["code"], refused.Metadata["other"]).ShouldBe((community + "09", "34060300600299"));
        (await GetAsync(community + "01")).ValidTo.ShouldBeNull();
    }

    [Fact]
    public async Task Everything_the_contract_refuses_is_refused_by_name()
    {
        var (community, west) = await NewCommunityAsync(7);
        var crossed = Split(community, west);
        var corners = crossed.Parts[0].Boundary.Points;
        (corners[2], corners[3]) = (corners[3], corners[2]);
        var refused = await Refused.AsAsync("REQUEST_INVALID", grids.Boundaries().SplitGridAsync(crossed));
        refused.Fields.ShouldBe(["parts[0].boundary: POLYGON_INVALID"]);
        var narrow = Split(community, west);
        narrow.Parts[1].Boundary = GridsFixture.Square(west + 0.005, South, 0.004);
        await Refused.AsAsync("GRID_AREA_DIFFERS", grids.Boundaries().SplitGridAsync(narrow));
        await Refused.AsAsync("GRIDS_TOO_FEW", () => MergeAsync(community, "01"));
        await Refused.AsAsync("GRID_NOT_FOUND", () => MergeAsync(community, "01", "77"));
        var park = new GridRow(Row(community + "21", west + 0.02)) { Kind = GridKind.Park };
        await grids.ImportAsync(Row(community + "20", west + 0.04), park);
        await Refused.AsAsync("GRIDS_APART", () => MergeAsync(community, "01", "20"));
        await Refused.AsAsync("GRID_KINDS_DIFFER", () => MergeAsync(community, "02", "21"));
        var elsewhere = Split(community, west);
        elsewhere.Parts[1].Code = "34060300600203";
        await Refused.AsAsync("GRID_COMMUNITY_DIFFERS", grids.Boundaries().SplitGridAsync(elsewhere));
        var stale = Split(community, west);
        stale.Etag = "v7";
        await Refused.AsAsync("ETAG_STALE", grids.Boundaries().SplitGridAsync(stale));
        (await ListAsync(community, includeEnded: true)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Only_an_operator_redraws_and_only_what_is_in_reach()
    {
        var (community, west) = await NewCommunityAsync(8);
        await Refused.AsAsync("ROLE_NOT_ALLOWED", grids.Boundaries("officer").SplitGridAsync(Split(community, west)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Boundaries("operator", "340604").SplitGridAsync(Split(community, west)));
        // Neither from afar nor into it.
        var away = Recode(community + "01", GridsFixture.OtherCommunity + "55");
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Boundaries("operator", community).RecodeGridAsync(away));
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Boundaries("operator", GridsFixture.OtherCommunity).RecodeGridAsync(away));
        (await grids.Boundaries().RecodeGridAsync(away)).Grid.Code.ShouldBe(away.NewCode);
    }

    [Fact]
    public async Task A_request_id_has_one_effect()
    {
        var (community, west) = await NewCommunityAsync(9);
        var request = Split(community, west);
        var first = await grids.Boundaries().SplitGridAsync(request);
        (await grids.Boundaries().SplitGridAsync(request)).ShouldBe(first);
        request.Parts[0].Name = "另一名";
        await Refused.AsAsync("REQUEST_ID_REUSED", grids.Boundaries().SplitGridAsync(request));
        var audited = await grids.ScalarAsync<long>(
            $"select count(*) from audit where request_id = '{request.RequestId}' and record_id is not null");
        audited.ShouldBe(1);
    }

    [Fact]
    public async Task Of_redraws_of_one_grid_at_once_one_is_done()
    {
        var (community, west) = await NewCommunityAsync(10);
        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var request = Split(community, west);
            (request.Parts[0].Code, request.Parts[1].Code) = ($"{community}3{i}", $"{community}4{i}");
            try
            {
                await grids.Boundaries().SplitGridAsync(request);
                return "";
            }
            catch (RpcException exception)
            {
                return Refused.Of(exception).Reason;
            }
        }));
        tries.Count(t => t is "").ShouldBe(1);
        tries.ShouldAllBe(t => t == "" || t == "GRID_ENDED" || t == "CONTENDED");
        (await ListAsync(community, includeEnded: true)).Count.ShouldBe(4);
    }

    private async Task<(string Community, double West)> NewCommunityAsync(int n)
    {
        var (community, west) = ($"340603006{n:000}", 117 + (n * 0.1));
        await grids.ImportAsync(Row(community + "01", west), Row(community + "02", west + 0.01));
        return (community, west);
    }

    private static GridRow Row(string code, double west) =>
        new(GridsFixture.Row(code, 0)) { Boundary = GridsFixture.Square(west, South, 0.01) };

    private static RecodeGridRequest Recode(string code, string newCode) =>
        new() { RequestId = GridsFixture.NewId(), Code = code, NewCode = newCode };

    private static SplitGridRequest Split(string community, double west) => new()
    {
        RequestId = GridsFixture.NewId(),
        Code = community + "01",
        Parts = { Half(community + "03", west), Half(community + "04", west + 0.005) },
    };

    private static GridRow Half(string code, double west)
    {
        var row = Row(code, west);
        (row.Boundary.Points[1].Longitude, row.Boundary.Points[2].Longitude) = (west + 0.005, west + 0.005);
        row.Households = 200;
        return row;
    }

    private async Task<SplitGridResponse> SplitAsync(string community, double west) =>
        await grids.Boundaries().SplitGridAsync(Split(community, west));

    private async Task<MergeGridsResponse> MergeAsync(string community, params string[] sequences) =>
        await grids.Boundaries().MergeGridsAsync(new MergeGridsRequest
        {
            RequestId = GridsFixture.NewId(),
            Grids = { sequences.Select(s => new GridVersion { Code = community + s }) },
            NewCode = community + "09",
            Name = "合并网格",
        });

    private async Task<Grid> GetAsync(string code) =>
        (await grids.Boundaries("resident").GetGridAsync(new GetGridRequest { Code = code })).Grid;

    private async Task<List<string>> ListAsync(string community, bool includeEnded)
    {
        var page = await grids.Boundaries().ListGridsAsync(new ListGridsRequest { Territory = community, IncludeEnded = includeEnded });
        return [.. page.Grids.Select(g => g.Code)];
    }

    private async Task<string> LocateAsync(double longitude)
    {
        var point = new Point { Longitude = longitude, Latitude = South + 0.005 };
        return (await grids.Boundaries().LocateGridAsync(new LocateGridRequest { Point = point })).Grid.Code;
    }

    private async Task<GetGridHistoryResponse> HistoryAsync(string code) =>
        await grids.Boundaries().GetGridHistoryAsync(new GetGridHistoryRequest { Code = code });
}
