using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Councils;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Council = Governance.Grids.Councils.Council;
using Session = Governance.Grids.Councils.Session;
using Topic = Governance.Grids.Councils.Topic;

namespace Governance.Grids.Tests;

/// <summary>The rules of councils over random histories: whatever is done in whatever order, the invariants hold.</summary>
public sealed class CouncilRulesTests
{
    private const int Histories = 2000;
    private const int ActsPerHistory = 200;
    private const int MaxTopics = 4;

    private static readonly CityPolicies Policies = RulePolicies.With(p => p.Councils = GridsFixture.CouncilPolicy());

    /// <summary>What is done, and by what it is varied.</summary>
    private static readonly Gen<(int Act, int By)[]> Acts =
        Gen.ArrayOf(Gen.Choose(0, 159_999).Select(n => (n % 16, n / 16)), ActsPerHistory);

    [Fact]
    public void No_topic_is_lost_and_no_quorum_bypassed_over_random_histories()
    {
        var reached = new HashSet<TopicState>();
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var world = new World();
            foreach (var (act, by) in acts)
                world.Act(act, by);
            reached.UnionWith(world.Reached);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Histories));
        reached.ShouldBe(Enum.GetValues<TopicState>().Where(s => s is not TopicState.Unspecified), ignoreOrder: true);
    }

    [Fact]
    public void A_council_has_one_head_one_deputy_and_each_subject_once_over_random_histories() =>
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var (council, now) = (NewCouncil(3), ServiceFixture.Morning);
            foreach (var (act, by) in acts)
            {
                now = now.AddHours(1);
                var outcome = ChangeCouncil(council, act, by, now);
                if (outcome.Refusal is not null)
                    continue;
                var next = outcome.OrRefuse();
                next.Version.ShouldBe(council.Version + 1);
                council = next;
                council.Members.Count(m => m.Seat is CouncilSeat.Head).ShouldBeLessThanOrEqualTo(1);
                council.Members.Count(m => m.Seat is CouncilSeat.Deputy).ShouldBeLessThanOrEqualTo(1);
                council.Members.Select(m => m.Subject).ShouldBeUnique();
                if (council.ConcurrentHead is not ConcurrentHead.Unspecified)
                    council.Head.ShouldNotBeNull();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Histories));

    [Fact]
    public void A_tally_is_what_was_cast_one_a_voter_and_nothing_after_the_closing_over_random_histories() =>
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var (council, now, key) = (NewCouncil(5), ServiceFixture.Morning, new byte[] { 1 });
            var topic = Supported(now) with { State = TopicState.Consulted };
            var ballot = BallotRules.Open(
                Guid.NewGuid(), topic, council, Electorate.Members, 0, "two_thirds_of_all", now.AddDays(2), key, Policies, now).OrRefuse();
            var votes = new Dictionary<string, BallotChoice>();
            foreach (var (act, by) in acts)
            {
                now = now.AddMinutes(by % 60);
                var subject = $"m{by % 7}";
                var entitled = by % 7 < 5;
                if (act is 0 && BallotRules.Close(ballot, votes.Count, now) is { Refusal: null } closed)
                {
                    (now >= ballot.ClosesAt || votes.Count == 5).ShouldBeTrue();
                    ballot = closed.OrRefuse();
                }
                var refusal = BallotRules.MayVote(
                    ballot, council, subject, Primitives.TerritoryCode.Parse(GridsFixture.Community), false, votes.ContainsKey(subject), 16, key,
                    now);
                (refusal is null).ShouldBe(entitled && !ballot.Closed && now < ballot.ClosesAt && !votes.ContainsKey(subject));
                if (refusal is null)
                    votes.Add(subject, (BallotChoice)(1 + (act % 3)));
                var tally = new Tally(Said(BallotChoice.InFavour), Said(BallotChoice.Against), Said(BallotChoice.Abstain));
                tally.Cast.ShouldBe(votes.Count);
                var outcome = BallotRules.VoteOf(ballot, topic, tally);
                (outcome.Refusal is null).ShouldBe(ballot.Closed);
                if (ballot.Closed)
                    outcome.OrRefuse().Passed.ShouldBe(tally.InFavour * 3 >= 5 * 2);
            }

            int Said(BallotChoice choice) => votes.Values.Count(v => v == choice);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Histories));

    [Theory]
    [InlineData(Electorate.Members, 4, false)]
    [InlineData(Electorate.Members, 5, true)]
    [InlineData(Electorate.Residents, 5, false)]
    [InlineData(Electorate.Residents, 500, false)]
    public void A_ballot_closes_before_its_time_only_when_all_members_have_voted(Electorate electorate, int cast, bool closes)
    {
        var now = ServiceFixture.Morning;
        var topic = Supported(now) with { State = TopicState.Consulted };
        // How many residents may vote is what the opener says: it must not let the opener end the voting.
        var ballot = BallotRules.Open(
            Guid.NewGuid(), topic, NewCouncil(5), electorate, 1, "two_thirds_of_all", now.AddDays(2), [1], Policies, now).OrRefuse();
        BallotRules.Close(ballot, cast, now).Refusal?.Definition.ShouldBe(BallotErrors.Running);
        (BallotRules.Close(ballot, cast, now).Refusal is null).ShouldBe(closes);
        BallotRules.Close(ballot, cast, ballot.ClosesAt).OrRefuse().Closed.ShouldBeTrue();
    }

    [Fact]
    public void A_ballot_ends_in_time_for_the_council_to_decide()
    {
        var now = ServiceFixture.Morning;
        var topic = Supported(now) with { State = TopicState.Consulted };
        var decideBy = topic.DecideBy!.Value;
        Open(now, decideBy).OrRefuse().ClosesAt.ShouldBe(decideBy);
        Open(now, decideBy.AddSeconds(1)).Refusal!.Definition.ShouldBe(BallotErrors.ClosesLate);
        // An overdue topic is still to be decided.
        Open(decideBy, decideBy.AddDays(BallotRules.MaxOverdueDays)).Refusal.ShouldBeNull();
        Open(decideBy, decideBy.AddDays(BallotRules.MaxOverdueDays + 1)).Refusal!.Definition.ShouldBe(BallotErrors.ClosesLate);

        Outcome<Governance.Grids.Councils.Ballot> Open(DateTimeOffset at, DateTimeOffset closesAt) => BallotRules.Open(
            Guid.NewGuid(), topic, NewCouncil(5), Electorate.Members, 0, "two_thirds_of_all", closesAt, [1], Policies, at);
    }

    [Fact]
    public void A_ballot_takes_no_vote_under_another_key()
    {
        var (council, now, home) = (NewCouncil(5), ServiceFixture.Morning, Primitives.TerritoryCode.Parse(GridsFixture.Community));
        var topic = Supported(now) with { State = TopicState.Consulted };
        var ballot = BallotRules.Open(
            Guid.NewGuid(), topic, council, Electorate.Members, 0, "two_thirds_of_all", now.AddDays(2), [1], Policies, now).OrRefuse();
        BallotRules.MayVote(ballot, council, "m0", home, false, false, 16, [1], now).ShouldBeNull();
        BallotRules.MayVote(ballot, council, "m0", home, false, false, 16, [2], now)!.Definition.ShouldBe(BallotErrors.KeyChanged);
    }

    [Theory]
    [InlineData(1, 2, true, 2, 4, false)]
    [InlineData(1, 2, true, 3, 4, true)]
    [InlineData(1, 2, false, 2, 4, true)]
    [InlineData(2, 3, false, 2, 3, true)]
    [InlineData(2, 3, false, 133, 200, false)]
    [InlineData(2, 3, false, 134, 200, true)]
    [InlineData(1, 2, false, 0, 0, false)]
    public void A_part_of_a_whole_is_compared_exactly(int numerator, int denominator, bool moreThan, int count, int whole, bool reached) =>
        new Fraction(numerator, denominator, moreThan).IsReachedBy(count, whole).ShouldBe(reached);

    [Fact]
    public void An_amendment_starts_support_anew_until_there_is_enough()
    {
        var now = ServiceFixture.Morning;
        var topic = Proposed(now);
        topic = TopicRules.Support(topic, "b", false, Policies, now).OrRefuse().Next;
        var amended = TopicRules.Amend(topic, "题目", "另一内容", "更清楚", "proposer", false, Policies, now).OrRefuse();
        (amended.Next.Edition, amended.Next.Supporters, amended.Supporter).ShouldBe((2, 1, "proposer"));
        TopicRules.Amend(topic, "题目", "别人的", "", "b", false, Policies, now).Refusal!.Definition.ShouldBe(TopicErrors.NotProposer);
    }

    [Fact]
    public void Enough_support_sets_the_time_to_decide_and_takes_declining_away()
    {
        var now = ServiceFixture.Morning;
        var topic = Supported(now);
        topic.State.ShouldBe(TopicState.Supported);
        topic.DecideBy.ShouldNotBeNull().ShouldBeGreaterThan(now);
        TopicRules.Decline(topic, "不议", now).Refusal!.Definition.ShouldBe(TopicErrors.WrongState);
    }

    private static Topic Proposed(DateTimeOffset now) =>
        TopicRules.Propose(Guid.NewGuid(), NewCouncil(5), TopicKind.Matter, "题目", "内容", null, "proposer", Policies, now).OrRefuse().Next;

    private static Topic Supported(DateTimeOffset now)
    {
        var topic = Proposed(now);
        foreach (var subject in new[] { "b", "c" })
            topic = TopicRules.Support(topic, subject, false, Policies, now).OrRefuse().Next;
        return topic;
    }

    private static Council NewCouncil(int members) => CouncilRules.Establish(new Council
    {
        Id = Guid.NewGuid(),
        Territory = GridsFixture.Community,
        Name = "议事会",
        Quorum = new Fraction(1, 2, MoreThan: true),
        Terms = [new Term(new DateOnly(2025, 1, 1), new DateOnly(2027, 12, 31))],
        Members = [.. Enumerable.Range(0, members).Select(i => NewMember($"m{i}", i is 0 ? CouncilSeat.Head : CouncilSeat.Member))],
        EstablishedAt = ServiceFixture.Morning,
        UpdatedAt = ServiceFixture.Morning,
        Version = 0,
    }).OrRefuse();

    private static Member NewMember(string subject, CouncilSeat seat) =>
        new(Guid.NewGuid(), subject, CouncilMemberKind.Resident, "成员", "", seat, ServiceFixture.Morning);

    private static Outcome<Council> ChangeCouncil(Council council, int act, int by, DateTimeOffset now)
    {
        var member = council.Members.Count is 0 ? Guid.NewGuid() : council.Members[by % council.Members.Count].Id;
        return act switch
        {
            < 6 => CouncilRules.AppointMember(council, NewMember($"m{by % 9}", CouncilSeat.Head), now),
            < 9 => CouncilRules.EndMembership(council, member, now),
            < 12 => CouncilRules.AppointHead(council, member, CouncilSeat.Head, (ConcurrentHead)(by % 3), "文件", now),
            < 14 => CouncilRules.AppointHead(council, member, CouncilSeat.Deputy, ConcurrentHead.Unspecified, "", now),
            14 => CouncilRules.RenewTerm(council, new Term(new DateOnly(2026, 1, 1).AddDays(by), new DateOnly(2028, 1, 1).AddDays(by)), now),
            _ => CouncilRules.Dissolve(council, "合并", by % 3, now),
        };
    }

    /// <summary>One council with all its topics and sessions, done to at random; every step is held against the invariants.</summary>
    private sealed class World
    {
        private readonly List<Topic> topics = [];
        private readonly List<Session> sessions = [];
        private readonly Dictionary<Guid, HashSet<string>> supporters = [];
        private Council council = NewCouncil(5);
        private DateTimeOffset now = ServiceFixture.Morning;

        public HashSet<TopicState> Reached { get; } = [];

        public void Act(int act, int by)
        {
            now = now.AddMinutes(by % 500);
            switch (act)
            {
                case 0 or 1 when topics.Count < MaxTopics:
                    var proposed = TopicRules.Propose(
                        Guid.NewGuid(), council, TopicKind.Matter, "题目", "内容", null, "s0", Policies, now).OrRefuse().Next;
                    supporters[proposed.Id] = ["s0"];
                    topics.Add(proposed);
                    break;
                case 12:
                    var convened = SessionRules.Convene(
                        Guid.NewGuid(), council, now.AddHours(1), "活动室", [.. topics.Select(t => t.Id)], Policies, now);
                    if (convened.Refusal is null)
                        PutOnAgenda(convened.OrRefuse());
                    break;
                case 13 when sessions.Count > 0:
                    Hold(by);
                    break;
                case 14 when sessions.Count > 0:
                    Cancel(by);
                    break;
                case 15:
                    var outcome = ChangeCouncil(council, by % 16, by, now);
                    if (outcome.Refusal is null && outcome.OrRefuse().State is CouncilState.Active)
                        council = outcome.OrRefuse();
                    break;
                default:
                    if (topics.Count > 0)
                        ActOn(by % topics.Count, act, by);
                    break;
            }
            foreach (var topic in topics)
                CheckAlive(topic);
        }

        private void ActOn(int at, int act, int by)
        {
            var topic = topics[at];
            var (subject, session) = ($"s{by % 7}", sessions.FirstOrDefault(s => s.Id == topic.SessionId));
            var outcome = act switch
            {
                2 or 3 or 4 => TopicRules.Support(topic, subject, supporters[topic.Id].Contains(subject), Policies, now),
                5 => TopicRules.Amend(topic, "题目", "改", "因为", by % 2 is 0 ? "s0" : subject, false, Policies, now),
                6 => by % 5 is 0 ? TopicRules.Decline(topic, "不属于议事范围", now) : TopicRules.Answer(topic, "已办", now),
                7 => TopicRules.Consult(topic, new Consultation(ConsultationForm.Talk, new DateOnly(2026, 3, 9), ["物业"], "同意"), Policies, now),
                8 or 9 => session is null ? TopicErrors.OtherCouncil.With(("id", topic.Id)) : Decide(topic, session, by),
                10 => (by % 3) switch
                {
                    0 => TopicRules.TakeOffAgenda(topic, "延期", now),
                    1 => TopicRules.ReportTask(topic, (by % 4) + 1, by % 5 is not 0, "报告", Policies, now),
                    _ => TopicRules.CarryOut(topic, "办了", Policies, now),
                },
                _ => TopicRules.Answer(topic, "已办", now),
            };
            if (outcome.Refusal is null)
                Take(at, outcome.OrRefuse());
        }

        private Outcome<TopicStep> Decide(Topic topic, Session session, int by) =>
            TopicRules.RuleOf(by % 2 is 0 ? "majority_of_present" : "two_thirds_of_all", Policies, now)
                .Then(rule => SessionRules.Count(session, rule, by % 4, by % 3, by % 2))
                .Then(vote => TopicRules.Decide(
                    topic, session, new Councils.Decision(session.Id, vote, "决定", "社区", now),
                    [.. Enumerable.Range(1, by % 3).Select(n => new GivenTask($"单位{n}", "出力", n is 1 ? now.AddDays(1) : null))],
                    Policies, now));

        private void PutOnAgenda(Session session)
        {
            for (var i = 0; i < topics.Count; i++)
                if (TopicRules.PutOnAgenda(topics[i], session, now) is { Refusal: null } put)
                    Take(i, put.OrRefuse());
            sessions.Add(session);
        }

        private void Hold(int by)
        {
            var at = by % sessions.Count;
            Guid[] present = [.. council.Members.Take(by % 6).Select(m => m.Id)];
            if (SessionRules.Hold(sessions[at], council, present, now.AddHours(by % 2)) is { Refusal: null } held)
                sessions[at] = held.OrRefuse();
        }

        private void Cancel(int by)
        {
            var at = by % sessions.Count;
            if (SessionRules.Cancel(sessions[at], "人数不足", now) is not { Refusal: null } cancelled)
                return;
            sessions[at] = cancelled.OrRefuse();
            for (var i = 0; i < topics.Count; i++)
                if (topics[i].SessionId == sessions[at].Id && topics[i].State is TopicState.OnAgenda)
                    Take(i, TopicRules.TakeOffAgenda(topics[i], "取消", now).OrRefuse());
        }

        private void Take(int at, TopicStep step)
        {
            var (before, after) = (topics[at], step.Next);
            if (after.Edition != before.Edition)
                supporters[after.Id] = [];
            if (step.Supporter is { } subject)
                supporters[after.Id].Add(subject).ShouldBeTrue();
            after.Supporters.ShouldBe(supporters[after.Id].Count);
            // Due instants are set once.
            after.SupportBy.ShouldBe(before.SupportBy);
            (before.DecideBy ?? after.DecideBy).ShouldBe(after.DecideBy);
            (before.CarryOutBy ?? after.CarryOutBy).ShouldBe(after.CarryOutBy);
            (before.AnswerBy ?? after.AnswerBy).ShouldBe(after.AnswerBy);
            // Nothing is lost: one entry a step, if it is more than support; what is decided stays decided.
            var told = after.State is TopicState.Proposed && after.Edition == before.Edition ? 0 : 1;
            (after.Steps, after.Version).ShouldBe((before.Steps + told, before.Version + told));
            (after.Id, after.CouncilId, after.Territory, after.Proposer).ShouldBe((before.Id, before.CouncilId, before.Territory, before.Proposer));
            if (before.Decision is not null)
                after.Decision.ShouldBe(before.Decision);
            // No party's part is lost or done twice, and nothing is carried out before all is done.
            if (before.Tasks.Count > 0)
                after.Tasks.Select(t => (t.Party, t.Text, t.DueAt)).ShouldBe(before.Tasks.Select(t => (t.Party, t.Text, t.DueAt)));
            before.Tasks.Zip(after.Tasks).ShouldAllBe(t => t.First.DoneAt == null || t.First == t.Second);
            if (after.State is TopicState.CarriedOut)
                after.Tasks.ShouldAllBe(t => t.DoneAt != null);
            after.Tasks.ShouldAllBe(t => t.DueAt <= after.CarryOutBy);
            if (after.State is TopicState.Declined)
                before.State.ShouldBe(TopicState.Proposed);
            topics[at] = after;
            Reached.Add(after.State);
        }

        private void CheckAlive(Topic topic)
        {
            Reached.Add(topic.State);
            // Final with a word to the residents, or due by a stored instant, and so visibly overdue after it.
            if (topic.DueAt is null)
            {
                topic.State.ShouldBeOneOf(TopicState.Answered, TopicState.Declined);
                topic.Answer.ShouldNotBeEmpty();
            }
            if (topic.State is not (TopicState.Proposed or TopicState.Declined))
                topic.DecideBy.ShouldNotBeNull();
            if (topic.Decision is not { } decision)
            {
                topic.State.ShouldNotBeOneOf(TopicState.Adopted, TopicState.VotedDown, TopicState.CarriedOut, TopicState.Answered);
                return;
            }
            var session = sessions.Single(s => s.Id == decision.SessionId);
            session.State.ShouldBeOneOf(SessionState.Held, SessionState.Approved);
            session.Quorum.IsReachedBy(session.Present.Count, session.MemberCount).ShouldBeTrue();
            (decision.Vote.InFavour + decision.Vote.Against + decision.Vote.Abstained).ShouldBeLessThanOrEqualTo(session.Present.Count);
            if (topic.State is TopicState.Adopted or TopicState.CarriedOut)
                decision.Vote.Passed.ShouldBeTrue();
            if (topic.State is TopicState.VotedDown)
                decision.Vote.Passed.ShouldBeFalse();
        }
    }
}
