using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Meetings;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.TestKit;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

public sealed class MeetingRulesTests
{
    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private static readonly Attended[] Residents = [new(MeetingAttendeeKind.Resident, 12)];

    [Fact]
    public void A_meeting_goes_forward_only_and_every_resident_has_at_most_one_paper_over_random_histories()
    {
        var reached = new HashSet<MeetingState>();
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Act, byte By)[]>(), steps =>
        {
            var now = Morning;
            var meeting = MeetingRules.Plan(
                Guid.NewGuid(), MeetingKind.AnnualDebrief, TerritoryCode.Parse(GridsFixture.Grid), now.AddHours(5), "活动室", now).OrRefuse();
            foreach (var (act, by) in steps)
            {
                now = now.AddMinutes(by * 2);
                var outcome = (act % 9) switch
                {
                    0 or 1 => MeetingRules.Call(meeting, "通知", ["述职"], [.. Enumerable.Range(0, by % 3).Select(Debriefer)], now),
                    2 or 3 => MeetingRules.Hold(meeting, Residents, "记录", $"w{by % 2}", [], now),
                    4 or 5 when meeting.Debriefs.Count > 0 => MeetingRules.CountAppraisals(
                        meeting, meeting.Debriefs[by % meeting.Debriefs.Count].Id,
                        new Appraisal(by % 16, by % 8, by % 4, by % 2, 0, by % 3), $"w{by % 3}", now),
                    6 => MeetingRules.WriteMinutes(meeting, "记录二", $"w{by % 2}", now),
                    7 when by % 5 is 0 => MeetingRules.Cancel(meeting, "改期", now),
                    _ => MeetingRules.Approve(meeting, $"w{by % 3}", now),
                };
                if (outcome.Refusal is not null)
                    continue;
                var next = outcome.OrRefuse();
                (next.Version, next.State >= meeting.State).ShouldBe((meeting.Version + 1, true));
                meeting.State.ShouldNotBeOneOf(MeetingState.Approved, MeetingState.Cancelled);
                (next.State is not (MeetingState.Held or MeetingState.Approved) || now >= next.StartsAt).ShouldBeTrue();
                foreach (var debrief in next.Debriefs)
                {
                    if (debrief.Appraisal is { } counted)
                        (counted.Papers <= 12 && counted.Counted == counted.Papers).ShouldBeTrue();
                    // What was counted never changes.
                    if (meeting.Debriefs.FirstOrDefault(d => d.Id == debrief.Id)?.Appraisal is { } before)
                        debrief.Appraisal.ShouldBe(before);
                }
                if (next.State is MeetingState.Approved)
                {
                    next.ApprovedBy.ShouldNotBe(next.MinutesBy);
                    next.Debriefs.ShouldAllBe(d => d.Appraisal != null);
                }
                meeting = next;
                reached.Add(next.State);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60));
        reached.ShouldBe([MeetingState.Called, MeetingState.Held, MeetingState.Approved, MeetingState.Cancelled], ignoreOrder: true);
    }

    [Theory]
    [InlineData(MeetingSpan.Month, 1, "2026-02-11", "2026-02-01", "2026-02-28")]
    [InlineData(MeetingSpan.Month, 2, "2026-02-11", "2026-01-01", "2026-02-28")]
    [InlineData(MeetingSpan.Quarter, 1, "2026-03-31", "2026-01-01", "2026-03-31")]
    [InlineData(MeetingSpan.Year, 1, "2026-12-31", "2026-01-01", "2026-12-31")]
    [InlineData(MeetingSpan.Week, 1, "2026-03-09", "2026-03-09", "2026-03-15")]
    [InlineData(MeetingSpan.Week, 1, "2026-03-15", "2026-03-09", "2026-03-15")]
    public void A_day_lies_in_its_stretch(MeetingSpan span, int every, string day, string from, string until) =>
        MeetingRules.Stretch(DateOnly.Parse(day), every, span).ShouldBe((DateOnly.Parse(from), DateOnly.Parse(until)));

    [Fact]
    public void Stretches_follow_one_another_without_gap_or_overlap() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(ushort Day, byte Every, byte Span)>(), given =>
        {
            var (every, span) = (1 + (given.Every % 12), (MeetingSpan)(1 + (given.Span % 4)));
            var day = new DateOnly(1990, 1, 1).AddDays(given.Day);
            var (from, until) = MeetingRules.Stretch(day, every, span);
            (from <= day && day <= until).ShouldBeTrue();
            MeetingRules.Stretch(until, every, span).ShouldBe((from, until));
            MeetingRules.Stretch(from, every, span).ShouldBe((from, until));
            MeetingRules.Stretch(until.AddDays(1), every, span).From.ShouldBe(until.AddDays(1));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData(MeetingKind.GridSecretaries, MeetingAttendeeKind.Officer, false)]
    [InlineData(MeetingKind.GridSecretaries, MeetingAttendeeKind.Secretary, true)]
    [InlineData(MeetingKind.AnnualDebrief, MeetingAttendeeKind.Secretary, false)]
    [InlineData(MeetingKind.AnnualDebrief, MeetingAttendeeKind.Resident, true)]
    [InlineData(MeetingKind.BranchCouncil, MeetingAttendeeKind.CouncilMember, false)]
    [InlineData(MeetingKind.BranchCouncil, MeetingAttendeeKind.PartyMember, false)]
    public void Those_for_whom_a_meeting_is_must_have_come(MeetingKind kind, MeetingAttendeeKind came, bool fits) =>
        (MeetingRules.ProblemOf(kind, [new Attended(came, 3)]) is null).ShouldBe(fits);

    private static Debriefing Debriefer(int n) => new(Guid.NewGuid(), $"s{n}", Guid.NewGuid());
}
