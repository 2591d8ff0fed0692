using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class MeetingsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;

    private static readonly string Party = Guid.NewGuid().ToString();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutIndicatorsOfPacksAsync();
        await grids.PutPolicyAsync(p => p.Meetings = new MeetingPolicy
        {
            Frequencies =
            {
                new MeetingFrequency { Kind = MeetingKind.GridSecretaries, Every = 1, Span = MeetingSpan.Month },
                new MeetingFrequency { Kind = MeetingKind.AnnualDebrief, Every = 1, Span = MeetingSpan.Year },
            },
        });
    }

    [Fact]
    public async Task A_secretaries_meeting_is_planned_called_held_and_its_minutes_are_approved_by_another()
    {
        var planned = await PlannedAsync(MeetingKind.GridSecretaries, Community);
        planned.State.ShouldBe(MeetingState.Planned);
        var called = (await Meetings().CallMeetingAsync(Calling(planned.Id))).Meeting;
        (called.State, called.Agenda.Count, called.Debriefs.Count).ShouldBe((MeetingState.Called, 2, 0));
        await Refused.AsAsync("MEETING_TOO_EARLY",
            Meetings().HoldMeetingAsync(Holding(planned.Id, Came(MeetingAttendeeKind.Secretary, 4))));
        grids.Clock.Advance(TimeSpan.FromHours(2));
        (await Refused.AsAsync("MEETING_ATTENDANCE_INVALID",
            Meetings().HoldMeetingAsync(Holding(planned.Id, Came(MeetingAttendeeKind.Officer, 4)))))
            .Metadata["problem"].ShouldBe("no secretary came");
        var holding = Holding(planned.Id, Came(MeetingAttendeeKind.Secretary, 4));
        var held = (await Meetings().HoldMeetingAsync(holding)).Meeting;
        (held.State, held.MinutesEdition, held.Attendance.Single().Count).ShouldBe((MeetingState.Held, 1, 4));
        (await Meetings().HoldMeetingAsync(holding)).Meeting.ShouldBe(held);
        holding.Minutes = "另一份";
        await Refused.AsAsync("REQUEST_ID_REUSED", Meetings().HoldMeetingAsync(holding));

        var written = (await Meetings("officer", Community, "second").WriteMeetingMinutesAsync(
            new WriteMeetingMinutesRequest { RequestId = NewId(), MeetingId = held.Id, Etag = held.Etag, Minutes = "更正" })).Meeting;
        written.MinutesEdition.ShouldBe(2);
        await Refused.AsAsync("ETAG_STALE", Meetings().WriteMeetingMinutesAsync(
            new WriteMeetingMinutesRequest { RequestId = NewId(), MeetingId = held.Id, Etag = held.Etag, Minutes = "旧" }));
        await Refused.AsAsync("MEETING_OWN_MINUTES",
            Meetings("officer", Community, "second").ApproveMeetingMinutesAsync(Approving(held.Id)));
        var approved = (await Meetings().ApproveMeetingMinutesAsync(Approving(held.Id))).Meeting;
        (approved.State, approved.Minutes).ShouldBe((MeetingState.Approved, "更正"));
        await Refused.AsAsync("MEETING_WRONG_STATE", Meetings().WriteMeetingMinutesAsync(
            new WriteMeetingMinutesRequest { RequestId = NewId(), MeetingId = held.Id, Minutes = "再改" }));
        (await Meetings().GetMeetingAsync(new GetMeetingRequest { Id = held.Id })).Meeting.ShouldBe(approved);
        (await grids.ScalarAsync<string>(
            $"select string_agg(minutes, '|' order by edition) from meeting_minutes where meeting_id = '{held.Id}'"))
            .ShouldBe("大家交流了做法|更正");
    }

    [Fact]
    public async Task A_matter_becomes_a_case_in_the_same_act_or_nothing_is_kept()
    {
        var meeting = await CalledAsync(MeetingKind.GridSecretaries, Community);
        grids.Clock.Advance(TimeSpan.FromHours(2));
        var holding = Holding(meeting.Id, Came(MeetingAttendeeKind.Secretary, 4));
        holding.Matters.Add(new MeetingMatter { Title = "经验", Text = "只交流" });
        holding.Matters.Add(new MeetingMatter { Title = "楼道堆物", Text = "多处", OpenCase = true });
        (await Refused.AsAsync("MEETING_MATTER_GRID_INVALID", Meetings().HoldMeetingAsync(holding)))
            .Fields.ShouldBe(["matters[1].grid_code: MEETING_MATTER_GRID_INVALID"]);
        holding.Matters[1].GridCode = OtherCommunity + "01";
        await Refused.AsAsync("MEETING_MATTER_GRID_INVALID", Meetings().HoldMeetingAsync(holding));
        holding.Matters[1].GridCode = Community + "77";
        await Refused.AsAsync("GRID_NOT_FOUND", Meetings().HoldMeetingAsync(holding));
        (await Meetings().GetMeetingAsync(new GetMeetingRequest { Id = meeting.Id })).Meeting.ShouldBe(meeting);

        holding.Matters[1].GridCode = Here;
        var held = (await Meetings().HoldMeetingAsync(holding)).Meeting;
        held.Matters[0].CaseId.ShouldBe("");
        var opened = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = held.Matters[1].CaseId })).Case;
        (opened.Channel, opened.Title, opened.Territory).ShouldBe((CaseChannel.JointMeeting, "楼道堆物", Here));

        var joint = await CalledAsync(MeetingKind.BranchCouncil, Here);
        grids.Clock.Advance(TimeSpan.FromHours(2));
        var consulting = Holding(joint.Id, Came(MeetingAttendeeKind.PartyMember, 4), Came(MeetingAttendeeKind.CouncilMember, 4));
        consulting.Matters.Add(new MeetingMatter { Title = "加装电梯", OpenCase = true });
        var consulted = (await Meetings().HoldMeetingAsync(consulting)).Meeting;
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = consulted.Matters[0].CaseId })).Case.Channel
            .ShouldBe(CaseChannel.Council);
    }

    [Fact]
    public async Task Residents_appraise_a_debrief_on_the_spot_and_the_result_is_public_once_approved()
    {
        var planned = await PlannedAsync(MeetingKind.AnnualDebrief, Here);
        await Refused.AsAsync("MEETING_DEBRIEFERS_INVALID", Meetings().CallMeetingAsync(Calling(planned.Id)));
        await Refused.AsAsync("MEETING_DEBRIEFERS_INVALID", Meetings().CallMeetingAsync(Calling(planned.Id, "secretary", "secretary")));
        var unknown = Calling(planned.Id, "secretary");
        unknown.Debriefers[0].OrganisationId = UnknownOrganisation.ToString();
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Meetings().CallMeetingAsync(unknown));
        unknown.Debriefers[0].OrganisationId = ForeignOrganisation.ToString();
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Meetings().CallMeetingAsync(unknown));
        var called = (await Meetings().CallMeetingAsync(Calling(planned.Id, "secretary", "deputy"))).Meeting;
        var counting = new CountAppraisalsRequest
        {
            RequestId = NewId(),
            MeetingId = planned.Id,
            DebriefId = called.Debriefs[0].Id,
            Count = new AppraisalCount { Papers = 11, Good = 6, FairlyGood = 2, Average = 1, Poor = 1, Unmarked = 1 },
        };
        await Refused.AsAsync("MEETING_WRONG_STATE", Meetings().CountAppraisalsAsync(counting));
        grids.Clock.Advance(TimeSpan.FromHours(2));
        await Meetings().HoldMeetingAsync(Holding(planned.Id, Came(MeetingAttendeeKind.Resident, 10)));
        await Refused.AsAsync("DEBRIEF_PAPERS_TOO_MANY", Meetings().CountAppraisalsAsync(counting));
        counting.Count.Papers = 10;
        await Refused.AsAsync("DEBRIEF_PAPERS_DIFFER", Meetings().CountAppraisalsAsync(counting));
        counting.Count.Unmarked = 0;
        await Refused.AsAsync("MEETING_OWN_APPRAISAL", Meetings("officer", City, "secretary").CountAppraisalsAsync(counting));
        await Meetings().CountAppraisalsAsync(counting);
        counting.RequestId = NewId();
        await Refused.AsAsync("DEBRIEF_APPRAISED_TWICE", Meetings().CountAppraisalsAsync(counting));
        counting.DebriefId = NewId();
        await Refused.AsAsync("DEBRIEF_NOT_FOUND", Meetings().CountAppraisalsAsync(counting));
        await Refused.AsAsync("MEETING_UNAPPRAISED", Meetings("officer", City, "other").ApproveMeetingMinutesAsync(Approving(planned.Id)));
        counting.DebriefId = called.Debriefs[1].Id;
        await Meetings().CountAppraisalsAsync(counting);

        await Refused.AsAsync("MEETING_OWN_APPRAISAL", Meetings("officer", City, "deputy").ApproveMeetingMinutesAsync(Approving(planned.Id)));
        (await ResultsAsync()).ShouldBeEmpty();
        var rate = await IndicatorAsync("debrief_approval_rate");
        rate.Denominator.ShouldBe(0);
        await Meetings("officer", City, "other").ApproveMeetingMinutesAsync(Approving(planned.Id));
        var results = await ResultsAsync();
        results.Count.ShouldBe(2);
        results.ShouldAllBe(r => r.MeetingId == planned.Id && r.OrganisationId == Party && r.Appraisal.Equals(counting.Count));
        (await IndicatorAsync("debrief_approval_rate")).Decimal.ShouldBe("80.00");
    }

    [Fact]
    public async Task Meetings_that_cannot_be_are_refused_by_name()
    {
        await Refused.AsAsync("MEETING_TERRITORY_INVALID", Meetings().PlanMeetingAsync(Planning(MeetingKind.GridSecretaries, Here)));
        await Refused.AsAsync("MEETING_TERRITORY_INVALID", Meetings().PlanMeetingAsync(Planning(MeetingKind.AnnualDebrief, Community)));
        await Refused.AsAsync("GRID_NOT_FOUND", Meetings().PlanMeetingAsync(Planning(MeetingKind.AnnualDebrief, Community + "77")));
        var past = Planning(MeetingKind.GridSecretaries, Community);
        past.StartsAt = ServiceFixture.Morning.AddHours(-1).ToTimestamp();
        await Refused.AsAsync("MEETING_IN_PAST", Meetings().PlanMeetingAsync(past));
        var late = await PlannedAsync(MeetingKind.GridSecretaries, Community);
        grids.Clock.Advance(TimeSpan.FromHours(2));
        await Refused.AsAsync("MEETING_IN_PAST", Meetings().CallMeetingAsync(Calling(late.Id)));
        var cancelled = (await Meetings().CancelMeetingAsync(
            new CancelMeetingRequest { RequestId = NewId(), MeetingId = late.Id, Reason = "改期" })).Meeting;
        (cancelled.State, cancelled.CancelReason).ShouldBe((MeetingState.Cancelled, "改期"));
        await Refused.AsAsync("MEETING_WRONG_STATE", Meetings().CallMeetingAsync(Calling(late.Id)));
        await Refused.AsAsync("MEETING_NOT_FOUND", Meetings().GetMeetingAsync(new GetMeetingRequest { Id = NewId() }));
        await Refused.AsAsync("MEETING_NOT_FOUND", Meetings().CancelMeetingAsync(
            new CancelMeetingRequest { RequestId = NewId(), MeetingId = NewId(), Reason = "改期" }));
    }

    [Fact]
    public async Task A_grid_has_one_debrief_a_year_however_many_are_planned_at_once()
    {
        const string grid = "34060300900101";
        await grids.ImportAsync(GridsFixture.Row(grid, 60));
        var planned = await Task.WhenAll(Enumerable.Range(1, 4).Select(hours =>
            Refused.ReasonAsync(Meetings().PlanMeetingAsync(At(grids.Clock.GetUtcNow().AddHours(hours))))));
        planned.Order().ShouldBe(["", .. Enumerable.Repeat("MEETING_DEBRIEF_TWICE", 3)]);
        // In China it is the next year already.
        var next = new DateTimeOffset(2026, 12, 31, 16, 30, 0, TimeSpan.Zero);
        await Meetings().PlanMeetingAsync(At(next));
        await Refused.AsAsync("MEETING_DEBRIEF_TWICE", Meetings().PlanMeetingAsync(At(next.AddMonths(6))));

        // What was held before is held against them, and they against it; one that is cancelled against nothing.
        var imported = await ImportAsync(
            Past("Y-1", grid, MeetingKind.AnnualDebrief, "2026-01-05T01:00:00Z"),
            Past("Y-2", grid, MeetingKind.AnnualDebrief, "2025-11-05T01:00:00Z"),
            Past("Y-3", grid, MeetingKind.AnnualDebrief, "2025-12-05T01:00:00Z"));
        (imported.Created, imported.Rejected).ShouldBe((1, 2));
        imported.Errors.SelectMany(e => e.Violations.Select(v => (e.Code, v.Reason))).ShouldBe(
            [("Y-1", "MEETING_DEBRIEF_TWICE"), ("Y-3", "MEETING_DEBRIEF_TWICE")], ignoreOrder: true);
        var open = (await Meetings().ListMeetingsAsync(
            new ListMeetingsRequest { Territory = grid, State = MeetingState.Planned })).Meetings;
        await Meetings().CancelMeetingAsync(new CancelMeetingRequest
        {
            RequestId = NewId(),
            MeetingId = open.Single(m => m.StartsAt.ToDateTimeOffset() < next).Id,
            Reason = "已开过",
        });
        (await ImportAsync(Past("Y-1", grid, MeetingKind.AnnualDebrief, "2026-01-05T01:00:00Z"))).Created.ShouldBe(1);
        await Refused.AsAsync("MEETING_DEBRIEF_TWICE", Meetings().PlanMeetingAsync(At(grids.Clock.GetUtcNow().AddHours(1))));

        // A correction may set two right at once.
        var corrected = await ImportAsync(
            Past("Y-1", grid, MeetingKind.AnnualDebrief, "2025-12-05T01:00:00Z"),
            Past("Y-2", grid, MeetingKind.AnnualDebrief, "2026-01-06T01:00:00Z"));
        (corrected.Updated, corrected.Rejected).ShouldBe((2, 0));

        PlanMeetingRequest At(DateTimeOffset startsAt)
        {
            var request = Planning(MeetingKind.AnnualDebrief, grid);
            request.StartsAt = startsAt.ToTimestamp();
            return request;
        }
    }

    [Fact]
    public async Task An_import_takes_no_meeting_out_of_another_territory()
    {
        await ImportAsync(Past("F-1", OtherCommunity, MeetingKind.GridSecretaries, "2026-01-05T01:00:00Z"));
        using var call = Meetings("operator", Community).ImportMeetings();
        var summary = (await call.SendAsync(
        [
            new ImportMeetingsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = Community } },
            new ImportMeetingsRequest { Rows = { Past("F-1", Community, MeetingKind.GridSecretaries, "2026-01-06T01:00:00Z") } },
        ])).Summary;
        summary.Errors.ShouldHaveSingleItem().Violations.ShouldHaveSingleItem().Reason.ShouldBe("ROW_TERRITORY_OUTSIDE");
        (await grids.ScalarAsync<string>("select territory from meetings where code = 'F-1'")).ShouldBe(OtherCommunity);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_debrief_that_is_planned_and_one_that_is_imported_at_once_one_is_kept(bool plannedFirst)
    {
        var grid = plannedFirst ? "34060300900102" : "34060300900103";
        await grids.ImportAsync(GridsFixture.Row(grid, plannedFirst ? 61 : 62));
        await using var held = await grids.Database.OpenConnectionAsync();
        // Both write there last: neither commits before both have decided.
        var transaction = await held.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table audit in share mode", held, transaction))
            await hold.ExecuteNonQueryAsync();

        var (plan, import) = (Task.FromResult(""), Task.FromResult(new ImportSummary()));
        foreach (var planning in new[] { plannedFirst, !plannedFirst })
        {
            if (planning)
                plan = Refused.ReasonAsync(Meetings().PlanMeetingAsync(Planning(MeetingKind.AnnualDebrief, grid)));
            else
                import = ImportAsync(Past($"R-{grid}", grid, MeetingKind.AnnualDebrief, "2026-01-05T01:00:00Z"));
            var expected = planning == plannedFirst ? 1 : 2;
            await grids.WaitingAsync(expected);
        }
        await transaction.RollbackAsync();

        var (reason, summary) = (await plan, await import);
        (reason, summary.Created, summary.Rejected).ShouldBe(plannedFirst ? ("", 0, 1) : ("MEETING_DEBRIEF_TWICE", 1, 0));
        (await grids.ScalarAsync<long>($"select count(*) from meetings where territory = '{grid}' and state <> 5")).ShouldBe(1);
    }

    [Fact]
    public async Task Another_territory_sees_and_does_nothing()
    {
        var planned = await PlannedAsync(MeetingKind.GridSecretaries, Community);
        foreach (var stranger in new[] { Meetings("officer", OtherCommunity), Meetings("grid_worker", Here) })
        {
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.GetMeetingAsync(new GetMeetingRequest { Id = planned.Id }));
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.CallMeetingAsync(Calling(planned.Id)));
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.ListMeetingsAsync(new ListMeetingsRequest { Territory = Community }));
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.PlanMeetingAsync(Planning(MeetingKind.GridSecretaries, Community)));
        }
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Meetings("resident", Here).GetMeetingAsync(new GetMeetingRequest { Id = planned.Id }));
    }

    [Fact]
    public async Task Pages_hold_every_meeting_once_latest_first()
    {
        for (var i = 0; i < 5; i++)
            await PlannedAsync(MeetingKind.BranchCouncil, NextGrid);
        var request = new ListMeetingsRequest { Territory = NextGrid, Kind = MeetingKind.BranchCouncil, PageSize = 2 };
        var found = new List<Meeting>();
        do
        {
            var page = await Meetings().ListMeetingsAsync(request);
            found.AddRange(page.Meetings);
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Meetings().ListMeetingsAsync(new ListMeetingsRequest { Territory = NextGrid, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        found.Select(m => m.Id).ShouldBeUnique();
        found.Count.ShouldBe(5);
        found.Select(m => m.StartsAt.ToDateTimeOffset()).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task What_is_missing_is_named_and_the_figures_follow_the_records()
    {
        const string district = "340604";
        string[] communities = [district + "001001", district + "001002"];
        await grids.ImportAsync(
            GridsFixture.Row(communities[0] + "01", 20), GridsFixture.Row(communities[0] + "02", 21),
            GridsFixture.Row(communities[1] + "01", 22));
        (await MissingAsync(MeetingKind.GridSecretaries, "2026-01-15")).Territories.ShouldBe(communities);
        await Refused.AsAsync("MEETING_FREQUENCY_MISSING", Meetings().ListMissingMeetingsAsync(
            new ListMissingMeetingsRequest { Territory = City, Kind = MeetingKind.BranchCouncil }));
        await Refused.AsAsync("POLICY_MISSING", Meetings("officer", "3404").ListMissingMeetingsAsync(
            new ListMissingMeetingsRequest { Kind = MeetingKind.GridSecretaries }));

        await ImportAsync(Past("M-1", communities[0], MeetingKind.GridSecretaries, "2026-01-31T15:59:00Z"));
        var missing = await MissingAsync(MeetingKind.GridSecretaries, "2026-01-15");
        (missing.From, missing.Until).ShouldBe(("2026-01-01", "2026-01-31"));
        missing.Territories.ShouldBe([communities[1]]);
        // A minute later it is February in China.
        (await MonthlyAsync()).ShouldBe(0);
        await ImportAsync(Past("M-2", communities[1], MeetingKind.GridSecretaries, "2026-01-31T16:00:00Z"));
        (await MissingAsync(MeetingKind.GridSecretaries, "2026-01-15")).Territories.ShouldBe([communities[1]]);
        (await MonthlyAsync()).ShouldBe(0);
        await ImportAsync(Past("M-3", communities[1], MeetingKind.GridSecretaries, "2026-01-05T01:00:00Z"));
        (await MissingAsync(MeetingKind.GridSecretaries, "2026-01-15")).Territories.ShouldBeEmpty();
        (await MonthlyAsync()).ShouldBe(1);

        (await YearlyAsync()).ShouldBe(0);
        string[] all = [communities[0] + "01", communities[0] + "02", communities[1] + "01"];
        (await MissingAsync(MeetingKind.AnnualDebrief, "2025-06-01", pageSize: 2)).Territories.ShouldBe(all[..2]);
        foreach (var grid in all)
        {
            (await YearlyAsync()).ShouldBe(0);
            await ImportAsync(Past($"D-{grid}", grid, MeetingKind.AnnualDebrief, "2025-12-20T01:00:00Z"));
        }
        (await YearlyAsync()).ShouldBe(1);
        (await MissingAsync(MeetingKind.AnnualDebrief, "2025-06-01")).Territories.ShouldBeEmpty();

        Task<long> MonthlyAsync() => ValueAsync("grid_secretary_meetings_per_month", "2026-01-01", "2026-01-31");

        Task<long> YearlyAsync() => ValueAsync("annual_debriefs_per_year", "2025-01-01", "2025-12-31");

        async Task<long> ValueAsync(string name, string from, string until) =>
            (await IndicatorAsync(name, district, new IndicatorPeriod { From = from, Until = until })).Numerator;

        async Task<ListMissingMeetingsResponse> MissingAsync(MeetingKind kind, string on, int pageSize = 0) =>
            await Meetings().ListMissingMeetingsAsync(
                new ListMissingMeetingsRequest { Territory = district, Kind = kind, On = on, PageSize = pageSize });
    }

    [Fact]
    public async Task An_import_repeats_without_effect_corrects_by_code_and_rejects_what_cannot_be()
    {
        var (first, second) = (
            Past("I-1", OtherCommunity, MeetingKind.GridSecretaries, "2025-03-01T01:00:00Z"),
            Past("I-2", OtherCommunity + "01", MeetingKind.AnnualDebrief, "2025-12-01T01:00:00Z"));
        var future = Past("I-3", OtherCommunity, MeetingKind.GridSecretaries, "2027-03-01T01:00:00Z");
        var papers = Past("I-4", OtherCommunity + "01", MeetingKind.AnnualDebrief, "2025-12-01T01:00:00Z");
        papers.Debriefs[0].Appraisal.Good++;
        var nobody = Past("I-5", OtherCommunity, MeetingKind.GridSecretaries, "2025-03-01T01:00:00Z");
        nobody.Debriefs.Add(second.Debriefs);
        var summary = await ImportAsync(
            first, second, future, papers, nobody, Past("I-6", OtherCommunity + "77", MeetingKind.AnnualDebrief, "2025-12-01T01:00:00Z"));
        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 2, 4));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(
            ["MEETING_IN_FUTURE", "DEBRIEF_PAPERS_DIFFER", "MEETING_DEBRIEFERS_INVALID", "DEBRIEF_PAPERS_TOO_MANY", "GRID_NOT_FOUND"],
            ignoreOrder: true);

        (await ImportAsync(first, second)).Unchanged.ShouldBe(2);
        second.Debriefs[0].Appraisal = new AppraisalCount { Papers = 5, Good = 5 };
        second.Minutes = "更正";
        var again = await ImportAsync(first, second);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 1, 1));
        var kept = (await Meetings().ListMeetingsAsync(
            new ListMeetingsRequest { Territory = OtherCommunity + "01", State = MeetingState.Approved })).Meetings.Single();
        (kept.Code, kept.Minutes, kept.MinutesEdition, kept.Debriefs.Single().Appraisal.Papers).ShouldBe(("I-2", "更正", 2, 5));
    }

    [Fact]
    public async Task A_debriefer_is_told_what_is_kept_and_forgotten_once_the_meeting_is_over()
    {
        var called = await CalledAsync(MeetingKind.AnnualDebrief, OtherCommunity + "02", "forgotten-1");
        var persons = new Persons.PersonsClient(grids.As("operator", City));
        (await ExportAsync()).ShouldBe(["meeting"]);
        var erase = new EraseSubjectRequest { RequestId = NewId(), Subject = "forgotten-1", Reason = "本人申请" };
        await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        await Meetings().CancelMeetingAsync(new CancelMeetingRequest { RequestId = NewId(), MeetingId = called.Id, Reason = "改期" });
        erase.RequestId = NewId();
        await persons.EraseSubjectAsync(erase);
        (await ExportAsync()).ShouldBeEmpty();
        (await grids.ScalarAsync<long>("select count(*) from meeting_debriefs where subject = 'forgotten-1'")).ShouldBe(0);

        async Task<List<string>> ExportAsync()
        {
            using var stream = persons.ExportSubject(new ExportSubjectRequest { Subject = "forgotten-1", Reason = "本人申请" });
            var kinds = new List<string>();
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
                kinds.Add(stream.ResponseStream.Current.Kind);
            return kinds;
        }
    }

    private V1.Meetings.MeetingsClient Meetings(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task<Meeting> PlannedAsync(MeetingKind kind, string territory) =>
        (await Meetings().PlanMeetingAsync(Planning(kind, territory))).Meeting;

    private async Task<Meeting> CalledAsync(MeetingKind kind, string territory, params string[] debriefers) =>
        (await Meetings().CallMeetingAsync(Calling((await PlannedAsync(kind, territory)).Id, debriefers))).Meeting;

    private async Task<IReadOnlyList<DebriefResult>> ResultsAsync() =>
        (await Meetings("resident", Here, "neighbour").ListDebriefResultsAsync(new ListDebriefResultsRequest())).Results;

    private async Task<IndicatorValue> IndicatorAsync(string name, string territory = Here, IndicatorPeriod? period = null) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = territory, Names = { name }, Period = period })).Indicators.Single().Exact;

    private async Task<ImportSummary> ImportAsync(params MeetingRow[] rows)
    {
        using var call = Meetings("operator").ImportMeetings();
        return (await call.SendAsync(
        [
            new ImportMeetingsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = City } },
            new ImportMeetingsRequest { Rows = { rows } },
        ])).Summary;
    }

    private static MeetingRow Past(string code, string territory, MeetingKind kind, string at)
    {
        var row = new MeetingRow
        {
            Code = code,
            Territory = territory,
            Kind = kind,
            HeldAt = DateTimeOffset.Parse(at).ToTimestamp(),
            Attendance = { Came(kind is MeetingKind.AnnualDebrief ? MeetingAttendeeKind.Resident : MeetingAttendeeKind.Secretary, 8) },
            Minutes = "已存档",
        };
        if (kind is MeetingKind.AnnualDebrief)
            row.Debriefs.Add(new DebriefRow
            {
                OrganisationId = Party,
                Appraisal = new AppraisalCount { Papers = 8, Good = 6, FairlyGood = 2 },
            });
        return row;
    }

    private PlanMeetingRequest Planning(MeetingKind kind, string territory) => new()
    {
        RequestId = NewId(),
        Territory = territory,
        Kind = kind,
        StartsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
        Place = "社区会议室",
    };

    private static CallMeetingRequest Calling(string meetingId, params string[] debriefers) => new()
    {
        RequestId = NewId(),
        MeetingId = meetingId,
        Notice = "请准时参加",
        Agenda = { "交流做法", "研究难题" },
        Debriefers = { debriefers.Select(subject => new Debriefer { Subject = subject, OrganisationId = Party }) },
    };

    private static HoldMeetingRequest Holding(string meetingId, params MeetingAttendance[] attendance) =>
        new() { RequestId = NewId(), MeetingId = meetingId, Attendance = { attendance }, Minutes = "大家交流了做法" };

    private static ApproveMeetingMinutesRequest Approving(string meetingId) => new() { RequestId = NewId(), MeetingId = meetingId };

    private static MeetingAttendance Came(MeetingAttendeeKind kind, int count) => new() { Kind = kind, Count = count };
}
