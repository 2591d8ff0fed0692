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
        var reason = Required("--reason", "Why the answer is not accepted.");
        return CaseVerbs.Of(host, "request-review", "Have the answer reviewed by the level above (复查、复核).", [reason], "--reason 问题没有解决",
            async verb => (await verb.Api.Reviews.RequestReviewAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case);
    }

    private static Command Decide(CliHost host)
    {
        var decision = Word<ReviewDecision>("--decision", "What is decided.", required: true);
        var opinion = Required("--opinion", "The opinion, as the reporter will read it.");
        return CaseVerbs.Of(host, "decide-review", "Decide about an answer as the level above.", [decision, opinion], "--decision upheld --opinion 原答复正确",
            async verb => (await verb.Api.Reviews.DecideReviewAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Decision = verb.Word<ReviewDecision>(decision),
                    Opinion = verb.Text(opinion),
                },
                verb.Options)).Case);
    }
}
