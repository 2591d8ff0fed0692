using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>A city in which a case begins with its grid, and goes up from there.</summary>
public sealed class GridHeldCasesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Cases = Policy(), "2026-02-01");
    }

    private static CasePolicy Policy()
    {
        var policy = CasePolicy();
        policy.FirstLevel = EscalationLevel.Grid;
        policy.Escalation.Levels.Add(new LevelLimit { Level = EscalationLevel.Grid, HandleWithin = Hours(1) });
        policy.Escalation.Levels.Add(new LevelLimit { Level = EscalationLevel.Community, HandleWithin = Hours(3) });
        return policy;
    }

    [Fact]
    public async Task Whoever_works_in_the_grid_handles_on_the_spot_what_it_holds()
    {
        var reported = await grids.ReportAsync();
        reported.Holder.ShouldBe(GridsFixture.Grid);
        var worker = Worker(GridsFixture.Grid, "worker-1");
        var assess = new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", Worker(NextGrid, "worker-2").AssessCaseAsync(assess));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", grids.Cases("resident", City, "resident-1").AssessCaseAsync(assess));
        var assessed = (await worker.AssessCaseAsync(assess)).Case;
        // The grid's own hour, not the four of the category.
        (assessed.Deadlines.HandleBy - assessed.Deadlines.AssessBy).ToTimeSpan().ShouldBeLessThan(TimeSpan.FromHours(4));
        assessed.FirstReceiver.Subject.ShouldBe("worker-1");
        await worker.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = reported.Id, Result = "现场清理" });
        await worker.AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = "已清理" });
        await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = reported.Id, Satisfaction = Satisfaction.Satisfied });
        (await worker.CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = reported.Id })).Case.State.ShouldBe(CaseState.Closed);
    }

    [Fact]
    public async Task It_goes_up_rung_by_rung_and_then_the_grid_holds_it_no_more()
    {
        var reported = await grids.ReportAsync();
        var worker = Worker(GridsFixture.Grid, "worker-1");
        await worker.AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        (await worker.EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "需物业配合" })).Case.Holder
            .ShouldBe(Community);
        var complete = new CompleteHandlingRequest { RequestId = NewId(), CaseId = reported.Id, Result = "现场清理" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", worker.CompleteHandlingAsync(complete));
        await Refused.AsAsync("CASE_WRONG_STATE", grids.Cases("officer", Community).CompleteHandlingAsync(complete));
        var officer = grids.Cases();
        foreach (var above in new[] { "340603001", "340603", City })
            (await officer.EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "超出能力" })).Case.Holder
                .ShouldBe(above);
        await Refused.AsAsync("CASE_AT_TOP", officer.EscalateCaseAsync(
            new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "超出能力" }));
    }

    [Fact]
    public async Task Whoever_reported_a_case_does_not_hold_it_for_that_nor_confirms_an_own_answer()
    {
        var far = (await Worker(City, "worker-9").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(), GridCode = GridsFixture.Grid, Title = "楼道堆物", Channel = CaseChannel.Patrol,
        })).Case;
        await Refused.AsAsync("OUTSIDE_TERRITORY", Worker(NextGrid, "worker-9").AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = far.Id, Category = "street_order" }));
        var own = Worker(GridsFixture.Grid, "worker-9");
        await own.AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = far.Id, Category = "street_order" });
        await own.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = far.Id, Result = "现场清理" });
        await own.AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = far.Id, Answer = "已清理" });
        foreach (var token in new[] { "grid_worker", "resident,grid_worker", "resident" })
            await Refused.AsAsync("CASE_CONFIRMATION_OWN", grids.Cases(token, GridsFixture.Grid, "worker-9").ConfirmCaseAsync(
                new ConfirmCaseRequest { RequestId = NewId(), CaseId = far.Id, Satisfaction = Satisfaction.Satisfied }));
    }

    [Fact]
    public async Task Who_reported_in_confidence_does_not_rate_an_own_answer_either()
    {
        await grids.PutPolicyAsync(p => p.Satisfaction = SatisfactionRulesTests.Policy(), "2026-02-01");
        var own = Worker(GridsFixture.Grid, "worker-8");
        var id = (await own.ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(), GridCode = GridsFixture.Grid, Title = "楼道堆物", Channel = CaseChannel.Patrol, Confidential = true,
        })).Case.Id;
        await own.AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = id, Category = "street_order" });
        await own.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = id, Result = "现场清理" });
        var answered = (await own.AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = id, Answer = "已清理" })).Case;
        grids.Clock.Set(answered.Deadlines.ConfirmBy.ToDateTimeOffset().AddMinutes(1));
        await own.CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = id });
        await Refused.AsAsync("SATISFACTION_OWN_ANSWER",
            new V1.SatisfactionSurveys.SatisfactionSurveysClient(grids.As("grid_worker", GridsFixture.Grid, "worker-8")).RespondToCaseAsync(
                new RespondToCaseRequest { RequestId = NewId(), CaseId = id, Satisfaction = Satisfaction.Satisfied }));
    }

    [Fact]
    public async Task Numbers_by_the_level_that_holds_a_case_tell_those_of_grids()
    {
        await grids.ReportAsync(2);
        var parts = (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = OtherCommunity, Name = "cases", Dimension = "holder_level" })).Parts;
        parts.Single(p => p.Key == "grid").Value.Numerator.ShouldBe(1);
    }

    [Fact]
    public async Task A_case_begins_with_its_grid_or_its_community() =>
        await Refused.AsAsync("POLICY_INVALID", () => grids.PutPolicyAsync(p =>
        {
            p.Cases = Policy();
            p.Cases.FirstLevel = EscalationLevel.District;
        }));

    private V1.Cases.CasesClient Worker(string territory, string subject) => grids.Cases("grid_worker", territory, subject);
}
