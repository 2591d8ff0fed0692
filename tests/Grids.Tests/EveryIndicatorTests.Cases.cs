using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

/// <summary>Acts on cases and on what comes after them.</summary>
public sealed partial class EveryIndicatorTests
{
    private const string Reporter = "resident-1";

    private Case open = null!;
    private SupervisionDraw draw = null!;
    private string drawnFor = "";
    private SatisfactionReview review = null!;
    private Mediation mediation = null!;
    private string improvement = "";

    private V1.SatisfactionSurveys.SatisfactionSurveysClient Surveys(string role = "officer", string subject = "officer-9") =>
        new(grids.As(role, City, subject));

    private V1.Mediations.MediationsClient Mediations() => new(grids.As("officer", City));

    private async Task ReportAsync(CaseChannel channel) => open = (await grids.Cases("officer", City, Reporter).ReportCaseAsync(
        new ReportCaseRequest { RequestId = NewId(), GridCode = GridsFixture.Grid, Title = "路灯不亮", Channel = channel })).Case;

    private Task AssessAsync() => AssessAsync("street_order");

    private async Task AssessAsync(string category) =>
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = open.Id, Category = category });

    private async Task HandledAsync(CaseChannel channel)
    {
        await ReportAsync(channel);
        await AssessAsync();
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = open.Id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = open.Id, Result = "换了灯泡" });
    }

    private async Task AnswerAsync() =>
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = open.Id, Answer = "已修好" });

    private async Task ConfirmedAsync(CaseChannel channel)
    {
        await HandledAsync(channel);
        await AnswerAsync();
        await grids.Cases("resident", City, Reporter).ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = open.Id, Satisfaction = Satisfaction.Satisfied });
    }

    private async Task CloseAsync() => await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = open.Id });

    private async Task OverdueAsync()
    {
        await grids.ClosedAsync();
        open = await grids.ReportAsync();
        grids.Clock.Advance(TimeSpan.FromHours(12));
    }

    private async Task RejectAsync() =>
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = open.Id, Reason = "重复" });

    private async Task TagAsync() => await grids.Cases().TagCaseAsync(new TagCaseRequest
    {
        RequestId = NewId(),
        CaseId = open.Id,
        Dimensions = { GovernanceDimension.RuleOfLaw, GovernanceDimension.MoralEducation },
    });

    /// <summary>Somebody has responded already, and a case waits for its response.</summary>
    private async Task RespondedAsync()
    {
        open = await grids.ClosedAsync();
        await RespondAsync(score: 5);
        open = await grids.ClosedAsync();
    }

    private async Task RespondAsync(int score) => review = (await Surveys("resident", Reporter).RespondToCaseAsync(
        new RespondToCaseRequest { RequestId = NewId(), CaseId = open.Id, Score = score })).Review;

    private async Task OverdueReviewAsync()
    {
        open = await grids.ClosedAsync();
        await RespondAsync(score: 1);
        grids.Clock.Advance(TimeSpan.FromDays(3));
    }

    private async Task DecideReviewAsync() => await Surveys().DecideSatisfactionReviewAsync(new DecideSatisfactionReviewRequest
    {
        RequestId = NewId(),
        ReviewId = review.Id,
        Reason = "复核",
    });

    private async Task DissatisfiedAsync()
    {
        open = await grids.ClosedAsync();
        await RespondAsync(score: 1);
    }

    private async Task OpenImprovementAsync() => improvement = (await Surveys().OpenImprovementAsync(new OpenImprovementRequest
    {
        RequestId = NewId(),
        ResponseId = review.ResponseId,
        Text = "答复须说明做法",
        Responsible = "社区居委会",
        DueAt = grids.Clock.GetUtcNow().AddDays(2).ToTimestamp(),
    })).Improvement.Id;

    private async Task OverdueImprovementAsync()
    {
        await DissatisfiedAsync();
        await OpenImprovementAsync();
        grids.Clock.Advance(TimeSpan.FromDays(3));
    }

    private async Task CompleteImprovementAsync() => await Surveys().CompleteImprovementAsync(
        new CompleteImprovementRequest { RequestId = NewId(), ImprovementId = improvement, Result = "已改" });

    private async Task DrawnAsync(string supervisor)
    {
        for (var i = 0; i < 2; i++)
            await grids.ClosedAsync();
        drawnFor = supervisor;
        var appointed = (await Surveys().AppointSupervisorAsync(new AppointSupervisorRequest
        {
            RequestId = NewId(),
            Territory = City,
            Subject = supervisor,
            Kind = SupervisorKind.Conduct,
            From = "2026-01-01",
            Until = "2026-12-31",
        })).Supervisor;
        draw = (await Surveys().DrawCasesAsync(new DrawCasesRequest
        {
            RequestId = NewId(),
            SupervisorId = appointed.Id,
            From = "2026-03-01",
            Until = "2026-03-09",
            Size = 2,
        })).Draw;
    }

    private async Task ReviewedAsync(string supervisor)
    {
        await DrawnAsync(supervisor);
        await ReviewDrawnAsync(0, mark: 5);
    }

    private async Task ReviewDrawnAsync(int which, int mark) => await Surveys("resident", drawnFor).ReviewDrawnCaseAsync(
        new ReviewDrawnCaseRequest
        {
            RequestId = NewId(),
            DrawId = draw.Id,
            CaseId = draw.Cases[which].CaseId,
            Marks = { new SupervisionMark { Aspect = "timely", Mark = mark }, new SupervisionMark { Aspect = "result", Mark = mark } },
        });

    private async Task OpenMediationAsync()
    {
        open = await grids.AssessedAsync();
        mediation = (await Mediations().OpenMediationAsync(new OpenMediationRequest
        {
            RequestId = NewId(),
            CaseId = open.Id,
            Dispute = "楼上漏水致楼下受损",
            Parties =
            {
                new MediationParty { Label = "甲方", Person = new Person { Name = "张建国" }, Consents = true },
                new MediationParty { Label = "乙方", Person = new Person { Name = "李秀英" }, Consents = true },
            },
            Mediators = { "mediator-1" },
        })).Mediation;
    }

    private async Task AgreedAsync()
    {
        await OpenMediationAsync();
        await ConcludeAsync(MediationOutcome.Agreed);
        await OpenMediationAsync();
    }

    private async Task ConcludeAsync(MediationOutcome outcome) => await Mediations().ConcludeMediationAsync(new ConcludeMediationRequest
    {
        RequestId = NewId(),
        MediationId = mediation.Id,
        Outcome = outcome,
        Conclusion = "一方十日内修复",
        PerformBy = outcome is MediationOutcome.Agreed
            ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(grids.Clock.GetUtcNow().AddDays(10))
            : null,
    });
}
