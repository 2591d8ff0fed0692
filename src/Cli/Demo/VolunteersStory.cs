using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Grids.V1;
using Governance.Volunteers.V1;

namespace Governance.Cli.Demo;

/// <summary>A need for hands becomes an activity by event; a team with the skill signs up, serves, and its service is recorded.</summary>
internal static class VolunteersStory
{
    public const string Name = "volunteers";

    public const string About = "A need for hands: an activity, a team, recorded service";

    private const int Minutes = 30;
    private const string TeamLookup = "a team with a leader is looked up";

    public static async Task PlayAsync(Stage stage, CancellationToken cancelled)
    {
        var cityOfficer = stage.Actor("officer", stage.City, "officer-city");
        var (team, grid) = await FindTeamAsync(stage, cityOfficer, cancelled);
        var community = Scene.CommunityOf(grid.Code);
        var resident = stage.Actor("resident", community, "resident-demo");
        var officer = stage.Actor("officer", community, $"officer-{community}");
        var gridWorker = stage.Actor("grid_worker", grid.Code, $"grid-worker-{grid.Code}");
        var leader = stage.Actor("volunteer", team.Territory, team.Members.First(member => member.Leader).Number);
        var people = team.Members.Take(2).ToList();
        var category = (await Scene.CategoriesAsync(stage, officer, ["livelihood", "elder", "民生", "老"], cancelled))[0];

        await stage.StepAsync("the resident asks for help", CaseState.Reported, async () =>
            (await resident.Cases.ReportCaseAsync(
                new ReportCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    Point = Scene.Middle(grid.Boundary),
                    Title = "独居老人需要帮手",
                    Description = "楼上独居老人家中需要人手帮忙。",
                    Channel = CaseChannel.TalkPoint,
                },
                cancellationToken: cancelled)).Case);
        await stage.StepAsync("the community assesses it", CaseState.Assessed, async () =>
            (await officer.Cases.AssessCaseAsync(
                new AssessCaseRequest { RequestId = stage.NewRequestId(), CaseId = stage.CaseId, Category = category.Code },
                cancellationToken: cancelled)).Case);
        await stage.StepAsync("the community asks for volunteers", CaseState.Dispatched, async () =>
            (await officer.Cases.DispatchCaseAsync(
                new DispatchCaseRequest
                {
                    RequestId = stage.NewRequestId(),
                    CaseId = stage.CaseId,
                    Handler = new Handler
                    {
                        Volunteers = new Grids.V1.VolunteerNeed
                        {
                            Skill = team.Skills[0],
                            Hands = people.Count,
                            StartsAt = stage.Clock.GetUtcNow().ToTimestamp(),
                            Minutes = Minutes,
                        },
                    },
                },
                cancellationToken: cancelled)).Case);

        var activity = await stage.ArriveAsync("an activity opens at the volunteers", async () =>
            (await leader.Activities.ListActivitiesAsync(
                new ListActivitiesRequest { CaseId = stage.CaseId }, cancellationToken: cancelled))
                    .Activities.SingleOrDefault(), cancelled);
        await stage.ArriveAsync("the case knows its activity", officer, item => item.Handler?.Reference == activity.Id, cancelled);
        await ServeAsync(stage, activity, team, people, leader, gridWorker, cancelled);
        await stage.ArriveAsync("the case is handled", officer, item => item.State == CaseState.Handled, cancelled);

        await Ending.PlayAsync(stage, officer, "the community", resident, "the resident", "志愿者已上门帮助，感谢您的反映。", cancelled);
    }

    private static async Task ServeAsync(
        Stage stage, Activity activity, Team team, IReadOnlyList<TeamMember> people,
        PublicApi leader, PublicApi gridWorker, CancellationToken cancelled)
    {
        await stage.StepAsync("a team with the skill signs up", async () =>
            await leader.Activities.SignUpTeamAsync(
                new SignUpTeamRequest
                {
                    RequestId = stage.NewRequestId(),
                    ActivityId = activity.Id,
                    TeamId = team.Id,
                    Hands = people.Count,
                },
                cancellationToken: cancelled));
        foreach (var person in people)
        {
            await stage.StepAsync($"the grid worker records the service of {person.Number}", async () =>
                await gridWorker.Activities.RecordServiceAsync(
                    new RecordServiceRequest
                    {
                        RequestId = stage.NewRequestId(),
                        ActivityId = activity.Id,
                        TeamId = team.Id,
                        VolunteerNumber = person.Number,
                        Minutes = Minutes,
                    },
                    cancellationToken: cancelled));
        }

        const string Step = "the grid worker completes the activity";
        var done = await stage.StepAsync(Step, async () =>
            (await gridWorker.Activities.CompleteActivityAsync(
                new CompleteActivityRequest { RequestId = stage.NewRequestId(), ActivityId = activity.Id, Summary = "上门帮助独居老人" },
                cancellationToken: cancelled)).Activity);
        var minutes = done.Services.Sum(service => service.Minutes);
        stage.Check(Step, done.State == ActivityState.Completed && minutes == people.Count * Minutes,
            () => $"the activity is in state {done.State} with {minutes} minutes of service");
    }

    private static async Task<(Team Team, Grid Grid)> FindTeamAsync(Stage stage, PublicApi officer, CancellationToken cancelled)
    {
        var team = await stage.StepAsync(TeamLookup, async () =>
            (await officer.Teams.ListTeamsAsync(
                new ListTeamsRequest { Territory = stage.City, PageSize = 500 }, cancellationToken: cancelled))
            .Teams.FirstOrDefault(found => found.Skills.Count > 0 && found.Members.Any(member => member.Leader)));
        if (team is null)
            throw stage.Failed(TeamLookup, "the city has none; load its pack: gov seed load <city>");
        const string Step = "a grid of the team's territory is looked up";
        var grids = await stage.StepAsync(Step, async () =>
            await officer.Boundaries.ListGridsAsync(
                new ListGridsRequest { Territory = team.Territory, PageSize = 1 }, cancellationToken: cancelled));
        return (team, grids.Grids.FirstOrDefault() ?? throw stage.Failed(Step, $"there is no grid in {team.Territory}"));
    }
}
