using Governance.Contracts.Events;
using Governance.Properties.Estates;
using Governance.Properties.V1;
using Governance.Properties.WorkOrders;
using Governance.ServiceDefaults.Errors;
using Shouldly;
using Xunit;
using WorkOrder = Governance.Properties.WorkOrders.WorkOrder;

namespace Governance.Properties.Tests;

public sealed class WorkOrderRulesTests
{
    private const string Grid = "34060300100101";

    private static readonly DateTimeOffset Now = new(2026, 3, 9, 1, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = new("00000000-0000-7000-8000-000000000001");
    private static readonly Guid EstateId = new("00000000-0000-7000-8000-000000000002");
    private static readonly Guid CompanyId = new("00000000-0000-7000-8000-000000000003");
    private static readonly Guid DispatchId = new("00000000-0000-7000-8000-000000000005");
    private static readonly ManagedEstate Managed = new(EstateId, "一小区", "340603001002", CompanyId, "甲物业");

    [Fact]
    public void An_estate_with_a_company_opens_a_work_order_for_it()
    {
        var happened = Dispatched();
        var step = WorkOrderRules.Open(Id, happened, EstateId, Managed, Now).OrRefuse();
        var next = step.Next;
        (next.Id, next.CaseId, next.EstateId, next.EstateName, next.Territory, next.CompanyId, next.Title)
            .ShouldBe((Id, happened.CaseId, EstateId, "一小区", Grid, CompanyId, "大门损坏"));
        (next.State, next.DueAt, next.OpenedAt, next.EndedAt, next.Version).ShouldBe((WorkOrderState.Open, happened.DueAt, Now, null, 1));
        step.Events.ShouldBe([new WorkOrderOpened(happened.CaseId, Id, "甲物业", Now, DispatchId)]);
    }

    [Fact]
    public void An_unknown_estate_and_one_of_another_city_are_refused_alike()
    {
        var unknown = WorkOrderRules.Open(Id, Dispatched(), EstateId, null, Now).Refusal!;
        var foreign = WorkOrderRules.Open(Id, Dispatched(), EstateId, Managed with { Territory = "340402001001" }, Now).Refusal!;
        unknown.Definition.ShouldBe(WorkOrderErrors.EstateUnknown);
        foreign.Definition.Text(Language.Chinese, foreign.Metadata).ShouldBe(unknown.Definition.Text(Language.Chinese, unknown.Metadata));
    }

    [Fact]
    public void An_estate_without_company_is_refused_by_name()
    {
        var refusal = WorkOrderRules.Open(Id, Dispatched(), EstateId, Managed with { CompanyId = null, CompanyName = "" }, Now).Refusal!;
        refusal.Definition.ShouldBe(WorkOrderErrors.EstateWithoutCompany);
        refusal.Definition.Text(Language.Chinese, refusal.Metadata).ShouldBe("一小区没有物业服务企业，无法派发工单。");
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Only_past_its_due_instant_a_work_order_is_overdue(int ticks, bool overdue)
    {
        WorkOrderRules.IsOverdue(Now, null, Now.AddTicks(ticks)).ShouldBe(overdue);
        WorkOrderRules.IsOverdue(Now, Now.AddTicks(ticks), Now.AddYears(1)).ShouldBe(overdue);
    }

    [Fact]
    public void Every_history_ends_at_most_once_tells_it_once_and_never_moves_the_due_instant()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var opened = WorkOrderRules.Open(Id, Dispatched(), EstateId, Managed, Now).OrRefuse();
            var (current, told, accepted) = (opened.Next, new List<IEvent>(), 0);
            for (var i = 0; i < 8; i++)
            {
                var at = Now.AddMinutes(i);
                var outcome = random.Next(3) switch
                {
                    0 => WorkOrderRules.Start(current),
                    1 => WorkOrderRules.Complete(current, $"result {i}", at),
                    _ => WorkOrderRules.Decline(current, $"reason {i}", at),
                };
                if (outcome.Refusal is { } refusal)
                {
                    refusal.Definition.ShouldBe(WorkOrderErrors.WrongState);
                    continue;
                }
                var before = current;
                current = outcome.OrRefuse().Next;
                told.AddRange(outcome.OrRefuse().Events);
                accepted++;
                (before.State is WorkOrderState.Open or WorkOrderState.Started).ShouldBeTrue($"seed {seed}");
                current.EndedAt.HasValue.ShouldBe(current.State is WorkOrderState.Completed or WorkOrderState.Declined, $"seed {seed}");
                if (current.EndedAt is { } ended)
                    ended.ShouldBe(at, $"seed {seed}");
            }
            (current with { State = opened.Next.State, Result = "", EndedAt = null, Version = 1 }).ShouldBe(opened.Next, $"seed {seed}");
            current.Version.ShouldBe(1 + accepted, $"seed {seed}");
            told.Count.ShouldBe(current.EndedAt is null ? 0 : 1, $"seed {seed}");
            Matches(told, current).ShouldBeTrue($"seed {seed}");
        }
    }

    [Fact]
    public void What_is_told_of_a_work_order_holds_no_number_of_anybody()
    {
        var opened = WorkOrderRules.Open(Id, Dispatched(), EstateId, Managed, Now).OrRefuse().Next;
        var done = WorkOrderRules.Complete(opened, "已修好，业主13955550001确认", Now).OrRefuse();
        done.Events.Single().ShouldBeOfType<WorkOrderCompleted>().Result.ShouldBe("已修好，业主***确认");
        // The company's own order says what it wrote.
        done.Next.Result.ShouldBe("已修好，业主13955550001确认");
        var back = WorkOrderRules.Decline(opened, "请联系 wang.zr@example.com", Now).OrRefuse();
        back.Events.Single().ShouldBeOfType<WorkOrderDeclined>().Reason.ShouldBe("请联系 ***");
    }

    private static bool Matches(List<IEvent> told, WorkOrder current) => told switch
    {
        [] => current.State is WorkOrderState.Open or WorkOrderState.Started,
        [WorkOrderCompleted done] => current.State is WorkOrderState.Completed
            && done == new WorkOrderCompleted(current.CaseId, Id, current.Result, current.EndedAt!.Value, DispatchId),
        [WorkOrderDeclined back] => current.State is WorkOrderState.Declined
            && back == new WorkOrderDeclined(current.CaseId, Id, current.Result, current.EndedAt!.Value, DispatchId),
        _ => false,
    };

    private static CaseDispatched Dispatched() =>
        new(new Guid("00000000-0000-7000-8000-000000000004"), Grid, "大门损坏", Now.AddHours(4), null, EstateId, null, Now, DispatchId: DispatchId);
}
