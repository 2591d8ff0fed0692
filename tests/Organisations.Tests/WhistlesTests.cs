using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.Organisations.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Organisations.Tests.OrganisationsFixture;

namespace Governance.Organisations.Tests;

public sealed class WhistlesTests(OrganisationsFixture organisations) : ServiceTest(organisations), IClassFixture<OrganisationsFixture>
{
    private static readonly TimeSpan TwoHours = TimeSpan.FromHours(2);

    [Fact]
    public async Task Responders_are_those_whose_territory_contains_the_place_nearest_first()
    {
        (await RespondersAsync("noise", Grid)).ShouldBe(["XN", "POLICE", "WORKS"]);
        (await RespondersAsync("road", Grid)).ShouldBe(["POLICE"]);
        (await RespondersAsync("noise", OtherDistrict)).ShouldBe(["DJ-SQUAD", "POLICE", "WORKS"]);
        (await RespondersAsync("noise", City)).ShouldBe(["POLICE", "WORKS"]);
        (await RespondersAsync("floods", Grid)).ShouldBeEmpty();
        (await RespondersAsync("noise", "", "officer", Subdistrict)).ShouldBe(["XN", "POLICE", "WORKS"]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => RespondersAsync("noise", Grid, "officer", OtherDistrict));
    }

    [Fact]
    public async Task A_whistle_makes_one_summons_a_department_however_often_it_arrives()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var whistle = organisations.Whistle(Grid, TwoHours, first, second) with { ProvisionalYear = 2027 };
        var messageId = Guid.NewGuid();
        await using var broker = await Broker.ConnectAsync(organisations.Servers);
        await broker.PublishAsync(whistle, messageId);
        await broker.PublishAsync(whistle, messageId);
        await broker.PublishAsync(whistle, Guid.NewGuid());
        // Of the same case, so that it is handled after the repeats.
        await broker.PublishAsync(whistle with { WhistleId = Guid.NewGuid(), Organisations = [new(first, "再次")] }, Guid.NewGuid());

