using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Governance.Volunteers.V1;
using Grpc.Core;

namespace Governance.Volunteers.Teams;

public sealed class TeamService(TeamStore store, Importer importer) : V1.Teams.TeamsBase
{
    public override async Task<GetTeamResponse> GetTeam(GetTeamRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var team = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(TeamErrors.NotFound, request.Id);
        call.Authorize(team.Territory);
        return new GetTeamResponse { Team = TeamStore.ToMessage(team) };
    }

    public override async Task<ListTeamsResponse> ListTeams(ListTeamsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var teams = await store.ListAsync(range, request.Skill, page, context.CancellationToken);
        var response = new ListTeamsResponse { NextPageToken = page.Next(teams, t => [t.Code]) };
        response.Teams.Add(teams.Select(TeamStore.ToMessage));
        return response;
    }

    public override async Task<ImportTeamsResponse> ImportTeams(
        IAsyncStreamReader<ImportTeamsRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new TeamImport()) };
}
