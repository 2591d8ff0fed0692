using Google.Protobuf;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using SessionMessage = Governance.Grids.V1.Session;

namespace Governance.Grids.Councils;

/// <summary>Where councils decide.</summary>
public sealed partial class CouncilService
{
    public override Task<ConveneSessionResponse> ConveneSession(ConveneSessionRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var council = await CouncilOfAsync(Guid.Parse(request.CouncilId), command, context);
            call.Authorize(council.Territory, LeaderAs(council, call));
            Guid[] agenda = [.. request.TopicIds.Select(Guid.Parse).Distinct()];
            var session = SessionRules.Convene(
                command.NewId(), council, request.StartsAt.ToDateTimeOffset(), request.Place, agenda,
                await policies.OfAsync(council.Territory, command.Cancellation), command.Now).OrRefuse();
            var found = (await TopicStore.FindAsync(agenda, command)).ToDictionary(t => t.Id);
            var steps = new List<TopicStep>();
            foreach (var id in agenda)
            {
                if (!found.TryGetValue(id, out var topic))
                    throw new RefusedException(TopicErrors.OtherCouncil.With(("id", id)));
                steps.Add(TopicRules.PutOnAgenda(topic, session, command.Now).OrRefuse());
                TopicStore.Save(command, topic, steps[^1]);
            }
            await bulletins.OfAsync(command, steps.ConvertAll(s => s.Next));
            SessionStore.Add(command, session);
            return new ConveneSessionResponse { Session = TopicMessages.ToMessage(session) };
        });
    }

    public override async Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context)
    {
        var session = await sessions.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw context.Call().NotFound(SessionErrors.NotFound, request.Id);
        await CouncilToReadAsync(session.CouncilId, context);
        return new GetSessionResponse { Session = TopicMessages.ToMessage(session) };
    }

    public override async Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context)
    {
        var council = await CouncilToReadAsync(Guid.Parse(request.CouncilId), context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await sessions.ListAsync(council.Id, page, context.CancellationToken);
        var response = new ListSessionsResponse { NextPageToken = page.Next(found, s => [s.Id.ToString()]) };
        response.Sessions.Add(found.Select(TopicMessages.ToMessage));
        return response;
    }

    public override Task<HoldSessionResponse> HoldSession(HoldSessionRequest request, ServerCallContext context) =>
        ActOnSessionAsync(context, request, request.RequestId, request.SessionId, request.Etag,
            (session, council, command) => Task.FromResult(
                SessionRules.Hold(session, council, [.. request.PresentMemberIds.Select(Guid.Parse)], command.Now)),
            message => new HoldSessionResponse { Session = message });

    public override Task<CancelSessionResponse> CancelSession(CancelSessionRequest request, ServerCallContext context) =>
        ActOnSessionAsync(context, request, request.RequestId, request.SessionId, request.Etag,
            async (session, _, command) =>
            {
                var cancelled = SessionRules.Cancel(session, request.Reason, command.Now);
                if (cancelled.Refusal is null)
                    foreach (var topic in await TopicStore.OnAgendaAsync(session.Id, command))
                        TopicStore.Save(command, topic, TopicRules.TakeOffAgenda(topic, request.Reason, command.Now).OrRefuse());
                return cancelled;
            },
            message => new CancelSessionResponse { Session = message });

    public override Task<WriteMinutesResponse> WriteMinutes(WriteMinutesRequest request, ServerCallContext context) =>
        ActOnSessionAsync(context, request, request.RequestId, request.SessionId, request.Etag,
            (session, _, command) => Task.FromResult(SessionRules.WriteMinutes(session, request.Minutes, command.Now)),
            message => new WriteMinutesResponse { Session = message });

    public override Task<ApproveMinutesResponse> ApproveMinutes(ApproveMinutesRequest request, ServerCallContext context) =>
        ActOnSessionAsync(context, request, request.RequestId, request.SessionId, request.Etag,
            async (session, council, command) => SessionRules.Approve(
                session, council, command.Actor.Subject, (await TopicStore.OnAgendaAsync(session.Id, command)).Count, command.Now),
            message => new ApproveMinutesResponse { Session = message });

    private static async Task<Session> SessionOfAsync(Guid id, Command command, ServerCallContext context) =>
        await SessionStore.FindAsync(id, command) ?? throw context.Call().NotFound(SessionErrors.NotFound, id);

    /// <summary>Every verb on a session: read it and its council, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActOnSessionAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string sessionId,
        string etag,
        Func<Session, Council, Command, Task<Outcome<Session>>> rule,
        Func<SessionMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await SessionOfAsync(Guid.Parse(sessionId), command, context);
            var council = await CouncilOfAsync(current.CouncilId, command, context);
            call.Authorize(council.Territory, LeaderAs(council, call));
            Commands.RequireEtag(etag, current.Version);
            var next = (await rule(current, council, command)).OrRefuse();
            SessionStore.Save(command, current, next);
            return answer(TopicMessages.ToMessage(next));
        });
    }
}
