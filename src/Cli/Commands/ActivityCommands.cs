using System.CommandLine;
using Governance.Cli.Output;
using Governance.Volunteers.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov activity`: what volunteers do together.</summary>
internal static class ActivityCommands
{
    private const string SampleId = "0197f3c2-4444-7b3e-8f21-3c5d7e9f1a2b";
    private const string SampleTeam = "0197f3c2-5555-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host) => Group(
        "activity",
        "Activities of volunteers; a case that needs hands opens one.",
        List(host), SignUp(host), Record(host), Complete(host));

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var state = Word<ActivityState>("--state", "Only in this state.");
        var only = Option<string>("--case", "Only the one of this case.", "UUID");
        var limit = Shared.Limit();
        return new Command("list", "Activities of a territory, soonest start first.").Does(
            host, [within, state, only, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Activities.ListActivitiesAsync(
                        new ListActivitiesRequest
                        {
                            Territory = line.Text(within),
                            State = line.Word<ActivityState>(state),
                            CaseId = line.Text(only),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Activities, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(found), () =>
                {
                    var table = Tables.New("state", "title", "skill", "hands", "starts", "teams", "id");
                    foreach (var item in found)
                    {
                        var hands = $"{item.SignUps.Sum(signUp => signUp.Hands)} of {item.Hands}";
                        table.Row(item.State, item.Title, item.Skill, hands, item.StartsAt, item.SignUps.Count, item.Id);
                    }

                    session.Out.Draw(table);
                });
            },
            "gov activity list --state open");
    }

    private static Command SignUp(CliHost host)
    {
        var id = Id("The activity.");
        var team = Option<string>("--team", "The team.", "UUID", required: true);
        var hands = Option<int>("--hands", "How many of its people come.", "N", required: true);
        return new Command("sign-up", "A team takes part with some of its people.").Does(
            host, [id, team, hands], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Activities.SignUpTeamAsync(
                    new SignUpTeamRequest
                    {
                        RequestId = session.NewRequestId(),
                        ActivityId = line.GetValue(id),
                        TeamId = line.Text(team),
                        Hands = line.GetValue(hands),
                    },
                    cancellationToken: cancelled);
                Print(session.Out, answer.Activity);
            },
            $"gov activity sign-up {SampleId} --team {SampleTeam} --hands 2");
    }

    private static Command Record(CliHost host)
    {
        var id = Id("The activity.");
        var team = Option<string>("--team", "The volunteer's team.", "UUID", required: true);
        var number = Option<string>("--volunteer", "The volunteer's number in the team.", "NUMBER", required: true);
        var minutes = Option<int>("--minutes", "Minutes of service, 1 to 1440.", "N", required: true);
        return new Command("record", "Record one volunteer's service, truthfully.").Does(
            host, [id, team, number, minutes], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Activities.RecordServiceAsync(
                    new RecordServiceRequest
                    {
                        RequestId = session.NewRequestId(),
                        ActivityId = line.GetValue(id),
                        TeamId = line.Text(team),
                        VolunteerNumber = line.Text(number),
                        Minutes = line.GetValue(minutes),
                    },
                    cancellationToken: cancelled);
                Print(session.Out, answer.Activity);
            },
            $"gov activity record {SampleId} --team {SampleTeam} --volunteer HB-VT-0001-1 --minutes 60");
    }

    private static Command Complete(CliHost host)
    {
        var id = Id("The activity.");
        var summary = Option<string>("--summary", "What was achieved.", "TEXT", required: true);
        return new Command("complete", "The activity is over; the case that asked for it is told.").Does(
            host, [id, summary], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Activities.CompleteActivityAsync(
                    new CompleteActivityRequest
                    {
                        RequestId = session.NewRequestId(),
                        ActivityId = line.GetValue(id),
                        Summary = line.Text(summary),
                    },
                    cancellationToken: cancelled);
                Print(session.Out, answer.Activity);
            },
            $"gov activity complete {SampleId} --summary 陪同老人就医，已平安返回");
    }

    private static void Print(Printer printer, Activity item) =>
        printer.Answer(() => Printer.ToJson(item), () => printer.Draw(Tables.Facts(
            ("title", item.Title),
            ("id", item.Id),
            ("state", item.State),
            ("skill", item.Skill),
            ("hands", $"{item.SignUps.Sum(signUp => signUp.Hands)} of {item.Hands}"),
            ("starts", item.StartsAt),
            ("service", $"{item.Services.Count} people, {item.Services.Sum(service => service.Minutes)} minutes"),
            ("case", item.CaseId))));
}
