using Governance.Common.V1;
using Governance.TestKit;
using Governance.Volunteers.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Volunteers.Tests.VolunteersFixture;

namespace Governance.Volunteers.Tests;

public sealed class TeamsTests(VolunteersFixture volunteers) : ServiceTest(volunteers), IClassFixture<VolunteersFixture>
{
    [Fact]
    public async Task An_imported_team_is_read_with_its_people()
    {
        var team = volunteers.CommunityTeam;
        (team.Code, team.Name, team.Territory).ShouldBe(("HB-COMMUNITY", "志愿服务队 HB-COMMUNITY", Community));
        team.Skills.ShouldBe(["cleaning", "repair"]);
        team.Members.ShouldBe([Person(Leader, leader: true), Person("V-2"), Person("V-3")]);
        (await volunteers.Teams("volunteer", Community).GetTeamAsync(new GetTeamRequest { Id = team.Id })).Team.ShouldBe(team);
    }

    [Fact]
    public async Task Importing_the_same_people_and_skills_in_another_order_changes_nothing()
    {
        await volunteers.ImportAsync(Row("ORDER", City, ["a", "b"], Person("1"), Person("2")), Row("EMPTY", City, ["a"]));
        var before = await volunteers.TeamAsync("ORDER");
        var summary = await volunteers.ImportAsync(Row("ORDER", City, ["b", "a"], Person("2"), Person("1")), Row("EMPTY", City, ["a"]));
        (summary.Received, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected).ShouldBe((2, 0, 0, 2, 0));
        (await volunteers.TeamAsync("ORDER")).ShouldBe(before);
    }

