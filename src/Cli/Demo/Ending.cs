using Governance.Cli.Client;
using Governance.Grids.V1;

namespace Governance.Cli.Demo;

/// <summary>How every story ends: the officer answers, the reporter confirms, the officer closes.</summary>
internal static class Ending
{
    public static async Task<Case> PlayAsync(
        Stage stage, PublicApi officer, string officerIs, PublicApi reporter, string reporterIs, string answer, CancellationToken cancelled)
    {
        await stage.StepAsync($"{officerIs} answers the reporter", CaseState.Answered, async () =>
            (await officer.Cases.AnswerCaseAsync(
                new AnswerCaseRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId, Answer = answer },
                cancellationToken: cancelled)).Case);
        await stage.StepAsync($"{reporterIs} confirms, satisfied", CaseState.Confirmed, async () =>
            (await reporter.Cases.ConfirmCaseAsync(
                new ConfirmCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    CaseId = stage.CaseId,
                    Satisfaction = Satisfaction.Satisfied,
                    Comment = "办得好",
                },
                cancellationToken: cancelled)).Case);
        return await stage.StepAsync($"{officerIs} closes the file", CaseState.Closed, async () =>
            (await officer.Cases.CloseCaseAsync(
                new CloseCaseRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId },
                cancellationToken: cancelled)).Case);
    }
}
