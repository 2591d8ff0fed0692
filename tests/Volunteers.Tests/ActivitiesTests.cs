using Governance.Contracts.Events;
using Governance.TestKit;
using Governance.Volunteers.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Volunteers.Tests.VolunteersFixture;

namespace Governance.Volunteers.Tests;

public sealed class ActivitiesTests(VolunteersFixture volunteers) : ServiceTest(volunteers), IClassFixture<VolunteersFixture>
{
    private const string Marker = "之后的派单";

    [Fact]
    public async Task A_need_becomes_one_activity_however_often_its_message_arrives()
    {
        await using var broker = await Broker.ConnectAsync(volunteers.Servers);
        var queue = await broker.ListenAsync<ActivityOpened>();
        var (dispatched, messageId) = (volunteers.Dispatch(), Guid.NewGuid());
        for (var i = 0; i < 3; i++)
            await broker.PublishAsync(dispatched, messageId);
        await HandledAsync(broker, dispatched.CaseId);

        var opened = (await volunteers.OfCaseAsync(dispatched.CaseId.ToString())).Where(a => a.Title == dispatched.Title).ShouldHaveSingleItem();
        (opened.Title, opened.Territory, opened.State).ShouldBe((dispatched.Title, Grid, ActivityState.Open));
        (opened.Skill, opened.Hands, opened.Minutes).ShouldBe(("cleaning", 3, 120));
        opened.StartsAt.ToDateTimeOffset().ShouldBe(dispatched.Need!.StartsAt, TimeSpan.FromMilliseconds(1));

        var (happened, _) = await broker.NextAsync<ActivityOpened>(queue);
        (happened.CaseId, happened.ActivityId).ShouldBe((dispatched.CaseId, Guid.Parse(opened.Id)));
        happened.AggregateId.ShouldBe(dispatched.CaseId);
        (await broker.NextAsync<ActivityOpened>(queue)).Event.ActivityId.ShouldNotBe(happened.ActivityId);
        (await broker.CountAsync(queue)).ShouldBe(0u);
    }

    [Fact]
    public async Task A_case_that_goes_elsewhere_calls_its_open_activity_off()
    {
        var open = await volunteers.JoinedAsync();
        await using var broker = await Broker.ConnectAsync(volunteers.Servers);
        await broker.PublishAsync(
            new DispatchWithdrawn(Guid.Parse(open.CaseId), Grid, "EscalatedOverdue", [], null, volunteers.Clock.GetUtcNow()), Guid.NewGuid());
        var called = await Eventually.BecomesAsync(
            async () => (await volunteers.Activities().GetActivityAsync(new GetActivityRequest { Id = open.Id })).Activity,
            a => a.State is ActivityState.Withdrawn);
        (called.CompletedAt is null, called.SignUps.Count).ShouldBe((false, 1));
        await Refused.AsAsync("ACTIVITY_WRONG_STATE", volunteers.Activities().CompleteActivityAsync(Completion(open)));
    }

    [Fact]
    public async Task A_case_given_to_somebody_else_opens_nothing()
    {
        await using var broker = await Broker.ConnectAsync(volunteers.Servers);
        var dispatched = volunteers.Dispatch() with { Need = null, EstateId = Guid.NewGuid() };
        await broker.PublishAsync(dispatched, Guid.NewGuid());
        await HandledAsync(broker, dispatched.CaseId);
        (await volunteers.OfCaseAsync(dispatched.CaseId.ToString())).ShouldHaveSingleItem().Title.ShouldBe(Marker);
    }

    [Fact]
    public async Task A_case_dispatched_anew_gets_another_activity()
    {
        var dispatched = volunteers.Dispatch();
        await volunteers.OpenAsync(dispatched);
        await using var broker = await Broker.ConnectAsync(volunteers.Servers);
        await broker.PublishAsync(dispatched, Guid.NewGuid());
        await Eventually.BecomesAsync(() => volunteers.OfCaseAsync(dispatched.CaseId.ToString()), found => found.Count == 2);
    }

