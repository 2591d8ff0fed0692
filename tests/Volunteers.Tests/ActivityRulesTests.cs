using FsCheck;
using FsCheck.Fluent;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Errors;
using Governance.Volunteers.Activities;
using Governance.Volunteers.Teams;
using Shouldly;
using Xunit;
using Activity = Governance.Volunteers.Activities.Activity;
using ActivityState = Governance.Volunteers.V1.ActivityState;

namespace Governance.Volunteers.Tests;

public sealed class ActivityRulesTests
{
    private const string Grid = "34060300100101";

    private static readonly DateTimeOffset Start = new(2026, 3, 9, 1, 0, 0, TimeSpan.Zero);
    private static readonly Signer Officer = new("officer", true);

    [Theory]
    [InlineData("3406", true)]
    [InlineData("340603001001", true)]
    [InlineData("34060300100101", true)]
    [InlineData("3406030010010103", true)]
    [InlineData("34060300100102", true)]
    [InlineData("34060300100201", false)]
    [InlineData("340603001002", false)]
    [InlineData("340602", false)]
    public void A_team_serves_inside_its_territory_and_next_door_in_its_community(string territory, bool serves) =>
        TeamOf(1, territory).Serves(Grid).ShouldBe(serves);

    [Fact]
    public void A_need_opens_an_activity_and_tells_its_case()
    {
        var step = Opened();
        (step.Next.State, step.Next.Version, step.Next.Hands).ShouldBe((ActivityState.Open, 1, 3));
        step.Events.ShouldBe([new ActivityOpened(step.Next.CaseId, step.Next.Id, Start, IdOf(-3))]);
    }

    [Fact]
    public void Whoever_does_not_lead_a_team_may_not_sign_it_up()
    {
        var (activity, team) = (Opened().Next, TeamOf(1));
        Reason(ActivityRules.SignUp(activity, team, new Signer("1-2", false), 1, Start)).ShouldBe("TEAM_NOT_YOURS");
        Reason(ActivityRules.SignUp(activity, team, new Signer("1-1", false), 1, Start)).ShouldBe("");
        Reason(ActivityRules.SignUp(activity, team, Officer, 1, Start)).ShouldBe("");
    }

    [Fact]
    public void Service_counts_from_the_very_start_and_up_to_twice_the_plan()
    {
        var team = TeamOf(1);
        var joined = ActivityRules.SignUp(Opened().Next, team, Officer, 1, Start).OrRefuse().Next;
        Reason(ActivityRules.RecordService(joined, team.Id, team, "1-1", 60, Start.AddTicks(-1))).ShouldBe("ACTIVITY_NOT_STARTED");
        Reason(ActivityRules.RecordService(joined, team.Id, team, "1-1", 121, Start)).ShouldBe("SERVICE_TOO_LONG");
        Reason(ActivityRules.RecordService(joined, team.Id, team, "1-1", 120, Start)).ShouldBe("");
    }

    [Fact]
    public void An_activity_takes_as_many_teams_and_records_as_it_can_have_and_no_more()
    {
        var activity = Opened().Next with { State = ActivityState.Open };
        for (var i = 0; i < ActivityRules.MaxSignUps; i++)
            activity = ActivityRules.SignUp(activity, TeamOf(i), Officer, 1, Start).OrRefuse().Next;
        Reason(ActivityRules.SignUp(activity, TeamOf(999), Officer, 1, Start)).ShouldBe("ACTIVITY_FULL");

        var team = TeamOf(0);
        activity = activity with
        {
            Services = [.. Enumerable.Range(0, ActivityRules.MaxServices).Select(i => new ServiceRecord(team.Id, $"x-{i}", 1, Start))],
        };
        Reason(ActivityRules.RecordService(activity, team.Id, team, "0-1", 1, Start)).ShouldBe("ACTIVITY_FULL");
    }

    [Fact]
    public void What_is_told_of_an_activity_holds_no_number_of_anybody()
    {
        var team = TeamOf(0);
        var activity = ActivityRules.SignUp(Opened().Next, team, Officer, 1, Start).OrRefuse().Next;
        activity = ActivityRules.RecordService(activity, team.Id, team, "0-1", 60, Start).OrRefuse().Next;
        var done = ActivityRules.Complete(activity, "已为老人清扫，联系人13955550001", Start.AddHours(2)).OrRefuse();
        done.Events.Single().ShouldBeOfType<ActivityCompleted>().Summary.ShouldBe("已为老人清扫，联系人***");
    }

