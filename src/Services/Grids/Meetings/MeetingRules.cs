using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Meetings;

/// <summary>The rules of meetings, pure: (meeting, command, now) to the next meeting or a refusal.</summary>
public static class MeetingRules
{
    public const int MaxMinutesEditions = 50;

    public static Outcome<Meeting> Plan(
        Guid id, MeetingKind kind, TerritoryCode territory, DateTimeOffset startsAt, string place, DateTimeOffset now)
    {
        if (territory.Level != LevelOf(kind))
            return MeetingErrors.TerritoryInvalid.With();
        if (startsAt <= now)
            return MeetingErrors.InPast.With();
        return new Meeting
        {
            Id = id,
            Kind = kind,
            Territory = territory.ToString(),
            State = MeetingState.Planned,
            StartsAt = startsAt,
            Place = place,
            UpdatedAt = now,
            Version = 1,
        };
    }

    public static Outcome<Meeting> Call(
        Meeting current, string notice, IReadOnlyList<string> agenda, IReadOnlyList<Debriefing> debriefs, DateTimeOffset now)
    {
        if (Requires(current, "CallMeeting", MeetingState.Planned) is { } wrong)
            return wrong;
        if (now >= current.StartsAt)
            return MeetingErrors.InPast.With();
        if (!AreDebriefersOf(current.Kind, [.. debriefs.Select(d => d.Subject)]))
            return CommonErrors.OneOrInvalid([Violation.Of("debriefers", MeetingErrors.DebriefersInvalid)]);
        return Next(current with { State = MeetingState.Called, Notice = notice, Agenda = agenda, Debriefs = debriefs }, now);
    }

    public static Outcome<Meeting> Hold(
        Meeting current,
        IReadOnlyList<Attended> attendance,
        string minutes,
        string writer,
        IReadOnlyList<Matter> matters,
        DateTimeOffset now)
    {
        if (Requires(current, "HoldMeeting", MeetingState.Called) is { } wrong)
            return wrong;
        if (now < current.StartsAt)
            return MeetingErrors.TooEarly.With(("starts_at", current.StartsAt));
        if (ProblemOf(current.Kind, attendance) is { } problem)
            return CommonErrors.OneOrInvalid([problem]);
        return Next(
            current with
            {
                State = MeetingState.Held,
                Attendance = attendance,
                Minutes = minutes,
                MinutesEdition = 1,
                MinutesBy = writer,
                Matters = matters,
            },
            now);
    }

    public static Outcome<Meeting> CountAppraisals(Meeting current, Guid debriefId, Appraisal counted, string by, DateTimeOffset now)
    {
        if (Requires(current, "CountAppraisals", MeetingState.Held) is { } wrong)
            return wrong;
        if (current.Debriefs.FirstOrDefault(d => d.Id == debriefId) is not { } debrief)
            return MeetingErrors.DebriefNotFound.With(("id", debriefId));
        if (debrief.Subject == by)
            return MeetingErrors.OwnAppraisal.With();
        if (debrief.Appraisal is not null)
            return MeetingErrors.AppraisedTwice.With();
        if (ProblemOf(counted, current.Present(MeetingAttendeeKind.Resident)) is { } problem)
            return CommonErrors.OneOrInvalid([problem]);
        return Next(
            current with { Debriefs = [.. current.Debriefs.Select(d => d.Id == debriefId ? d with { Appraisal = counted } : d)] }, now);
    }

    public static Outcome<Meeting> WriteMinutes(Meeting current, string minutes, string writer, DateTimeOffset now)
    {
        if (Requires(current, "WriteMeetingMinutes", MeetingState.Held) is { } wrong)
            return wrong;
        if (current.MinutesEdition >= MaxMinutesEditions)
            return MeetingErrors.MinutesFull.With(("max", MaxMinutesEditions));
        return Next(current with { Minutes = minutes, MinutesEdition = current.MinutesEdition + 1, MinutesBy = writer }, now);
    }

    public static Outcome<Meeting> Approve(Meeting current, string subject, DateTimeOffset now)
    {
        if (Requires(current, "ApproveMeetingMinutes", MeetingState.Held) is { } wrong)
            return wrong;
        if (current.MinutesBy == subject)
            return MeetingErrors.OwnMinutes.With();
        if (current.Debriefs.Any(d => d.Subject == subject))
            return MeetingErrors.OwnAppraisal.With();
        if (current.Debriefs.Count(d => d.Appraisal is null) is > 0 and var open)
            return MeetingErrors.Unappraised.With(("count", open));
        return Next(current with { State = MeetingState.Approved, ApprovedBy = subject, ApprovedAt = now }, now);
    }

    public static Outcome<Meeting> Cancel(Meeting current, string reason, DateTimeOffset now) =>
        Requires(current, "CancelMeeting", MeetingState.Planned, MeetingState.Called) is { } wrong
            ? wrong
            : Next(current with { State = MeetingState.Cancelled, CancelReason = reason }, now);

