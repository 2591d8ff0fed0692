using Google.Protobuf;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Governance.Volunteers.Teams;
using Governance.Volunteers.V1;
using Grpc.Core;
using ActivityMessage = Governance.Volunteers.V1.Activity;

namespace Governance.Volunteers.Activities;

public sealed class ActivityService(ActivityStore store, Commands commands, RedisCache cache) : V1.Activities.ActivitiesBase
{
    public override async Task<GetActivityResponse> GetActivity(GetActivityRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var id = Guid.Parse(request.Id);
        var message = await cache.GetAsync(
            ActivityStore.CacheKey(id),
            async cancellation => await store.FindAsync(id, cancellation) is { } found ? ActivityStore.ToMessage(found) : null,
            context.CancellationToken) ?? throw call.NotFound(ActivityErrors.NotFound, request.Id);
        call.Authorize(message.Territory);
        return new GetActivityResponse { Activity = message };
    }

    public override async Task<ListActivitiesResponse> ListActivities(ListActivitiesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var activities = await store.ListAsync(range, request.State, caseId, page, context.CancellationToken);
        var response = new ListActivitiesResponse { NextPageToken = page.Next(activities, ActivityStore.KeyOf) };
        response.Activities.Add(activities.Select(ActivityStore.ToMessage));
        return response;
    }

    public override Task<SignUpTeamResponse> SignUpTeam(SignUpTeamRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.ActivityId, request.Etag,
            async (current, command) =>
            {
                var call = context.Call();
                var team = await TeamStore.FindAsync(Guid.Parse(request.TeamId), command)
                    ?? throw call.NotFound(TeamErrors.NotFound, request.TeamId);
                // A leader acts for the team whatever its territory; to everybody else a team out of reach is as none.
                if (!team.IsLedBy(call.Caller.Subject))
                    call.Authorize(team.Territory);
                var signer = new Signer(call.Caller.Subject, call.Caller.HasAny([Roles.Officer]));
                return ActivityRules.SignUp(current, team, signer, request.Hands, command.Now);
            },
            message => new SignUpTeamResponse { Activity = message });

    public override Task<RecordServiceResponse> RecordService(RecordServiceRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.ActivityId, request.Etag,
            async (current, command) =>
            {
                var teamId = Guid.Parse(request.TeamId);
                var team = await TeamStore.FindAsync(teamId, command);
                return ActivityRules.RecordService(current, teamId, team, request.VolunteerNumber, request.Minutes, command.Now);
            },
            message => new RecordServiceResponse { Activity = message });

    public override Task<CompleteActivityResponse> CompleteActivity(CompleteActivityRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.ActivityId, request.Etag,
            (current, command) => Task.FromResult(ActivityRules.Complete(current, request.Summary, command.Now)),
            message => new CompleteActivityResponse { Activity = message });

    /// <summary>Every verb on an activity: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string activityId,
        string etag,
        Func<Activity, Command, Task<Outcome<ActivityStep>>> rule,
        Func<ActivityMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await ActivityStore.FindAsync(Guid.Parse(activityId), command)
                ?? throw call.NotFound(ActivityErrors.NotFound, activityId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var step = (await rule(current, command)).OrRefuse();
            ActivityStore.Save(command, current, step);
            return answer(ActivityStore.ToMessage(step.Next));
        });
    }
}
