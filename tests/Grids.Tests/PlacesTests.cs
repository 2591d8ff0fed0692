using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Neighbourhood venues with their activities, and deputies' studios with their receptions.</summary>
public sealed class PlacesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private static int codes;

    [Fact]
    public async Task A_venue_is_opened_used_and_given_up()
    {
        var request = Open(Community);
        var venue = (await Staffing().OpenVenueAsync(request)).Venue;
        (await Staffing().OpenVenueAsync(request)).Venue.ShouldBe(venue);
        request.RequestId = NewId();
        await Refused.AsAsync("VENUE_EXISTS", Staffing().OpenVenueAsync(request));
        await Refused.AsAsync("GRID_NOT_FOUND", Staffing().OpenVenueAsync(Open("34060499999901")));
        (await Staffing("resident", Community).GetVenueAsync(new GetVenueRequest { Id = venue.Id })).Venue.ShouldBe(venue);
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Staffing("resident", OtherCommunity).GetVenueAsync(new GetVenueRequest { Id = venue.Id }));

        var done = Activity(venue.Id, Morning.AddHours(-3), Morning.AddHours(-1));
        var activity = (await Staffing("grid_worker", Community).RecordNeighbourActivityAsync(done)).Activity;
        (await Staffing().RecordNeighbourActivityAsync(Activity(venue.Id, Morning.AddHours(-5), Morning.AddHours(-4)))).Activity.Festival
            .ShouldBe("元宵节");
        foreach (var (from, until) in new[] { (-1, -2), (-1, 1), (-24 * 9, -24) })
            await Refused.AsAsync("NEIGHBOUR_ACTIVITY_TIME_INVALID",
                Staffing().RecordNeighbourActivityAsync(Activity(venue.Id, Morning.AddHours(from), Morning.AddHours(until))));
        await Refused.AsAsync("VENUE_NOT_FOUND", Staffing().RecordNeighbourActivityAsync(Activity(NewId(), Morning.AddHours(-3), Morning)));

        await Refused.AsAsync("ETAG_STALE", Staffing().CloseVenueAsync(Close(venue.Id, "v9")));
        (await Staffing().CloseVenueAsync(Close(venue.Id, venue.Etag))).Venue.Active.ShouldBeFalse();
        await Refused.AsAsync("VENUE_CLOSED", Staffing().CloseVenueAsync(Close(venue.Id)));
        done.RequestId = NewId();
        await Refused.AsAsync("VENUE_CLOSED", Staffing().RecordNeighbourActivityAsync(done));
        var page = await Staffing().ListNeighbourActivitiesAsync(new ListNeighbourActivitiesRequest { VenueId = venue.Id, PageSize = 1 });
        var last = await Staffing().ListNeighbourActivitiesAsync(
            new ListNeighbourActivitiesRequest { VenueId = venue.Id, PageSize = 1, PageToken = page.NextPageToken });
        last.Activities.ShouldHaveSingleItem().ShouldBe(activity);
        last.NextPageToken.ShouldBeEmpty();
        await Refused.AsAsync("VENUE_NOT_FOUND",
            Staffing().ListNeighbourActivitiesAsync(new ListNeighbourActivitiesRequest { VenueId = NewId() }));
    }

    [Fact]
    public async Task Grids_without_a_talk_point_are_told_by_name()
    {
        (await WithoutAsync()).ShouldBe([GridsFixture.Grid, NextGrid]);
        // Neither a place where neighbours meet, nor a mobile desk, nor a point of the community's is one of the grid's.
        await OpenAsync(GridsFixture.Grid, VenueKind.Unspecified);
        await OpenAsync(GridsFixture.Grid, VenueKind.MobileDesk);
        await OpenAsync(Community, VenueKind.TalkPoint);
        (await WithoutAsync()).ShouldBe([GridsFixture.Grid, NextGrid]);
        var point = await OpenAsync(NextGrid, VenueKind.TalkPoint);
        (await WithoutAsync()).ShouldBe([GridsFixture.Grid]);
        await Staffing().CloseVenueAsync(Close(point.Id));
        (await WithoutAsync()).ShouldBe([GridsFixture.Grid, NextGrid]);

        (await ListAsync(VenueKind.TalkPoint)).ShouldBe([VenueKind.TalkPoint]);
        (await ListAsync(VenueKind.Neighbourhood)).Distinct().ShouldBe([VenueKind.Neighbourhood]);
        (await ListAsync(VenueKind.Unspecified)).ShouldContain(VenueKind.MobileDesk);

        async Task<NeighbourVenue> OpenAsync(string territory, VenueKind kind)
        {
            var request = Open(territory);
            request.Kind = kind;
            return (await Staffing().OpenVenueAsync(request)).Venue;
        }

        async Task<IEnumerable<VenueKind>> ListAsync(VenueKind kind) => (await Staffing().ListVenuesAsync(
            new ListVenuesRequest { Territory = Community, Kind = kind, PageSize = 500 })).Venues.Select(v => v.Kind);

        async Task<IEnumerable<string>> WithoutAsync()
        {
            const string name = "grids_without_talk_point";
            var indicators = new Indicators.IndicatorsClient(grids.As("officer", City));
            var records = (await indicators.ListIndicatorRecordsAsync(
                new ListIndicatorRecordsRequest { Territory = Community, Name = name })).Records;
            (await indicators.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = Community, Names = { name } }))
                .Indicators.Single().Value.ShouldBe(records.Count);
            return records.Select(r => r.Id);
        }
    }

    [Fact]
    public async Task An_import_of_venues_counts_the_active_ones_and_opens_again_what_it_names()
    {
        var rows = Enumerable.Range(0, 5).Select(_ => VenueRow("340604001001")).ToArray();
        var summary = await ImportAsync([.. rows, VenueRow("34060400100199"), VenueRow("340605001001")]);
        (summary.Created, summary.Rejected).ShouldBe((5, 2));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(
            ["ROW_TERRITORY_OUTSIDE", "GRID_NOT_FOUND"], ignoreOrder: true);
        (await VenuesAsync("340604001001")).ShouldBe(5);
        var venues = (await Staffing().ListVenuesAsync(new ListVenuesRequest { Territory = "340604001001" })).Venues;
        await Staffing().CloseVenueAsync(Close(venues[0].Id));
        (await VenuesAsync("340604001001")).ShouldBe(4);

        rows[1].Name = "新名";
        var again = await ImportAsync(rows);
        (again.Created, again.Unchanged + again.Updated).ShouldBe((0, 5));
        again.Updated.ShouldBe(venues[0].Code == rows[1].Code ? 1 : 2);
        (await VenuesAsync("340604001001")).ShouldBe(5);

        var request = new ListVenuesRequest { Territory = "340604", PageSize = 2 };
        var ids = new List<string>();
        do
        {
            var page = await Staffing().ListVenuesAsync(request);
            ids.AddRange(page.Venues.Select(v => v.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.ShouldBe(ids.Distinct());
        ids.Count.ShouldBe(5);

        // A code of another district is not taken.
        var elsewhere = Open(OtherCommunity);
        await Staffing().OpenVenueAsync(elsewhere);
        var foreign = VenueRow("340604001001");
        foreign.Code = elsewhere.Code;
        (await ImportAsync(foreign)).Errors.Single().Violations.Single().Reason.ShouldBe("ROW_TERRITORY_OUTSIDE");
    }

    [Fact]
    public async Task A_studio_has_deputies_who_come_and_go()
    {
        var request = OpenStudio(Community, "a", "b");
        var studio = (await Staffing().OpenStudioAsync(request)).Studio;
        (await Staffing().OpenStudioAsync(request)).Studio.ShouldBe(studio);
        request.RequestId = NewId();
        await Refused.AsAsync("STUDIO_EXISTS", Staffing().OpenStudioAsync(request));
        await Refused.AsAsync("DEPUTY_TWICE", Staffing().OpenStudioAsync(OpenStudio(Community, "a", "a")));
        await Refused.AsAsync("GRID_NOT_FOUND", Staffing().OpenStudioAsync(OpenStudio("34060499999901")));

        var more = (await Staffing().AssignDeputyAsync(Assign(studio.Id, "c", studio.Etag))).Studio;
        more.Deputies.Count.ShouldBe(3);
        await Refused.AsAsync("ETAG_STALE", Staffing().AssignDeputyAsync(Assign(studio.Id, "d", studio.Etag)));
        await Refused.AsAsync("DEPUTY_TWICE", Staffing().AssignDeputyAsync(Assign(studio.Id, "c")));
        var fewer = (await Staffing().EndDeputyAssignmentAsync(EndDeputy(studio.Id, more.Deputies[0].Id))).Studio;
        fewer.Deputies.Select(d => d.Id).ShouldNotContain(more.Deputies[0].Id);
        await Refused.AsAsync("DEPUTY_UNKNOWN", Staffing().EndDeputyAssignmentAsync(EndDeputy(studio.Id, more.Deputies[0].Id)));
        (await Staffing().GetStudioAsync(new GetStudioRequest { Id = studio.Id })).Studio.ShouldBe(fewer);
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Staffing("officer", OtherCommunity).GetStudioAsync(new GetStudioRequest { Id = studio.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Staffing("officer", OtherCommunity).AssignDeputyAsync(Assign(studio.Id, "x")));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Staffing("resident", Community).ListStudiosAsync(new ListStudiosRequest()));
        await Refused.AsAsync("STUDIO_NOT_FOUND", Staffing().GetStudioAsync(new GetStudioRequest { Id = NewId() }));

        (await Staffing().CloseStudioAsync(new CloseStudioRequest { RequestId = NewId(), StudioId = studio.Id }))
            .Studio.Deputies.ShouldBeEmpty();
        await Refused.AsAsync("STUDIO_CLOSED", Staffing().AssignDeputyAsync(Assign(studio.Id, "x")));
        await Refused.AsAsync("STUDIO_CLOSED", Staffing().EndDeputyAssignmentAsync(EndDeputy(studio.Id, NewId())));
        await Refused.AsAsync("STUDIO_CLOSED",
            Staffing().CloseStudioAsync(new CloseStudioRequest { RequestId = NewId(), StudioId = studio.Id }));

        var full = OpenStudio(Community, [.. Enumerable.Range(0, 200).Select(n => $"d{n}")]);
        var crowded = (await Staffing().OpenStudioAsync(full)).Studio;
        await Refused.AsAsync("DEPUTIES_FULL", Staffing().AssignDeputyAsync(Assign(crowded.Id, "x")));
    }

    [Fact]
    public async Task A_reception_names_those_who_received_and_cases_of_the_territory_only()
    {
        var studio = (await Staffing().OpenStudioAsync(OpenStudio(Community, "a", "b"))).Studio;
        var (here, elsewhere) = (await grids.ReportAsync(), await grids.ReportAsync(2));
        var request = Receive(studio, Morning.AddHours(-2), here.Id);
        var reception = (await Staffing("grid_worker", Community).RecordReceptionAsync(request)).Reception;
        reception.CaseIds.ShouldBe([here.Id]);
        await Refused.AsAsync("RECEPTION_CASE_UNKNOWN",
            Staffing().RecordReceptionAsync(Receive(studio, Morning.AddHours(-2), elsewhere.Id)));
        await Refused.AsAsync("RECEPTION_CASE_UNKNOWN", Staffing().RecordReceptionAsync(Receive(studio, Morning.AddHours(-2), NewId())));
        await Refused.AsAsync("RECEPTION_TIME_INVALID", Staffing().RecordReceptionAsync(Receive(studio, Morning.AddHours(2))));
        var stranger = Receive(studio, Morning.AddHours(-2));
        stranger.DeputyIds.Add(NewId());
        await Refused.AsAsync("DEPUTY_UNKNOWN", Staffing().RecordReceptionAsync(stranger));
        await Staffing().RecordReceptionAsync(Receive(studio, Morning.AddHours(-1)));

        var page = await Staffing().ListReceptionsAsync(new ListReceptionsRequest { StudioId = studio.Id, PageSize = 1 });
        (await Staffing().ListReceptionsAsync(
            new ListReceptionsRequest { StudioId = studio.Id, PageSize = 1, PageToken = page.NextPageToken }))
            .Receptions.ShouldHaveSingleItem().ShouldBe(reception);
        await Staffing().CloseStudioAsync(new CloseStudioRequest { RequestId = NewId(), StudioId = studio.Id });
        await Refused.AsAsync("STUDIO_CLOSED", Staffing().RecordReceptionAsync(Receive(studio, Morning.AddHours(-1))));
        (await Staffing().ListReceptionsAsync(new ListReceptionsRequest { Territory = Community })).Receptions.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_import_of_studios_counts_every_deputy_once()
    {
        var (one, two) = (StudioRow("340604003001", "a", "b", "c"), StudioRow("340604003002", "c", "d"));
        var summary = await ImportStudiosAsync(one, two, StudioRow("340604003003", "x", "x"), StudioRow("34060400300399"));
        (summary.Created, summary.Rejected).ShouldBe((2, 2));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(["DEPUTY_TWICE", "GRID_NOT_FOUND"], ignoreOrder: true);
        (await DeputiesAsync("340604003")).ShouldBe(4);

        one.Deputies.RemoveAt(0);
        (two.Deputies[0], two.Deputies[1]) = (two.Deputies[1].Clone(), two.Deputies[0].Clone());
        var again = await ImportStudiosAsync(one, two);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 1, 1));
        (await DeputiesAsync("340604003")).ShouldBe(3);
        // As another kind of deputy somebody is assigned anew.
        two.Deputies[0].Kind = DeputyKind.CppccMember;
        (await ImportStudiosAsync(two)).Updated.ShouldBe(1);
        (await grids.ScalarAsync<long>("select count(*) from studio_deputies where subject = 'd'")).ShouldBe(2);
        (await DeputiesAsync("340604003")).ShouldBe(3);
        (await Staffing().ListStudiosAsync(new ListStudiosRequest { Territory = "340604003" })).Studios.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_cities_give_the_same_codes_to_places_of_their_own()
    {
        const string abroad = OtherCity + "01001001";
        var venue = (await Staffing().OpenVenueAsync(Open(OtherCommunity))).Venue;
        var studio = (await Staffing().OpenStudioAsync(OpenStudio(OtherCommunity))).Studio;
        var (otherVenue, otherStudio) = (VenueRow(abroad), StudioRow(abroad, "b"));
        (otherVenue.Code, otherStudio.Code) = (venue.Code, studio.Code);

        using var venueCall = Staffing("operator", OtherCity).ImportVenues();
        (await venueCall.SendAsync([new ImportVenuesRequest { Header = Head() }, new ImportVenuesRequest { Rows = { otherVenue } }]))
            .Summary.Created.ShouldBe(1);
        using var studioCall = Staffing("operator", OtherCity).ImportStudios();
        (await studioCall.SendAsync([new ImportStudiosRequest { Header = Head() }, new ImportStudiosRequest { Rows = { otherStudio } }]))
            .Summary.Created.ShouldBe(1);

        (await Staffing().ListVenuesAsync(new ListVenuesRequest { Territory = OtherCommunity })).Venues.ShouldContain(venue);
        (await Staffing().ListStudiosAsync(new ListStudiosRequest { Territory = OtherCommunity })).Studios.ShouldContain(studio);
        (await Staffing("officer", OtherCity).ListStudiosAsync(new ListStudiosRequest { Territory = abroad }))
            .Studios.ShouldHaveSingleItem().Deputies.ShouldHaveSingleItem().Subject.ShouldBe("b");
        var taken = Open(abroad);
        taken.Code = venue.Code;
        await Refused.AsAsync("VENUE_EXISTS", Staffing("officer", OtherCity).OpenVenueAsync(taken));

        static ImportHeader Head() => new() { RequestId = NewId(), Territory = OtherCity };
    }

    private V1.Staffing.StaffingClient Staffing(string role = "officer", string territory = City) => new(grids.As(role, territory));

    private async Task<ImportSummary> ImportAsync(params VenueRow[] rows)
    {
        using var call = Staffing("operator").ImportVenues();
        return (await call.SendAsync(
        [
            new ImportVenuesRequest { Header = new ImportHeader { RequestId = NewId(), Territory = "340604" } },
            new ImportVenuesRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<ImportSummary> ImportStudiosAsync(params StudioRow[] rows)
    {
        using var call = Staffing("operator").ImportStudios();
        return (await call.SendAsync(
        [
            new ImportStudiosRequest { Header = new ImportHeader { RequestId = NewId(), Territory = "340604" } },
            new ImportStudiosRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<int> VenuesAsync(string territory) =>
        (await Staffing().ListVenuesAsync(new ListVenuesRequest { Territory = territory, PageSize = 500 })).Venues.Count;

    private async Task<int> DeputiesAsync(string territory) =>
        (await Staffing().ListStudiosAsync(new ListStudiosRequest { Territory = territory, PageSize = 500 })).Studios
        .SelectMany(s => s.Deputies.Select(d => d.Subject)).Distinct().Count();

    private static string NextCode() => $"P-{Interlocked.Increment(ref codes)}";

    private static OpenVenueRequest Open(string territory) => new()
    {
        RequestId = NewId(),
        Territory = territory,
        Code = NextCode(),
        Name = "邻里客厅",
        Premises = VenuePremises.Property,
    };

    private static CloseVenueRequest Close(string id, string etag = "") => new() { RequestId = NewId(), VenueId = id, Etag = etag };

    private static VenueRow VenueRow(string territory) =>
        new() { Code = NextCode(), Territory = territory, Name = "邻里客厅", Premises = VenuePremises.Community };

    private static RecordNeighbourActivityRequest Activity(string venue, DateTimeOffset from, DateTimeOffset until) => new()
    {
        RequestId = NewId(),
        VenueId = venue,
        Title = "包饺子",
        Festival = "元宵节",
        StartsAt = from.ToTimestamp(),
        EndsAt = until.ToTimestamp(),
        Participants = 40,
    };

    private static IEnumerable<DeputyAssignment> Deputies(IEnumerable<string> subjects) =>
        subjects.Select(s => new DeputyAssignment { Subject = s, Kind = DeputyKind.PeoplesDeputy });

    private static OpenStudioRequest OpenStudio(string territory, params string[] deputies) =>
        new() { RequestId = NewId(), Territory = territory, Code = NextCode(), Name = "代表委员工作室", Deputies = { Deputies(deputies) } };

    private static StudioRow StudioRow(string territory, params string[] deputies) =>
        new() { Territory = territory, Code = NextCode(), Name = "代表委员工作室", Deputies = { Deputies(deputies) } };

    private static AssignDeputyRequest Assign(string studio, string subject, string etag = "") =>
        new() { RequestId = NewId(), StudioId = studio, Subject = subject, Kind = DeputyKind.CongressDelegate, Etag = etag };

    private static EndDeputyAssignmentRequest EndDeputy(string studio, string assignment) =>
        new() { RequestId = NewId(), StudioId = studio, AssignmentId = assignment };

    private static RecordReceptionRequest Receive(DeputyStudio studio, DateTimeOffset at, params string[] cases) => new()
    {
        RequestId = NewId(),
        StudioId = studio.Id,
        HeldAt = at.ToTimestamp(),
        DeputyIds = { studio.Deputies.Select(d => d.Id) },
        Received = 7,
        CaseIds = { cases },
    };
}
