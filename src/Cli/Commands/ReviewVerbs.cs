using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>Of <c>gov case</c>: reviews of answers by the levels above.</summary>
internal static class ReviewVerbs
{
    public static IEnumerable<Command> Build(CliHost host) => [Request(host), Decide(host)];

    private static Command Request(CliHost host)
    {
        var reason = Option<string>("--reason", "Why the answer is not accepted.", "TEXT", required: true);
        return CaseVerbs.Of(host, "request-review", "Have the answer reviewed by the level above (复查、复核).", [reason], "--reason 问题没有解决",
            async verb => (await verb.Api.Reviews.RequestReviewAsync(
                new RequestReviewRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case);
    }

    private static Command Decide(CliHost host)
    {
        var decision = Word<ReviewDecision>("--decision", "What is decided.", required: true);
        var opinion = Option<string>("--opinion", "The opinion, as the reporter will read it.", "TEXT", required: true);
        return CaseVerbs.Of(host, "decide-review", "Decide about an answer as the level above.", [decision, opinion], "--decision upheld --opinion 原答复正确",
            async verb => (await verb.Api.Reviews.DecideReviewAsync(
                new DecideReviewRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Decision = verb.Line.Word<ReviewDecision>(decision),
                    Opinion = verb.Line.Text(opinion),
                },
                cancellationToken: verb.Cancelled)).Case);
    }
}
