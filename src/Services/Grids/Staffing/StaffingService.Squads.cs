using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Staffing;

/// <summary>Squads of neighbour heads, and what they do.</summary>
public sealed partial class StaffingService
{
    public override Task<FormSquadResponse> FormSquad(FormSquadRequest request, ServerCallContext context)
    {
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var grid = await GridAsync(request.Territory, context);
            Guid[] ids = [.. request.GroupIds.Select(Guid.Parse).Distinct()];
            var leader = await AppointmentStore.FindAsync(Guid.Parse(request.LeaderId), command);
            var found = (await GroupStore.FindAsync(ids, command)).ToDictionary(g => g.Id);
            var formed = NeighbourRules.Form(
                new Squad
                {
                    Id = command.NewId(),
                    Territory = grid,
                    Name = request.Name,
                    LeaderId = Guid.Parse(request.LeaderId),
                    GroupIds = ids,
                    FormedOn = await TodayAsync(grid, command.Now, command.Cancellation),
                    UpdatedAt = command.Now,
                    Version = 0,
                },
                leader,
                found,
                command.Now).OrRefuse();
            foreach (var group in formed.Groups)
                GroupStore.Save(command, found[group.Id], group);
            SquadStore.Add(command, formed.Squad);
            return new FormSquadResponse { Squad = StaffingMessages.ToMessage(formed.Squad) };
        });
    }

    public override Task<LeadSquadResponse> LeadSquad(LeadSquadRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await FoundAsync(request.SquadId, command, SquadStore.FindAsync, NeighbourErrors.SquadNotFound, call);
            Commands.RequireEtag(request.Etag, current.Version);
            var leader = await AppointmentStore.FindAsync(Guid.Parse(request.LeaderId), command);
            var next = NeighbourRules.Lead(current, leader, command.Now).OrRefuse();
            SquadStore.Save(command, current, next);
            return new LeadSquadResponse { Squad = StaffingMessages.ToMessage(next) };
        });
    }

    public override Task<DissolveSquadResponse> DissolveSquad(DissolveSquadRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await FoundAsync(request.SquadId, command, SquadStore.FindAsync, NeighbourErrors.SquadNotFound, call);
            Commands.RequireEtag(request.Etag, current.Version);
            var next = NeighbourRules.Dissolve(
                current, await TodayAsync(current.Territory, command.Now, command.Cancellation), command.Now).OrRefuse();
            foreach (var group in await GroupStore.FindAsync([.. current.GroupIds], command))
                GroupStore.Save(command, group, NeighbourRules.Free(group, command.Now));
            SquadStore.Save(command, current, next);
            return new DissolveSquadResponse { Squad = StaffingMessages.ToMessage(next) };
        });
    }

    public override async Task<GetSquadResponse> GetSquad(GetSquadRequest request, ServerCallContext context) =>
        new() { Squad = StaffingMessages.ToMessage(await ReadAsync(request.Id, squads.FindAsync, NeighbourErrors.SquadNotFound, context)) };

    public override async Task<ListSquadsResponse> ListSquads(ListSquadsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await squads.ListAsync(range, request.IncludeDissolved, page, context.CancellationToken);
        var response = new ListSquadsResponse { NextPageToken = page.Next(found, s => [s.Territory, s.Id.ToString()]) };
        response.Squads.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override Task<RecordExchangeResponse> RecordExchange(RecordExchangeRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var squad = await FoundAsync(request.SquadId, command, SquadStore.FindAsync, NeighbourErrors.SquadNotFound, call);
            var made = NeighbourRules.Record(
                squad,
                new Exchange(command.NewId(), squad.Id, request.Kind, IsoDate.Parse(request.Day), request.Attendance, request.Note),
                await TodayAsync(squad.Territory, command.Now, command.Cancellation)).OrRefuse();
            SquadStore.Add(command, squad, made);
            return new RecordExchangeResponse { Exchange = StaffingMessages.ToMessage(made) };
        });
    }

    public override async Task<ListExchangesResponse> ListExchanges(ListExchangesRequest request, ServerCallContext context)
    {
        var squad = await ReadAsync(request.SquadId, squads.FindAsync, NeighbourErrors.SquadNotFound, context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await squads.ExchangesAsync(squad.Id, page, context.CancellationToken);
        var response = new ListExchangesResponse
        {
            NextPageToken = page.Next(found, e => [Page.Key(new(e.Day, default, default)), e.Id.ToString()]),
        };
        response.Exchanges.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override async Task<CheckExchangesResponse> CheckExchanges(CheckExchangesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var (from, until) = (IsoDate.Parse(request.From), IsoDate.Parse(request.Until));
        if (NeighbourRules.PeriodProblem(from, until) is { } problem)
            throw new RefusedException(problem);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var counts = await squads.CountAsync(range, from, until, context.CancellationToken);
        var findings = await squads.FindingsAsync(range, from, until, page, context.CancellationToken);
        var response = new CheckExchangesResponse
        {
            Squads = counts.Squads,
            FewestADay = counts.FewestADay,
            FewestAWeek = counts.FewestAWeek,
            Days = counts.Days,
            Weeks = counts.Weeks,
            NextPageToken = page.Next(findings, f => [f.Territory, f.SquadId]),
        };
        response.Findings.Add(findings);
        return response;
    }

    public override async Task<ImportSquadsResponse> ImportSquads(
        IAsyncStreamReader<ImportSquadsRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new SquadImport(LatestDay())) };

    public override async Task<ImportExchangesResponse> ImportExchanges(
        IAsyncStreamReader<ImportExchangesRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new ExchangeImport(LatestDay())) };
}
