using Governance.Contracts.Events;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using Governance.Volunteers.Teams;
using ActivityState = Governance.Volunteers.V1.ActivityState;

namespace Governance.Volunteers.Activities;

/// <summary>What a rule decides: the next activity, and what others are told.</summary>
public sealed record ActivityStep(Activity Next, params IReadOnlyList<IEvent> Events);

/// <summary>Who signs a team up. An officer may do it for any team in reach, a volunteer for a team that they lead.</summary>
public sealed record Signer(string Subject, bool Officer);

/// <summary>The rules of activities, pure: (activity, command, now) to a step or a refusal.</summary>
public static class ActivityRules
{
    public const int MaxSignUps = 100;

    /// <summary>Twice the largest need. Bounds what one activity weighs in an answer.</summary>
    public const int MaxServices = 2000;

    /// <summary>
    /// A service may last this many times what was planned. Not bounded by the time since the start: records are written
    /// when the organiser gets to it, and clocks of phones differ.
    /// </summary>
    public const int MaxOverrun = 2;

    /// <summary>A need becomes an activity. A case that is dispatched anew with another need gets another activity.</summary>
    public static ActivityStep Open(
        Guid id, Guid caseId, Guid? dispatchId, string territory, string title, VolunteerNeed need, DateTimeOffset now) => new(
        new Activity
        {
            Id = id,
            CaseId = caseId,
            DispatchId = dispatchId,
            Title = title,
            Territory = TerritoryCode.Parse(territory).ToString(),
            Skill = need.Skill,
            Hands = need.Hands,
            StartsAt = need.StartsAt,
            Minutes = need.Minutes,
            State = ActivityState.Open,
            OpenedAt = now,
            Version = 1,
        },
        new ActivityOpened(caseId, id, now, dispatchId));

    /// <summary>
    /// A team takes part of its own accord: more hands than needed are welcome. Its area reaches the activity as
    /// <see cref="Team.Serves"/> says.
    /// </summary>
    public static Outcome<ActivityStep> SignUp(Activity current, Team team, Signer signer, int hands, DateTimeOffset now)
    {
        if (!signer.Officer && !team.IsLedBy(signer.Subject))
            return ActivityErrors.TeamNotYours.With(("team", team.Code));
        if (RequiresOpen(current, "SignUpTeam") is { } wrong)
            return wrong;
        if (current.SignUps.Any(s => s.TeamId == team.Id))
            return ActivityErrors.TeamSignedUp.With(("team", team.Code));
        if (!team.Can(current.Skill))
            return ActivityErrors.TeamLacksSkill.With(("team", team.Code), ("skill", current.Skill));
        if (!team.Serves(current.Territory))
            return ActivityErrors.TeamOutOfArea.With(("team", team.Code), ("territory", team.Territory), ("place", current.Territory));
        if (hands > team.Members.Count)
            return ActivityErrors.TeamTooSmall.With(("team", team.Code), ("members", team.Members.Count), ("hands", hands));
        if (current.SignUps.Count >= MaxSignUps)
            return ActivityErrors.Full.With(("max", MaxSignUps), ("what", new Words("sign_ups", "sign-ups", "报名")));
        return Step(current, current with { SignUps = [.. current.SignUps, new SignUp(team.Id, team.Name, hands, now)] });
    }

    /// <summary>
    /// One volunteer's service, once an activity, in whichever of their teams. <paramref name="team"/> is null when there is
    /// no team <paramref name="teamId"/>, which then has not signed up either.
    /// </summary>
    public static Outcome<ActivityStep> RecordService(
        Activity current, Guid teamId, Team? team, string volunteer, int minutes, DateTimeOffset now)
    {
        if (RequiresOpen(current, "RecordService") is { } wrong)
            return wrong;
        if (now < current.StartsAt)
            return ActivityErrors.NotStarted.With(("starts_at", current.StartsAt));
        if (team is null || current.SignUps.All(s => s.TeamId != teamId))
            return ActivityErrors.TeamNotSignedUp.With(("team", teamId));
        if (!team.Has(volunteer))
            return ActivityErrors.VolunteerNotInTeam.With(("team", team.Code), ("volunteer", volunteer));
        if (current.Services.Any(s => s.VolunteerNumber == volunteer))
            return ActivityErrors.ServiceRecorded.With(("volunteer", volunteer));
        var max = MaxOverrun * current.Minutes;
        if (minutes > max)
            return ActivityErrors.ServiceTooLong.With(("minutes", minutes), ("max", max));
        if (current.Services.Count >= MaxServices)
            return ActivityErrors.Full.With(("max", MaxServices), ("what", new Words("services", "records of service", "服务记录")));
        return Step(current, current with { Services = [.. current.Services, new ServiceRecord(teamId, volunteer, minutes, now)] });
    }

    /// <summary>It is over, and its case hears who served and for how long.</summary>
    public static Outcome<ActivityStep> Complete(Activity current, string summary, DateTimeOffset now)
    {
        if (RequiresOpen(current, "CompleteActivity") is { } wrong)
            return wrong;
        if (current.Services.Count is 0)
            return ActivityErrors.WithoutService.With();
        return Step(
            current,
            current with { State = ActivityState.Completed, Summary = summary, CompletedAt = now },
            // An event is kept by many, and nobody finds a number in it again to take it out.
            new ActivityCompleted(
                current.CaseId, current.Id, current.Services.Count, current.Services.Sum(s => s.Minutes), Redaction.Clean(summary, []).Text,
                now, current.DispatchId));
    }

    /// <summary>The case went elsewhere. What is over stays as it is.</summary>
    public static ActivityStep? Withdraw(Activity current, string cause, DateTimeOffset now) =>
        current.State is ActivityState.Open
            ? Step(current, current with { State = ActivityState.Withdrawn, Summary = cause, CompletedAt = now })
            : null;

    private static Refusal? RequiresOpen(Activity current, string verb) =>
        current.State is ActivityState.Open
            ? null
            : ActivityErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", ActivityState.Open.Told()));

    private static ActivityStep Step(Activity current, Activity next, params IReadOnlyList<IEvent> events) =>
        new(next with { Version = current.Version + 1 }, events);
}
