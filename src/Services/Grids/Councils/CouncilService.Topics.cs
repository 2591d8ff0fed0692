using Google.Protobuf;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using TopicMessage = Governance.Grids.V1.Topic;

namespace Governance.Grids.Councils;

/// <summary>What councils deal with.</summary>
public sealed partial class CouncilService
{
    public override Task<ProposeTopicResponse> ProposeTopic(ProposeTopicRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var council = await CouncilOfAsync(Guid.Parse(request.CouncilId), command, context);
            call.Authorize(council.Territory, OwnAs(council, call));
            var step = TopicRules.Propose(
                command.NewId(), council, request.Kind, request.Title, request.Text,
                await CaseWithinAsync(request.CaseId, council, command), command.Actor.Subject,
                await policies.OfAsync(council.Territory, command.Cancellation), command.Now).OrRefuse();
            TopicStore.Add(command, step);
            return new ProposeTopicResponse { Topic = TopicMessages.ToMessage(step.Next, command.Now, ViewerOf(call, council.Territory)) };
        });
    }

    public override async Task<GetTopicResponse> GetTopic(GetTopicRequest request, ServerCallContext context)
    {
        var topic = await TopicToReadAsync(request.Id, context);
        return new GetTopicResponse { Topic = TopicMessages.ToMessage(topic, clock.GetUtcNow(), ViewerOf(context.Call(), topic.Territory)) };
    }

    public override async Task<ListTopicsResponse> ListTopics(ListTopicsRequest request, ServerCallContext context)
    {
        var call = context.Call();
        Guid? councilId = request.CouncilId.Length is 0 ? null : Guid.Parse(request.CouncilId);
        // Whoever may read a council reads all of its topics, also those that were over when its grid got another code.
        var range = councilId is { } id
            ? TerritoryCode.Parse((await CouncilToReadAsync(id, context)).Territory).AtLevel(TerritoryLevel.City)!.PrefixRange
            : call.TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var now = clock.GetUtcNow();
        var found = await topics.ListAsync(
            range, councilId, request.State, request.OverdueOnly ? now : null, page, context.CancellationToken);
        var response = new ListTopicsResponse { NextPageToken = page.Next(found, t => [t.Id.ToString()]) };
        response.Topics.Add(found.Select(t => TopicMessages.ToMessage(t, now, ViewerOf(call, t.Territory))));
        return response;
    }

    public override async Task<GetTopicHistoryResponse> GetTopicHistory(GetTopicHistoryRequest request, ServerCallContext context)
    {
        var topic = await TopicToReadAsync(request.TopicId, context);
        var response = new GetTopicHistoryResponse();
        response.Entries.Add(await topics.HistoryAsync(topic.Id, context.CancellationToken));
        response.Editions.Add(await topics.EditionsAsync(topic.Id, context.CancellationToken));
        response.Consultations.Add((await topics.ConsultationsAsync(topic.Id, context.CancellationToken)).Select(TopicMessages.ToMessage));
        return response;
    }

    public override Task<AmendTopicResponse> AmendTopic(AmendTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, topic, call) => call.Caller.Subject == topic.Proposer ? OwnAs(council, call) : LeaderAs(council, call),
            async (topic, rules, command) => TopicRules.Amend(
                topic, request.Title, request.Text, request.Reason, command.Actor.Subject, await IsVotedOnAsync(topic, command), rules,
                command.Now),
            message => new AmendTopicResponse { Topic = message });

    public override Task<SupportTopicResponse> SupportTopic(SupportTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => OwnAs(council, call),
            async (topic, rules, command) => TopicRules.Support(
                topic, command.Actor.Subject, await TopicStore.IsSupportedByAsync(topic, command.Actor.Subject, command), rules,
                command.Now),
            message => new SupportTopicResponse { Topic = message });

    public override Task<DeclineTopicResponse> DeclineTopic(DeclineTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (_, _, _) => [],
            (topic, _, command) => TopicRules.Decline(topic, request.Reason, command.Now),
            message => new DeclineTopicResponse { Topic = message });

    public override Task<ConsultTopicResponse> ConsultTopic(ConsultTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            (topic, rules, command) => TopicRules.Consult(
                topic,
                new Consultation(request.Form, IsoDate.Parse(request.HeldOn), [.. request.Parties], request.Summary),
                rules,
                command.Now),
            message => new ConsultTopicResponse { Topic = message });

    public override Task<DecideTopicResponse> DecideTopic(DecideTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            async (topic, rules, command) =>
            {
                if (TopicRules.MayBeDecided(topic) is { } wrong)
                    return wrong;
                var session = await SessionOfAsync(topic.SessionId!.Value, command, context);
                var ballot = request.BallotId.Length is 0 ? null : await BallotOfAsync(request.BallotId, command, context);
                if (ballot is not null && ballot.CouncilId != topic.CouncilId && !context.Call().Reaches(TerritoryCode.Parse(ballot.Territory)))
                    throw context.Call().NotFound(BallotErrors.NotFound, request.BallotId);
                // Nobody votes on what is decided.
                if (await IsVotedOnAsync(topic, command))
                    return BallotErrors.Open.With();
                var vote = ballot is null
                    ? TopicRules.RuleOf(request.Rule, rules, command.Now)
                        .Then(rule => SessionRules.Count(session, rule, request.InFavour, request.Against, request.Abstained))
                    : BallotRules.VoteOf(ballot, topic, await BallotStore.TallyAsync(ballot.Id, command));
                return vote
                    .Then<Decision>(counted => new Decision(
                        session.Id, counted, request.Text, request.Responsible, command.Now, ballot?.Id))
                    .Then(decision => TopicRules.Decide(
                        topic, session, decision,
                        [.. request.Tasks.Select(t => new GivenTask(t.Party, t.Text, t.DueAt?.ToDateTimeOffset()))],
                        rules, command.Now));
            },
            message => new DecideTopicResponse { Topic = message });

    public override Task<DeferTopicResponse> DeferTopic(DeferTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            (topic, _, command) => TopicRules.TakeOffAgenda(topic, request.Reason, command.Now),
            message => new DeferTopicResponse { Topic = message });

    public override Task<CarryOutTopicResponse> CarryOutTopic(CarryOutTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            (topic, rules, command) => TopicRules.CarryOut(topic, request.Result, rules, command.Now),
            message => new CarryOutTopicResponse { Topic = message });

    public override Task<ReportTopicTaskResponse> ReportTopicTask(ReportTopicTaskRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            (topic, rules, command) => TopicRules.ReportTask(topic, request.Task, request.Done, request.Report, rules, command.Now),
            message => new ReportTopicTaskResponse { Topic = message });

    public override Task<AnswerTopicResponse> AnswerTopic(AnswerTopicRequest request, ServerCallContext context) =>
        ActOnTopicAsync(context, request, request.RequestId, request.TopicId, request.Etag,
            (council, _, call) => LeaderAs(council, call),
            (topic, _, command) => TopicRules.Answer(topic, request.Answer, command.Now),
            message => new AnswerTopicResponse { Topic = message });

    private static async Task<Guid?> CaseWithinAsync(string caseId, Council council, Command command)
    {
        if (caseId.Length is 0)
            return null;
        var id = Guid.Parse(caseId);
        return await CaseStore.FindAsync(id, command) is { } found && council.IsHomeOf(TerritoryCode.Parse(found.Territory))
            ? id
            : throw new RefusedException(TopicErrors.CaseUnknown.With(("case_id", caseId)));
    }

    /// <summary>Whether a ballot on the topic is open; should one be opened before the command is written, it is decided anew.</summary>
    private static Task<bool> IsVotedOnAsync(Topic topic, Command command)
    {
        BallotStore.RequireNoneOpen(command, topic.Id);
        return BallotStore.HasOpenAsync(topic.Id, command);
    }

    private async Task<Topic> TopicToReadAsync(string id, ServerCallContext context)
    {
        var call = context.Call();
        var topic = await topics.FindAsync(Guid.Parse(id), context.CancellationToken) ?? throw call.NotFound(TopicErrors.NotFound, id);
        await CouncilToReadAsync(topic.CouncilId, context);
        return topic;
    }

    private Task<TResponse> ActOnTopicAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string topicId,
        string etag,
        Func<Council, Topic, Call, string[]> ownAs,
        Func<Topic, CityPolicies, Command, Outcome<TopicStep>> rule,
        Func<TopicMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new() =>
        ActOnTopicAsync(
            context, request, requestId, topicId, etag, ownAs,
            (topic, rules, command) => Task.FromResult(rule(topic, rules, command)),
            answer);

    /// <summary>Every verb on a topic: read it and its council, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActOnTopicAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string topicId,
        string etag,
        Func<Council, Topic, Call, string[]> ownAs,
        Func<Topic, CityPolicies, Command, Task<Outcome<TopicStep>>> rule,
        Func<TopicMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await TopicStore.FindAsync(Guid.Parse(topicId), command) ?? throw call.NotFound(TopicErrors.NotFound, topicId);
            var council = await CouncilOfAsync(current.CouncilId, command, context);
            call.Authorize(council.Territory, ownAs(council, current, call));
            Commands.RequireEtag(etag, current.Version);
            var step = (await rule(current, await policies.OfAsync(current.Territory, command.Cancellation), command)).OrRefuse();
            TopicStore.Save(command, current, step);
            await bulletins.OfAsync(command, step.Next);
            return answer(TopicMessages.ToMessage(step.Next, command.Now, ViewerOf(call, council.Territory)));
        });
    }
}
