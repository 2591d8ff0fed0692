using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov satisfaction`: what reporters say of answers, and what becomes of it. Rates are indicators: gov indicators.</summary>
internal static class SatisfactionCommands
{
    public static Command Build(CliHost host)
    {
        var reviews = new Verbs<SatisfactionReview>(host, "satisfaction", "The review.", Facts);
        return Group(
            "satisfaction",
            "What reporters say of answers, and reviews of dissatisfied ones (群众满意度, 回访). Rates: gov indicators.",
            Responses(host), Show(host), Respond(host), Callback(host), Reviews(reviews), Decide(reviews));
    }

    private static (string Name, object? Value)[] Facts(SatisfactionResponse? response) => response is null
        ? []
        :
        [
            ("id", response.Id),
            ("case", response.CaseId),
            ("territory", response.Territory),
            ("answered by", response.Holder),
            ("channel", response.Channel),
            ("satisfaction", response.Satisfaction),
            ("score", response.Score == 0 ? "" : response.Score),
            ("comment", response.Comment),
            ("asked by", response.AskedBy),
            ("agent", response.Agent),
            ("answered", response.AnsweredAt),
            ("said", response.At),
        ];

    private static (string Name, object? Value)[] Facts(SatisfactionReview? review) => review is null
        ? []
        :
        [
            ("review", review.Id),
            ("state", review.State),
            ("of case", review.CaseId),
            ("grid", review.Territory),
            ("answer by", review.Holder),
            ("opened", review.OpenedAt),
            ("due", review.DueAt),
            ("overdue", review.Overdue),
            ("decided by", review.DecidedBy),
            ("decided", review.DecidedAt),
            ("reason", review.Reason),
            ("etag", review.Etag),
        ];

    private static Command Responses(CliHost host)
    {
        var within = Shared.Within();
        var satisfaction = Word<Satisfaction>("--satisfaction", "Only these.");
        return new Verbs<SatisfactionResponse>(host, "satisfaction", "The response.", Facts).List(
            "responses", "Responses of a territory, newest first.", [within, satisfaction], "--within 340603 --satisfaction dissatisfied",
            ["said", "satisfaction", "score", "channel", "comment", "territory", "case"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.SatisfactionSurveys.ListSatisfactionResponsesAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Satisfaction = verb.Word<Satisfaction>(satisfaction),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Responses, page.NextPageToken);
            });
    }

    private static Command Show(CliHost host) =>
        new Verbs<GetCaseSatisfactionResponse>(host, "satisfaction", "The case.", answer =>
            [("respond by", answer.RespondBy), ("may respond", answer.MayRespond ? "yes" : "no"), .. Facts(answer.Response)])
        .On("show", "Whether, and until when, a case's reporter may respond, and the response to its last answer.", [], "",
            async verb => await verb.Api.SatisfactionSurveys.GetCaseSatisfactionAsync(new() { CaseId = verb.Id }, verb.Options));

    private static Command Respond(CliHost host)
    {
        var (satisfaction, score, comment) = (Satisfied(), Score(), Comment());
        return new Verbs<RespondToCaseResponse>(host, "satisfaction", "The case.", answer =>
            [.. Facts(answer.Response), .. Facts(answer.Review)])
        .On("respond", "The reporter responds to the last answer; a dissatisfied response opens a review.", [satisfaction, score, comment],
            "--satisfaction dissatisfied --comment 大门又坏了 --subject resident-17 --territory 34060300100101",
            async verb =>
            {
                var request = new RespondToCaseRequest { RequestId = verb.RequestId, CaseId = verb.Id, Comment = verb.Text(comment) };
                if (verb.Get(score) is { } mark)
                    request.Score = mark;
                else
                    request.Satisfaction = verb.Word<Satisfaction>(satisfaction);
                return await verb.Api.SatisfactionSurveys.RespondToCaseAsync(OneVerdict(verb, satisfaction, score, request), verb.Options);
            });
    }

    private static Command Callback(CliHost host)
    {
        var (satisfaction, score, comment) = (Satisfied(), Score(), Comment());
        var channel = Word<ResponseChannel>("--channel", "How the reporter was asked: telephone, hotline or visit.", required: true);
        var agent = Option<string>("--agent", "Reference of who asked, in the hotline's own system; no name.", "CODE");
        return new Verbs<RecordCallbackResponse>(host, "satisfaction", "The case.", answer =>
            [.. Facts(answer.Response), .. Facts(answer.Review)])
        .On("callback", "Record what a reporter said when called back; never by whoever gave the answer.",
            [channel, satisfaction, score, comment, agent], "--channel telephone --score 4 --comment 处理及时 --agent H-204",
            async verb =>
            {
                var request = new RecordCallbackRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Channel = verb.Word<ResponseChannel>(channel),
                    Comment = verb.Text(comment),
                    Agent = verb.Text(agent),
                };
                if (verb.Get(score) is { } mark)
                    request.Score = mark;
                else
                    request.Satisfaction = verb.Word<Satisfaction>(satisfaction);
                return await verb.Api.SatisfactionSurveys.RecordCallbackAsync(OneVerdict(verb, satisfaction, score, request), verb.Options);
            });
    }

    private static Command Reviews(Verbs<SatisfactionReview> reviews)
    {
        var within = Shared.Within();
        var state = Word<SatisfactionReviewState>("--state", "Only in this state.");
        var overdue = Flag("--overdue", "Only overdue ones.");
        return reviews.List(
            "reviews", "Reviews of dissatisfied responses in a territory, soonest due first.", [within, state, overdue],
            "--within 340603 --state open",
            ["due", "overdue", "state", "grid", "answer by", "reason", "of case", "review"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.SatisfactionSurveys.ListSatisfactionReviewsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<SatisfactionReviewState>(state),
                        OverdueOnly = verb.Get(overdue),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Reviews, page.NextPageToken);
            });
    }

    private static Command Decide(Verbs<SatisfactionReview> reviews)
    {
        var reopen = Flag("--reopen", "The case is taken up again; the answer stands otherwise.");
        var reason = Required("--reason", "Why, without personal data.");
        return reviews.Change("decide", "Decide a review, as a level above the one that gave the answer.", [reopen, reason],
            "--reopen --reason 问题没有解决",
            async verb => (await verb.Api.SatisfactionSurveys.DecideSatisfactionReviewAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    ReviewId = verb.Id,
                    Etag = verb.Etag,
                    Reopen = verb.Get(reopen),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Review);
    }

    private static T OneVerdict<T>(Verb verb, Option<string> satisfaction, Option<int?> score, T request) =>
        verb.Get(satisfaction) is null == verb.Get(score) is null
            ? throw new UsageException("Say what was thought of the answer, once: --satisfaction or --score.")
            : request;

    private static Option<string> Satisfied() => Word<Satisfaction>("--satisfaction", "What the reporter thinks of the answer.");

    private static Option<int?> Score() => Option<int?>("--score", "The same as a mark from 1, the worst, to 5.", "N");

    private static Option<string> Comment() => Option<string>("--comment", "In the reporter's words.", "TEXT");
}
