using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Dispatch;

public sealed partial class DispatchService
{
    public override async Task<OpenConsultationResponse> OpenConsultation(OpenConsultationRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var organisations = await directory.FindAllAsync(request.ParticipantIds, context.CancellationToken);
        var participants = organisations.ConvertAll(o => new Participant(Guid.Parse(o.Id), o.Name));
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await CaseStore.FindAsync(Guid.Parse(request.CaseId), command)
                ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
            call.Authorize(current.Holder);
            DirectoryGateway.Sharing(current, organisations).OrRefuse();
            var (opened, step) = ConsultationRules.Open(
                command.NewId(), current, await ConsultationStore.FindOpenAsync(current.Id, command), participants, request.Question,
                request.DueAt.ToDateTimeOffset(), call.Caller.Subject, await policies.OfAsync(current.Territory, command.Cancellation),
                command.Now).OrRefuse();
            CaseStore.Save(command, current, step);
            ConsultationStore.Add(command, opened);
            return new OpenConsultationResponse { Consultation = ConsultationStore.ToMessage(opened, command.Now) };
        });
        feed.Changed();
        return response;
    }

    public override Task<AddStatementResponse> AddStatement(AddStatementRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await ConsultationStore.FindAsync(Guid.Parse(request.ConsultationId), command)
                ?? throw call.NotFound(DispatchErrors.ConsultationNotFound, request.ConsultationId);
            var speaker = current.Participants.FirstOrDefault(p => p.OrganisationId == call.Caller.Organisation);
            call.Authorize(current.Territory, speaker is null ? [] : [Roles.Responder]);
            var stated = ConsultationRules.State(
                current, speaker?.OrganisationId, call.Caller.Subject, request.Text, command.Now).OrRefuse();
            ConsultationStore.SaveStatement(command, stated);
            return new AddStatementResponse { Consultation = ConsultationStore.ToMessage(stated, command.Now) };
        });
    }

    public override async Task<DecideConsultationResponse> DecideConsultation(DecideConsultationRequest request, ServerCallContext context)
    {
        var call = context.Call();
        if (request.Lead is null && request.CoHandlers.Count > 0)
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("lead", FieldErrors.Required)));
        HandlerPart[] named = request.Lead is null ? [] : [request.Lead, .. request.CoHandlers];
        var organisations = await directory.FindAllAsync(named.Select(n => n.OrganisationId), context.CancellationToken);
        var parts = PartsOf(named, organisations);
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await ConsultationStore.FindAsync(Guid.Parse(request.ConsultationId), command)
                ?? throw call.NotFound(DispatchErrors.ConsultationNotFound, request.ConsultationId);
            var of = await CaseStore.FindAsync(current.CaseId, command) ?? throw call.NotFound(CaseErrors.NotFound, current.CaseId);
            // The case may have gone beyond whoever convened; who handles it is the business of the level that holds it.
            call.Authorize(parts is [] ? current.Territory : of.Holder);
            DirectoryGateway.Sharing(of, organisations).OrRefuse();
            var (decided, step) = ConsultationRules.Decide(
                current, of, request.Decision, parts, call.Caller.Subject, call.Caller.Territory,
                await policies.OfAsync(of.Territory, command.Cancellation), command.Now).OrRefuse();
            CaseStore.Save(command, of, step);
            ConsultationStore.SaveDecision(command, decided);
            command.Publish(new ConsultationDecided(of.Id, decided.Id, of.Territory, decided.LeadId, command.Now));
            return new DecideConsultationResponse { Consultation = ConsultationStore.ToMessage(decided, command.Now) };
        });
        feed.Changed();
        return response;
    }

    public override async Task<ListConsultationsResponse> ListConsultations(ListConsultationsRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var own = call.OwnOrganisationOnly;
        var range = own is null ? call.TerritoryOrOwn(request.Territory).PrefixRange : TerritoryCode.All.PrefixRange;
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await consultations.ListAsync(range, own, caseId, request.OpenOnly, page, context.CancellationToken);
        var response = new ListConsultationsResponse { NextPageToken = page.Next(found, ConsultationStore.KeyOf) };
        var now = clock.GetUtcNow();
        response.Consultations.Add(found.Select(c => ConsultationStore.ToMessage(c, now)));
        return response;
    }
}