    [Fact]
    public async Task A_change_of_one_member_is_an_update_of_its_team_only()
    {
        var stays = Row("STAYS", City, ["a"], Person("1"));
        await volunteers.ImportAsync(Row("MOVES", City, ["a"], Person("1", leader: true), Person("2"), Person("3")), stays);
        var before = await volunteers.TeamAsync("MOVES");

        // One is renamed, one leaves, one joins and leads.
        TeamMember[] after = [Person("1", "新名字"), Person("3"), Person("4", leader: true)];
        var summary = await volunteers.ImportAsync(Row("MOVES", City, ["a"], after), stays, Row("NEW", City, ["a"]));
        (summary.Created, summary.Updated, summary.Unchanged).ShouldBe((1, 1, 1));

        var team = await volunteers.TeamAsync("MOVES");
        team.Members.ShouldBe(after);
        team.Id.ShouldBe(before.Id);
        team.Etag.ShouldNotBe(before.Etag);

        (await volunteers.ImportAsync(Row("MOVES", City, ["a"]))).Updated.ShouldBe(1);
        (await volunteers.TeamAsync("MOVES")).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_city_written_with_six_digits_is_the_city_of_four()
    {
        await volunteers.ImportAsync(Row("SIX", "340600", ["a"]));
        (await volunteers.TeamAsync("SIX")).Territory.ShouldBe(City);
        (await volunteers.ImportAsync(Row("SIX", City, ["a"]))).Unchanged.ShouldBe(1);
    }

    [Fact]
    public async Task Of_two_imports_at_once_one_writes_the_last_word_on_all_people()
    {
        for (var round = 0; round < 5; round++)
        {
            var start = round;
            TeamMember[][] sets = [.. new[] { "A", "B" }.Select(name => People(name, start))];
            await Task.WhenAll(sets.Select(people => volunteers.ImportAsync(Row("RACE", City, ["a"], people))));
            var numbers = (await volunteers.TeamAsync("RACE")).Members.Select(m => m.Number).ToList();
            sets.ShouldContain(people => people.Select(p => p.Number).SequenceEqual(numbers), string.Join(' ', numbers));
        }
    }

    [Fact]
    public async Task All_teams_of_a_city_are_imported_and_the_second_time_unchanged()
    {
        TeamRow[] rows =
            [.. Enumerable.Range(1, 3200).Select(i => Row($"ALL-{i:0000}", "340621", ["a", "b"], People($"ALL-{i}", 0, count: 3)))];
        (await volunteers.ImportAsync(rows)).Created.ShouldBe(3200);
        rows[1600].Members[1].Name = "新名字";
        var again = await volunteers.ImportAsync(rows);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 1, 3199));
        (await volunteers.ScalarAsync<long>("select count(*) from team_members where number like 'ALL-%'")).ShouldBe(9600);
    }

    [Fact]
    public async Task Bad_rows_are_told_and_good_rows_are_written()
    {
        var unskilled = Row("BAD-4", City, [], Person("1", name: ""));
        var good = Row("GOOD", Community, ["a"], Person("1"));
        var summary = await volunteers.ImportAsync(
            Row("BAD-1", City, ["a"], Person("1"), Person("2"), Person("1"), Person("2")),
            Row("BAD-2", "340402001001", ["a"]),
            Row("BAD 3", "34060", ["a b"]),
            unskilled,
            good,
            good);

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 1, 5));
        summary.Errors.Select(e => (e.Row, string.Join(' ', e.Violations.Select(v => $"{v.Field}:{v.Reason}")))).ShouldBe(
        [
            (1, "members[2].number:TEAM_MEMBER_DUPLICATE members[3].number:TEAM_MEMBER_DUPLICATE"),
            (2, "territory:ROW_TERRITORY_OUTSIDE"),
            (3, "code:FIELD_MALFORMED territory:FIELD_MALFORMED skills[0]:FIELD_MALFORMED"),
            (4, "skills:FIELD_REQUIRED members[0].name:FIELD_REQUIRED"),
            (6, "code:ROW_DUPLICATE"),
        ]);
        (await volunteers.TeamAsync("GOOD")).Members.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_rows_with_the_same_code_the_first_that_is_good_counts_whatever_their_order()
    {
        var wrong = Row("TWICE-1", City, []);
        TeamRow Good(string code, string name)
        {
            var row = Row(code, Community, ["a"]);
            row.Name = name;
            return row;
        }
        var summary = await volunteers.ImportAsync(
            Good("TWICE-2", "first"), wrong, Good("TWICE-1", "second"), Good("TWICE-2", "third"), Good("TWICE-1", "fourth"), Good("TWICE-3", "fifth"));
        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 3, 3));
        summary.Errors.Select(e => $"{e.Row} {e.Code} {e.Violations.Single().Reason}")
            .ShouldBe(["2 TWICE-1 FIELD_REQUIRED", "4 TWICE-2 ROW_DUPLICATE", "5 TWICE-1 ROW_DUPLICATE"]);
        (await volunteers.TeamAsync("TWICE-1")).Name.ShouldBe("second");
        (await volunteers.TeamAsync("TWICE-2")).Name.ShouldBe("first");
    }

    [Fact]
    public async Task A_row_cannot_take_over_a_team_outside_the_imports_territory()
    {
        await volunteers.ImportAsync(Row("TAKEN", "340602", ["a"], Person("1")));
        var before = await volunteers.TeamAsync("TAKEN");
        var header = new ImportHeader { RequestId = NewId(), Territory = "340603" };
        var summary = await volunteers.ImportAsync(header, Row("TAKEN", Community, ["b"]), Row("OWN", Community, ["b"]));
        (summary.Created, summary.Updated, summary.Rejected).ShouldBe((1, 0, 1));
        var error = summary.Errors.ShouldHaveSingleItem();
        (error.Row, error.Code, error.Violations.Single().Field, error.Violations.Single().Reason)
            .ShouldBe((1, "TAKEN", "code", "ROW_TERRITORY_OUTSIDE"));
        (await volunteers.TeamAsync("TAKEN")).ShouldBe(before);
    }

    [Fact]
    public async Task A_dry_run_reports_and_writes_nothing()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City, DryRun = true };
        (await volunteers.ImportAsync(header, Row("DRY", City, ["a"]), Row("DRY", City, ["a"]))).Rejected.ShouldBe(1);
        (await volunteers.ScalarAsync<long>("select count(*) from teams where code = 'DRY'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_finished_import_gives_its_summary_again()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        var first = await volunteers.ImportAsync(header, Row("AGAIN", City, ["a"]));
        first.Created.ShouldBe(1);
        (await volunteers.ImportAsync(header, Row("AGAIN", City, ["a"]))).ShouldBe(first);
    }

    [Fact]
    public async Task A_finished_import_takes_all_rows_again_before_it_answers()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        TeamRow[] rows = [.. Enumerable.Range(0, 200).Select(i => Row($"REST-{i}", City, ["a"]))];
        var first = await volunteers.ImportAsync(header, rows);
        for (var i = 0; i < 50; i++)
            (await volunteers.ImportAsync(header, rows)).ShouldBe(first);
    }

    [Fact]
    public async Task An_import_sent_twice_at_once_is_done_once()
    {
        for (var i = 0; i < 5; i++)
        {
            var header = new ImportHeader { RequestId = NewId(), Territory = City };
            var row = Row($"TWIN-{i}", City, ["a"]);
            var summaries = await Task.WhenAll(volunteers.ImportAsync(header, row), volunteers.ImportAsync(header, row));
            summaries[0].Created.ShouldBe(1);
            summaries[1].ShouldBe(summaries[0]);
        }
    }

    [Fact]
    public async Task A_refusal_reaches_a_client_that_still_writes()
    {
        var finished = new ImportHeader { RequestId = NewId(), Territory = City };
        await volunteers.ImportAsync(finished);
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        var row = new ImportTeamsRequest { Rows = { Row("ENDLESS", City, ["a"]) } };

        await RefusedAsync("IMPORT_HEADER_MISSING", City, row);
        await RefusedAsync("IMPORT_HEADER_MISSING", City, new() { Header = header }, new() { Header = header });
        await RefusedAsync("REQUEST_INVALID", City, new ImportTeamsRequest { Header = new ImportHeader { Territory = City } });
        await RefusedAsync("OUTSIDE_TERRITORY", "340602", new ImportTeamsRequest { Header = header });
        await RefusedAsync("REQUEST_ID_REUSED", City, new ImportTeamsRequest { Header = new ImportHeader(finished) { DryRun = true } });

        async Task RefusedAsync(string reason, string territory, params ImportTeamsRequest[] start)
        {
            using var call = volunteers.Teams(territory: territory).ImportTeams();
            await Refused.AsAsync(reason, () => call.SendAsync(start.Concat(Enumerable.Repeat(row, int.MaxValue))));
        }
    }

    [Fact]
    public async Task An_import_without_header_is_refused()
    {
        using var call = volunteers.Teams().ImportTeams();
        await call.RequestStream.WriteAsync(new ImportTeamsRequest { Rows = { Row("HEADLESS", City, ["a"]) } });
        await Refused.AsAsync("IMPORT_HEADER_MISSING", async () => await call);
    }

    [Fact]
    public async Task An_import_into_a_foreign_territory_is_refused()
    {
        using var call = volunteers.Teams(territory: "340602").ImportTeams();
        await call.RequestStream.WriteAsync(new ImportTeamsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = City } });
        await Refused.AsAsync("OUTSIDE_TERRITORY", async () => await call);
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_writes_nothing()
    {
        var header = new ImportHeader { RequestId = NewId(), Territory = City };
        using (var call = volunteers.Teams().ImportTeams())
        {
            await call.RequestStream.WriteAsync(new ImportTeamsRequest { Header = header });
            for (var i = 0; i < 100; i++)
                await call.RequestStream.WriteAsync(new ImportTeamsRequest { Rows = { Row($"CUT-{i}", City, ["a"]) } });
        }
        (await volunteers.ScalarAsync<long>("select count(*) from teams where code like 'CUT-%'")).ShouldBe(0);
    }

    [Fact]
    public async Task Pages_hold_every_team_of_a_skill_once_and_a_token_fits_only_its_query()
    {
        const string Street = "340603009";
        await volunteers.ImportAsync([
            .. Enumerable.Range(1, 7).Select(i => Row($"PAGE-{i}", $"{Street}00{i}", i == 4 ? ["b"] : ["a", "b"], Person($"P-{i}"))),
            Row("PAGE-9", "340603010", ["a"])]);
        var request = new ListTeamsRequest { Territory = Street, Skill = "a", PageSize = 2 };
        var codes = new List<string>();
        ListTeamsResponse page;
        do
        {
            page = await volunteers.Teams().ListTeamsAsync(request);
            page.Teams.ShouldAllBe(t => t.Members.Count == 1);
            codes.AddRange(page.Teams.Select(t => t.Code));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    volunteers.Teams().ListTeamsAsync(new ListTeamsRequest { Territory = Street, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (page.NextPageToken.Length > 0);
        codes.ShouldBe(["PAGE-1", "PAGE-2", "PAGE-3", "PAGE-5", "PAGE-6", "PAGE-7"]);
    }

    [Fact]
    public async Task A_team_out_of_reach_sounds_like_a_missing_one()
    {
        var neighbour = volunteers.Teams("volunteer", OtherCommunity);
        foreach (var id in new[] { volunteers.CommunityTeam.Id, NewId() })
        {
            var foreign = await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.GetTeamAsync(new GetTeamRequest { Id = id }));
            foreign.Code.ShouldBe(StatusCode.PermissionDenied);
        }
        await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.ListTeamsAsync(new ListTeamsRequest { Territory = Community }));

        var missing = NewId();
        var refused = await Refused.AsAsync("TEAM_NOT_FOUND", volunteers.Teams().GetTeamAsync(new GetTeamRequest { Id = missing }));
        (refused.Code, refused.Metadata["id"]).ShouldBe((StatusCode.NotFound, missing));
    }

    [Fact]
    public async Task Indicators_count_teams_and_each_volunteer_once()
    {
        var street = "340604001";
        await volunteers.ImportAsync(
            Row("COUNT-1", street, ["a"], Person("C-1"), Person("C-2")),
            Row("COUNT-2", street + "001", ["a"], Person("C-2"), Person("C-3")));
        var client = new Indicators.IndicatorsClient(volunteers.As("officer", street));
        var counted = (await client.GetIndicatorsAsync(new GetIndicatorsRequest())).Indicators;
        counted.Select(i => (i.Name, i.Value)).ShouldBe([("teams", 2), ("volunteers", 3), ("activities", 0), ("service_minutes", 0)]);
    }

    private static TeamMember[] People(string prefix, int from, int count = 20) =>
        [.. Enumerable.Range(from, count).Select(i => Person($"{prefix}-{i:00}"))];
}
