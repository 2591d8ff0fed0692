using Google.Protobuf;
using Governance.Grids.Boundaries;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Staffing;

public sealed partial class StaffingService(
    AppointmentStore posts,
    GroupStore groups,
    SquadStore squads,
    VenueStore venues,
    StudioStore studios,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands,
    Importer importer,
    TimeProvider clock) : V1.Staffing.StaffingBase
{
    /// <summary>Somewhere the day is up to fourteen hours ahead of UTC.</summary>
    private static readonly TimeSpan FarthestEast = TimeSpan.FromHours(14);

    public override Task<AppointStaffResponse> AppointStaff(AppointStaffRequest request, ServerCallContext context)
    {
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var grid = await GridAsync(request.Territory, context);
            var today = await TodayAsync(grid, command.Now, command.Cancellation);
            var made = AppointmentRules.Appoint(
                new Appointment
                {
                    Id = command.NewId(),
                    Territory = grid,
                    Role = request.Role,
                    Subject = request.Subject,
                    Name = request.Name,
                    Duty = request.Duty,
                    Employment = request.Employment,
                    PartyMember = request.PartyMember,
                    From = request.From.Length is 0 ? today : IsoDate.Parse(request.From),
                    UpdatedAt = command.Now,
                    Version = 0,
                },
                await AppointmentStore.ActiveAsync(grid, command),
                today).OrRefuse();
            AppointmentStore.Add(command, made);
            return new AppointStaffResponse { Staff = StaffingMessages.ToMessage(made) };
        });
    }

    public override Task<EndAppointmentResponse> EndAppointment(EndAppointmentRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.StaffId, request.Etag, AppointmentStore.FindAsync, StaffingErrors.NotFound,
            (current, at) => AppointmentRules.End(
                current, request.Until.Length is 0 ? at.Today : IsoDate.Parse(request.Until), at.Today, at.Now),
            AppointmentStore.Save,
            (next, _) => new EndAppointmentResponse { Staff = StaffingMessages.ToMessage(next) });

    public override async Task<GetStaffResponse> GetStaff(GetStaffRequest request, ServerCallContext context) =>
        new() { Staff = StaffingMessages.ToMessage(await ReadAsync(request.Id, posts.FindAsync, StaffingErrors.NotFound, context)) };

    public override async Task<ListStaffResponse> ListStaff(ListStaffRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await posts.ListAsync(range, request, page, context.CancellationToken);
        var response = new ListStaffResponse { NextPageToken = page.Next(found, p => [p.Territory, p.Id.ToString()]) };
        response.Staff.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override async Task<ImportStaffResponse> ImportStaff(
        IAsyncStreamReader<ImportStaffRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new StaffImport(LatestDay())) };

    public override Task<ArrangeStandInResponse> ArrangeStandIn(ArrangeStandInRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var absent = await FoundAsync(request.StaffId, command, AppointmentStore.FindAsync, StaffingErrors.NotFound, call);
            var substitute = await FoundAsync(request.SubstituteId, command, AppointmentStore.FindAsync, StaffingErrors.NotFound, call);
            var today = await TodayAsync(absent.Territory, command.Now, command.Cancellation);
            var made = AppointmentRules.Arrange(
                command.NewId(), absent, substitute, IsoDate.Parse(request.From), IsoDate.Parse(request.Until),
                await AppointmentStore.StandInsAsync(absent.Territory, today, command), today).OrRefuse();
            AppointmentStore.Add(command, made, absent, substitute);
            return new ArrangeStandInResponse { StandIn = StaffingMessages.ToMessage(made) };
        });
    }

    public override Task<CancelStandInResponse> CancelStandIn(CancelStandInRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await AppointmentStore.FindStandInAsync(Guid.Parse(request.StandInId), command)
                ?? throw call.NotFound(StaffingErrors.StandInNotFound, request.StandInId);
            call.Authorize(current.Territory);
            var cancelled = AppointmentRules.Cancel(current, command.Now).OrRefuse();
            AppointmentStore.Cancel(command, cancelled);
            return new CancelStandInResponse { StandIn = StaffingMessages.ToMessage(cancelled) };
        });
    }

    public override async Task<ListStandInsResponse> ListStandIns(ListStandInsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        DateOnly? on = request.On.Length is 0 ? null : IsoDate.Parse(request.On);
        var found = await posts.ListStandInsAsync(range, on, page, context.CancellationToken);
        var response = new ListStandInsResponse { NextPageToken = page.Next(found, s => [s.Id.ToString()]) };
        response.StandIns.Add(found.Select(StaffingMessages.ToMessage));
        return response;
    }

    public override async Task<CheckStaffingResponse> CheckStaffing(CheckStaffingRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var counts = await posts.CountAsync(range, context.CancellationToken);
        var findings = await posts.FindingsAsync(range, page, context.CancellationToken);
        var response = new CheckStaffingResponse
        {
            Grids = counts.Grids,
            WithoutLeader = counts.WithoutLeader,
            WithoutWorker = counts.WithoutWorker,
            EndedWithStaff = counts.EndedWithStaff,
            FewestLeaders = counts.FewestLeaders,
            FewestWorkers = counts.FewestWorkers,
            NextPageToken = page.Next(findings, f => [f.Territory, $"{(int)f.Problem}"]),
        };
        response.Findings.Add(findings);
        return response;
    }

    public override async Task<GetPublicRosterResponse> GetPublicRoster(GetPublicRosterRequest request, ServerCallContext context)
    {
        var grid = TerritoryCode.Parse(request.GridCode);
        RequireGrid(grid, "grid_code");
        // Everybody may know which grids there are.
        if (await boundaries.WhyNotAsync(grid.ToString(), context.CancellationToken) is { } why)
            throw new RefusedException(why);
        var today = await TodayAsync(grid.ToString(), clock.GetUtcNow(), context.CancellationToken);
        var active = await posts.ActiveAsync(grid.ToString(), context.CancellationToken);
        var standIns = await posts.StandInsAsync(grid.ToString(), today, context.CancellationToken);
        var response = new GetPublicRosterResponse();
        response.Entries.Add(PublicRoster.Of(active, standIns, today));
        return response;
    }

    public override async Task<GetStaffingStandardResponse> GetStaffingStandard(
        GetStaffingStandardRequest request, ServerCallContext context)
    {
        var policy = await StandardAsync(request.Territory, context.CancellationToken);
        var response = new GetStaffingStandardResponse
        {
            MinBuildings = policy.Staffing.MinBuildings,
            MaxBuildings = policy.Staffing.MaxBuildings,
            PolicyVersion = policy.Version,
        };
        response.Duties.Add(policy.Staffing.Duties);
        return response;
    }

    /// <summary>When a command is decided, and under which policies.</summary>
    private readonly record struct Moment(Command Command, CityPolicies Policies)
    {
        public DateTimeOffset Now => Command.Now;

        public DateOnly Today => Policies.LocalDate(Command.Now);

        public StaffingPolicy? Standard => StandardOf(Policies, Command.Now);
    }

    private static StaffingPolicy? StandardOf(CityPolicies policies, DateTimeOffset now) =>
        policies.InForceOrNone(CityPolicies.StaffingKind, now)?.Staffing;

    /// <summary>Every verb on a record: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TKept, TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string id,
        string etag,
        Func<Guid, Command, Task<TKept?>> find,
        ErrorDefinition missing,
        Func<TKept, Moment, Outcome<TKept>> rule,
        Action<Command, TKept, TKept> save,
        Func<TKept, Moment, TResponse> answer)
        where TKept : class, IKept
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await FoundAsync(id, command, find, missing, call);
            Commands.RequireEtag(etag, current.Version);
            var at = new Moment(command, await policies.OfAsync(current.Territory, command.Cancellation));
            var next = rule(current, at).OrRefuse();
            save(command, current, next);
            return answer(next, at);
        });
    }

    /// <summary>The record that a command is about, within the caller's reach.</summary>
    private static async Task<TKept> FoundAsync<TKept>(
        string id, Command command, Func<Guid, Command, Task<TKept?>> find, ErrorDefinition missing, Call call)
        where TKept : class, IKept
    {
        var found = await find(Guid.Parse(id), command) ?? throw call.NotFound(missing, id);
        call.Authorize(found.Territory);
        return found;
    }

    /// <summary>A record to be told, within the caller's reach.</summary>
    private static async Task<TKept> ReadAsync<TKept>(
        string id, Func<Guid, CancellationToken, Task<TKept?>> find, ErrorDefinition missing, ServerCallContext context)
        where TKept : class, IKept
    {
        var call = context.Call();
        var found = await find(Guid.Parse(id), context.CancellationToken) ?? throw call.NotFound(missing, id);
        call.Authorize(found.Territory);
        return found;
    }

    private async ValueTask<DateOnly> TodayAsync(string territory, DateTimeOffset now, CancellationToken cancellation) =>
        (await policies.OfAsync(territory, cancellation)).LocalDate(now);

    /// <summary>The code of a grid in force that a record is to be kept for.</summary>
    private async ValueTask<string> GridAsync(string text, ServerCallContext context)
    {
        RequireGrid(TerritoryCode.Parse(text), "territory");
        return await PlaceAsync(text, context);
    }

    /// <summary>The code of a territory that a record is to be kept for; a grid must be in force.</summary>
    private async ValueTask<string> PlaceAsync(string text, ServerCallContext context)
    {
        var territory = TerritoryCode.Parse(text);
        context.Call().Authorize(territory);
        await boundaries.RequireAsync(territory, context);
        return territory.ToString();
    }

    private static void RequireGrid(TerritoryCode territory, string field)
    {
        if (territory.Level is not TerritoryLevel.Grid)
            throw new RefusedException(CommonErrors.OneOrInvalid([Violation.Of(field, BoundaryErrors.NotAGridCode)]));
    }

    /// <summary>The latest day that it is anywhere: which city a row lies in, and its offset, only the row tells.</summary>
    private DateOnly LatestDay() => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime + FarthestEast);
}