    [Fact]
    public async Task An_activity_goes_all_the_way_round()
    {
        await using var broker = await Broker.ConnectAsync(volunteers.Servers);
        var queue = await broker.ListenAsync<ActivityCompleted>();
        var dispatched = volunteers.Dispatch() with { DispatchId = Guid.NewGuid() };
        var opened = await volunteers.OpenAsync(dispatched);

        var leader = volunteers.Activities("volunteer", Community, Leader);
        var joined = (await leader.SignUpTeamAsync(SignUp(opened, volunteers.CommunityTeam, hands: 2))).Activity;
        var signUp = joined.SignUps.ShouldHaveSingleItem();
        (signUp.TeamId, signUp.TeamName, signUp.Hands).ShouldBe((volunteers.CommunityTeam.Id, volunteers.CommunityTeam.Name, 2));

        var worker = volunteers.Activities("grid_worker", Grid, "worker-1");
        await worker.RecordServiceAsync(Service(opened, volunteers.CommunityTeam, Leader, 100));
        await worker.RecordServiceAsync(Service(opened, volunteers.CommunityTeam, "V-2", 80));
        var completed = (await worker.CompleteActivityAsync(Completion(opened))).Activity;
        completed.State.ShouldBe(ActivityState.Completed);
        completed.CompletedAt.ToDateTimeOffset().ShouldBeGreaterThanOrEqualTo(completed.OpenedAt.ToDateTimeOffset());
        completed.Services.Select(s => (s.VolunteerNumber, s.Minutes)).ShouldBe([(Leader, 100), ("V-2", 80)]);

        var (happened, _) = await broker.NextAsync<ActivityCompleted>(queue);
        happened.ShouldBe(new ActivityCompleted(
            Guid.Parse(opened.CaseId), Guid.Parse(opened.Id), 2, 180, "积雪已清", completed.CompletedAt.ToDateTimeOffset(), dispatched.DispatchId));
        (await leader.GetActivityAsync(new GetActivityRequest { Id = opened.Id })).Activity.ShouldBe(completed);
        (await volunteers.ScalarAsync<long>($"select count(*) from audit where record_id = '{opened.Id}' and territory = '{Grid}'"))
            .ShouldBe(5);
    }

