using System.CommandLine;
using Governance.Volunteers.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov activity`: what volunteers do together.</summary>
internal static class ActivityCommands
{
    private const string SampleTeam = "0197f3c2-5555-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host)
    {
        var activities = new Verbs<Activity>(host, "activity", "The activity.", activity =>
        [
            ("title", activity.Title),
            ("id", activity.Id),
            ("state", activity.State),
            ("skill", activity.Skill),
            ("hands", $"{activity.SignUps.Sum(signUp => signUp.Hands)} of {activity.Hands}"),
            ("starts", activity.StartsAt),
            ("teams", activity.SignUps.Count),
            ("service", $"{activity.Services.Count} people, {activity.Services.Sum(service => service.Minutes)} minutes"),
            ("case", activity.CaseId),
        ]);
        return Group(
            "activity",
            "Activities of volunteers; a case that needs hands opens one.",
            List(activities), Show(activities), SignUp(activities), Record(activities), Complete(activities));
    }

    private static Command List(Verbs<Activity> activities)
    {
        var within = Shared.Within();
        var state = Word<ActivityState>("--state", "Only in this state.");
        var only = Option<string>("--case", "Only the one of this case.", "UUID");
        return activities.List(
            "list", "Activities of a territory, soonest start first.", [within, state, only], "--state open",
            ["state", "title", "skill", "hands", "starts", "teams", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Activities.ListActivitiesAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<ActivityState>(state),
                        CaseId = verb.Text(only),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Activities, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Activity> activities) =>
        activities.On("show", "One activity.", [], "",
            async verb => (await verb.Api.Activities.GetActivityAsync(new() { Id = verb.Id }, verb.Options)).Activity);

    private static Command SignUp(Verbs<Activity> activities)
    {
        var team = Required("--team", "The team.", "UUID");
        var hands = Option<int>("--hands", "How many of its people come.", "N", required: true);
        return activities.On("sign-up", "A team takes part with some of its people.", [team, hands], $"--team {SampleTeam} --hands 2",
            async verb => (await verb.Api.Activities.SignUpTeamAsync(
                new() { RequestId = verb.RequestId, ActivityId = verb.Id, TeamId = verb.Text(team), Hands = verb.Get(hands) },
                verb.Options)).Activity);
    }

    private static Command Record(Verbs<Activity> activities)
    {
        var team = Required("--team", "The volunteer's team.", "UUID");
        var number = Required("--volunteer", "The volunteer's number in the team.", "NUMBER");
        var minutes = Option<int>("--minutes", "Minutes of service, 1 to 1440.", "N", required: true);
        return activities.On("record", "Record one volunteer's service, truthfully.", [team, number, minutes],
            $"--team {SampleTeam} --volunteer HB-VT-0001-1 --minutes 60",
            async verb => (await verb.Api.Activities.RecordServiceAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    ActivityId = verb.Id,
                    TeamId = verb.Text(team),
                    VolunteerNumber = verb.Text(number),
                    Minutes = verb.Get(minutes),
                },
                verb.Options)).Activity);
    }

    private static Command Complete(Verbs<Activity> activities)
    {
        var summary = Required("--summary", "What was achieved.");
        return activities.On("complete", "The activity is over; the case that asked for it is told.", [summary],
            "--summary 陪同老人就医，已平安返回",
            async verb => (await verb.Api.Activities.CompleteActivityAsync(
                new() { RequestId = verb.RequestId, ActivityId = verb.Id, Summary = verb.Text(summary) }, verb.Options)).Activity);
    }
}
