using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class CouncilTopicsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static int communities;

    [Fact]
    public async Task A_topic_of_late_november_is_decided_by_the_provisional_calendar_of_the_next_year_and_says_so()
    {
        var council = await EstablishedAsync();
        grids.Clock.Set(new DateTimeOffset(2026, 11, 30, 1, 0, 0, TimeSpan.Zero));
        var proposed = await ProposedAsync(council, "a");
        proposed.Deadlines.ProvisionalYear.ShouldBe(0);
        await Resident(council, "b").SupportTopicAsync(Supporting(proposed.Id));
        grids.Clock.Set(new DateTimeOffset(2026, 12, 9, 1, 0, 0, TimeSpan.Zero));
        // With the third supporter the council must decide within twenty work days, of which the last lie in a year without calendar.
        await Refused.AsAsync("CALENDAR_YEAR_MISSING", Resident(council, "c").SupportTopicAsync(Supporting(proposed.Id)));
        await grids.PutPolicyAsync(
            p => p.Holidays = new HolidayYear
            {
                Year = 2027,
                Provisional = true,
                Days = { new HolidayDay { Date = "2027-01-01", Name = "元旦", Off = true } },
            },
            "2027-01-01");
        var supported = (await Resident(council, "c").SupportTopicAsync(Supporting(proposed.Id))).Topic;
        supported.Deadlines.DecideBy.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2027, 1, 7, 9, 30, 0, TimeSpan.Zero));
        supported.Deadlines.ProvisionalYear.ShouldBe(2027);
        (await Officer().GetTopicAsync(new GetTopicRequest { Id = proposed.Id })).Topic.Deadlines.ShouldBe(supported.Deadlines);
    }

    [Fact]
    public async Task A_topic_goes_from_its_proposal_to_the_echo_wall()
    {
        var council = await EstablishedAsync();
        var topic = await SupportedAsync(council);
        topic.State.ShouldBe(TopicState.Supported);
        topic.Supporters.ShouldBe(3);
        // Twenty work days from Monday 9 March; the holidays of 2026 touch none of them.
        topic.Deadlines.DecideBy.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 4, 6, 9, 30, 0, TimeSpan.Zero));
        await ConsultAsync(topic.Id);
        var session = await ConvenedAsync(council, topic.Id);
        grids.Clock.Advance(TimeSpan.FromHours(2));
        var held = (await Leader(council).HoldSessionAsync(Holding(session, council.Members.Take(3)))).Session;
        (held.State, held.MemberCount).ShouldBe((SessionState.Held, 5));
        var adopted = (await Leader(council).DecideTopicAsync(Deciding(topic.Id, "majority_of_present", 2, 1))).Topic;
        adopted.State.ShouldBe(TopicState.Adopted);
        adopted.Decision.Vote.Passed.ShouldBeTrue();
        (adopted.Decision.SessionId, adopted.Decision.Vote.Rule.Passes.MoreThan).ShouldBe((session.Id, true));
        adopted.Decision.Vote.PolicyVersion.ShouldBe(adopted.Deadlines.PolicyVersion);

        await Refused.AsAsync("SESSION_MINUTES_MISSING",
            Leader(council).ApproveMinutesAsync(new ApproveMinutesRequest { RequestId = NewId(), SessionId = session.Id }));
        await Officer().WriteMinutesAsync(new WriteMinutesRequest { RequestId = NewId(), SessionId = session.Id, Minutes = "初稿" });
        await Officer().WriteMinutesAsync(new WriteMinutesRequest { RequestId = NewId(), SessionId = session.Id, Minutes = "定稿" });
        await Refused.AsAsync("SESSION_NOT_LEADER",
            Officer().ApproveMinutesAsync(new ApproveMinutesRequest { RequestId = NewId(), SessionId = session.Id }));
        var approved = (await Leader(council).ApproveMinutesAsync(new ApproveMinutesRequest
        {
            RequestId = NewId(),
            SessionId = session.Id,
        })).Session;
        (approved.State, approved.MinutesEdition, approved.Minutes).ShouldBe((SessionState.Approved, 2, "定稿"));
        await Refused.AsAsync("SESSION_WRONG_STATE",
            Officer().WriteMinutesAsync(new WriteMinutesRequest { RequestId = NewId(), SessionId = session.Id, Minutes = "改口" }));
        (await grids.ScalarAsync<long>($"select count(*) from session_minutes where session_id = '{session.Id}'")).ShouldBe(2);

        await Officer().CarryOutTopicAsync(new CarryOutTopicRequest { RequestId = NewId(), TopicId = topic.Id, Result = "装了灯" });
        var answered = (await Officer().AnswerTopicAsync(new AnswerTopicRequest
        {
            RequestId = NewId(),
            TopicId = topic.Id,
            Answer = "楼道灯已装好",
        })).Topic;
        (answered.State, answered.Overdue).ShouldBe((TopicState.Answered, false));

        var history = await Resident(council, "a").GetTopicHistoryAsync(new GetTopicHistoryRequest { TopicId = topic.Id });
        history.Entries.Select(e => e.Action).ShouldBe(
            ["Proposed", "Supported", "Consulted", "PutOnAgenda", "Adopted", "CarriedOut", "Answered"]);
        history.Consultations.ShouldHaveSingleItem().Parties.ShouldBe(["物业公司", "业委会"]);
        history.Editions.ShouldHaveSingleItem().Edition.ShouldBe(1);
        (await Resident(council, "a").GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic.Proposer.ShouldBe("a");
        (await Resident(council, "b").GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic.Proposer.ShouldBeEmpty();
        (await Resident(council, "b").GetSessionAsync(new GetSessionRequest { Id = session.Id })).Session.ShouldBe(approved);
        (await Resident(council, "b").ListSessionsAsync(new ListSessionsRequest
        {
            CouncilId = council.Id,
        })).Sessions.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_decision_of_several_parties_is_carried_out_when_each_has_done_its_part()
    {
        var council = await EstablishedAsync();
        var topic = await OnAgendaOfHeldSessionAsync(council);
        var soon = grids.Clock.GetUtcNow().AddDays(2);
        var late = Deciding(topic.Id, "majority_of_present", 3, 0);
        late.Tasks.Add(new GivenTopicTask { Party = "物业公司", Text = "装灯", DueAt = soon.AddYears(1).ToTimestamp() });
        (await Refused.AsAsync("TOPIC_TASK_DUE_INVALID", Officer().DecideTopicAsync(late))).Metadata["party"].ShouldBe("物业公司");
        var request = Deciding(topic.Id, "majority_of_present", 3, 0);
        request.Responsible = "";
        request.Tasks.Add(new GivenTopicTask { Party = "物业公司", Text = "装灯", DueAt = soon.ToTimestamp() });
        request.Tasks.Add(new GivenTopicTask { Party = "供电所", Text = "通电" });
        var adopted = (await Officer().DecideTopicAsync(request)).Topic;
        adopted.Tasks.Select(t => (t.Party, t.Text, t.DueAt, t.DoneAt is null, t.Overdue)).ShouldBe(
            [("物业公司", "装灯", soon.ToTimestamp(), true, false), ("供电所", "通电", adopted.Deadlines.CarryOutBy, true, false)]);

        await Refused.AsAsync("TOPIC_TASKS_OPEN",
            Officer().CarryOutTopicAsync(new CarryOutTopicRequest { RequestId = NewId(), TopicId = topic.Id, Result = "?" }));
        await Refused.AsAsync("TOPIC_TASK_UNKNOWN", Officer().ReportTopicTaskAsync(Report(topic.Id, 3, true, "?")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Resident(council, "b").ReportTopicTaskAsync(Report(topic.Id, 1, true, "?")));
        (await Leader(council).ReportTopicTaskAsync(Report(topic.Id, 2, true, "已通电"))).Topic.State.ShouldBe(TopicState.Adopted);
        await Refused.AsAsync("TOPIC_TASK_DONE", Officer().ReportTopicTaskAsync(Report(topic.Id, 2, false, "?")));
        (await Officer().ReportTopicTaskAsync(Report(topic.Id, 1, false, "灯未到货"))).Topic.Tasks[0].Report.ShouldBe("灯未到货");

        // One that is late makes the topic overdue before its own time is over.
        grids.Clock.Set(soon.AddHours(1));
        var overdue = (await Officer().ListTopicsAsync(new ListTopicsRequest { CouncilId = council.Id, OverdueOnly = true })).Topics;
        overdue.ShouldHaveSingleItem().Tasks.Select(t => t.Overdue).ShouldBe([true, false]);
        overdue[0].Overdue.ShouldBeTrue();

        var done = (await Officer().ReportTopicTaskAsync(Report(topic.Id, 1, true, "灯已装好"))).Topic;
        (done.State, done.Result, done.Overdue).ShouldBe((TopicState.CarriedOut, "物业公司：灯已装好\n供电所：已通电", false));
        done.Deadlines.AnswerBy.ShouldNotBeNull();
        var history = await Resident(council, "a").GetTopicHistoryAsync(new GetTopicHistoryRequest { TopicId = topic.Id });
        history.Entries.SkipWhile(e => e.Action is not "Adopted").Select(e => e.Action)
            .ShouldBe(["Adopted", "TaskDone", "TaskNotDone", "CarriedOut"]);
    }

    private static ReportTopicTaskRequest Report(string topicId, int task, bool done, string report) =>
        new() { RequestId = NewId(), TopicId = topicId, Task = task, Done = done, Report = report };

    [Fact]
    public async Task A_vote_against_is_answered_too()
    {
        var council = await EstablishedAsync();
        var topic = await OnAgendaOfHeldSessionAsync(council);
        // Three of five in favour: more than half of those present, not two thirds of all.
        var down = (await Officer().DecideTopicAsync(Deciding(topic.Id, "two_thirds_of_all", 3, 0))).Topic;
        down.State.ShouldBe(TopicState.VotedDown);
        down.Decision.Vote.Passed.ShouldBeFalse();
        down.Deadlines.AnswerBy.ShouldNotBeNull();
        await Refused.AsAsync("TOPIC_WRONG_STATE",
            Officer().CarryOutTopicAsync(new CarryOutTopicRequest { RequestId = NewId(), TopicId = topic.Id, Result = "?" }));
        await Refused.AsAsync("TOPIC_WRONG_STATE", Officer().DecideTopicAsync(Deciding(topic.Id, "majority_of_present", 3, 0)));
        (await Officer().AnswerTopicAsync(new AnswerTopicRequest
        {
            RequestId = NewId(),
            TopicId = topic.Id,
            Answer = "未获通过",
        })).Topic.State.ShouldBe(TopicState.Answered);
    }

    [Fact]
    public async Task A_session_without_quorum_decides_nothing_and_its_topics_wait_for_another()
    {
        var council = await EstablishedAsync();
        var topic = await SupportedAsync(council);
        await ConsultAsync(topic.Id);
        var session = await ConvenedAsync(council, topic.Id);
        await Refused.AsAsync("SESSION_TOO_EARLY", Officer().HoldSessionAsync(Holding(session, council.Members)));
        grids.Clock.Advance(TimeSpan.FromHours(2));
        var refused = await Refused.AsAsync("SESSION_NO_QUORUM",
            Officer().HoldSessionAsync(Holding(session, [.. council.Members.Take(2), council.Members[0]])));
        (refused.Metadata["present"], refused.Metadata["members"], refused.Metadata["quorum"]).ShouldBe(("2", "5", "> 1/2"));
        await Refused.AsAsync("COUNCIL_MEMBER_UNKNOWN",
            Officer().HoldSessionAsync(Holding(session, [.. council.Members, new CouncilMember { Id = NewId() }])));
        await Refused.AsAsync("SESSION_WRONG_STATE", Officer().DecideTopicAsync(Deciding(topic.Id, "majority_of_present", 1, 0)));
        var cancelled = (await Officer().CancelSessionAsync(new CancelSessionRequest
        {
            RequestId = NewId(),
            SessionId = session.Id,
            Reason = "人数不足",
        })).Session;
        cancelled.State.ShouldBe(SessionState.Cancelled);
        var waiting = (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic;
        (waiting.State, waiting.SessionId).ShouldBe((TopicState.Consulted, ""));
        waiting.Deadlines.DecideBy.ShouldBe(topic.Deadlines.DecideBy);
        await ConvenedAsync(council, topic.Id);
    }

    [Fact]
    public async Task Votes_are_of_those_present_and_under_a_rule_of_the_policy()
    {
        var council = await EstablishedAsync();
        var topic = await OnAgendaOfHeldSessionAsync(council);
        await Refused.AsAsync("SESSION_VOTERS_TOO_MANY", Officer().DecideTopicAsync(Deciding(topic.Id, "majority_of_present", 3, 1)));
        await Refused.AsAsync("VOTING_RULE_UNKNOWN", Officer().DecideTopicAsync(Deciding(topic.Id, "acclamation", 3, 0)));
        await Officer().WriteMinutesAsync(new WriteMinutesRequest { RequestId = NewId(), SessionId = topic.SessionId, Minutes = "记录" });
        var approve = new ApproveMinutesRequest { RequestId = NewId(), SessionId = topic.SessionId };
        await Refused.AsAsync("SESSION_UNDECIDED", Leader(council).ApproveMinutesAsync(approve));
        await Officer().DeferTopicAsync(new DeferTopicRequest { RequestId = NewId(), TopicId = topic.Id, Reason = "材料不全" });
        (await Leader(council).ApproveMinutesAsync(approve)).Session.State.ShouldBe(SessionState.Approved);
    }

    [Fact]
    public async Task A_session_needs_a_term_a_leader_a_time_to_come_and_topics_of_its_council()
    {
        var council = await EstablishedAsync(until: "2026-03-20");
        var other = await EstablishedAsync();
        var foreign = await SupportedAsync(other);
        await ConsultAsync(foreign.Id);
        var topic = await SupportedAsync(council);
        await Refused.AsAsync("TOPIC_WRONG_STATE", Officer().ConveneSessionAsync(Convening(council, 1, topic.Id)));
        await ConsultAsync(topic.Id);
        await Refused.AsAsync("TOPIC_OTHER_COUNCIL", Officer().ConveneSessionAsync(Convening(council, 1, topic.Id, foreign.Id)));
        await Refused.AsAsync("TOPIC_OTHER_COUNCIL", Officer().ConveneSessionAsync(Convening(council, 1, NewId())));
        await Refused.AsAsync("SESSION_IN_PAST", Officer().ConveneSessionAsync(Convening(council, -1, topic.Id)));
        await Refused.AsAsync("COUNCIL_TERM_OVER", Officer().ConveneSessionAsync(Convening(council, 24 * 14, topic.Id)));
        foreach (var member in council.Members.Take(2))
            await Officer().EndMembershipAsync(new EndMembershipRequest
            {
                RequestId = NewId(),
                CouncilId = council.Id,
                MemberId = member.Id,
            });
        await Refused.AsAsync("COUNCIL_LEADERLESS", Officer().ConveneSessionAsync(Convening(council, 1, topic.Id)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Resident(council, "a").ConveneSessionAsync(Convening(council, 1, topic.Id)));
    }

    [Fact]
    public async Task Nobody_supports_twice_and_strangers_do_not_support()
    {
        var council = await EstablishedAsync();
        var topic = await ProposedAsync(council, "a");
        await Refused.AsAsync("TOPIC_SUPPORTED_TWICE", Resident(council, "a").SupportTopicAsync(Supporting(topic.Id)));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Councils("resident", OtherCommunity, "stranger").SupportTopicAsync(Supporting(topic.Id)));
        // A token that names the whole city says nothing of where its bearer lives.
        await Refused.AsAsync("OUTSIDE_TERRITORY", Councils("resident", City, "somewhere").SupportTopicAsync(Supporting(topic.Id)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Councils("resident", City, "somewhere").ProposeTopicAsync(Proposal(council.Id)));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await Resident(council, "b").SupportTopicAsync(Supporting(topic.Id));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Order().ShouldBe(["", "TOPIC_SUPPORTED_TWICE", "TOPIC_SUPPORTED_TWICE", "TOPIC_SUPPORTED_TWICE"]);
        (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic.Supporters.ShouldBe(2);
        await Refused.AsAsync("TOPIC_NOT_FOUND", Officer().GetTopicAsync(new GetTopicRequest { Id = NewId() }));
    }

    [Fact]
    public async Task Two_last_supporters_at_once_bring_the_topic_over_the_threshold_once()
    {
        var council = await EstablishedAsync();
        var topic = await ProposedAsync(council, "a");
        await Task.WhenAll(new[] { "b", "c" }.Select(s => Resident(council, s).SupportTopicAsync(Supporting(topic.Id)).ResponseAsync));
        var seen = (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic;
        (seen.State, seen.Supporters).ShouldBe((TopicState.Supported, 3));
        (await grids.ScalarAsync<long>($"select count(*) from topic_history where topic_id = '{topic.Id}' and to_state = 2")).ShouldBe(1);
    }

    [Fact]
    public async Task Supporters_who_come_all_at_once_are_all_counted_or_find_the_topic_supported()
    {
        // A city of its own, where it takes twelve, and by the clock.
        const string city = "3407";
        var hours = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 72 };
        var rules = CouncilPolicy();
        (rules.SupportersNeeded, rules.SupportWithin, rules.DecideWithin) = (12, hours, hours);
        await grids.Policies("operator", city).PutPolicyAsync(new PutPolicyRequest
        {
            RequestId = NewId(),
            City = city,
            Policy = new Policy { City = city, EffectiveFrom = "2025-01-01", Councils = rules },
        });
        var request = Establishment(city + "03001001", "2027-12-31");
        var council = (await Councils("officer", city).EstablishCouncilAsync(request)).Council;
        var topic = await ProposedAsync(council, "a");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await Resident(council, $"neighbour-{i}").SupportTopicAsync(Supporting(topic.Id));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Where(o => o is not "").ShouldAllBe(o => o == "TOPIC_WRONG_STATE");
        outcomes.Count(o => o is "").ShouldBe(11);
        var seen = (await Resident(council, "a").GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic;
        (seen.State, seen.Supporters, seen.SupportersNeeded).ShouldBe((TopicState.Supported, 12, 12));
    }

    [Fact]
    public async Task Amendments_keep_every_edition()
    {
        var council = await EstablishedAsync();
        var topic = await ProposedAsync(council, "a");
        await Resident(council, "b").SupportTopicAsync(Supporting(topic.Id));
        await Refused.AsAsync("TOPIC_NOT_PROPOSER", Officer().AmendTopicAsync(Amending(topic.Id, "官方改写")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Resident(council, "b").AmendTopicAsync(Amending(topic.Id, "别人改写")));
        var amended = (await Resident(council, "a").AmendTopicAsync(Amending(topic.Id, "第二版"))).Topic;
        (amended.Edition, amended.Supporters, amended.Text).ShouldBe((2, 1, "第二版"));
        foreach (var subject in new[] { "b", "c" })
            await Resident(council, subject).SupportTopicAsync(Supporting(topic.Id));
        (await Officer().AmendTopicAsync(Amending(topic.Id, "协商后"))).Topic.State.ShouldBe(TopicState.Supported);
        var history = await Officer().GetTopicHistoryAsync(new GetTopicHistoryRequest { TopicId = topic.Id });
        history.Editions.Select(e => e.Text).ShouldBe(["每层装灯", "第二版", "协商后"]);
        history.Editions[1].Reason.ShouldBe("更清楚");
    }

    [Fact]
    public async Task A_declined_topic_says_why_and_a_forgotten_one_is_overdue()
    {
        var council = await EstablishedAsync();
        var declined = await ProposedAsync(council, "a");
        (await Officer().DeclineTopicAsync(new DeclineTopicRequest { RequestId = NewId(), TopicId = declined.Id, Reason = "属于执法事项" })).Topic
            .Answer.ShouldBe("属于执法事项");
        var forgotten = await SupportedAsync(council);
        await Refused.AsAsync("TOPIC_WRONG_STATE",
            Officer().DeclineTopicAsync(new DeclineTopicRequest { RequestId = NewId(), TopicId = forgotten.Id, Reason = "不议" }));
        await Refused.AsAsync("COUNCIL_TOPICS_OPEN",
            Officer().DissolveCouncilAsync(new DissolveCouncilRequest { RequestId = NewId(), CouncilId = council.Id, Reason = "合并" }));
        grids.Clock.Advance(TimeSpan.FromDays(60));
        var overdue = await Officer().ListTopicsAsync(new ListTopicsRequest { CouncilId = council.Id, OverdueOnly = true });
        overdue.Topics.ShouldHaveSingleItem().Id.ShouldBe(forgotten.Id);
        overdue.Topics[0].Overdue.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_topic_that_is_proposed_and_a_council_that_is_dissolved_at_once_one_is_refused(bool proposedFirst)
    {
        var council = await EstablishedAsync();
        await using var held = await grids.Database.OpenConnectionAsync();
        // Both write there last: neither commits before both have decided.
        var transaction = await held.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table audit in share mode", held, transaction))
            await hold.ExecuteNonQueryAsync();

        var (proposal, dissolution) = (Task.FromResult(""), Task.FromResult(""));
        foreach (var proposing in new[] { proposedFirst, !proposedFirst })
        {
            if (proposing)
                proposal = Refused.ReasonAsync(Resident(council, "a").ProposeTopicAsync(Proposal(council.Id)));
            else
                dissolution = Refused.ReasonAsync(Officer().DissolveCouncilAsync(
                    new DissolveCouncilRequest { RequestId = NewId(), CouncilId = council.Id, Reason = "合并" }));
            var expected = proposing == proposedFirst ? 1 : 2;
            await grids.WaitingAsync(expected);
        }
        await transaction.RollbackAsync();

        (await proposal, await dissolution).ShouldBe(proposedFirst ? ("", "COUNCIL_TOPICS_OPEN") : ("COUNCIL_DISSOLVED", ""));
        (await grids.ScalarAsync<long>($"select count(*) from topics where council_id = '{council.Id}'")).ShouldBe(proposedFirst ? 1 : 0);
    }

    [Fact]
    public async Task Support_is_counted_once_whoever_is_forgotten_and_what_a_proposer_wrote_goes()
    {
        var council = await EstablishedAsync();
        var topic = (await Resident(council, "leaving-proposer").ProposeTopicAsync(Proposal(council.Id))).Topic;
        await Resident(council, "leaving-proposer").AmendTopicAsync(Amending(topic.Id, "第二版"));
        await Resident(council, "leaving-supporter").SupportTopicAsync(Supporting(topic.Id));
        // While it gathers support, whoever is not known any more could support it again.
        foreach (var subject in new[] { "leaving-proposer", "leaving-supporter" })
            (await Refused.AsAsync("SUBJECT_NEEDED", () => EraseAsync(subject))).Metadata["kind"].ShouldBe("topic");
        await Councils("officer", City, "leaving-officer").DeclineTopicAsync(
            new DeclineTopicRequest { RequestId = NewId(), TopicId = topic.Id, Reason = "属于执法事项" });
        (await ExportAsync("leaving-officer")).ShouldBe([("topic", topic.Id, "actor")]);

        foreach (var subject in new[] { "leaving-proposer", "leaving-supporter", "leaving-officer" })
        {
            await EraseAsync(subject);
            (await ExportAsync(subject)).ShouldBeEmpty();
            (await grids.ScalarAsync<long>(
                $"""
                select (select count(*) from topic_history where actor = '{subject}') + (select count(*) from topic_supports where subject = '{subject}')
                    + (select count(*) from topics where proposer = '{subject}')
                """)).ShouldBe(0);
        }
        var left = (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic;
        (left.Title, left.Text, left.Answer, left.Supporters).ShouldBe(("楼道灯", "", "属于执法事项", 2));
        var history = await Officer().GetTopicHistoryAsync(new GetTopicHistoryRequest { TopicId = topic.Id });
        history.Editions.ShouldAllBe(e => e.Text == "" && e.Reason == "");
        history.Entries.Select(e => (e.Action, e.Note)).ShouldBe([("Proposed", ""), ("Amended", ""), ("Declined", "属于执法事项")]);

        // A row that bears the name again, whence ever it comes, is the same support.
        await using var again = grids.Database.CreateCommand(
            $"insert into topic_supports (topic_id, edition, subject, at) values ('{topic.Id}', 2, 'leaving-supporter', now())");
        await again.ExecuteNonQueryAsync();
        await EraseAsync("leaving-supporter");
        (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic.Supporters.ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_wrote_or_approved_minutes_can_be_forgotten_once_the_seat_is_over()
    {
        var council = await EstablishedAsync();
        var topic = await OnAgendaOfHeldSessionAsync(council);
        await Officer().DecideTopicAsync(Deciding(topic.Id, "majority_of_present", 3, 0));
        await Councils("officer", City, "leaving-writer").WriteMinutesAsync(
            new WriteMinutesRequest { RequestId = NewId(), SessionId = topic.SessionId, Minutes = "记录" });
        var leaving = (await Officer().AppointMemberAsync(new AppointMemberRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Subject = "leaving-head",
            Kind = CouncilMemberKind.Resident,
            Name = "要走的人",
            Duty = "三号楼",
        })).Council.Members.Single(m => m.Subject is "leaving-head");
        await Officer().AppointHeadAsync(
            new AppointHeadRequest { RequestId = NewId(), CouncilId = council.Id, MemberId = leaving.Id, Seat = CouncilSeat.Head });
        await Resident(council, "leaving-head").ApproveMinutesAsync(
            new ApproveMinutesRequest { RequestId = NewId(), SessionId = topic.SessionId });

        (await ExportAsync("leaving-writer")).ShouldBe([("session", topic.SessionId, "minutes")]);
        (await ExportAsync("leaving-head")).ShouldBe([("session", topic.SessionId, "minutes"), ("council_member", leaving.Id, "要走的人")], ignoreOrder: true);
        (await Refused.AsAsync("SUBJECT_NEEDED", () => EraseAsync("leaving-head"))).Metadata["kind"].ShouldBe("council_member");
        await Officer().EndMembershipAsync(new EndMembershipRequest { RequestId = NewId(), CouncilId = council.Id, MemberId = leaving.Id });
        foreach (var subject in new[] { "leaving-head", "leaving-writer" })
        {
            await EraseAsync(subject);
            (await ExportAsync(subject)).ShouldBeEmpty();
            foreach (var table in new[] { "council_members", "sessions", "session_minutes" })
                (await grids.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%{subject}%'")).ShouldBe(0, table);
        }
        var left = (await Officer().ListMembershipsAsync(new ListMembershipsRequest { CouncilId = council.Id })).Memberships.Single(m => m.Id == leaving.Id);
        (left.Subject, left.Name, left.Duty, left.LeftAt is null).ShouldBe(("", "", "", false));
        (await Officer().GetSessionAsync(new GetSessionRequest { Id = topic.SessionId })).Session.ApprovedAt.ShouldNotBeNull();
    }

    private Task EraseAsync(string subject) =>
        new Persons.PersonsClient(grids.As("operator", City)).EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = subject, Reason = "本人申请" }).ResponseAsync;

    /// <summary>What is told of a subject: kind, record, and part in it or name.</summary>
    private async Task<List<(string Kind, string Id, string Told)>> ExportAsync(string subject)
    {
        using var call = new Persons.PersonsClient(grids.As("operator", City)).ExportSubject(
            new ExportSubjectRequest { Subject = subject, Reason = "本人申请" });
        var told = new List<(string, string, string)>();
        await foreach (var record in call.ResponseStream.ReadAllAsync())
            told.Add((record.Kind, record.RecordId, record.Fields.TryGetValue("part", out var part) ? part : record.Fields["name"]));
        return told;
    }

    [Fact]
    public async Task A_topic_may_be_about_a_case_of_its_territory_only()
    {
        var reported = await grids.ReportAsync();
        var council = await EstablishedAsync(Community);
        var request = Proposal(council.Id);
        request.CaseId = reported.Id;
        (await Resident(council, "a").ProposeTopicAsync(request)).Topic.CaseId.ShouldBe(reported.Id);
        var elsewhere = Proposal((await EstablishedAsync()).Id);
        elsewhere.CaseId = reported.Id;
        await Refused.AsAsync("TOPIC_CASE_UNKNOWN", Officer().ProposeTopicAsync(elsewhere));
    }

    [Fact]
    public async Task A_consultation_to_come_and_a_stale_etag_are_refused_and_a_repeat_has_no_second_effect()
    {
        var council = await EstablishedAsync();
        var topic = await SupportedAsync(council);
        var consult = Consulting(topic.Id);
        consult.HeldOn = "2026-03-10";
        await Refused.AsAsync("CONSULTATION_IN_FUTURE", Officer().ConsultTopicAsync(consult));
        consult.HeldOn = "2026-03-09";
        consult.Etag = "v1";
        await Refused.AsAsync("ETAG_STALE", Officer().ConsultTopicAsync(consult));
        consult.Etag = topic.Etag;
        var first = await Officer().ConsultTopicAsync(consult);
        (await Officer().ConsultTopicAsync(consult)).ShouldBe(first);
        (await grids.ScalarAsync<long>($"select count(*) from topic_consultations where topic_id = '{topic.Id}'")).ShouldBe(1);
        consult.Summary = "另一个结论";
        await Refused.AsAsync("REQUEST_ID_REUSED", Officer().ConsultTopicAsync(consult));
    }

    [Fact]
    public async Task Pages_hold_every_topic_once_and_foreign_callers_see_none()
    {
        var council = await EstablishedAsync();
        for (var i = 0; i < 5; i++)
            await ProposedAsync(council, "a");
        var request = new ListTopicsRequest { CouncilId = council.Id, PageSize = 2, State = TopicState.Proposed };
        var ids = new List<string>();
        do
        {
            var page = await Resident(council, "b").ListTopicsAsync(request);
            ids.AddRange(page.Topics.Select(t => t.Id));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Officer().ListTopicsAsync(new ListTopicsRequest { CouncilId = council.Id, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.Count.ShouldBe(5);
        ids.ShouldBeUnique();
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Councils("officer", OtherCommunity).ListTopicsAsync(new ListTopicsRequest { CouncilId = council.Id }));
        (await Councils("officer", council.Territory).ListTopicsAsync(new ListTopicsRequest())).Topics.Count.ShouldBe(5);
        var counted = await new Indicators.IndicatorsClient(grids.As("officer", council.Territory)).GetIndicatorsAsync(new GetIndicatorsRequest());
        counted.Indicators.Single(i => i.Name == "topics").Value.ShouldBe(5);
    }

    private V1.Councils.CouncilsClient Councils(string role, string territory, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Councils.CouncilsClient Officer() => Councils("officer", City);

    private V1.Councils.CouncilsClient Resident(Council council, string subject) => Councils("resident", council.Territory + "01", subject);

    /// <summary>The head acts with an ordinary resident's token.</summary>
    private V1.Councils.CouncilsClient Leader(Council council) => Resident(council, council.Members[0].Subject);

    private async Task<Council> EstablishedAsync(string? territory = null, string until = "2027-12-31") =>
        (await Officer().EstablishCouncilAsync(
            Establishment(territory ?? $"340603003{Interlocked.Increment(ref communities):000}", until))).Council;

    private static EstablishCouncilRequest Establishment(string territory, string until) => new()
    {
        RequestId = NewId(),
        Territory = territory,
        Name = "居民议事会",
        Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
        Term = new CouncilTerm { From = "2025-01-01", Until = until },
        Members =
        {
            Enumerable.Range(0, 5).Select(i => new CouncilMember
            {
                Subject = $"member-{i}",
                Kind = CouncilMemberKind.Resident,
                Name = $"成员{i}",
                Seat = i switch { 0 => CouncilSeat.Head, 1 => CouncilSeat.Deputy, _ => CouncilSeat.Member },
            }),
        },
    };

    private async Task<Topic> ProposedAsync(Council council, string subject) =>
        (await Resident(council, subject).ProposeTopicAsync(Proposal(council.Id))).Topic;

    private async Task<Topic> SupportedAsync(Council council)
    {
        var topic = await ProposedAsync(council, "a");
        foreach (var subject in new[] { "b", "c" })
            topic = (await Resident(council, subject).SupportTopicAsync(Supporting(topic.Id))).Topic;
        return topic;
    }

    private async Task<Topic> OnAgendaOfHeldSessionAsync(Council council)
    {
        var topic = await SupportedAsync(council);
        await ConsultAsync(topic.Id);
        var session = await ConvenedAsync(council, topic.Id);
        grids.Clock.Advance(TimeSpan.FromHours(2));
        await Officer().HoldSessionAsync(Holding(session, council.Members.Take(3)));
        return (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic;
    }

    private Task ConsultAsync(string topicId) => Officer().ConsultTopicAsync(Consulting(topicId)).ResponseAsync;

    private async Task<Session> ConvenedAsync(Council council, params string[] topicIds) =>
        (await Officer().ConveneSessionAsync(Convening(council, 1, topicIds))).Session;

    private ConveneSessionRequest Convening(Council council, int inHours, params string[] topicIds) => new()
    {
        RequestId = NewId(),
        CouncilId = council.Id,
        StartsAt = grids.Clock.GetUtcNow().AddHours(inHours).ToTimestamp(),
        Place = "居民活动室",
        TopicIds = { topicIds },
    };

    private static HoldSessionRequest Holding(Session session, IEnumerable<CouncilMember> present) =>
        new() { RequestId = NewId(), SessionId = session.Id, PresentMemberIds = { present.Select(m => m.Id) } };

    private static DecideTopicRequest Deciding(string topicId, string rule, int inFavour, int against) => new()
    {
        RequestId = NewId(),
        TopicId = topicId,
        Rule = rule,
        InFavour = inFavour,
        Against = against,
        Text = "装楼道灯",
        Responsible = "社区居委会",
    };

    private static ProposeTopicRequest Proposal(string councilId) =>
        new() { RequestId = NewId(), CouncilId = councilId, Kind = TopicKind.Matter, Title = "楼道灯", Text = "每层装灯" };

    private static SupportTopicRequest Supporting(string topicId) => new() { RequestId = NewId(), TopicId = topicId };

    private static AmendTopicRequest Amending(string topicId, string text) =>
        new() { RequestId = NewId(), TopicId = topicId, Title = "楼道灯", Text = text, Reason = "更清楚" };

    private static ConsultTopicRequest Consulting(string topicId) => new()
    {
        RequestId = NewId(),
        TopicId = topicId,
        Form = ConsultationForm.JointMeeting,
        HeldOn = "2026-03-09",
        Parties = { "物业公司", "业委会" },
        Summary = "同意分摊",
    };
}