    [Fact]
    public async Task A_read_after_each_command_shows_it()
    {
        var activity = await volunteers.OpenAsync();
        var read = new GetActivityRequest { Id = activity.Id };
        (await volunteers.Activities().GetActivityAsync(read)).Activity.ShouldBe(activity);
        var joined = (await volunteers.Activities().SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam))).Activity;
        await Eventually.BecomesAsync(async () => (await volunteers.Activities().GetActivityAsync(read)).Activity, a => a.Equals(joined));
        var served = (await volunteers.Activities().RecordServiceAsync(Service(activity, volunteers.CommunityTeam, "V-3"))).Activity;
        await Eventually.BecomesAsync(async () => (await volunteers.Activities().GetActivityAsync(read)).Activity, a => a.Equals(served));
    }

    [Fact]
    public async Task A_volunteer_signs_up_only_a_team_that_they_lead()
    {
        var activity = await volunteers.OpenAsync();
        // A member who does not lead it, and a leader of another team.
        foreach (var subject in new[] { "V-2", "G-1" })
        {
            var refused = await Refused.AsAsync("TEAM_NOT_YOURS",
                volunteers.Activities("volunteer", Community, subject).SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam)));
            refused.Code.ShouldBe(StatusCode.PermissionDenied);
        }
        // Of a team that lies elsewhere they don't even learn that it is there.
        var leader = volunteers.Activities("volunteer", Community, Leader);
        foreach (var team in new[] { volunteers.OtherTeam, new Team { Id = NewId() } })
            await Refused.AsAsync("OUTSIDE_TERRITORY", leader.SignUpTeamAsync(SignUp(activity, team)));
        // The taxi team serves the whole city; its leader's token reaches the place, not the city.
        await volunteers.Activities("volunteer", "340603", Taxi).SignUpTeamAsync(SignUp(activity, volunteers.TaxiTeam, hands: 3));
        // The grid's team comes over from next door.
        await volunteers.Activities("volunteer", Community, "G-1").SignUpTeamAsync(SignUp(activity, volunteers.GridTeam));
    }

    [Fact]
    public async Task An_officer_signs_up_any_team_in_reach()
    {
        var activity = await volunteers.OpenAsync();
        var (community, city) = (volunteers.Activities("officer", Community), volunteers.Activities("officer", City));
        await community.SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam));
        await Refused.AsAsync("OUTSIDE_TERRITORY", community.SignUpTeamAsync(SignUp(activity, volunteers.TaxiTeam)));
        await city.SignUpTeamAsync(SignUp(activity, volunteers.TaxiTeam));
        await Refused.AsAsync("TEAM_NOT_FOUND", city.SignUpTeamAsync(SignUp(activity, new Team { Id = NewId() })));
    }

    [Fact]
    public async Task A_sign_up_that_does_not_fit_is_refused_by_name()
    {
        var activity = await volunteers.OpenAsync();
        var officer = volunteers.Activities();
        await Refused.AsAsync("TEAM_OUT_OF_AREA", officer.SignUpTeamAsync(SignUp(activity, volunteers.OtherTeam)));
        var tooSmall = await Refused.AsAsync("TEAM_TOO_SMALL",
            officer.SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam, hands: 4)));
        (tooSmall.Metadata["members"], tooSmall.Metadata["hands"]).ShouldBe(("3", "4"));
        await officer.SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam, hands: 3));
        var twice = await Refused.AsAsync("TEAM_SIGNED_UP", officer.SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam, hands: 1)));
        twice.Code.ShouldBe(StatusCode.AlreadyExists);

        var transport = await volunteers.OpenAsync(volunteers.Dispatch(skill: "transport"));
        var lacks = await Refused.AsAsync("TEAM_LACKS_SKILL", officer.SignUpTeamAsync(SignUp(transport, volunteers.CommunityTeam)));
        (lacks.Code, lacks.Metadata["skill"]).ShouldBe((StatusCode.FailedPrecondition, "transport"));
    }

    [Fact]
    public async Task Service_that_cannot_be_true_is_refused_by_name()
    {
        var officer = volunteers.Activities();
        var later = await volunteers.JoinedAsync(volunteers.Dispatch(startsIn: TimeSpan.FromHours(1)));
        await Refused.AsAsync("ACTIVITY_NOT_STARTED", officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, "V-2")));
        volunteers.Clock.Advance(TimeSpan.FromHours(1));
        await officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, "V-2"));

        await Refused.AsAsync("SERVICE_RECORDED", officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, "V-2")));
        await Refused.AsAsync("TEAM_NOT_SIGNED_UP", officer.RecordServiceAsync(Service(later, volunteers.TaxiTeam, Taxi)));
        await Refused.AsAsync("TEAM_NOT_SIGNED_UP", officer.RecordServiceAsync(Service(later, new Team { Id = NewId() }, Taxi)));
        await Refused.AsAsync("VOLUNTEER_NOT_IN_TEAM", officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, Taxi)));
        var tooLong = await Refused.AsAsync("SERVICE_TOO_LONG",
            officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, "V-3", 241)));
        (tooLong.Code, tooLong.Metadata["max"]).ShouldBe((StatusCode.InvalidArgument, "240"));
        await officer.RecordServiceAsync(Service(later, volunteers.CommunityTeam, "V-3", 240));

        // V-2 is in the taxi team too, and is the same person there.
        await officer.SignUpTeamAsync(SignUp(later, volunteers.TaxiTeam));
        await Refused.AsAsync("SERVICE_RECORDED", officer.RecordServiceAsync(Service(later, volunteers.TaxiTeam, "V-2")));
    }

    [Fact]
    public async Task An_activity_is_completed_once_and_not_without_service()
    {
        var officer = volunteers.Activities();
        var activity = await volunteers.JoinedAsync();
        await Refused.AsAsync("ACTIVITY_WITHOUT_SERVICE", officer.CompleteActivityAsync(Completion(activity)));
        await officer.RecordServiceAsync(Service(activity, volunteers.CommunityTeam, "V-2"));
        await officer.CompleteActivityAsync(Completion(activity));

        var refused = await Refused.AsAsync("ACTIVITY_WRONG_STATE", officer.CompleteActivityAsync(Completion(activity)));
        (refused.Metadata["state"], refused.Metadata["allowed"]).ShouldBe(("Completed", "Open"));
        await Refused.AsAsync("ACTIVITY_WRONG_STATE", officer.SignUpTeamAsync(SignUp(activity, volunteers.TaxiTeam)));
        await Refused.AsAsync("ACTIVITY_WRONG_STATE", officer.RecordServiceAsync(Service(activity, volunteers.CommunityTeam, "V-3")));
    }

    [Fact]
    public async Task A_repeated_request_gives_the_first_answer_and_does_nothing()
    {
        var activity = await volunteers.OpenAsync();
        var officer = volunteers.Activities();
        var signUp = SignUp(activity, volunteers.CommunityTeam, hands: 2);
        signUp.Etag = activity.Etag;
        var joined = await officer.SignUpTeamAsync(signUp);
        (await officer.SignUpTeamAsync(signUp)).ShouldBe(joined);
        var service = Service(activity, volunteers.CommunityTeam, "V-2");
        var served = await officer.RecordServiceAsync(service);
        (await officer.RecordServiceAsync(service)).ShouldBe(served);
        var completion = Completion(activity);
        var completed = await officer.CompleteActivityAsync(completion);
        (await officer.CompleteActivityAsync(completion)).ShouldBe(completed);

        completion.Summary = "另一结果";
        await Refused.AsAsync("REQUEST_ID_REUSED", officer.CompleteActivityAsync(completion));
        foreach (var table in new[] { "activity_sign_ups", "service_records" })
            (await volunteers.ScalarAsync<long>($"select count(*) from {table} where activity_id = '{activity.Id}'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_by_every_verb()
    {
        var activity = await volunteers.OpenAsync();
        var officer = volunteers.Activities();
        var joined = (await officer.SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam))).Activity;
        var (signUp, service, completion) =
            (SignUp(activity, volunteers.TaxiTeam), Service(activity, volunteers.CommunityTeam, "V-2"), Completion(activity));
        (signUp.Etag, service.Etag, completion.Etag) = (activity.Etag, activity.Etag, activity.Etag);
        (await Refused.AsAsync("ETAG_STALE", officer.SignUpTeamAsync(signUp))).Code.ShouldBe(StatusCode.Aborted);
        await Refused.AsAsync("ETAG_STALE", officer.RecordServiceAsync(service));
        await Refused.AsAsync("ETAG_STALE", officer.CompleteActivityAsync(completion));
        service.Etag = joined.Etag;
        await officer.RecordServiceAsync(service);
    }

    [Fact]
    public async Task One_volunteers_service_recorded_by_several_at_once_counts_once()
    {
        var activity = await volunteers.JoinedAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                var worker = volunteers.Activities("grid_worker", Grid, $"worker-{i}");
                await worker.RecordServiceAsync(Service(activity, volunteers.CommunityTeam, "V-2"));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        answers.Count(a => a.Length is 0).ShouldBe(1);
        answers.Where(a => a.Length > 0).ShouldAllBe(a => a == "SERVICE_RECORDED");
        (await volunteers.ScalarAsync<long>($"select count(*) from service_records where activity_id = '{activity.Id}'")).ShouldBe(1);
    }

    [Fact]
    public async Task Teams_that_sign_up_at_once_all_take_part()
    {
        var activity = await volunteers.OpenAsync();
        Team[] teams = [volunteers.CommunityTeam, volunteers.GridTeam, volunteers.TaxiTeam];
        await Task.WhenAll(teams.Select(team => volunteers.Activities().SignUpTeamAsync(SignUp(activity, team)).ResponseAsync));
        var joined = (await volunteers.OfCaseAsync(activity.CaseId)).Single();
        joined.SignUps.Select(s => s.TeamId).ShouldBe(teams.Select(t => t.Id), ignoreOrder: true);
        joined.Etag.ShouldBe("v4");
    }

    [Fact]
    public async Task An_activity_out_of_reach_sounds_like_a_missing_one()
    {
        var activity = await volunteers.JoinedAsync();
        var missing = new Activity { Id = NewId() };
        foreach (var target in new[] { activity, missing })
        {
            var neighbour = volunteers.Activities("officer", OtherCommunity);
            await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.GetActivityAsync(new GetActivityRequest { Id = target.Id }));
            await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.SignUpTeamAsync(SignUp(target, volunteers.OtherTeam)));
            await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.RecordServiceAsync(Service(target, volunteers.CommunityTeam, "V-2")));
            await Refused.AsAsync("OUTSIDE_TERRITORY", neighbour.CompleteActivityAsync(Completion(target)));
        }
        var officer = volunteers.Activities();
        var refused = await Refused.AsAsync("ACTIVITY_NOT_FOUND", officer.GetActivityAsync(new GetActivityRequest { Id = missing.Id }));
        (refused.Code, refused.Metadata["id"]).ShouldBe((StatusCode.NotFound, missing.Id));
        await Refused.AsAsync("ACTIVITY_NOT_FOUND", officer.SignUpTeamAsync(SignUp(missing, volunteers.OtherTeam)));
        await Refused.AsAsync("ACTIVITY_NOT_FOUND", officer.RecordServiceAsync(Service(missing, volunteers.CommunityTeam, "V-2")));
        await Refused.AsAsync("ACTIVITY_NOT_FOUND", officer.CompleteActivityAsync(Completion(missing)));
    }

    [Fact]
    public async Task Volunteers_neither_record_service_nor_complete()
    {
        var activity = await volunteers.JoinedAsync();
        var leader = volunteers.Activities("volunteer", Community, Leader);
        await Refused.AsAsync("ROLE_NOT_ALLOWED", leader.RecordServiceAsync(Service(activity, volunteers.CommunityTeam, Leader)));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", leader.CompleteActivityAsync(Completion(activity)));
        await Refused.AsAsync("ROLE_NOT_ALLOWED",
            volunteers.Activities("grid_worker", Grid).SignUpTeamAsync(SignUp(activity, volunteers.CommunityTeam)));
    }

    [Fact]
    public async Task Everything_wrong_with_a_request_is_told_at_once()
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", volunteers.Activities().RecordServiceAsync(new RecordServiceRequest
        {
            RequestId = "x",
            TeamId = NewId(),
            VolunteerNumber = "no such code",
            Minutes = 1441,
        }));
        refused.Fields.ShouldBe(
        [
            "request_id: FIELD_MALFORMED", "activity_id: FIELD_REQUIRED", "volunteer_number: FIELD_MALFORMED", "minutes: FIELD_TOO_LARGE",
        ]);
    }

    /// <summary>Waits until the earlier events of a case were handled: a further one opens an activity after them.</summary>
    private async Task HandledAsync(Broker broker, Guid caseId)
    {
        await broker.PublishAsync(volunteers.Dispatch() with { CaseId = caseId, Title = Marker }, Guid.NewGuid());
        await Eventually.BecomesAsync(() => volunteers.OfCaseAsync(caseId.ToString()), found => found.Any(a => a.Title == Marker));
    }
}
