using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.TestKit;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class QueuesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string District = "340603";

    private static readonly Guid Team = new("44444444-0000-4000-8000-000000000004");

    // A wide territory and a narrow one are read in different ways.
    [Theory]
    [InlineData("340698", 9_000_000)]
    [InlineData("340699001", 9_100_000)]
    public async Task A_queue_is_paged_without_repeat_or_gap_while_others_change_rows(string territory, int from)
    {
        var grid = $"{territory[..6]}00100101";
        // Always three of them are due at one instant.
        const int rows = 3_000;
        await SqlAsync($"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version)
            select gen_random_uuid(), {from} + i, '{grid}', '{grid[..12]}', 'queue', '', 1, 'somebody', 1, '', '', '',
                0, due, due, 1, 1, now(), now(), 1
            from (select i, timestamptz '2026-03-09 04:00Z' + (i / 3) * interval '1 second' as due from generate_series(1, {rows}) i) r
            """);
        var request = new ListQueueRequest { Territory = territory, View = QueueView.Territory, PageSize = 70 };
        var seen = new List<QueueItem>();
        do
        {
            var page = await Officer().ListQueueAsync(request);
            seen.AddRange(page.Items);
            request.PageToken = page.NextPageToken;
            // Every seventh row is taken up or finished by somebody while the pages are read: it moves, or leaves.
            await SqlAsync($"""
                update cases set due_at = case when number % 2 = 0 then due_at + interval '10 minutes' end,
                    state = case when number % 2 = 0 then 2 else 7 end
                where territory = '{grid}' and number % 7 = 0 and random() < 0.1
                """);
        }
        while (request.PageToken.Length > 0);

        var unchanged = seen.Where(i => i.Number % 7 != 0).ToList();
        unchanged.Count.ShouldBe(Enumerable.Range(from + 1, rows).Count(n => n % 7 != 0));
        unchanged.DistinctBy(i => i.CaseId).Count().ShouldBe(unchanged.Count);
        seen.Select(i => i.DueAt.ToDateTimeOffset()).ShouldBeInOrder();
    }

    [Fact]
    public async Task Mine_my_team_s_and_my_territory_s_are_told_apart()
    {
        var team = Guid.NewGuid();
        var (first, second) = (await DispatchedAsync(team), await DispatchedAsync(team));
        await PutAsync("walker", team);
        await Officer().AssignOnDutyAsync(Give(first, team));

        (await QueueAsync(Member("walker", team), QueueView.Mine)).Select(i => i.CaseId).ShouldBe([first]);
        (await QueueAsync(Member("walker", team), QueueView.Team)).Select(i => i.CaseId).ShouldBe([first, second], ignoreOrder: true);
        (await QueueAsync(Member("sitter", team), QueueView.Mine)).ShouldBeEmpty();
        await Refused.AsAsync("QUEUE_NOT_YOURS", Member("walker", team).ListQueueAsync(new ListQueueRequest { View = QueueView.Territory }));
        await Refused.AsAsync("QUEUE_NOT_YOURS", Officer().ListQueueAsync(new ListQueueRequest { View = QueueView.Team }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community).ListQueueAsync(
            new ListQueueRequest { View = QueueView.Territory, Territory = OtherCommunity }));
        await Refused.AsAsync("REQUEST_INVALID", Officer().ListQueueAsync(new ListQueueRequest()));

        var item = (await QueueAsync(Member("walker", team), QueueView.Mine)).Single();
        (item.CaseState, item.Assignment.Subject, item.Assignment.Role, item.Overdue).ShouldBe(
            (CaseState.Dispatched, "walker", AssignmentRole.Lead, false));
        (await QueueAsync(Officer(Community), QueueView.Territory)).Select(i => i.CaseId).ShouldBe(
            (await QueueAsync(Officer(District), QueueView.Territory)).Where(i => i.Territory.StartsWith(Community, StringComparison.Ordinal)).Select(i => i.CaseId));

        // Whoever is answerable finds the case, whoever handles it.
        var request = new ListQueueRequest { View = QueueView.Mine, Role = QueueRole.Receiver };
        new[] { first, second }.ShouldBeSubsetOf((await Officer(City, "assessor").ListQueueAsync(request)).Items.Select(i => i.CaseId));
        (await Officer(City, "nobody").ListQueueAsync(request)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_queue_is_filtered_by_role_state_and_what_is_overdue()
    {
        var (first, second) = (await DispatchedAsync(), await DispatchedAsync());
        await grids.Cases().StartHandlingAsync(new StartHandlingRequest { RequestId = NewId(), CaseId = first });
        (await Team_sAsync(new() { AssignmentState = AssignmentState.Accepted })).ShouldBe([first]);
        (await Team_sAsync(new() { AssignmentState = AssignmentState.Assigned })).ShouldBe([second]);
        (await Team_sAsync(new() { CaseState = CaseState.Handling })).ShouldBe([first]);
        (await Team_sAsync(new() { Role = QueueRole.Lead })).ShouldBe([first, second], ignoreOrder: true);
        (await Team_sAsync(new() { Role = QueueRole.CoHandler })).ShouldBeEmpty();
        (await Team_sAsync(new() { OverdueOnly = true })).ShouldBeEmpty();
        (await Officer(Community).ListQueueAsync(new ListQueueRequest { View = QueueView.Territory, CaseState = CaseState.Handling })).Items
            .ShouldContain(i => i.CaseId == first);
        grids.Clock.Advance(TimeSpan.FromHours(8));
        (await Team_sAsync(new() { OverdueOnly = true })).ShouldBe([first, second], ignoreOrder: true);
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = first, Result = "办结" });
        (await Team_sAsync(new())).ShouldBe([second]);

        async Task<IEnumerable<string>> Team_sAsync(ListQueueRequest request)
        {
            request.View = QueueView.Team;
            var mine = new[] { first, second };
            return (await Member("any").ListQueueAsync(request)).Items.Select(i => i.CaseId).Where(mine.Contains).ToList();
        }
    }

    [Fact]
    public async Task A_command_centre_sees_several_territories_in_one_list_with_counts()
    {
        var here = await DispatchedAsync();
        var there = await grids.ReportAsync(n: 2);
        var request = new GetCommandViewRequest { Territories = { GridsFixture.Grid, OtherCommunity }, PageSize = 1 };
        var items = new List<QueueItem>();
        GetCommandViewResponse? first = null;
        do
        {
            var page = await Officer().GetCommandViewAsync(request);
            first ??= page;
            items.AddRange(page.Items);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        items.Select(i => i.DueAt.ToDateTimeOffset()).ShouldBeInOrder();
        items.DistinctBy(i => i.CaseId).Count().ShouldBe(items.Count);
        items.Select(i => i.CaseId).ShouldBeSubsetOf((await QueueAsync(Officer(District), QueueView.Territory)).Select(i => i.CaseId));
        items.ShouldContain(i => i.CaseId == here);
        items.ShouldContain(i => i.CaseId == there.Id);
        foreach (var count in first!.Counts)
            count.Count.ShouldBe(items.Count(i => i.Territory.StartsWith(count.Territory, StringComparison.Ordinal) && i.CaseState == count.CaseState));
        first.Counts.Sum(c => c.Count).ShouldBe(items.Count);

        // One inside another is not counted twice.
        var nested = await Officer().GetCommandViewAsync(new GetCommandViewRequest { Territories = { Community, GridsFixture.Grid } });
        nested.Counts.ShouldAllBe(c => c.Territory == Community);
        grids.Clock.Advance(TimeSpan.FromHours(20));
        var late = await Officer().GetCommandViewAsync(new GetCommandViewRequest { Territories = { OtherCommunity }, OverdueOnly = true });
        late.Items.ShouldContain(i => i.CaseId == there.Id && i.Overdue);
        late.Counts.Single(c => c.CaseState == CaseState.Reported).Overdue.ShouldBe(late.Items.Count(i => i.CaseState == CaseState.Reported));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community).GetCommandViewAsync(new GetCommandViewRequest { Territories = { Community, OtherCommunity } }));
        await Refused.AsAsync("PAGE_TOKEN_INVALID", Officer().GetCommandViewAsync(new GetCommandViewRequest { Territories = { GridsFixture.Grid }, PageToken = "x" }));
    }

    [Fact]
    public async Task Several_cases_given_at_once_are_spread_evenly_over_those_on_duty()
    {
        var team = Guid.NewGuid();
        await PutAsync("a", team);
        await PutAsync("b", team);
        await PutAsync("c", team);
        await PutAsync("ill", team, active: false);
        await PutAsync("tomorrow", team, from: 24);
        await PutAsync("elsewhere", team, territory: OtherCommunity);
        var cases = new List<string>();
        for (var i = 0; i < 7; i++)
            cases.Add(await DispatchedAsync(team));
        var request = new AssignOnDutyRequest { RequestId = NewId(), OrganisationId = team.ToString(), CaseIds = { cases } };
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<AssignmentGiven>();
        var given = (await Member("head", team).AssignOnDutyAsync(request)).Assignments;
        given.GroupBy(a => a.Subject).Select(g => g.Count()).Order().ShouldBe([2, 2, 3]);
        given.Select(a => a.Subject).Distinct().Order(StringComparer.Ordinal).ShouldBe(["a", "b", "c"]);
        for (var i = 0; i < given.Count; i++)
        {
            var (told, _) = await broker.NextAsync<AssignmentGiven>(queue);
            (told.OrganisationId, given.Count(a => a.Id == told.AssignmentId.ToString() && a.CaseId == told.CaseId.ToString())).ShouldBe((team, 1));
        }
        (await Member("head", team).AssignOnDutyAsync(request)).Assignments.ShouldBe(given);

        var candidates = (await Officer().ListSuggestedAssigneesAsync(
            new ListSuggestedAssigneesRequest { OrganisationId = team.ToString(), Territory = GridsFixture.Grid })).Candidates;
        candidates.Select(c => c.Load).ShouldBe([2, 2, 3]);
        candidates.ShouldAllBe(c => c.LastGivenAt != null);

        // Whoever has least gets the next one; somebody else only when they are named.
        var next = await DispatchedAsync(team);
        var taken = (await Officer().AssignOnDutyAsync(Give(next, team))).Assignments.Single().Subject;
        taken.ShouldBe(candidates[0].Subject);
        await Refused.AsAsync("ASSIGNMENT_TAKEN", Officer().AssignOnDutyAsync(Give(next, team)));
        var other = Give(next, team);
        other.ToSubject = "c";
        (await Officer().AssignOnDutyAsync(other)).Assignments.Single().Subject.ShouldBe("c");
        other = Give(next, team);
        other.ToSubject = "ill";
        await Refused.AsAsync("NOBODY_ON_DUTY", Officer().AssignOnDutyAsync(other));
        await Refused.AsAsync("ASSIGNMENT_NOT_FOUND", Officer().AssignOnDutyAsync(Give(next, Guid.NewGuid())));
        await Refused.AsAsync("CASE_NOT_FOUND", Officer().AssignOnDutyAsync(Give(NewId(), team)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Member("stranger", Guid.NewGuid()).AssignOnDutyAsync(Give(next, team)));
    }

    [Fact]
    public async Task What_is_given_out_at_once_is_spread_as_if_one_after_another()
    {
        var team = Guid.NewGuid();
        string[] people = ["turn-a", "turn-b", "turn-c", "turn-d"];
        foreach (var subject in people)
            await PutAsync(subject, team);
        for (var round = 0; round < 3; round++)
        {
            var cases = new List<string>();
            foreach (var _ in people)
                cases.Add(await DispatchedAsync(team));
            var given = await Task.WhenAll(cases.Select(id => Officer().AssignOnDutyAsync(Give(id, team)).ResponseAsync));
            given.Select(g => g.Assignments.Single().Subject).Order(StringComparer.Ordinal).ShouldBe(people);
        }
    }

    [Fact]
    public async Task Of_many_who_give_out_work_of_one_organisation_at_once_nobody_is_sent_away()
    {
        var team = Guid.NewGuid();
        foreach (var subject in new[] { "crowd-a", "crowd-b", "crowd-c", "crowd-d" })
            await PutAsync(subject, team);
        var cases = new List<string>();
        for (var i = 0; i < 32; i++)
            cases.Add(await DispatchedAsync(team));

        var given = await Task.WhenAll(cases.Select(id => Officer().AssignOnDutyAsync(Give(id, team)).ResponseAsync));

        given.CountBy(g => g.Assignments.Single().Subject).OrderBy(p => p.Key, StringComparer.Ordinal).ShouldBe(
            [new("crowd-a", 8), new("crowd-b", 8), new("crowd-c", 8), new("crowd-d", 8)]);
    }

    [Fact]
    public async Task Work_that_another_replica_is_giving_out_is_waited_for()
    {
        var team = Guid.NewGuid();
        await PutAsync("alone", team);
        var id = await DispatchedAsync(team);
        await using var other = await grids.Database.OpenConnectionAsync();
        await using (var turn = new NpgsqlCommand("select pg_advisory_lock(x'7475726e'::int, $1)", other)
        {
            Parameters = { new() { Value = BitConverter.ToInt32(team.ToByteArray()) } },
        })
            await turn.ExecuteNonQueryAsync();

        var given = Officer().AssignOnDutyAsync(Give(id, team)).ResponseAsync;
        await Eventually.BecomesAsync(
            () => grids.ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted"), waiting => waiting is 1);
        given.IsCompleted.ShouldBeFalse();
        await using (var done = new NpgsqlCommand("select pg_advisory_unlock_all()", other))
            await done.ExecuteNonQueryAsync();
        (await given).Assignments.Single().Subject.ShouldBe("alone");
    }

    [Fact]
    public async Task A_roster_is_put_listed_and_changed()
    {
        var team = Guid.NewGuid();
        var entry = await PutAsync("a", team);
        await PutAsync("b", team, from: 24);
        var changed = await PutAsync("a", team, active: false);
        (changed.Id, changed.Active).ShouldBe((entry.Id, false));
        (await ListAsync(onDuty: false)).Select(e => e.Subject).ShouldBe(["a", "b"]);
        (await ListAsync(onDuty: true)).ShouldBeEmpty();
        grids.Clock.Advance(TimeSpan.FromHours(25));
        (await ListAsync(onDuty: true)).Select(e => e.Subject).ShouldBe(["b"]);
        (await Member("a", team).ListRosterAsync(new ListRosterRequest { PageSize = 10 })).Entries.Count.ShouldBe(2);

        await Refused.AsAsync("ROSTER_PERIOD_INVALID", Officer().PutRosterEntryAsync(Entry("a", team, from: 1, hours: 0)));
        await Refused.AsAsync("ROSTER_PERIOD_INVALID", Officer().PutRosterEntryAsync(Entry("a", team, from: 1, hours: 24 * 367)));
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().PutRosterEntryAsync(Entry("a", UnknownOrganisation)));
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().PutRosterEntryAsync(Entry("a", ForeignOrganisation)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(OtherCommunity).PutRosterEntryAsync(Entry("a", team)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Member("x", Guid.NewGuid()).PutRosterEntryAsync(Entry("a", team)));

        async Task<List<RosterEntry>> ListAsync(bool onDuty)
        {
            var request = new ListRosterRequest { Territory = Community, OrganisationId = team.ToString(), OnDutyOnly = onDuty, PageSize = 1 };
            var entries = new List<RosterEntry>();
            do
            {
                var page = await Officer().ListRosterAsync(request);
                entries.AddRange(page.Entries);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return entries;
        }
    }

    private async Task<string> DispatchedAsync(Guid? team = null)
    {
        var reported = await grids.ReportAsync();
        await grids.Cases("officer", City, "assessor").AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        return (await Officer().DispatchHandlersAsync(new DispatchHandlersRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Lead = new HandlerPart { OrganisationId = (team ?? Team).ToString() },
        })).Case.Id;
    }

    private async Task<RosterEntry> PutAsync(string subject, Guid? team = null, bool active = true, int from = 0, string territory = Community)
    {
        var request = Entry(subject, team ?? Team, from, 8, territory);
        request.Active = active;
        return (await Officer().PutRosterEntryAsync(request)).Entry;
    }

    private static PutRosterEntryRequest Entry(string subject, Guid team, int from = 0, int hours = 8, string territory = Community) => new()
    {
        RequestId = NewId(),
        OrganisationId = team.ToString(),
        Territory = territory,
        Subject = subject,
        StartsAt = ServiceFixture.Morning.AddHours(from).ToTimestamp(),
        EndsAt = ServiceFixture.Morning.AddHours(from + hours).ToTimestamp(),
        Active = true,
    };

    private static AssignOnDutyRequest Give(string caseId, Guid? team = null) =>
        new() { RequestId = NewId(), OrganisationId = (team ?? Team).ToString(), CaseIds = { caseId } };

    private static async Task<List<QueueItem>> QueueAsync(V1.Dispatch.DispatchClient client, QueueView view) =>
        [.. (await client.ListQueueAsync(new ListQueueRequest { View = view, PageSize = 500 })).Items];

    private V1.Dispatch.DispatchClient Officer(string territory = City, string subject = "somebody") => new(grids.As("officer", territory, subject));

    private V1.Dispatch.DispatchClient Member(string subject, Guid? team = null) => new(grids.As("responder", "340602", subject, team ?? Team));

    private async Task SqlAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
