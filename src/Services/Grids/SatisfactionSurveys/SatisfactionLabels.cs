using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>What people call the states of reviews and of improvements.</summary>
public static class SatisfactionLabels
{
    public static Words Told(this SatisfactionReviewState state) => Words.Of(state, state switch
    {
        SatisfactionReviewState.Open => ("open", "待复核"),
        SatisfactionReviewState.Reopened => ("reopened", "重新办理"),
        SatisfactionReviewState.Upheld => ("upheld", "维持答复"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this ImprovementState state) => Words.Of(state, state switch
    {
        ImprovementState.Open => ("open", "整改中"),
        ImprovementState.Done => ("done", "已整改"),
        ImprovementState.Checked => ("checked", "已验收"),
        _ => ("unspecified", "未指明"),
    });
}