        var summonses = await Eventually.BecomesAsync(
            () => organisations.OfCaseAsync(whistle.CaseId), found => found.Any(s => s.OrganisationName == "再次"));
        summonses.ShouldAllBe(s => s.ProvisionalYear == 2027);
        var called = summonses.Where(s => s.WhistleId == whistle.WhistleId.ToString()).ToList();
        (summonses.Count, called.Count).ShouldBe((3, 2));
        called.Select(s => Guid.Parse(s.OrganisationId)).ShouldBe([first, second], ignoreOrder: true);
        called.ShouldAllBe(s => s.Territory == Grid && s.Subject == "占道经营" && !s.Late && s.ReportedAt == null);
        called[0].ReportBy.ToDateTimeOffset().ShouldBe(whistle.ReportBy, TimeSpan.FromMilliseconds(1));
        (await organisations.ScalarAsync<long>($"select count(*) from inbox where message_id = '{messageId}'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_department_that_comes_in_time_is_told_to_the_case_once()
    {
        await using var broker = await Broker.ConnectAsync(organisations.Servers);
        var queue = await broker.ListenAsync<ResponderReported>();
        var department = Guid.NewGuid();
        var whistle = organisations.Whistle(Grid, TwoHours, department);
        var summons = (await organisations.BlowAsync(whistle)).Single();
        var request = new ReportInRequest { RequestId = NewId(), SummonsId = summons.Id, Note = "两人到场" };
        var responder = organisations.Whistles("responder", OtherDistrict, department);

        var answered = await responder.ReportInAsync(request);

        answered.Summons.Late.ShouldBeFalse();
        answered.Summons.ReportedAt.ToDateTimeOffset().ShouldBe(organisations.Clock.GetUtcNow(), TimeSpan.FromSeconds(10));
        (await responder.ReportInAsync(request)).ShouldBe(answered);
        (await organisations.OfCaseAsync(whistle.CaseId)).Single().ShouldBe(answered.Summons);
        var (happened, _) = await broker.NextAsync<ResponderReported>(queue);
        happened.ShouldBe(new ResponderReported(
            whistle.CaseId, whistle.WhistleId, department, answered.Summons.ReportedAt.ToDateTimeOffset(), false));

        await Refused.AsAsync("REQUEST_ID_REUSED", responder.ReportInAsync(new ReportInRequest(request) { Note = "三人" }));
        var again = await Refused.AsAsync("SUMMONS_ALREADY_ANSWERED",
            responder.ReportInAsync(new ReportInRequest { RequestId = NewId(), SummonsId = summons.Id }));
        again.Code.ShouldBe(StatusCode.FailedPrecondition);
        (await organisations.ScalarAsync<long>($"select count(*) from audit where record_id = '{summons.Id}'")).ShouldBe(1);
        (await broker.CountAsync(queue)).ShouldBe(0u);
    }

    [Fact]
    public async Task A_department_that_comes_late_is_accepted_and_shown_late()
    {
        await using var broker = await Broker.ConnectAsync(organisations.Servers);
        var queue = await broker.ListenAsync<ResponderReported>();
        var department = Guid.NewGuid();
        var whistle = organisations.Whistle(Grid, TwoHours, department);
        var summons = (await organisations.BlowAsync(whistle)).Single();
        organisations.Clock.Advance(TimeSpan.FromHours(3));
        (await organisations.OfCaseAsync(whistle.CaseId)).Single().Late.ShouldBeTrue();

        var answered = await organisations.Whistles("responder", City, department).ReportInAsync(
            new ReportInRequest { RequestId = NewId(), SummonsId = summons.Id });

        answered.Summons.Late.ShouldBeTrue();
        (await broker.NextAsync<ResponderReported>(queue)).Event.Late.ShouldBeTrue();
    }

    [Fact]
    public async Task A_whistle_that_is_closed_waits_for_nobody()
    {
        var (came, missing) = (Guid.NewGuid(), Guid.NewGuid());
        var whistle = organisations.Whistle(Grid, TwoHours, came, missing);
        var summonses = (await organisations.BlowAsync(whistle)).ToDictionary(s => Guid.Parse(s.OrganisationId));
        // Another of the same case, which stays open.
        var other = whistle with { WhistleId = Guid.NewGuid(), Organisations = [new(missing, "再次")] };
        await organisations.Whistles("responder", City, came).ReportInAsync(new ReportInRequest { RequestId = NewId(), SummonsId = summonses[came].Id });
        var closed = new WhistleClosed(whistle.CaseId, whistle.WhistleId, Grid, "Banked", organisations.Clock.GetUtcNow().AddMinutes(1));
        await using var broker = await Broker.ConnectAsync(organisations.Servers);
        await broker.PublishAsync(closed, Guid.NewGuid());
        await broker.PublishAsync(closed with { ClosedAt = closed.ClosedAt.AddHours(1) }, Guid.NewGuid());
        await broker.PublishAsync(other, Guid.NewGuid());

        var seen = await Eventually.BecomesAsync(() => organisations.OfCaseAsync(whistle.CaseId), found => found.Count is 3);
        seen.Where(s => s.WhistleId == whistle.WhistleId.ToString()).ShouldAllBe(s =>
            (s.ClosedAt.ToDateTimeOffset() - closed.ClosedAt).Duration() < TimeSpan.FromMilliseconds(1));
        var responder = organisations.Whistles("responder", City, missing);
        (await responder.ListSummonsesAsync(new ListSummonsesRequest { OpenOnly = true })).Summonses.Select(s => s.WhistleId)
            .ShouldBe([other.WhistleId.ToString()]);
        var refused = await Refused.AsAsync("SUMMONS_CLOSED",
            responder.ReportInAsync(new ReportInRequest { RequestId = NewId(), SummonsId = summonses[missing].Id }));
        refused.Code.ShouldBe(StatusCode.FailedPrecondition);

        organisations.Clock.Advance(TimeSpan.FromHours(3));
        (await organisations.OfCaseAsync(whistle.CaseId)).Where(s => s.Late).Select(s => s.WhistleId).ShouldBe([other.WhistleId.ToString()]);
    }

    [Fact]
    public async Task Numbers_count_a_closed_whistle_s_departments_as_they_were_when_it_was_closed()
    {
        const string subdistrict = "340603009";
        var client = new Indicators.IndicatorsClient(organisations.As("operator", City));
        var overdue = new IndicatorDefinition
        {
            Name = "summonses_overdue",
            Title = "逾期未报到",
            TitleEn = "Overdue summonses",
            Unit = "summonses",
            Value = new IndicatorTerm { Measure = "summonses", Instant = "due", Passed = true },
        };
        var called = new IndicatorDefinition(overdue) { Name = "summonses_called", Value = new IndicatorTerm { Measure = "summonses" } };
        await client.PutIndicatorDefinitionsAsync(
            new PutIndicatorDefinitionsRequest { RequestId = NewId(), City = City, Definitions = { overdue, called } });
        var (prompt, after, missing) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var whistle = organisations.Whistle(subdistrict + "00101", TwoHours, prompt, after, missing);
        var summonses = (await organisations.BlowAsync(whistle)).ToDictionary(s => Guid.Parse(s.OrganisationId));
        await ComeAsync(prompt);
        organisations.Clock.Advance(TimeSpan.FromMinutes(30));
        var closedAt = organisations.Clock.GetUtcNow();
        organisations.Clock.Advance(TimeSpan.FromMinutes(30));
        // It has not been heard here yet that the whistle is closed.
        await ComeAsync(after);
        organisations.Clock.Advance(TwoHours);
        (await CountAsync()).ShouldBe((1, "in_time 2, none 1"));
        await using var broker = await Broker.ConnectAsync(organisations.Servers);
        await broker.PublishAsync(new WhistleClosed(whistle.CaseId, whistle.WhistleId, whistle.Territory, "Banked", closedAt), Guid.NewGuid());
        await Eventually.BecomesAsync(() => organisations.OfCaseAsync(whistle.CaseId), found => found.All(s => s.ClosedAt is not null));
        (await CountAsync()).ShouldBe((0, "in_time 1, none 2"));

        async Task ComeAsync(Guid department) => await organisations.Whistles("responder", City, department).ReportInAsync(
            new ReportInRequest { RequestId = NewId(), SummonsId = summonses[department].Id });

        async Task<(double Overdue, string Arrivals)> CountAsync()
        {
            var counted = await client.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = subdistrict, Names = { overdue.Name } });
            var parts = await client.GetIndicatorBreakdownAsync(
                new GetIndicatorBreakdownRequest { Territory = subdistrict, Name = called.Name, Dimension = "arrival" });
            return (counted.Indicators.Single().Value, string.Join(", ", parts.Parts.Select(p => $"{p.Key} {p.Value.Numerator}")));
        }
    }

