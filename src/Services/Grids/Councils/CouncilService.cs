using Google.Protobuf;
using Governance.Grids.Boundaries;
using Governance.Grids.Bulletins;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using CouncilMessage = Governance.Grids.V1.Council;

namespace Governance.Grids.Councils;

public sealed partial class CouncilService(
    CouncilStore store,
    TopicStore topics,
    SessionStore sessions,
    BallotStore ballots,
    VoterSeals seals,
    BulletinDrafts bulletins,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands,
    Importer importer,
    TimeProvider clock) : V1.Councils.CouncilsBase
{
    public override Task<EstablishCouncilResponse> EstablishCouncil(EstablishCouncilRequest request, ServerCallContext context)
    {
        var territory = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(territory);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            await boundaries.RequireAsync(territory, context);
            var council = CouncilRules.Establish(new Council
            {
                Id = command.NewId(),
                Territory = territory.ToString(),
                Name = request.Name,
                Quorum = Fraction.Of(request.Quorum),
                Terms = [CouncilMessages.ToTerm(request.Term)],
                Members = [.. request.Members.Select(m => CouncilMessages.ToMember(m, command.NewId(), command.Now))],
                ConcurrentHead = request.ConcurrentHead,
                ConcurrentSource = request.ConcurrentSource,
                EstablishedAt = command.Now,
                UpdatedAt = command.Now,
                Version = 0,
            }).OrRefuse();
            if (await CouncilStore.HasActiveAsync(council.Territory, command))
                throw new RefusedException(CouncilErrors.Exists.With(("territory", council.Territory)));
            CouncilStore.Add(command, council);
            return new EstablishCouncilResponse { Council = await SeenAsync(council, command.Now, context) };
        });
    }

    public override async Task<GetCouncilResponse> GetCouncil(GetCouncilRequest request, ServerCallContext context)
    {
        var council = await CouncilToReadAsync(Guid.Parse(request.Id), context);
        return new GetCouncilResponse { Council = await SeenAsync(council, clock.GetUtcNow(), context) };
    }

    public override async Task<ListCouncilsResponse> ListCouncils(ListCouncilsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        var around = request.WithCommunity && territory.Level is TerritoryLevel.Grid ? territory.Parent!.ToString() : "";
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var councils = await store.ListAsync(territory.PrefixRange, around, request.ActiveOnly, page, context.CancellationToken);
        var response = new ListCouncilsResponse { NextPageToken = page.Next(councils, c => [c.Territory, c.Id.ToString()]) };
        foreach (var council in councils)
            response.Councils.Add(await SeenAsync(council, clock.GetUtcNow(), context));
        return response;
    }

    public override async Task<ListMembershipsResponse> ListMemberships(ListMembershipsRequest request, ServerCallContext context)
    {
        var council = await CouncilToReadAsync(Guid.Parse(request.CouncilId), context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var members = await store.MembershipsAsync(council.Id, page, context.CancellationToken);
        var response = new ListMembershipsResponse { NextPageToken = page.Next(members, m => [m.Id.ToString()]) };
        response.Memberships.Add(members.Select(m => CouncilMessages.ToMessage(m, viewer: null)));
        return response;
    }

    public override Task<AppointMemberResponse> AppointMember(AppointMemberRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CouncilId, request.Etag,
            (current, command) => CouncilRules.AppointMember(
                current,
                new Member(command.NewId(), request.Subject, request.Kind, request.Name, request.Duty, CouncilSeat.Member, command.Now),
                command.Now),
            message => new AppointMemberResponse { Council = message });

    public override Task<EndMembershipResponse> EndMembership(EndMembershipRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CouncilId, request.Etag,
            (current, command) => CouncilRules.EndMembership(current, Guid.Parse(request.MemberId), command.Now),
            message => new EndMembershipResponse { Council = message });

    public override Task<AppointHeadResponse> AppointHead(AppointHeadRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CouncilId, request.Etag,
            (current, command) => CouncilRules.AppointHead(
                current, Guid.Parse(request.MemberId), request.Seat, request.ConcurrentHead, request.ConcurrentSource, command.Now),
            message => new AppointHeadResponse { Council = message });

    public override Task<RenewTermResponse> RenewTerm(RenewTermRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.CouncilId, request.Etag,
            (current, command) => CouncilRules.RenewTerm(current, CouncilMessages.ToTerm(request.Term), command.Now),
            message => new RenewTermResponse { Council = message });

    public override Task<DissolveCouncilResponse> DissolveCouncil(DissolveCouncilRequest request, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await CouncilOfAsync(Guid.Parse(request.CouncilId), command, context);
            context.Call().Authorize(current.Territory);
            Commands.RequireEtag(request.Etag, current.Version);
            var open = await TopicStore.OpenCountAsync(current.Id, command);
            var next = CouncilRules.Dissolve(current, request.Reason, open, command.Now).OrRefuse();
            CouncilStore.Save(command, current, next);
            TopicStore.RequireNoneOpen(command, current.Id);
            return new DissolveCouncilResponse { Council = await SeenAsync(next, command.Now, context) };
        });

    public override async Task<ImportCouncilsResponse> ImportCouncils(
        IAsyncStreamReader<ImportCouncilsRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new CouncilImport()) };

    /// <summary>Every verb on a council: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string councilId,
        string etag,
        Func<Council, Command, Outcome<Council>> rule,
        Func<CouncilMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await CouncilOfAsync(Guid.Parse(councilId), command, context);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var next = rule(current, command).OrRefuse();
            CouncilStore.Save(command, current, next);
            return answer(await SeenAsync(next, command.Now, context));
        });
    }

    private static async Task<Council> CouncilOfAsync(Guid id, Command command, ServerCallContext context) =>
        await CouncilStore.FindAsync(id, command) ?? throw context.Call().NotFound(CouncilErrors.NotFound, id);

    private async Task<Council> CouncilToReadAsync(Guid id, ServerCallContext context)
    {
        var call = context.Call();
        var council = await store.FindAsync(id, context.CancellationToken) ?? throw call.NotFound(CouncilErrors.NotFound, id);
        call.Authorize(council.Territory, OwnAs(council, call));
        return council;
    }

    /// <summary>Whose council it is: its members', and those residents' whose home lies under it.</summary>
    private static string[] OwnAs(Council council, Call call) =>
        council.Seats(call.Caller.Subject) ? [Roles.Resident, Roles.GridWorker]
        : council.IsHomeOf(call.Caller.Territory) ? [Roles.Resident]
        : [];

    /// <summary>Who leads a council runs its sessions and answers for its topics, whatever the role of the token.</summary>
    private static string[] LeaderAs(Council council, Call call) =>
        council.Leader?.Subject == call.Caller.Subject ? [Roles.Resident, Roles.GridWorker] : [];

    /// <summary>The subject that others may see, their own; null for those who work where the council is.</summary>
    private static string? ViewerOf(Call call, string territory) => call.Caller.WorksIn(territory) ? null : call.Caller.Subject;

    private async ValueTask<CouncilMessage> SeenAsync(Council council, DateTimeOffset now, ServerCallContext context)
    {
        var today = (await policies.OfAsync(council.Territory, context.CancellationToken)).LocalDate(now);
        return CouncilMessages.ToMessage(council, today, ViewerOf(context.Call(), council.Territory));
    }
}