    /// <summary>Why a matter can't become a case of that grid, or null.</summary>
    public static Violation? MatterProblem(Meeting meeting, int at, string grid)
    {
        var home = TerritoryCode.Parse(meeting.Territory);
        var fits = grid.Length is 0
            ? home.Level is TerritoryLevel.Grid
            : TerritoryCode.Parse(grid) is var code && code.Level is TerritoryLevel.Grid && home.Contains(code);
        return fits
            ? null
            : Violation.Of($"matters[{at}].grid_code", MeetingErrors.MatterGridInvalid, ("territory", meeting.Territory));
    }

    /// <summary>What is wrong with an attendance, or null: those for whom the meeting is must have come.</summary>
    public static Violation? ProblemOf(MeetingKind kind, IReadOnlyList<Attended> attendance)
    {
        var problem = attendance.GroupBy(a => a.Kind).Any(k => k.Count() > 1) ? new Words("a kind stands twice", "参会类别重复")
            : kind is MeetingKind.GridSecretaries && !Came(MeetingAttendeeKind.Secretary) ? new Words("no secretary came", "没有书记到会")
            : kind is MeetingKind.AnnualDebrief && !Came(MeetingAttendeeKind.Resident) ? new Words("no resident came", "没有居民代表到会")
            : kind is MeetingKind.BranchCouncil && !(Came(MeetingAttendeeKind.Secretary) || Came(MeetingAttendeeKind.PartyMember))
                ? new Words("nobody of the branch came", "党支部无人到会")
            : kind is MeetingKind.BranchCouncil && !Came(MeetingAttendeeKind.CouncilMember) ? new Words("nobody of the council came", "议事会无人到会")
            : null;
        return problem is null ? null : Violation.Of("attendance", MeetingErrors.AttendanceInvalid, ("problem", problem));

        bool Came(MeetingAttendeeKind who) => attendance.Any(a => a.Kind == who && a.Count > 0);
    }

    /// <summary>What is wrong with a count, or null: a resident has at most one paper, and every paper is counted.</summary>
    public static Violation? ProblemOf(Appraisal counted, int residents)
    {
        if (counted.Papers > residents)
            return Violation.Of("count", MeetingErrors.PapersTooMany, ("papers", counted.Papers), ("residents", residents));
        return counted.Counted == counted.Papers
            ? null
            : Violation.Of("count", MeetingErrors.PapersDiffer, ("papers", counted.Papers), ("counted", counted.Counted));
    }

    /// <summary>Whether these may debrief in a meeting of that kind.</summary>
    public static bool AreDebriefersOf(MeetingKind kind, IReadOnlyCollection<string> debriefers) =>
        kind is MeetingKind.AnnualDebrief
            ? debriefers.Count > 0 && debriefers.Distinct(StringComparer.Ordinal).Count() == debriefers.Count
            : debriefers.Count is 0;

    public static TerritoryLevel LevelOf(MeetingKind kind) =>
        kind is MeetingKind.GridSecretaries ? TerritoryLevel.Community : TerritoryLevel.Grid;

    /// <summary>The stretch of days around one in which the policy asks for a meeting of the kind.</summary>
    public static Outcome<(DateOnly From, DateOnly Until)> StretchOf(
        MeetingKind kind, DateOnly day, CityPolicies policies, DateTimeOffset now)
    {
        var policy = policies.InForce(CityPolicies.MeetingsKind, now);
        if (policy.Refusal is { } missing)
            return missing;
        return policy.OrRefuse().Meetings.Frequencies.FirstOrDefault(f => f.Kind == kind) is { } found
            ? Stretch(day, found.Every, found.Span)
            : MeetingErrors.FrequencyMissing.With(("kind", kind.Told()));
    }

    /// <summary>Stretches of one length follow one another from year 1 on, so that every day lies in exactly one.</summary>
    public static (DateOnly From, DateOnly Until) Stretch(DateOnly day, int every, MeetingSpan span)
    {
        if (span is MeetingSpan.Week)
        {
            // The first day of all is a Monday.
            var start = day.DayNumber / (7 * every) * (7 * every);
            return (DateOnly.FromDayNumber(start), DateOnly.FromDayNumber(start + (7 * every) - 1));
        }
        var length = every * span switch { MeetingSpan.Year => 12, MeetingSpan.Quarter => 3, _ => 1 };
        var month = ((day.Year - 1) * 12) + day.Month - 1;
        var first = month / length * length;
        var from = new DateOnly((first / 12) + 1, (first % 12) + 1, 1);
        return (from, from.AddMonths(length).AddDays(-1));
    }

    private static Refusal? Requires(Meeting current, string verb, params MeetingState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : MeetingErrors.WrongState.With(("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));

    private static Meeting Next(Meeting next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