    [Fact]
    public async Task Only_the_department_itself_or_an_operator_of_the_place_reports_in()
    {
        var department = Guid.NewGuid();
        var summons = (await organisations.BlowAsync(organisations.Whistle(Grid, TwoHours, department))).Single();
        ReportInRequest Request(string? id = null) => new() { RequestId = NewId(), SummonsId = id ?? summons.Id };

        foreach (var other in new[]
        {
            organisations.Whistles("responder", City, Guid.NewGuid()),
            organisations.Whistles("responder", City),
            organisations.Whistles("operator", OtherDistrict),
            organisations.Whistles("operator", OtherDistrict, department),
        })
            await Refused.AsAsync("OUTSIDE_TERRITORY", other.ReportInAsync(Request()));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", organisations.Whistles("officer").ReportInAsync(Request()));
        await Refused.AsAsync("OUTSIDE_TERRITORY", organisations.Whistles("responder", City, department).ReportInAsync(Request(NewId())));
        await Refused.AsAsync("SUMMONS_NOT_FOUND", organisations.Whistles().ReportInAsync(Request(NewId())));
        (await organisations.Whistles("operator", Subdistrict).ReportInAsync(Request())).Summons.ReportedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Of_many_reports_at_once_one_counts()
    {
        var department = Guid.NewGuid();
        var summons = (await organisations.BlowAsync(organisations.Whistle(Grid, TwoHours, department))).Single();
        var responder = organisations.Whistles("responder", City, department);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await responder.ReportInAsync(new ReportInRequest { RequestId = NewId(), SummonsId = summons.Id });
                return "";
            }
            catch (RpcException exception)
            {
                return Refused.Of(exception).Reason;
            }
        }));
        outcomes.Order().ShouldBe(["", .. Enumerable.Repeat("SUMMONS_ALREADY_ANSWERED", 7)]);
    }

    [Fact]
    public async Task A_responder_sees_its_own_summonses_wherever_the_case_lies_and_no_others()
    {
        var (mine, other) = (Guid.NewGuid(), Guid.NewGuid());
        await organisations.BlowAsync(organisations.Whistle(Grid, TwoHours, mine, other));
        await organisations.BlowAsync(organisations.Whistle(OtherDistrict + "00100101", TimeSpan.FromHours(1), mine));
        var request = new ListSummonsesRequest { Territory = "340621" };
        var seen = (await organisations.Whistles("responder", District, mine).ListSummonsesAsync(request)).Summonses;
        seen.Select(s => (s.OrganisationId, s.Territory)).ShouldBe(
            [(mine.ToString(), OtherDistrict + "00100101"), (mine.ToString(), Grid)]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", organisations.Whistles("responder", City).ListSummonsesAsync(request));
    }

    [Fact]
    public async Task An_officer_sees_the_summonses_of_its_territory()
    {
        var whistle = organisations.Whistle(Grid, TwoHours, Guid.NewGuid(), Guid.NewGuid());
        var summonses = await organisations.BlowAsync(whistle);
        var request = new ListSummonsesRequest { CaseId = whistle.CaseId.ToString() };
        (await organisations.Whistles("officer", Subdistrict).ListSummonsesAsync(request)).Summonses.Count.ShouldBe(2);
        (await organisations.Whistles("officer", OtherDistrict).ListSummonsesAsync(request)).Summonses.ShouldBeEmpty();
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            organisations.Whistles("officer", OtherDistrict).ListSummonsesAsync(new ListSummonsesRequest { Territory = Grid }));

        await organisations.Whistles().ReportInAsync(new ReportInRequest { RequestId = NewId(), SummonsId = summonses[0].Id });
        request.OpenOnly = true;
        (await organisations.Whistles().ListSummonsesAsync(request)).Summonses.Select(s => s.Id).ShouldBe([summonses[1].Id]);
    }

    [Fact]
    public async Task Pages_of_summonses_come_soonest_first_and_hold_each_once()
    {
        var department = Guid.NewGuid();
        var reportBy = organisations.Clock.GetUtcNow();
        foreach (var hours in new[] { 3, 1, 2, 1, 3 })
            await organisations.BlowAsync(organisations.Whistle(Grid, TwoHours, department) with { ReportBy = reportBy.AddHours(hours) });
        var responder = organisations.Whistles("responder", City, department);
        var request = new ListSummonsesRequest { PageSize = 2 };
        var seen = new List<Summons>();
        do
        {
            var page = await responder.ListSummonsesAsync(request);
            seen.AddRange(page.Summonses);
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    responder.ListSummonsesAsync(new ListSummonsesRequest { OpenOnly = true, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        seen.Select(s => s.Id).Distinct().Count().ShouldBe(5);
        seen.Select(s => Math.Round((s.ReportBy.ToDateTimeOffset() - reportBy).TotalHours)).ShouldBe([1, 1, 2, 3, 3]);
    }

    private async Task<IEnumerable<string>> RespondersAsync(
        string category, string place, string role = "officer", string territory = City) =>
        (await organisations.Whistles(role, territory).ListRespondersAsync(
            new ListRespondersRequest { Category = category, Territory = place }))
            .Organisations.Select(o => o.Code);
}
