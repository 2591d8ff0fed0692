using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;

namespace Governance.Grids.Mediations;

public sealed class MediationService(
    MediationStore store,
    CaseActs acts,
    CaseFeed feed,
    PersonStore persons,
    PolicyStore policies,
    DirectoryGateway directory,
    Commands commands,
    TimeProvider clock) : V1.Mediations.MediationsBase
{
    public override async Task<OpenMediationResponse> OpenMediation(OpenMediationRequest request, ServerCallContext context)
    {
        var call = context.Call();
        string[] named = request.OrganisationId.Length is 0 ? [] : [request.OrganisationId];
        var organisations = await directory.FindAllAsync(named, context.CancellationToken);
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await acts.TakeAsync(command, call, request.CaseId, etag: "");
            DirectoryGateway.Sharing(current, organisations).OrRefuse();
            Guid? organisation = organisations is [var found] ? Guid.Parse(found.Id) : null;
            var (opened, step) = MediationRules.Open(
                command.NewId(), current, await MediationStore.HasOpenAsync(current.Id, command), request.Dispute,
                [.. request.Parties.Select(p => new Party(p.Label, p.Person.Name.Length > 0, p.Consents))],
                [.. request.Mediators.Distinct()], organisation, call.Caller.Subject,
                await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            CaseStore.Save(command, current, step);
            CaseStore.Retitle(command, current, Redaction.Without(current.Title, [.. request.Parties.Select(p => p.Person)]));
            MediationStore.Add(command, opened);
            foreach (var party in request.Parties)
                persons.Add(command, MediationStore.RecordKind, opened.Id, opened.Territory, PersonPart.Party, party.Person, confidential: false);
            return new OpenMediationResponse { Mediation = ToMessage(opened, command.Now) };
        });
        feed.Changed();
        return response;
    }

    public override Task<RecordMediationSessionResponse> RecordMediationSession(RecordMediationSessionRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MediationId, request.Etag,
            (current, now) => MediationRules.Meet(current, request.HeldAt.ToDateTimeOffset(), request.Note, now),
            message => new RecordMediationSessionResponse { Mediation = message });

    public override async Task<ConcludeMediationResponse> ConcludeMediation(ConcludeMediationRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var current = await TakeAsync(command, call, request.MediationId, request.Etag);
            var of = (await CaseStore.FindAsync(current.CaseId, command))!;
            var rules = await policies.OfAsync(current.Territory, command.Cancellation);
            var (concluded, step) = MediationRules.Conclude(
                current, of, request.Outcome, request.Conclusion, request.PerformBy?.ToDateTimeOffset(), rules, command.Now).OrRefuse();
            if (step is not null)
            {
                // Handling a case is the business of the level that holds it, which may have changed since the mediation was opened.
                if (step.Next.State != of.State)
                    call.Authorize(of.Holder);
                CaseStore.Save(command, of, step);
            }
            MediationStore.Save(command, current, concluded);
            // While the case goes on its people are kept with it. Afterwards as long as somebody has to look whether they keep their word.
            if (of.HasEnded)
            {
                var keepDays = rules.InForce(CityPolicies.CasesKind, command.Now).OrRefuse().Cases.KeepPeopleDays;
                var keepUntil = (concluded.PerformBy ?? command.Now).AddDays(keepDays);
                PersonStore.KeepUntil(command, current.Id, keepUntil);
                KeptTexts.KeepUntil(command, new KeptText(current.Id, MediationStore.RecordKind, current.Territory), keepUntil);
            }
            return new ConcludeMediationResponse { Mediation = ToMessage(concluded, command.Now) };
        });
        feed.Changed();
        return response;
    }

    public override Task<RecordPerformanceResponse> RecordPerformance(RecordPerformanceRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MediationId, request.Etag,
            (current, _) => MediationRules.Performed(current, request.Performed, request.Note),
            message => new RecordPerformanceResponse { Mediation = message });

    public override async Task<GetMediationResponse> GetMediation(GetMediationRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var found = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken) ?? throw call.NotFound(MediationErrors.NotFound, request.Id);
        call.Authorize(found.Territory);
        return new GetMediationResponse { Mediation = ToMessage(found, clock.GetUtcNow()) };
    }

    public override async Task<ListMediationsResponse> ListMediations(ListMediationsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var found = await store.ListAsync(range, request.State, caseId, page, context.CancellationToken);
        var response = new ListMediationsResponse { NextPageToken = page.Next(found, m => [m.Id.ToString()]) };
        var now = clock.GetUtcNow();
        response.Mediations.Add(found.Select(m => ToMessage(m, now)));
        return response;
    }

    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string id,
        string etag,
        Func<Dispute, DateTimeOffset, Outcome<Dispute>> rule,
        Func<Mediation, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new() =>
        commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await TakeAsync(command, context.Call(), id, etag);
            var next = rule(current, command.Now).OrRefuse();
            MediationStore.Save(command, current, next);
            return answer(ToMessage(next, command.Now));
        });

    private static async Task<Dispute> TakeAsync(Command command, Call call, string id, string etag)
    {
        var current = await MediationStore.FindAsync(Guid.Parse(id), command) ?? throw call.NotFound(MediationErrors.NotFound, id);
        call.Authorize(current.Territory);
        Commands.RequireEtag(etag, current.Version);
        return current;
    }

    private static Mediation ToMessage(Dispute from, DateTimeOffset now)
    {
        var message = new Mediation
        {
            Id = from.Id.ToString(),
            CaseId = from.CaseId.ToString(),
            Territory = from.Territory,
            Dispute = from.About,
            OrganisationId = from.OrganisationId?.ToString() ?? "",
            State = from.State,
            DueAt = from.DueAt.ToTimestamp(),
            Overdue = from.IsOverdue(now),
            ProvisionalYear = from.ProvisionalYear,
            Conclusion = from.Conclusion,
            ConcludedAt = from.ConcludedAt?.ToTimestamp(),
            PerformBy = from.PerformBy?.ToTimestamp(),
            Performance = from.Performance,
            OpenedBy = from.OpenedBy,
            OpenedAt = from.OpenedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Parties.Add(from.Parties);
        message.Mediators.Add(from.Mediators);
        message.Sessions.Add(from.Sessions.Select(s => new MediationSession { HeldAt = s.HeldAt.ToTimestamp(), Note = s.Note }));
        return message;
    }
}
