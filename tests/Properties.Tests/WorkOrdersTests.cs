using System.Buffers.Text;
using System.Text;
using Governance.Contracts.Events;
using Governance.Properties.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Properties.Tests.PropertiesFixture;

namespace Governance.Properties.Tests;

public sealed class WorkOrdersTests(PropertiesFixture properties) : ServiceTest(properties), IClassFixture<PropertiesFixture>
{
    [Fact]
    public async Task A_case_dispatched_to_an_estate_opens_one_work_order_however_often_it_is_told()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var queue = await broker.ListenAsync<WorkOrderOpened>();
        var happened = properties.Dispatched(properties.EstateIds["ES-1"]) with { ProvisionalYear = 2027 };
        var messageId = Guid.NewGuid();
        await broker.PublishAsync(happened, messageId);
        await broker.PublishAsync(happened, messageId);

        var (opened, _) = await broker.NextAsync<WorkOrderOpened>(queue);
        (opened.CaseId, opened.CompanyName).ShouldBe((happened.CaseId, "甲物业"));
        // The repeat is behind the first in the queue; a third case shows that it has been handled.
        await properties.OpenAsync();
        await broker.NextAsync<WorkOrderOpened>(queue);
        (await broker.CountAsync(queue)).ShouldBe(0u);

        var order = await properties.OrderOfAsync(happened.CaseId);
        order.Id.ShouldBe(opened.WorkOrderId.ToString());
        (order.EstateId, order.EstateName, order.Territory, order.CompanyId, order.Title, order.State)
            .ShouldBe((properties.EstateIds["ES-1"].ToString(), "小区 ES-1", Grid, Company.ToString(), happened.Title, WorkOrderState.Open));
        order.DueAt.ToDateTimeOffset().ShouldBe(happened.DueAt, TimeSpan.FromMilliseconds(1));
        order.OpenedAt.ToDateTimeOffset().ShouldBe(opened.OpenedAt, TimeSpan.FromMilliseconds(1));
        (order.EndedAt, order.Result, order.Overdue, order.ProvisionalYear).ShouldBe((null, "", false, 2027));
    }

    [Fact]
    public async Task A_case_that_no_company_can_get_goes_back_with_the_reason()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var queue = await broker.ListenAsync<WorkOrderDeclined>();
        var unknown = Guid.NewGuid();
        foreach (var (estate, part) in new[]
        {
            (unknown, unknown.ToString()),
            (properties.EstateIds["ES-3"], "小区 ES-3"),
            (properties.EstateIds["ES-4"], "小区 ES-4"),
            (properties.EstateIds["ES-9"], properties.EstateIds["ES-9"].ToString()),
        })
        {
            var happened = properties.Dispatched(estate);
            await broker.PublishAsync(happened, Guid.NewGuid());
            var (declined, _) = await broker.NextAsync<WorkOrderDeclined>(queue);
            (declined.CaseId, declined.WorkOrderId).ShouldBe((happened.CaseId, null));
            declined.Reason.ShouldContain(part);
            (await properties.ScalarAsync<long>($"select count(*) from work_orders where case_id = '{happened.CaseId}'")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_case_dispatched_to_somebody_else_is_none_of_ours()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var happened = properties.Dispatched(null) with { OrganisationId = Guid.NewGuid() };
        await broker.PublishAsync(happened, Guid.NewGuid());
        // Of the same case, so that it is handled after the first.
        await broker.PublishAsync(happened with { OrganisationId = null, EstateId = properties.EstateIds["ES-1"] }, Guid.NewGuid());
        await Eventually.BecomesAsync(CountAsync, opened => opened > 0);
        (await CountAsync()).ShouldBe(1);

        Task<long> CountAsync() => properties.ScalarAsync<long>($"select count(*) from work_orders where case_id = '{happened.CaseId}'");
    }

    [Fact]
    public async Task The_company_starts_and_completes_and_the_case_is_told()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var queue = await broker.ListenAsync<WorkOrderCompleted>();
        var opened = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        (await ReadAsync(company, opened.Id)).ShouldBe(opened);

        var start = Start(opened);
        start.Etag = opened.Etag;
        var started = (await company.StartWorkOrderAsync(start)).WorkOrder;
        (started.State, started.EndedAt).ShouldBe((WorkOrderState.Started, null));
        started.Etag.ShouldNotBe(opened.Etag);
        (await ReadAsync(company, opened.Id)).ShouldBe(started);

        var completed = (await company.CompleteWorkOrderAsync(Complete(started, "换了门轴"))).WorkOrder;
        (completed.State, completed.Result, completed.Overdue).ShouldBe((WorkOrderState.Completed, "换了门轴", false));
        completed.EndedAt.ToDateTimeOffset().ShouldBe(ServiceFixture.Morning, TimeSpan.FromMinutes(1));
        (await ReadAsync(company, opened.Id)).ShouldBe(completed);

        var (told, _) = await broker.NextAsync<WorkOrderCompleted>(queue);
        (told.CaseId, told.WorkOrderId, told.Result).ShouldBe((Guid.Parse(opened.CaseId), Guid.Parse(opened.Id), "换了门轴"));
        told.CompletedAt.ShouldBe(completed.EndedAt.ToDateTimeOffset());
        (await properties.ScalarAsync<long>($"select count(*) from audit where record_id = '{opened.Id}'")).ShouldBe(3);
    }

    [Fact]
    public async Task The_company_declines_and_the_case_is_told_why()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var queue = await broker.ListenAsync<WorkOrderDeclined>();
        var opened = await properties.OpenAsync();
        var declined = (await properties.ForCompany(Company).DeclineWorkOrderAsync(Decline(opened, "属市政设施"))).WorkOrder;
        (declined.State, declined.Result).ShouldBe((WorkOrderState.Declined, "属市政设施"));
        var (told, _) = await broker.NextAsync<WorkOrderDeclined>(queue);
        (told.CaseId, told.WorkOrderId, told.Reason).ShouldBe((Guid.Parse(opened.CaseId), Guid.Parse(opened.Id), "属市政设施"));
    }

    [Fact]
    public async Task A_case_that_goes_elsewhere_takes_its_open_work_order_back()
    {
        var order = await properties.OpenAsync();
        var ended = await properties.OpenAsync();
        await properties.ForCompany(Company).CompleteWorkOrderAsync(
            new CompleteWorkOrderRequest { RequestId = NewId(), WorkOrderId = ended.Id, Result = "已修好" });
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        foreach (var caseId in new[] { ended.CaseId, order.CaseId })
            await broker.PublishAsync(
                new DispatchWithdrawn(Guid.Parse(caseId), Grid, "EscalatedOverdue", [], properties.EstateIds["ES-1"], ServiceFixture.Morning), Guid.NewGuid());
        var withdrawn = await Eventually.BecomesAsync(
            async () => (await properties.WorkOrders().GetWorkOrderAsync(new GetWorkOrderRequest { Id = order.Id })).WorkOrder,
            o => o.State is WorkOrderState.Withdrawn);
        (withdrawn.Result, withdrawn.EndedAt is null).ShouldBe(("EscalatedOverdue", false));
        (await properties.WorkOrders().GetWorkOrderAsync(new GetWorkOrderRequest { Id = ended.Id })).WorkOrder.State.ShouldBe(WorkOrderState.Completed);
        await Refused.AsAsync("WORK_ORDER_WRONG_STATE", properties.ForCompany(Company).StartWorkOrderAsync(
            new StartWorkOrderRequest { RequestId = NewId(), WorkOrderId = order.Id }));
    }

    [Fact]
    public async Task A_case_that_is_given_longer_gives_its_open_work_order_longer()
    {
        var order = await properties.OpenAsync();
        var ended = await properties.OpenAsync();
        await properties.ForCompany(Company).CompleteWorkOrderAsync(
            new CompleteWorkOrderRequest { RequestId = NewId(), WorkOrderId = ended.Id, Result = "已修好" });
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var later = order.DueAt.ToDateTimeOffset().AddDays(2);
        // Another dispatch of the case, a case that is done, and then the one that counts.
        foreach (var (caseId, by, due) in new[]
        {
            (order.CaseId, (Guid?)Guid.NewGuid(), later.AddDays(9)), (ended.CaseId, null, later), (order.CaseId, null, later),
        })
            await broker.PublishAsync(
                new CaseDeadlineMoved(Guid.Parse(caseId), Grid, "DeadlineExtended", due, properties.EstateIds["ES-1"], by, ServiceFixture.Morning, 2027),
                Guid.NewGuid());
        var moved = await Eventually.BecomesAsync(
            async () => (await properties.WorkOrders().GetWorkOrderAsync(new GetWorkOrderRequest { Id = order.Id })).WorkOrder,
            o => o.DueAt.ToDateTimeOffset() == later);
        (moved.State, moved.ProvisionalYear).ShouldBe((WorkOrderState.Open, 2027));
        (await properties.WorkOrders().GetWorkOrderAsync(new GetWorkOrderRequest { Id = ended.Id })).WorkOrder.DueAt.ShouldBe(ended.DueAt);
    }

    [Fact]
    public async Task A_declined_case_can_be_dispatched_again()
    {
        var first = await properties.OpenAsync();
        await properties.ForCompany(Company).DeclineWorkOrderAsync(Decline(first, "人手不足"));
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var again = properties.Dispatched(properties.EstateIds["ES-2"]) with { CaseId = Guid.Parse(first.CaseId) };
        await broker.PublishAsync(again, Guid.NewGuid());
        var orders = await Eventually.BecomesAsync(
            async () => (await properties.WorkOrders().ListWorkOrdersAsync(Of(first.CaseId))).WorkOrders, o => o.Count is 2);
        orders.Single(o => o.State is WorkOrderState.Open).CompanyId.ShouldBe(OtherCompany.ToString());
    }

    [Fact]
    public async Task An_ended_work_order_takes_no_verb_and_names_its_state()
    {
        var opened = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        await company.CompleteWorkOrderAsync(Complete(opened));
        var refused = await Refused.AsAsync("WORK_ORDER_WRONG_STATE", company.StartWorkOrderAsync(Start(opened)));
        refused.Code.ShouldBe(StatusCode.FailedPrecondition);
        (refused.Metadata["state"], refused.Metadata["allowed"]).ShouldBe(("Completed", "Open"));
        refused = await Refused.AsAsync("WORK_ORDER_WRONG_STATE", company.CompleteWorkOrderAsync(Complete(opened)));
        refused.Metadata["allowed"].ShouldBe("Open / Started");
        await Refused.AsAsync("WORK_ORDER_WRONG_STATE", company.DeclineWorkOrderAsync(Decline(opened)));
    }

    [Fact]
    public async Task A_stale_etag_is_refused()
    {
        var opened = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        await company.StartWorkOrderAsync(Start(opened));
        var complete = Complete(opened);
        complete.Etag = opened.Etag;
        (await Refused.AsAsync("ETAG_STALE", company.CompleteWorkOrderAsync(complete))).Code.ShouldBe(StatusCode.Aborted);
        (await ReadAsync(company, opened.Id)).State.ShouldBe(WorkOrderState.Started);
    }

    [Fact]
    public async Task A_repeated_request_gives_the_first_answer_and_a_reused_id_is_refused()
    {
        var opened = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        var request = Complete(opened);
        var first = await company.CompleteWorkOrderAsync(request);
        (await company.CompleteWorkOrderAsync(request)).ShouldBe(first);
        request.Result = "另一结果";
        await Refused.AsAsync("REQUEST_ID_REUSED", company.CompleteWorkOrderAsync(request));
        (await properties.ScalarAsync<long>($"select count(*) from audit where record_id = '{opened.Id}'")).ShouldBe(2);
    }

    [Fact]
    public async Task Of_many_who_complete_at_once_one_succeeds()
    {
        await using var broker = await Broker.ConnectAsync(properties.Servers);
        var queue = await broker.ListenAsync<WorkOrderCompleted>();
        var opened = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        var reasons = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            try
            {
                await company.CompleteWorkOrderAsync(Complete(opened, $"{n}"));
                return "done";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        reasons.Count(r => r is "done").ShouldBe(1);
        reasons.Where(r => r is not "done").ShouldAllBe(r => r == "WORK_ORDER_WRONG_STATE");
        var (told, _) = await broker.NextAsync<WorkOrderCompleted>(queue);
        told.Result.ShouldBe((await ReadAsync(company, opened.Id)).Result);
        (await broker.CountAsync(queue)).ShouldBe(0u);
    }

    [Fact]
    public async Task A_company_reaches_its_own_work_orders_and_no_others()
    {
        var ours = await properties.OpenAsync();
        var theirs = await properties.OpenAsync("ES-2");
        var company = properties.ForCompany(Company);

        await Refused.AsAsync("OUTSIDE_TERRITORY", company.GetWorkOrderAsync(new GetWorkOrderRequest { Id = theirs.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", company.StartWorkOrderAsync(Start(theirs)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", company.CompleteWorkOrderAsync(Complete(theirs)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", company.DeclineWorkOrderAsync(Decline(theirs)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", company.GetWorkOrderAsync(new GetWorkOrderRequest { Id = NewId() }));

        foreach (var territory in new[] { "", OtherCity, Community })
        {
            var page = await company.ListWorkOrdersAsync(new ListWorkOrdersRequest { Territory = territory, PageSize = 500 });
            var listed = page.WorkOrders;
            listed.Select(o => o.Id).ShouldContain(ours.Id);
            listed.ShouldAllBe(o => o.CompanyId == Company.ToString());
        }
        var nobodys = properties.ForCompany(null, City);
        await Refused.AsAsync("OUTSIDE_TERRITORY", nobodys.ListWorkOrdersAsync(new ListWorkOrdersRequest()));
        await Refused.AsAsync("OUTSIDE_TERRITORY", nobodys.GetWorkOrderAsync(new GetWorkOrderRequest { Id = ours.Id }));
    }

    [Fact]
    public async Task Officers_see_the_work_orders_of_their_territory_and_do_not_act_on_them()
    {
        var opened = await properties.OpenAsync();
        var officer = properties.WorkOrders("officer", Community);
        (await ReadAsync(officer, opened.Id)).ShouldBe(opened);
        await Refused.AsAsync("ROLE_NOT_ALLOWED", officer.StartWorkOrderAsync(Start(opened)));

        var foreign = properties.WorkOrders("officer", OtherCommunity);
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.GetWorkOrderAsync(new GetWorkOrderRequest { Id = opened.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.ListWorkOrdersAsync(new ListWorkOrdersRequest { Territory = Community }));
        (await foreign.ListWorkOrdersAsync(Of(opened.CaseId))).WorkOrders.ShouldBeEmpty();
        var abroad = properties.WorkOrders("operator", OtherDistrict);
        await Refused.AsAsync("OUTSIDE_TERRITORY", abroad.StartWorkOrderAsync(Start(opened)));
        var resident = properties.WorkOrders("resident");
        await Refused.AsAsync("ROLE_NOT_ALLOWED", resident.GetWorkOrderAsync(new GetWorkOrderRequest { Id = opened.Id }));
    }

    [Fact]
    public async Task A_missing_work_order_is_named_to_those_who_reach_the_city()
    {
        var nowhere = new GetWorkOrderRequest { Id = NewId() };
        var refused = await Refused.AsAsync("WORK_ORDER_NOT_FOUND", properties.WorkOrders().GetWorkOrderAsync(nowhere));
        refused.Code.ShouldBe(StatusCode.NotFound);
        await Refused.AsAsync("WORK_ORDER_NOT_FOUND",
            properties.WorkOrders().StartWorkOrderAsync(new StartWorkOrderRequest { RequestId = NewId(), WorkOrderId = NewId() }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", properties.WorkOrders("officer", District).GetWorkOrderAsync(nowhere));
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_request_is_told_at_once()
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", properties.WorkOrders().CompleteWorkOrderAsync(
            new CompleteWorkOrderRequest { RequestId = "1", Etag = new string('v', 41), Result = new string('长', 2001) }));
        refused.Fields.ShouldBe(
            ["request_id: FIELD_MALFORMED", "work_order_id: FIELD_REQUIRED", "etag: FIELD_TOO_LONG", "result: FIELD_TOO_LONG"]);
        refused = await Refused.AsAsync("REQUEST_INVALID", properties.WorkOrders().DeclineWorkOrderAsync(
            new DeclineWorkOrderRequest { RequestId = NewId(), WorkOrderId = NewId() }));
        refused.Fields.ShouldBe(["reason: FIELD_REQUIRED"]);
    }

    [Fact]
    public async Task Pages_hold_every_work_order_once_soonest_due_first()
    {
        for (var i = 0; i < 5; i++)
            await properties.OpenAsync();
        var request = new ListWorkOrdersRequest { Territory = Community, State = WorkOrderState.Open, PageSize = 2 };
        var orders = new List<WorkOrder>();
        ListWorkOrdersResponse page;
        do
        {
            page = await properties.WorkOrders("officer").ListWorkOrdersAsync(request);
            orders.AddRange(page.WorkOrders);
            if (page.NextPageToken.Length > 0)
            {
                await Refused.AsAsync("PAGE_TOKEN_INVALID", properties.WorkOrders("officer").ListWorkOrdersAsync(
                    new ListWorkOrdersRequest { Territory = Community, PageToken = page.NextPageToken }));
                var tampered = request.Clone();
                tampered.PageToken = Tampered(page.NextPageToken, page.WorkOrders[^1].Id, "no-id");
                await Refused.AsAsync("PAGE_TOKEN_INVALID", properties.WorkOrders("officer").ListWorkOrdersAsync(tampered));
            }
            request.PageToken = page.NextPageToken;
        }
        while (page.NextPageToken.Length > 0);
        orders.ShouldAllBe(o => o.State == WorkOrderState.Open);
        orders.Select(o => o.DueAt.ToDateTimeOffset()).ShouldBeInOrder();
        orders.Select(o => o.Id).Distinct().Count().ShouldBe(orders.Count);
        orders.Count.ShouldBe((int)await properties.ScalarAsync<long>(
            $"select count(*) from work_orders where territory like '{Community}%' and state = 1"));
    }

    [Fact]
    public async Task A_work_order_is_overdue_from_its_due_instant_until_for_ever()
    {
        var late = await properties.OpenAsync();
        var timely = await properties.OpenAsync();
        var company = properties.ForCompany(Company);
        await company.CompleteWorkOrderAsync(Complete(timely));
        (await ReadAsync(company, late.Id)).Overdue.ShouldBeFalse();

        properties.Clock.Set(late.DueAt.ToDateTimeOffset().AddSeconds(1));
        (await ReadAsync(company, late.Id)).Overdue.ShouldBeTrue();
        (await ReadAsync(company, timely.Id)).Overdue.ShouldBeFalse();
        var ended = (await company.CompleteWorkOrderAsync(Complete(late))).WorkOrder;
        ended.Overdue.ShouldBeTrue();
        ended.DueAt.ShouldBe(late.DueAt);
        var listed = await company.ListWorkOrdersAsync(Of(late.CaseId));
        listed.WorkOrders.ShouldHaveSingleItem().ShouldBe(ended);
    }

    private static async Task<WorkOrder> ReadAsync(V1.WorkOrders.WorkOrdersClient client, string id) =>
        (await client.GetWorkOrderAsync(new GetWorkOrderRequest { Id = id })).WorkOrder;

    private static string Tampered(string token, string part, string other)
    {
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        text.ShouldContain(part);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text.Replace(part, other, StringComparison.Ordinal)));
    }

    private static StartWorkOrderRequest Start(WorkOrder order) => new() { RequestId = NewId(), WorkOrderId = order.Id };

    private static CompleteWorkOrderRequest Complete(WorkOrder order, string result = "修好了") =>
        new() { RequestId = NewId(), WorkOrderId = order.Id, Result = result };

    private static DeclineWorkOrderRequest Decline(WorkOrder order, string reason = "不在服务范围") =>
        new() { RequestId = NewId(), WorkOrderId = order.Id, Reason = reason };
}
