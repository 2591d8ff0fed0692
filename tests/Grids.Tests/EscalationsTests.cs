using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class EscalationsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";

    private DateTimeOffset InAMonth => grids.Clock.GetUtcNow().AddDays(30);

    [Fact]
    public async Task A_case_on_file_is_due_at_its_review_and_is_taken_up_again()
    {
        var escalated = await EscalatedAsync();
        var banked = (await Escalations(Subdistrict).BankCaseAsync(Bank(escalated.Id, InAMonth, escalated.Etag))).Case;
        banked.State.ShouldBe(CaseState.Banked);
        banked.Deadlines.HandleBy.ToDateTimeOffset().ShouldBe(InAMonth, TimeSpan.FromMinutes(1));
        banked.Deadlines.EscalateAt.ShouldBeGreaterThan(banked.Deadlines.HandleBy);
        (await grids.Cases().ListCasesAsync(new ListCasesRequest { State = CaseState.Banked })).Cases.ShouldContain(c => c.Id == escalated.Id);

        var again = (await Escalations(Subdistrict).ReviewBankedCaseAsync(Review(banked.Id, InAMonth.AddDays(30)))).Case;
        again.State.ShouldBe(CaseState.Banked);
        again.Deadlines.HandleBy.ShouldBeGreaterThan(banked.Deadlines.HandleBy);
        var taken = (await Escalations(Subdistrict).ReviewBankedCaseAsync(Review(banked.Id))).Case;
        taken.State.ShouldBe(CaseState.Assessed);
        taken.Deadlines.HandleBy.ShouldBeLessThan(banked.Deadlines.HandleBy);
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = banked.Id })).Entries.Select(e => e.Action)
            .ShouldBe(["Reported", "Assessed", "Escalated", "Banked", "BankedAgain", "TakenUpAgain"]);
    }

    [Fact]
    public async Task A_case_on_file_that_nobody_looks_at_again_goes_up()
    {
        var escalated = await EscalatedAsync();
        var banked = (await Escalations(Subdistrict).BankCaseAsync(Bank(escalated.Id, InAMonth))).Case;
        grids.Clock.Set(banked.Deadlines.EscalateAt.ToDateTimeOffset().AddSeconds(1));
        var raised = await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = banked.Id })).Case, c => c.Holder == "340603");
        raised.State.ShouldBe(CaseState.Assessed);
    }

    [Fact]
    public async Task A_community_puts_nothing_on_file_and_nobody_beyond_the_policy()
    {
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("BANK_LEVEL_TOO_LOW", Escalations(City).BankCaseAsync(Bank(assessed.Id, InAMonth)));
        var escalated = await EscalatedAsync();
        await Refused.AsAsync("CASE_WRONG_STATE", Escalations(City).ReviewBankedCaseAsync(Review(escalated.Id)));
        await Refused.AsAsync("REVIEW_TOO_LATE", Escalations(City).BankCaseAsync(Bank(escalated.Id, InAMonth.AddDays(170))));
        await Refused.AsAsync("REVIEW_TOO_LATE", Escalations(City).BankCaseAsync(Bank(escalated.Id, grids.Clock.GetUtcNow())));
        await Refused.AsAsync("ETAG_STALE", Escalations(City).BankCaseAsync(Bank(escalated.Id, InAMonth, "v1")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Escalations(Community).BankCaseAsync(Bank(escalated.Id, InAMonth)));
        await Refused.AsAsync("CASE_NOT_FOUND", Escalations(City).BankCaseAsync(Bank(NewId(), InAMonth)));
    }

    [Fact]
    public async Task An_order_from_above_is_replied_to_once_and_told_by_the_history()
    {
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("SUPERVISION_TOO_LOW", Escalations(Community).IssueSupervisionOrderAsync(Order(assessed.Id)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Escalations("340602").IssueSupervisionOrderAsync(Order(assessed.Id)));
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var (ordered, answered) = (await broker.ListenAsync<SupervisionOrdered>(), await broker.ListenAsync<SupervisionReplied>());
        var request = Order(assessed.Id);
        var order = (await Escalations(Subdistrict, "supervisor").IssueSupervisionOrderAsync(request)).Order;
        (order.Ordered, order.IssuedBy, order.Late).ShouldBe((Community, "supervisor", false));
        (await Escalations(Subdistrict, "supervisor").IssueSupervisionOrderAsync(request)).Order.ShouldBe(order);

        var reply = new ReplySupervisionOrderRequest { RequestId = NewId(), OrderId = order.Id, Reply = "已安排人员处置" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", Escalations(OtherCommunity).ReplySupervisionOrderAsync(reply));
        var replied = (await Escalations(Community, "worker").ReplySupervisionOrderAsync(reply)).Order;
        (replied.Reply, replied.RepliedBy, replied.Late).ShouldBe((reply.Reply, "worker", false));
        var (told, _) = await broker.NextAsync<SupervisionOrdered>(ordered);
        (told.CaseId, told.OrderId, told.Ordered, told.ReplyBy)
            .ShouldBe((Guid.Parse(assessed.Id), Guid.Parse(order.Id), Community, order.ReplyBy.ToDateTimeOffset()));
        (await broker.NextAsync<SupervisionReplied>(answered)).Event.OrderId.ShouldBe(told.OrderId);
        await Refused.AsAsync("SUPERVISION_REPLIED", Escalations(Community).ReplySupervisionOrderAsync(
            new ReplySupervisionOrderRequest(reply) { RequestId = NewId() }));
        await Refused.AsAsync("SUPERVISION_ORDER_NOT_FOUND", Escalations(City).ReplySupervisionOrderAsync(
            new ReplySupervisionOrderRequest(reply) { RequestId = NewId(), OrderId = NewId() }));
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id })).Entries.Select(e => e.Action)
            .ShouldBe(["Reported", "Assessed", "SupervisionOrdered"]);
    }

    [Fact]
    public async Task A_case_that_is_over_is_not_supervised()
    {
        var reported = await grids.ReportAsync();
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "不属实" });
        await Refused.AsAsync("SUPERVISION_CASE_OVER", Escalations(City).IssueSupervisionOrderAsync(Order(reported.Id)));
    }

    [Fact]
    public async Task Orders_are_listed_by_case_and_territory_soonest_due_first_and_late_ones_say_so()
    {
        var assessed = await grids.AssessedAsync();
        var slow = (await Escalations(City).IssueSupervisionOrderAsync(Order(assessed.Id, hours: 10))).Order;
        var quick = (await Escalations(City).IssueSupervisionOrderAsync(Order(assessed.Id, hours: 2))).Order;
        var done = (await Escalations(City).IssueSupervisionOrderAsync(Order(assessed.Id, hours: 5))).Order;
        await Escalations(City).ReplySupervisionOrderAsync(new ReplySupervisionOrderRequest { RequestId = NewId(), OrderId = done.Id, Reply = "已办" });
        grids.Clock.Advance(TimeSpan.FromHours(3));

        (await ListAsync(Community, openOnly: false)).Select(o => (o.Id, o.Late)).ShouldBe([(quick.Id, true), (done.Id, false), (slow.Id, false)]);
        (await ListAsync(Community, openOnly: true)).Select(o => o.Id).ShouldBe([quick.Id, slow.Id]);
        (await ListAsync(OtherCommunity, openOnly: false)).ShouldBeEmpty();

        async Task<List<SupervisionOrder>> ListAsync(string territory, bool openOnly)
        {
            var request = new ListSupervisionOrdersRequest { Territory = territory, CaseId = assessed.Id, OpenOnly = openOnly, PageSize = 1 };
            var orders = new List<SupervisionOrder>();
            do
            {
                var page = await Escalations(City).ListSupervisionOrdersAsync(request);
                orders.AddRange(page.Orders);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return orders;
        }
    }

    [Fact]
    public async Task A_repeat_by_whom_the_case_has_left_gets_the_first_answer()
    {
        var assessed = await grids.AssessedAsync();
        var community = grids.Cases("officer", Community);
        var request = new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出职权" };
        var first = await community.EscalateCaseAsync(request);
        (await community.EscalateCaseAsync(request)).ShouldBe(first);
        // Another request of theirs is refused as before, and so is theirs from somebody else.
        await Refused.AsAsync("OUTSIDE_TERRITORY", community.EscalateCaseAsync(new EscalateCaseRequest(request) { RequestId = NewId() }));
        await Refused.AsAsync("REQUEST_ID_REUSED", grids.Cases("officer", OtherCommunity, "another").EscalateCaseAsync(request));
    }

    private async Task<V1.Case> EscalatedAsync()
    {
        var assessed = await grids.AssessedAsync();
        return (await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出职权" })).Case;
    }

    private V1.Escalations.EscalationsClient Escalations(string territory, string subject = "somebody") => new(grids.As("officer", territory, subject));

    private static BankCaseRequest Bank(string caseId, DateTimeOffset reviewAt, string etag = "") =>
        new() { RequestId = NewId(), CaseId = caseId, Etag = etag, ReviewAt = reviewAt.ToTimestamp(), Reason = "待片区改造" };

    private static ReviewBankedCaseRequest Review(string caseId, DateTimeOffset? reviewAt = null) =>
        new() { RequestId = NewId(), CaseId = caseId, ReviewAt = reviewAt?.ToTimestamp(), Reason = "复核" };

    private static IssueSupervisionOrderRequest Order(string caseId, int hours = 4) => new()
    {
        RequestId = NewId(),
        CaseId = caseId,
        Instruction = "说明进展",
        ReplyWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = hours },
    };
}
