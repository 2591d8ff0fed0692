using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Staffing;

/// <summary>Where neighbours meet, and where deputies receive residents.</summary>
public sealed partial class StaffingService
{
    public override Task<OpenVenueResponse> OpenVenue(OpenVenueRequest request, ServerCallContext context)
    {
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var territory = await PlaceAsync(request.Territory, context);
            if (await VenueStore.HasCodeAsync(territory, request.Code, command))
                throw new RefusedException(PlaceErrors.VenueExists.With(("code", request.Code)));
            var made = new Venue
            {
                Id = command.NewId(),
                Code = request.Code,
                Territory = territory,
                Name = request.Name,
                Premises = request.Premises,
                Kind = PlaceRules.KindOf(request.Kind),
                UpdatedAt = command.Now,
                Version = 1,
            };
            VenueStore.Add(command, made);
            return new OpenVenueResponse { Venue = StaffingMessages.ToMessage(made) };
        });
    }

    public override Task<CloseVenueResponse> CloseVenue(CloseVenueRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.VenueId, request.Etag, VenueStore.FindAsync, PlaceErrors.VenueNotFound,
            (current, at) => PlaceRules.Close(current, at.Now),
            VenueStore.Save,
            (next, _) => new CloseVenueResponse { Venue = StaffingMessages.ToMessage(next) });

    public override async Task<GetVenueResponse> GetVenue(GetVenueRequest request, ServerCallContext context) =>
        new() { Venue = StaffingMessages.ToMessage(await ReadAsync(request.Id, venues.FindAsync, PlaceErrors.VenueNotFound, context)) };

    public override async Task<ListVenuesResponse> ListVenues(ListVenuesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await venues.ListAsync(range, request.Kind, request.IncludeClosed, page, context.CancellationToken);
        var response = new ListVenuesResponse { NextPageToken = page.Next(found, v => [v.Territory, v.Id.ToString()]) };
        response.Venues.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override async Task<ImportVenuesResponse> ImportVenues(
        IAsyncStreamReader<ImportVenuesRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new VenueImport()) };

    public override Task<RecordNeighbourActivityResponse> RecordNeighbourActivity(
        RecordNeighbourActivityRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var venue = await FoundAsync(request.VenueId, command, VenueStore.FindAsync, PlaceErrors.VenueNotFound, call);
            var made = PlaceRules.Record(
                venue,
                new Activity(
                    command.NewId(), venue.Id, venue.Territory, request.Title, request.Festival, request.StartsAt.ToDateTimeOffset(),
                    request.EndsAt.ToDateTimeOffset(), request.Participants),
                command.Now).OrRefuse();
            VenueStore.Add(command, made);
            return new RecordNeighbourActivityResponse { Activity = StaffingMessages.ToMessage(made) };
        });
    }

    public override async Task<ListNeighbourActivitiesResponse> ListNeighbourActivities(
        ListNeighbourActivitiesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        Guid? venueId = request.VenueId.Length is 0
            ? null
            : (await ReadAsync(request.VenueId, venues.FindAsync, PlaceErrors.VenueNotFound, context)).Id;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await venues.ActivitiesAsync(range, venueId, page, context.CancellationToken);
        var response = new ListNeighbourActivitiesResponse { NextPageToken = page.Next(found, a => [a.Id.ToString()]) };
        response.Activities.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override Task<OpenStudioResponse> OpenStudio(OpenStudioRequest request, ServerCallContext context)
    {
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var territory = await PlaceAsync(request.Territory, context);
            var made = PlaceRules.Open(new Studio
            {
                Id = command.NewId(),
                Code = request.Code,
                Territory = territory,
                Name = request.Name,
                Deputies = [.. request.Deputies.Select(d => new Deputy(command.NewId(), d.Subject, d.Kind, command.Now))],
                UpdatedAt = command.Now,
                Version = 0,
            }).OrRefuse();
            if (await StudioStore.HasCodeAsync(made.Territory, made.Code, command))
                throw new RefusedException(PlaceErrors.StudioExists.With(("code", made.Code)));
            StudioStore.Add(command, made);
            return new OpenStudioResponse { Studio = StaffingMessages.ToMessage(made) };
        });
    }

    public override Task<CloseStudioResponse> CloseStudio(CloseStudioRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.StudioId, request.Etag, StudioStore.FindAsync, PlaceErrors.StudioNotFound,
            (current, at) => PlaceRules.Close(current, at.Now),
            StudioStore.Save,
            (next, _) => new CloseStudioResponse { Studio = StaffingMessages.ToMessage(next) });

    public override Task<AssignDeputyResponse> AssignDeputy(AssignDeputyRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.StudioId, request.Etag, StudioStore.FindAsync, PlaceErrors.StudioNotFound,
            (current, at) => PlaceRules.Assign(current, new Deputy(at.Command.NewId(), request.Subject, request.Kind, at.Now), at.Now),
            StudioStore.Save,
            (next, _) => new AssignDeputyResponse { Studio = StaffingMessages.ToMessage(next) });

    public override Task<EndDeputyAssignmentResponse> EndDeputyAssignment(EndDeputyAssignmentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.StudioId, request.Etag, StudioStore.FindAsync, PlaceErrors.StudioNotFound,
            (current, at) => PlaceRules.End(current, Guid.Parse(request.AssignmentId), at.Now),
            StudioStore.Save,
            (next, _) => new EndDeputyAssignmentResponse { Studio = StaffingMessages.ToMessage(next) });

    public override async Task<GetStudioResponse> GetStudio(GetStudioRequest request, ServerCallContext context) =>
        new() { Studio = StaffingMessages.ToMessage(await ReadAsync(request.Id, studios.FindAsync, PlaceErrors.StudioNotFound, context)) };

    public override async Task<ListStudiosResponse> ListStudios(ListStudiosRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await studios.ListAsync(range, request.IncludeClosed, page, context.CancellationToken);
        var response = new ListStudiosResponse { NextPageToken = page.Next(found, s => [s.Territory, s.Id.ToString()]) };
        response.Studios.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override async Task<ImportStudiosResponse> ImportStudios(
        IAsyncStreamReader<ImportStudiosRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new StudioImport()) };

    public override Task<RecordReceptionResponse> RecordReception(RecordReceptionRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var studio = await FoundAsync(request.StudioId, command, StudioStore.FindAsync, PlaceErrors.StudioNotFound, call);
            Guid[] cases = [.. request.CaseIds.Select(Guid.Parse).Distinct()];
            var made = PlaceRules.Record(
                studio,
                new Held(
                    command.NewId(), studio.Id, studio.Territory, request.HeldAt.ToDateTimeOffset(),
                    [.. request.DeputyIds.Select(Guid.Parse).Distinct()], request.Received, cases),
                command.Now).OrRefuse();
            var known = await StudioStore.CasesWithinAsync(cases, TerritoryCode.Parse(studio.Territory).PrefixRange, command);
            if (cases.Except(known).ToList() is [var unknown, ..])
                throw new RefusedException(PlaceErrors.ReceptionCaseUnknown.With(("case_id", unknown)));
            StudioStore.Add(command, made);
            return new RecordReceptionResponse { Reception = StaffingMessages.ToMessage(made) };
        });
    }

    public override async Task<ListReceptionsResponse> ListReceptions(ListReceptionsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        Guid? studioId = request.StudioId.Length is 0
            ? null
            : (await ReadAsync(request.StudioId, studios.FindAsync, PlaceErrors.StudioNotFound, context)).Id;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await studios.ReceptionsAsync(range, studioId, page, context.CancellationToken);
        var response = new ListReceptionsResponse { NextPageToken = page.Next(found, r => [r.Id.ToString()]) };
        response.Receptions.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }
}