    /// <summary>One command of a random history; its numbers choose teams, members and amounts, good and bad ones.</summary>
    public sealed record Move(int Verb, int Team, int Member, int Amount, int Minute);

    [Fact]
    public void Random_histories_keep_every_volunteer_to_one_true_record()
    {
        var moves =
            from verb in Gen.Frequency((8, Gen.Constant(0)), (16, Gen.Constant(1)), (1, Gen.Constant(2)))
            from team in Gen.Choose(0, 5)
            from member in Gen.Choose(0, 4)
            from amount in Gen.Choose(1, 130)
            from minute in Gen.Choose(-5, 60)
            select new Move(verb, team, member, amount, minute);
        Prop.ForAll(Gen.ArrayOf(moves).ToArbitrary(), KeepsInvariants).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static bool KeepsInvariants(Move[] history)
    {
        var activity = Opened().Next;
        var told = new List<IEvent>();
        var accepted = 0;
        foreach (var move in history)
        {
            var before = activity;
            // Team 5 is from elsewhere, team 4 has another skill; members 1 to 3 of each exist, and 9-9 is in all of them.
            var team = TeamOf(move.Team, move.Team is 5 ? "340604" : Grid, move.Team is 4 ? "repair" : "cleaning");
            var member = move.Member is 4 ? "9-9" : $"{move.Team}-{move.Member}";
            var outcome = move.Verb switch
            {
                0 => ActivityRules.SignUp(activity, team, new Signer(member, false), 1 + (move.Amount % 6), Start),
                1 => ActivityRules.RecordService(activity, team.Id, team, member, move.Amount, Start.AddMinutes(move.Minute)),
                _ => ActivityRules.Complete(activity, "done", Start.AddHours(2)),
            };
            if (outcome.Refusal is null)
            {
                var step = outcome.OrRefuse();
                accepted++;
                told.AddRange(step.Events);
                activity = step.Next;
                if (before.State is ActivityState.Completed)
                    return false;
            }
            if (!IsSound(activity) || activity.Version != accepted + 1)
                return false;
        }
        return activity.State is ActivityState.Completed
            ? told is [ActivityCompleted done]
                && done.DispatchId == activity.DispatchId
                && done.Volunteers == activity.Services.Count
                && done.ServiceMinutes == activity.Services.Sum(s => s.Minutes)
            : told.Count is 0;
    }

    private static bool IsSound(Activity activity) =>
        activity.SignUps.Select(s => s.TeamId).Distinct().Count() == activity.SignUps.Count
        && activity.SignUps.All(s => s.TeamId != IdOf(4) && s.TeamId != IdOf(5) && s.Hands <= 4)
        && activity.Services.Select(s => s.VolunteerNumber).Distinct().Count() == activity.Services.Count
        && activity.Services.All(s => s.RecordedAt >= activity.StartsAt && s.Minutes <= 120)
        && activity.Services.All(s => activity.SignUps.Any(u => u.TeamId == s.TeamId))
        && (activity.State is ActivityState.Open || activity.Services.Count > 0);

    private static string Reason<T>(Outcome<T> outcome) => outcome.Refusal?.Definition.Reason ?? "";

    private static ActivityStep Opened() =>
        ActivityRules.Open(IdOf(-1), IdOf(-2), IdOf(-3), Grid, "清扫积雪", new VolunteerNeed("cleaning", 3, Start, 60), Start);

    private static Team TeamOf(int n, string territory = Grid, string skill = "cleaning") => new(
        IdOf(n), $"T-{n}", $"Team {n}", territory, [skill],
        [.. Enumerable.Range(1, 3).Select(i => new TeamMember($"{n}-{i}", "a", i is 1)), new TeamMember("9-9", "b", false)],
        Start, 1);

    private static Guid IdOf(int n) => new(n + 1000, 0, 0, new byte[8]);
}
