using Google.Protobuf;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Case = Governance.Grids.Cases.Case;
using Organisation = Governance.Organisations.V1.Organisation;

namespace Governance.Grids.Dispatch;

/// <summary>Lead and co-handlers, objections, first receivers. What else the service offers has files of its own.</summary>
public sealed partial class DispatchService(
    CaseActs acts,
    CaseStore cases,
    AssignmentStore assignments,
    QueueStore queues,
    CommandCounts counts,
    RosterStore roster,
    WhistleRecords whistles,
    ConsultationStore consultations,
    PolicyStore policies,
    DirectoryGateway directory,
    CaseFeed feed,
    Commands commands,
    TimeProvider clock) : V1.Dispatch.DispatchBase
{
    public override async Task<DispatchHandlersResponse> DispatchHandlers(DispatchHandlersRequest request, ServerCallContext context)
    {
        var by = context.Call().Caller.Subject;
        HandlerPart[] named = [request.Lead, .. request.CoHandlers];
        var organisations = await directory.FindAllAsync(named.Select(n => n.OrganisationId), context.CancellationToken);
        var parts = PartsOf(named, organisations);
        return await acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DirectoryGateway.Sharing(current, organisations).Then(own =>
                CaseRules.AssessedFirst(own, request.Category, rules, now, assessed =>
                    AssignmentRules.Dispatch(assessed, parts, request.Note, by, rules, now))),
            message => new DispatchHandlersResponse { Case = message });
    }

    public override Task<AcceptAssignmentResponse> AcceptAssignment(AcceptAssignmentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CaseId, request.Etag, request.AssignmentId,
            (current, id, _, now) => AssignmentRules.Accept(current, id, now),
            message => new AcceptAssignmentResponse { Case = message });

    public override Task<CompleteAssignmentResponse> CompleteAssignment(CompleteAssignmentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CaseId, request.Etag, request.AssignmentId,
            (current, id, rules, now) => AssignmentRules.Complete(current, id, request.Result, rules, now),
            message => new CompleteAssignmentResponse { Case = message });

    public override Task<ReleaseCoHandlerResponse> ReleaseCoHandler(ReleaseCoHandlerRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => AssignmentRules.Release(current, Guid.Parse(request.AssignmentId), request.Reason, now),
            message => new ReleaseCoHandlerResponse { Case = message });

    public override Task<ObjectToAssignmentResponse> ObjectToAssignment(ObjectToAssignmentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CaseId, request.Etag, request.AssignmentId,
            (current, id, _, now) => AssignmentRules.Object(current, id, request.Reason, context.Call().Caller.Subject, now),
            message => new ObjectToAssignmentResponse { Case = message });

    public override Task<RuleOnObjectionResponse> RuleOnObjection(RuleOnObjectionRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => AssignmentRules.RuleOn(
                current, Guid.Parse(request.AssignmentId), request.Uphold, request.Reason, context.Call().Caller.Subject, now),
            message => new RuleOnObjectionResponse { Case = message });

    public override Task<OfferReceiptResponse> OfferReceipt(OfferReceiptRequest request, ServerCallContext context)
    {
        var by = context.Call().Caller.Subject;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => ReceiverRules.Offer(current, request.ToSubject, request.Reason, now),
            message => new OfferReceiptResponse { Case = message },
            // Whoever is answerable can hand it on, also after the case has gone to a level that they do not reach.
            current => current.Receiver?.Answerable == by ? [Roles.Officer] : []);
    }

    public override Task<AcceptReceiptResponse> AcceptReceipt(AcceptReceiptRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => ReceiverRules.Accept(current, context.Call().Caller.Subject, now),
            message => new AcceptReceiptResponse { Case = message });

    public override async Task<ListAssignmentsResponse> ListAssignments(ListAssignmentsRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var id = Guid.Parse(request.CaseId);
        var of = await cases.FindAsync(id, context.CancellationToken) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
        var own = call.OwnOrganisationOnly;
        var found = await assignments.OfCaseAsync(id, own, context.CancellationToken);
        call.Authorize(of.Territory, own is not null && found.Count > 0 ? [Roles.Responder] : []);
        var now = clock.GetUtcNow();
        var response = new ListAssignmentsResponse();
        response.Assignments.Add(found.Select(a => DispatchMessages.AsOf(a, now)));
        return response;
    }

    /// <summary>What an organisation does about its own assignment, or an officer who reaches the level that holds the case.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string caseId,
        string etag,
        string assignmentId,
        Func<Case, Guid, CityPolicies, DateTimeOffset, Outcome<CaseStep>> rule,
        Func<V1.Case, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        var id = Guid.Parse(assignmentId);
        return acts.ActAsync(context, request, requestId, caseId, etag,
            (current, rules, now) =>
                // The lead has the case, but not what others were asked to do.
                !Reaches(call, current.Holder) && !IsOwn(current) && current.Assignments.Any(a => a.Id == id)
                    ? CommonErrors.OutsideTerritory.With()
                    : rule(current, id, rules, now),
            answer,
            current => IsOwn(current) ? [Roles.Responder] : []);

        bool IsOwn(Case current) => current.Assignments.Any(a => a.Id == id && a.OrganisationId == call.Caller.Organisation);
    }

    private static bool Reaches(Call call, string territory) =>
        call.HasReach && call.Caller.Territory.Contains(Primitives.TerritoryCode.Parse(territory));

    private List<Part> PartsOf(IEnumerable<HandlerPart> named, List<Organisation> organisations) =>
    [
        .. named.Select(part => (part.Within, Organisation: organisations.First(o => Guid.Parse(o.Id) == Guid.Parse(part.OrganisationId))))
            .Select(p => new Part(Guid.CreateVersion7(clock.GetUtcNow()), Guid.Parse(p.Organisation.Id), p.Organisation.Name, p.Within)),
    ];
}
