using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class CouncilsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static int communities;

    [Fact]
    public async Task A_council_is_established_with_its_members_head_first()
    {
        var council = await EstablishedAsync(NextCommunity());
        council.State.ShouldBe(CouncilState.Active);
        council.Members.Select(m => m.Seat).ShouldBe(
            [CouncilSeat.Head, CouncilSeat.Deputy, CouncilSeat.Member, CouncilSeat.Member, CouncilSeat.Member]);
        council.ConcurrentHead.ShouldBe(ConcurrentHead.Yes);
        council.TermOver.ShouldBeFalse();
        (await Councils().GetCouncilAsync(new GetCouncilRequest { Id = council.Id })).Council.ShouldBe(council);
        (await grids.ScalarAsync<long>($"select count(*) from audit where record_id = '{council.Id}'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_grid_that_is_not_there_and_a_district_have_no_council()
    {
        await Refused.AsAsync("GRID_NOT_FOUND", Councils().EstablishCouncilAsync(Establishment(Community + "77")));
        await Refused.AsAsync("COUNCIL_TERRITORY_INVALID", Councils().EstablishCouncilAsync(Establishment("340603")));
    }

    [Fact]
    public async Task A_territory_has_one_active_council_however_many_are_established_at_once()
    {
        var community = NextCommunity();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await Councils().EstablishCouncilAsync(Establishment(community));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Count(o => o is "").ShouldBe(1);
        outcomes.Where(o => o is not "").ShouldAllBe(o => o == "COUNCIL_EXISTS");
    }

    [Fact]
    public async Task Everything_wrong_with_a_new_council_is_told_at_once()
    {
        var request = Establishment(NextCommunity());
        request.Quorum = new Threshold { Numerator = 3, Denominator = 2 };
        request.Term.Until = "2020-01-01";
        request.Members[1].Subject = request.Members[0].Subject;
        request.Members[2].Seat = CouncilSeat.Head;
        request.ConcurrentSource = "";
        var refused = await Refused.AsAsync("REQUEST_INVALID", Councils().EstablishCouncilAsync(request));
        refused.Fields.ShouldBe(
        [
            "quorum: COUNCIL_QUORUM_INVALID", "term: COUNCIL_TERM_INVALID", "members[1].subject: COUNCIL_MEMBER_TWICE",
            "members[2].seat: COUNCIL_SEAT_TWICE", "concurrent_head: COUNCIL_HEADLESS",
        ]);
    }

    [Theory]
    [InlineData("COUNCIL_QUORUM_INVALID")]
    [InlineData("COUNCIL_TERM_INVALID")]
    [InlineData("COUNCIL_MEMBER_TWICE")]
    [InlineData("COUNCIL_SEAT_TWICE")]
    [InlineData("COUNCIL_HEADLESS")]
    public async Task One_thing_wrong_with_a_new_council_is_told_by_its_reason(string reason)
    {
        var request = Establishment(NextCommunity());
        switch (reason)
        {
            case "COUNCIL_QUORUM_INVALID":
                request.Quorum = new Threshold { Numerator = 1, Denominator = 1, MoreThan = true };
                break;
            case "COUNCIL_TERM_INVALID":
                request.Term.Until = "2046-01-01";
                break;
            case "COUNCIL_MEMBER_TWICE":
                request.Members[4].Subject = request.Members[3].Subject;
                break;
            case "COUNCIL_SEAT_TWICE":
                request.Members[4].Seat = CouncilSeat.Deputy;
                break;
            default:
                request.Members[0].Seat = CouncilSeat.Member;
                break;
        }
        await Refused.AsAsync(reason, Councils().EstablishCouncilAsync(request));
    }

    [Fact]
    public async Task A_new_head_takes_the_seat_and_what_was_known_of_the_old_one_is_gone()
    {
        var council = await EstablishedAsync(NextCommunity());
        var changed = (await Councils().AppointHeadAsync(new AppointHeadRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Etag = council.Etag,
            MemberId = council.Members[2].Id,
            Seat = CouncilSeat.Head,
        })).Council;
        changed.Members[0].Id.ShouldBe(council.Members[2].Id);
        changed.Members.Single(m => m.Id == council.Members[0].Id).Seat.ShouldBe(CouncilSeat.Member);
        changed.ConcurrentHead.ShouldBe(ConcurrentHead.Unspecified);
        (await Councils().GetCouncilAsync(new GetCouncilRequest { Id = council.Id })).Council.ShouldBe(changed);

        await Refused.AsAsync("ETAG_STALE", Councils().AppointHeadAsync(new AppointHeadRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Etag = council.Etag,
            MemberId = council.Members[3].Id,
            Seat = CouncilSeat.Head,
        }));
        await Refused.AsAsync("COUNCIL_SEAT_ORDINARY", Councils().AppointHeadAsync(new AppointHeadRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            MemberId = council.Members[3].Id,
            Seat = CouncilSeat.Member,
        }));
        await Refused.AsAsync("COUNCIL_MEMBER_UNKNOWN", Councils().AppointHeadAsync(new AppointHeadRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            MemberId = NewId(),
            Seat = CouncilSeat.Deputy,
        }));
    }

    [Fact]
    public async Task Who_leaves_stays_in_the_records_and_may_come_back()
    {
        var council = await EstablishedAsync(NextCommunity());
        var head = council.Members[0];
        var left = (await Councils().EndMembershipAsync(new EndMembershipRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            MemberId = head.Id,
        })).Council;
        left.Members.Count.ShouldBe(4);
        left.ConcurrentHead.ShouldBe(ConcurrentHead.Unspecified);
        await Refused.AsAsync("COUNCIL_MEMBER_UNKNOWN",
            Councils().EndMembershipAsync(new EndMembershipRequest { RequestId = NewId(), CouncilId = council.Id, MemberId = head.Id }));

        var again = Appointment(council.Id, head.Subject);
        await Councils().AppointMemberAsync(again);
        (await Councils().AppointMemberAsync(again)).Council.Members.Count.ShouldBe(5);
        again.RequestId = NewId();
        await Refused.AsAsync("COUNCIL_MEMBER_TWICE", Councils().AppointMemberAsync(again));

        var pages = new List<CouncilMember>();
        var list = new ListMembershipsRequest { CouncilId = council.Id, PageSize = 4 };
        do
        {
            var page = await Councils().ListMembershipsAsync(list);
            pages.AddRange(page.Memberships);
            list.PageToken = page.NextPageToken;
        }
        while (list.PageToken.Length > 0);
        pages.Count.ShouldBe(6);
        pages.Count(m => m.LeftAt is not null).ShouldBe(1);
        pages.Count(m => m.Subject == head.Subject).ShouldBe(2);
    }

    [Fact]
    public async Task A_term_that_is_over_shows_until_a_later_one_begins()
    {
        var request = Establishment(NextCommunity());
        request.Term = new CouncilTerm { From = "2023-03-09", Until = "2026-03-08" };
        var council = (await Councils().EstablishCouncilAsync(request)).Council;
        council.TermOver.ShouldBeTrue();
        await Refused.AsAsync("COUNCIL_TERM_INVALID", Councils().RenewTermAsync(Renewal(council.Id, "2023-03-09", "2028-03-08")));
        var renewed = (await Councils().RenewTermAsync(Renewal(council.Id, "2026-03-09", "2029-03-08"))).Council;
        renewed.TermOver.ShouldBeFalse();
        renewed.Terms.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_dissolved_council_takes_nothing_more_and_leaves_its_place_to_another()
    {
        var community = NextCommunity();
        var council = await EstablishedAsync(community);
        var dissolved = (await Councils().DissolveCouncilAsync(new DissolveCouncilRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Reason = "社区合并",
        })).Council;
        dissolved.State.ShouldBe(CouncilState.Dissolved);
        dissolved.Members.ShouldBeEmpty();
        await Refused.AsAsync("COUNCIL_DISSOLVED", Councils().AppointMemberAsync(Appointment(council.Id, "late")));
        await Refused.AsAsync("COUNCIL_DISSOLVED", Councils().RenewTermAsync(Renewal(council.Id, "2027-01-01", "2028-01-01")));
        await EstablishedAsync(community);
        var all = await Councils().ListCouncilsAsync(new ListCouncilsRequest { Territory = community });
        all.Councils.Select(c => c.State).Order().ShouldBe([CouncilState.Active, CouncilState.Dissolved]);
        (await Councils().ListCouncilsAsync(new ListCouncilsRequest
        {
            Territory = community,
            ActiveOnly = true,
        })).Councils.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Residents_see_their_own_council_by_name_and_duty_and_no_other()
    {
        var community = NextCommunity();
        var council = await EstablishedAsync(community);
        var seen = (await Councils("resident", community + "01", "neighbour").GetCouncilAsync(new GetCouncilRequest
        {
            Id = council.Id,
        })).Council;
        seen.Members.ShouldAllBe(m => m.Subject == "" && m.Name.Length > 0);
        var listed = await Councils("resident", community + "01", "neighbour").ListCouncilsAsync(new ListCouncilsRequest
        {
            WithCommunity = true,
        });
        listed.Councils.ShouldHaveSingleItem().Id.ShouldBe(council.Id);

        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Councils("resident", OtherCommunity, "stranger").GetCouncilAsync(new GetCouncilRequest { Id = council.Id }));
        // A member who lives elsewhere still sits on it.
        await Councils("resident", OtherCommunity, council.Members[1].Subject).GetCouncilAsync(new GetCouncilRequest { Id = council.Id });
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Councils("officer", OtherCommunity).AppointMemberAsync(Appointment(council.Id, "somebody")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Councils("officer", OtherCommunity).EstablishCouncilAsync(Establishment(community)));
        await Refused.AsAsync("COUNCIL_NOT_FOUND", Councils().GetCouncilAsync(new GetCouncilRequest { Id = NewId() }));
    }

    [Fact]
    public async Task Pages_hold_every_council_once()
    {
        for (var i = 0; i < 5; i++)
            await EstablishedAsync(NextCommunity());
        var request = new ListCouncilsRequest { Territory = "340603002", PageSize = 2 };
        var ids = new List<string>();
        do
        {
            var page = await Councils().ListCouncilsAsync(request);
            ids.AddRange(page.Councils.Select(c => c.Id));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Councils().ListCouncilsAsync(new ListCouncilsRequest { Territory = City, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.ShouldBeUnique();
        ids.Count.ShouldBe((int)await grids.ScalarAsync<long>("select count(*) from councils where territory like '340603002%'"));
    }

    [Fact]
    public async Task An_import_writes_councils_with_their_people_and_the_indicators_count_them()
    {
        var (first, second, third) = (Row("340604001001"), Row("340604001002"), Row("340604001003"));
        second.ConcurrentHead = ConcurrentHead.No;
        var bad = Row("340604001004");
        bad.Members[1].Subject = bad.Members[0].Subject;
        var outside = Row("340605001001");
        var summary = await ImportAsync(NewId(), first, second, third, bad, outside, Row("34060400100199"));
        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 3, 3));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(
            ["COUNCIL_MEMBER_TWICE", "ROW_TERRITORY_OUTSIDE", "GRID_NOT_FOUND"], ignoreOrder: true);
        (await IndicatorAsync("councils")).ShouldBe(3);
        (await IndicatorAsync("councils_concurrent_head")).ShouldBe(2);

        // The same again changes nothing; other people come and go; a later term is a new one.
        (first.Members[0], first.Members[1]) = (first.Members[1], first.Members[0]);
        second.Members.RemoveAt(4);
        second.Members.Add(new CouncilMember { Subject = "newcomer", Kind = CouncilMemberKind.Expert, Name = "新来", Seat = CouncilSeat.Member });
        third.Term = new CouncilTerm { From = "2026-02-01", Until = "2029-01-31" };
        var again = await ImportAsync(NewId(), first, second, third);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 2, 1));
        var councils = (await Councils().ListCouncilsAsync(new ListCouncilsRequest { Territory = "340604" })).Councils;
        councils[1].Members.Select(m => m.Subject).ShouldBe(
            ["340604001002-0", "340604001002-1", "340604001002-2", "340604001002-3", "newcomer"], ignoreOrder: true);
        councils[2].Terms.Select(t => t.From).ShouldBe(["2025-01-01", "2026-02-01"]);
        (await grids.ScalarAsync<long>("select count(*) from council_members where subject = '340604001002-4' and left_at is not null"))
            .ShouldBe(1);
    }

    private V1.Councils.CouncilsClient Councils(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task<ImportSummary> ImportAsync(string requestId, params CouncilRow[] rows)
    {
        using var call = Councils("operator").ImportCouncils();
        return (await call.SendAsync(
        [
            new ImportCouncilsRequest { Header = new ImportHeader { RequestId = requestId, Territory = "340604" } },
            new ImportCouncilsRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<long> IndicatorAsync(string name) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", "340604")).GetIndicatorsAsync(new GetIndicatorsRequest()))
        .Indicators.Single(i => i.Name == name).Value;

    private async Task<Council> EstablishedAsync(string territory) =>
        (await Councils().EstablishCouncilAsync(Establishment(territory))).Council;

    private static string NextCommunity() => $"340603002{Interlocked.Increment(ref communities):000}";

    private static EstablishCouncilRequest Establishment(string territory)
    {
        var row = Row(territory);
        return new EstablishCouncilRequest
        {
            RequestId = NewId(),
            Territory = row.Territory,
            Name = row.Name,
            Quorum = row.Quorum,
            Term = row.Term,
            Members = { row.Members },
            ConcurrentHead = row.ConcurrentHead,
            ConcurrentSource = row.ConcurrentSource,
        };
    }

    private static CouncilRow Row(string territory) => new()
    {
        Territory = territory,
        Name = $"居民议事会 {territory}",
        Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
        Term = new CouncilTerm { From = "2025-01-01", Until = "2027-12-31" },
        Members =
        {
            Enumerable.Range(0, 5).Select(i => new CouncilMember
            {
                Subject = $"{territory}-{i}",
                Kind = (CouncilMemberKind)(i + 1),
                Name = $"成员{i}",
                Duty = $"{i}号楼",
                Seat = i switch { 0 => CouncilSeat.Head, 1 => CouncilSeat.Deputy, _ => CouncilSeat.Member },
            }),
        },
        ConcurrentHead = ConcurrentHead.Yes,
        ConcurrentSource = "任命文件 2025-3",
    };

    private static AppointMemberRequest Appointment(string councilId, string subject) => new()
    {
        RequestId = NewId(),
        CouncilId = councilId,
        Subject = subject,
        Kind = CouncilMemberKind.Expert,
        Name = "新成员",
    };

    private static RenewTermRequest Renewal(string councilId, string from, string until) =>
        new() { RequestId = NewId(), CouncilId = councilId, Term = new CouncilTerm { From = from, Until = until } };
}
