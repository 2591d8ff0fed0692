using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Governance.Grids.Dispatch;

public sealed partial class DispatchService
{
    public override async Task<ListQueueResponse> ListQueue(ListQueueRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var own = call.OwnOrganisationOnly;
        var range = own is null ? call.TerritoryOrOwn(request.Territory).PrefixRange : TerritoryCode.All.PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var items = await (request.View switch
        {
            QueueView.Mine when request.Role is QueueRole.Receiver =>
                queues.CasesAsync(call.Caller.Subject, range, request.CaseState, request.OverdueOnly, page, now, context.CancellationToken),
            QueueView.Mine => queues.AssignmentsAsync(call.Caller.Subject, own, range, request, page, now, context.CancellationToken),
            QueueView.Team when call.Caller.Organisation is { } team =>
                queues.AssignmentsAsync(null, team, range, request, page, now, context.CancellationToken),
            QueueView.Territory when own is null =>
                queues.CasesAsync(null, range, request.CaseState, request.OverdueOnly, page, now, context.CancellationToken),
            _ => throw new RefusedException(DispatchErrors.QueueNotYours.With()),
        });
        var response = new ListQueueResponse { NextPageToken = page.Next(items, QueueStore.KeyOf) };
        response.Items.Add(items);
        return response;
    }

    public override async Task<GetCommandViewResponse> GetCommandView(GetCommandViewRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var territories = request.Territories.Select(TerritoryCode.Parse).Distinct().ToList();
        foreach (var territory in territories)
            call.Authorize(territory);
        // What lies in another of them is listed and counted there.
        var outermost = territories.Where(t => !territories.Any(other => other != t && other.Contains(t))).ToList();
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var items = await queues.CommandAsync([.. outermost.Select(t => t.PrefixRange)], request.CaseState, request.OverdueOnly, page, now, context.CancellationToken);
        var response = new GetCommandViewResponse { NextPageToken = page.Next(items, QueueStore.KeyOf) };
        response.Items.Add(items);
        if (page.After is not null)
            return response;
        foreach (var territory in outermost)
            response.Counts.Add(await counts.OfAsync(territory, now, context.CancellationToken));
        return response;
    }

    public override async Task<PutRosterEntryResponse> PutRosterEntry(PutRosterEntryRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var organisation = Guid.Parse(request.OrganisationId);
        var territory = TerritoryCode.Parse(request.Territory);
        call.Authorize(territory, call.Caller.Organisation == organisation ? [Roles.Responder] : []);
        // As the database keeps it: the beginning is part of the entry's key.
        var startsAt = request.StartsAt.ToDateTimeOffset();
        startsAt = startsAt.AddTicks(-(startsAt.Ticks % TimeSpan.TicksPerMicrosecond));
        var endsAt = request.EndsAt.ToDateTimeOffset();
        if (endsAt <= startsAt || endsAt > startsAt.AddDays(Roster.MaxDays))
            throw new RefusedException(DispatchErrors.RosterPeriodInvalid.With(("max", Roster.MaxDays)));
        (await directory.FindAsync(request.OrganisationId, request.Territory, context.CancellationToken)).OrRefuse();
        return await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var earlier = await RosterStore.FindAsync(organisation, territory.ToString(), request.Subject, startsAt, command);
            var entry = new RosterEntry
            {
                Id = earlier?.Id ?? command.NewId().ToString(),
                OrganisationId = organisation.ToString(),
                Territory = territory.ToString(),
                Subject = request.Subject,
                StartsAt = startsAt.ToTimestamp(),
                EndsAt = request.EndsAt,
                Active = request.Active,
            };
            RosterStore.Put(command, entry);
            return new PutRosterEntryResponse { Entry = entry };
        });
    }

    public override async Task<ListRosterResponse> ListRoster(ListRosterRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var own = call.OwnOrganisationOnly;
        var range = own is null ? call.TerritoryOrOwn(request.Territory).PrefixRange : TerritoryCode.All.PrefixRange;
        Guid? organisation = own ?? (request.OrganisationId.Length is 0 ? null : Guid.Parse(request.OrganisationId));
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var entries = await roster.ListAsync(
            range, organisation, request.OnDutyOnly ? clock.GetUtcNow() : null, page, context.CancellationToken);
        var response = new ListRosterResponse { NextPageToken = page.Next(entries, e => [e.Id]) };
        response.Entries.Add(entries);
        return response;
    }

    public override async Task<ListSuggestedAssigneesResponse> ListSuggestedAssignees(
        ListSuggestedAssigneesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var organisation = Guid.Parse(request.OrganisationId);
        var place = TerritoryCode.Parse(request.Territory);
        call.Authorize(place, call.Caller.Organisation == organisation ? [Roles.Responder] : []);
        var candidates = await roster.CandidatesAsync(organisation, clock.GetUtcNow(), context.CancellationToken);
        var response = new ListSuggestedAssigneesResponse();
        response.Candidates.Add(Roster.Ranked(candidates.Where(c => TerritoryCode.Parse(c.Territory).Contains(place)))
            .DistinctBy(c => c.Subject)
            .Select(c => new V1.Candidate { Subject = c.Subject, Load = c.Load, LastGivenAt = c.LastGivenAt?.ToTimestamp() }));
        return response;
    }

    public override async Task<AssignOnDutyResponse> AssignOnDuty(AssignOnDutyRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var organisation = Guid.Parse(request.OrganisationId);
        Task<AssignOnDutyResponse> GiveAsync() => commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var ids = request.CaseIds.Select(Guid.Parse).Distinct().ToList();
            var found = await Task.WhenAll(ids.Select(id => CaseStore.FindAsync(id, command)));
            var open = new List<(Cases.Case Of, Assignment Assignment)>();
            for (var i = 0; i < ids.Count; i++)
            {
                var of = found[i] ?? throw call.NotFound(CaseErrors.NotFound, ids[i]);
                var assignment = of.Assignments.FirstOrDefault(a => a.OrganisationId == organisation && a.IsOpen);
                call.Authorize(of.Holder, assignment is not null && call.Caller.Organisation == organisation ? [Roles.Responder] : []);
                if (assignment is null)
                    throw new RefusedException(DispatchErrors.AssignmentNotFound.With(("assignment", $"{organisation} ({of.Id})")));
                if (assignment.Subject.Length > 0 && request.ToSubject.Length is 0)
                    throw new RefusedException(DispatchErrors.AssignmentTaken.With(("id", of.Id)));
                open.Add((of, assignment));
            }
            open.Sort((x, y) => (x.Assignment.DueAt, x.Of.Id).CompareTo((y.Assignment.DueAt, y.Of.Id)));

            var candidates = await RosterStore.TakeTurnAsync(organisation, command);
            if (request.ToSubject.Length > 0)
                candidates.RemoveAll(c => c.Subject != request.ToSubject);
            var chosen = Roster.Spread(candidates, open.ConvertAll(o => o.Of.Territory), command.Now).OrRefuse();
            var response = new AssignOnDutyResponse();
            for (var i = 0; i < open.Count; i++)
            {
                var (of, assignment) = open[i];
                var step = AssignmentRules.Give(of, assignment, chosen[i], command.Now).OrRefuse();
                CaseStore.Save(command, of, step);
                var given = step.Next.Assignments.Single(a => a.Id == assignment.Id);
                response.Assignments.Add(DispatchMessages.AsOf(DispatchMessages.ToMessage(given, of.Id), command.Now));
            }
            return response;
        });

        var response = await roster.InLineAsync(organisation, GiveAsync, context.CancellationToken);
        feed.Changed();
        return response;
    }
}
