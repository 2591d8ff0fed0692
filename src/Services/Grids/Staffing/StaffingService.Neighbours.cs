using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Staffing;

/// <summary>Neighbour groups and their heads.</summary>
public sealed partial class StaffingService
{
    public override Task<SetUpNeighbourGroupResponse> SetUpNeighbourGroup(
        SetUpNeighbourGroupRequest request, ServerCallContext context)
    {
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var grid = await GridAsync(request.Territory, context);
            var standard = StandardOf(await policies.OfAsync(grid, command.Cancellation), command.Now);
            var made = NeighbourRules.SetUp(new Group
            {
                Id = command.NewId(),
                Code = request.Code,
                Territory = grid,
                Name = request.Name,
                Buildings = [.. request.Buildings],
                Heads = [.. request.Heads.Select(h => new Head(command.NewId(), h.Subject, h.PartyMember, command.Now))],
                UpdatedAt = command.Now,
                Version = 0,
            }).OrRefuse();
            if (await GroupStore.HasCodeAsync(made.Territory, made.Code, command))
                throw new RefusedException(NeighbourErrors.GroupExists.With(("code", made.Code)));
            GroupStore.Add(command, made);
            return new SetUpNeighbourGroupResponse { Group = StaffingMessages.ToMessage(made, standard) };
        });
    }

    public override Task<ChangeNeighbourGroupResponse> ChangeNeighbourGroup(
        ChangeNeighbourGroupRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.GroupId, request.Etag, GroupStore.FindAsync, NeighbourErrors.GroupNotFound,
            (current, at) => NeighbourRules.Change(current, request.Name, [.. request.Buildings], at.Now),
            GroupStore.Save,
            (next, at) => new ChangeNeighbourGroupResponse { Group = StaffingMessages.ToMessage(next, at.Standard) });

    public override Task<DissolveNeighbourGroupResponse> DissolveNeighbourGroup(
        DissolveNeighbourGroupRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.GroupId, request.Etag, GroupStore.FindAsync, NeighbourErrors.GroupNotFound,
            (current, at) => NeighbourRules.Dissolve(current, at.Now),
            GroupStore.Save,
            (next, at) => new DissolveNeighbourGroupResponse { Group = StaffingMessages.ToMessage(next, at.Standard) });

    public override Task<AppointNeighbourHeadResponse> AppointNeighbourHead(
        AppointNeighbourHeadRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.GroupId, request.Etag, GroupStore.FindAsync, NeighbourErrors.GroupNotFound,
            (current, at) => NeighbourRules.AppointHead(
                current, new Head(at.Command.NewId(), request.Subject, request.PartyMember, at.Now), at.Now),
            GroupStore.Save,
            (next, at) => new AppointNeighbourHeadResponse { Group = StaffingMessages.ToMessage(next, at.Standard) });

    public override Task<EndNeighbourHeadResponse> EndNeighbourHead(EndNeighbourHeadRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.GroupId, request.Etag, GroupStore.FindAsync, NeighbourErrors.GroupNotFound,
            (current, at) => NeighbourRules.EndHead(current, Guid.Parse(request.HeadId), at.Now),
            GroupStore.Save,
            (next, at) => new EndNeighbourHeadResponse { Group = StaffingMessages.ToMessage(next, at.Standard) });

    public override async Task<GetNeighbourGroupResponse> GetNeighbourGroup(GetNeighbourGroupRequest request, ServerCallContext context)
    {
        var group = await ReadAsync(request.Id, groups.FindAsync, NeighbourErrors.GroupNotFound, context);
        var standard = StandardOf(await policies.OfAsync(group.Territory, context.CancellationToken), clock.GetUtcNow());
        return new GetNeighbourGroupResponse { Group = StaffingMessages.ToMessage(group, standard) };
    }

    public override async Task<ListNeighbourGroupsResponse> ListNeighbourGroups(
        ListNeighbourGroupsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await groups.ListAsync(range, request.IncludeDissolved, page, context.CancellationToken);
        var response = new ListNeighbourGroupsResponse { NextPageToken = page.Next(found, g => [g.Territory, g.Id.ToString()]) };
        foreach (var group in found)
            response.Groups.Add(StaffingMessages.ToMessage(
                group, StandardOf(await policies.OfAsync(group.Territory, context.CancellationToken), clock.GetUtcNow())));
        return response;
    }

    public override async Task<CheckNeighbourGroupsResponse> CheckNeighbourGroups(
        CheckNeighbourGroupsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        // How many buildings is a city's own rule.
        if (territory.AtLevel(TerritoryLevel.City) is null)
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("territory", FieldErrors.Required)));
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var standard = (await StandardAsync(territory.ToString(), context.CancellationToken)).Staffing;
        var (min, max) = (standard.MinBuildings, standard.MaxBuildings);
        var counts = await groups.CountAsync(territory.PrefixRange, min, max, context.CancellationToken);
        var findings = await groups.FindingsAsync(territory.PrefixRange, min, max, page, context.CancellationToken);
        var response = new CheckNeighbourGroupsResponse
        {
            Groups = counts.Groups,
            MinBuildings = min,
            MaxBuildings = max,
            FewestBuildings = counts.FewestBuildings,
            MostBuildings = counts.MostBuildings,
            OutsideStandard = counts.OutsideStandard,
            WithoutHead = counts.WithoutHead,
            Heads = counts.Heads,
            PartyMemberHeads = counts.PartyMemberHeads,
            NextPageToken = page.Next(findings, g => [g.Territory, g.Id.ToString()]),
        };
        response.Findings.Add(findings.Select(g => StaffingMessages.ToMessage(g, standard)));
        return response;
    }

    public override async Task<ImportNeighbourGroupsResponse> ImportNeighbourGroups(
        IAsyncStreamReader<ImportNeighbourGroupsRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new GroupImport()) };

    private async Task<Policy> StandardAsync(string territory, CancellationToken cancellation) =>
        (await policies.OfAsync(territory, cancellation)).InForce(CityPolicies.StaffingKind, clock.GetUtcNow()).OrRefuse();
}
