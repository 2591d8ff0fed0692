using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class CouncilBallotsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static int communities;

    [Fact]
    public async Task A_tally_is_hidden_until_the_ballot_is_closed_and_then_decides()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        (ballot.Entitled, ballot.Rule.Passes.Numerator, ballot.Edition).ShouldBe((5, 2, 1));
        for (var member = 0; member < 4; member++)
        {
            var vote = Casting(ballot.Id, member is 3 ? BallotChoice.Against : BallotChoice.InFavour);
            (await Member(council, member).CastVoteAsync(vote)).Ballot.Tally.ShouldBeNull();
        }
        (await Officer().GetBallotAsync(new GetBallotRequest { Id = ballot.Id })).Ballot.Tally.ShouldBeNull();
        await Refused.AsAsync("BALLOT_RUNNING", Officer().CloseBallotAsync(Closing(ballot.Id)));
        var session = await HeldAsync(council, topic);
        await Refused.AsAsync("BALLOT_OPEN", Officer().DecideTopicAsync(Deciding(topic.Id, ballot.Id)));

        (await Member(council, 4).CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour))).Ballot.Closed.ShouldBeFalse();
        // All have voted: it may be closed before its time.
        (await Officer().CloseBallotAsync(Closing(ballot.Id))).Ballot.Closed.ShouldBeTrue();
        var tally = (await Officer().GetBallotAsync(new GetBallotRequest { Id = ballot.Id })).Ballot.Tally;
        (tally.InFavour, tally.Against, tally.Abstained, tally.Entitled, tally.Passed).ShouldBe((4, 1, 0, 5, true));
        var decided = (await Officer().DecideTopicAsync(Deciding(topic.Id, ballot.Id))).Topic;
        decided.State.ShouldBe(TopicState.Adopted);
        decided.Decision.Vote.ShouldBe(tally);
        (decided.Decision.BallotId, decided.Decision.SessionId).ShouldBe((ballot.Id, session.Id));
        await Refused.AsAsync("BALLOT_CLOSED", Officer().CloseBallotAsync(Closing(ballot.Id)));
    }

    [Fact]
    public async Task A_voter_has_one_vote_however_often_it_is_cast_at_once()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await Member(council, 0).CastVoteAsync(Casting(ballot.Id, (BallotChoice)(1 + (i % 3))));
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Count(o => o is "").ShouldBe(1);
        outcomes.Where(o => o is not "").ShouldAllBe(o => o == "BALLOT_TWICE");
        (await grids.ScalarAsync<long>($"select count(*) from ballot_votes where ballot_id = '{ballot.Id}'")).ShouldBe(1);

        // The same command again is no second vote: it gets the first answer.
        var request = Casting(ballot.Id, BallotChoice.Against);
        var first = await Member(council, 1).CastVoteAsync(request);
        (await Member(council, 1).CastVoteAsync(request)).ShouldBe(first);
    }

    [Fact]
    public async Task No_vote_is_taken_after_the_instant_of_closing()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        grids.Clock.Advance(TimeSpan.FromDays(3));
        await Refused.AsAsync("BALLOT_CLOSED", Member(council, 0).CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour)));
        await Officer().CloseBallotAsync(Closing(ballot.Id));
        // Closed stays closed, whatever a clock says.
        grids.Clock.Set(ServiceFixture.Morning);
        await Refused.AsAsync("BALLOT_CLOSED", Member(council, 0).CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour)));
        var tally = (await Officer().GetBallotAsync(new GetBallotRequest { Id = ballot.Id })).Ballot.Tally;
        (tally.Present, tally.Passed).ShouldBe((0, false));
    }

    [Fact]
    public async Task Votes_that_race_with_the_closing_are_all_counted_or_refused()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic, Electorate.Residents, entitled: 3);
        foreach (var subject in new[] { "a", "b", "c" })
            await Resident(council, subject).CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour));
        // As many as were said to be entitled, and yet others may come until its time is over.
        await Refused.AsAsync("BALLOT_RUNNING", Officer().CloseBallotAsync(Closing(ballot.Id)));
        var votes = Enumerable.Range(0, 12).Select(async i =>
        {
            try
            {
                await Resident(council, $"racer-{i}").CastVoteAsync(Casting(ballot.Id, BallotChoice.Against));
                return 1;
            }
            catch (RpcException refused)
            {
                Refused.Of(refused).Reason.ShouldBe("BALLOT_CLOSED");
                return 0;
            }
        }).ToList();
        await Task.WhenAny(votes);
        grids.Clock.Advance(TimeSpan.FromDays(3));
        await Officer().CloseBallotAsync(Closing(ballot.Id));
        var first = (await Officer().GetBallotAsync(new GetBallotRequest { Id = ballot.Id })).Ballot.Tally;
        first.Against.ShouldBe((await Task.WhenAll(votes)).Sum());
        (await Officer().GetBallotAsync(new GetBallotRequest { Id = ballot.Id })).Ballot.Tally.ShouldBe(first);
    }

    [Fact]
    public async Task Only_the_entitled_vote()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        await Refused.AsAsync("BALLOT_NOT_ENTITLED",
            Resident(council, "neighbour").CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour)));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Councils("resident", OtherCommunity, "stranger").CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour)));
        await Officer().AppointMemberAsync(new AppointMemberRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Subject = "late",
            Kind = CouncilMemberKind.Expert,
            Name = "后来",
        });
        await Refused.AsAsync("BALLOT_NOT_ENTITLED", Resident(council, "late").CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour)));
        await Refused.AsAsync("BALLOT_EXISTS", Officer().OpenBallotAsync(Opening(topic)));
        var salt = Casting(ballot.Id, BallotChoice.InFavour);
        salt.Salt = ByteString.CopyFrom(new byte[15]);
        await Refused.AsAsync("BALLOT_SALT_SHORT", Member(council, 0).CastVoteAsync(salt));
        await Refused.AsAsync("BALLOT_NOT_FOUND", Officer().GetBallotAsync(new GetBallotRequest { Id = NewId() }));
    }

    [Fact]
    public async Task A_ballot_needs_a_consulted_topic_a_time_to_come_a_rule_and_a_count_of_residents()
    {
        var (council, topic) = await ConsultedAsync();
        var (_, other) = await ConsultedAsync();
        var past = Opening(topic);
        past.ClosesAt = ServiceFixture.Morning.AddHours(-1).ToTimestamp();
        await Refused.AsAsync("BALLOT_CLOSES_IN_PAST", Officer().OpenBallotAsync(past));
        var rule = Opening(topic);
        rule.Rule = "acclamation";
        await Refused.AsAsync("VOTING_RULE_UNKNOWN", Officer().OpenBallotAsync(rule));
        (await Refused.AsAsync("REQUEST_INVALID", Officer().OpenBallotAsync(Opening(topic, Electorate.Residents))))
            .Fields.ShouldBe(["entitled: FIELD_REQUIRED"]);
        var proposed = (await Resident(council, "a").ProposeTopicAsync(Proposal(council.Id))).Topic;
        await Refused.AsAsync("TOPIC_WRONG_STATE", Officer().OpenBallotAsync(Opening(proposed)));

        var ballot = await OpenedAsync(other);
        await HeldAsync(council, topic);
        await Refused.AsAsync("BALLOT_OTHER_TOPIC", Officer().DecideTopicAsync(Deciding(topic.Id, ballot.Id)));
    }

    [Fact]
    public async Task A_topic_is_neither_amended_nor_decided_while_a_ballot_on_it_is_open()
    {
        var (council, topic) = await ConsultedAsync();
        var late = Opening(topic);
        late.ClosesAt = topic.Deadlines.DecideBy.ToDateTimeOffset().AddSeconds(1).ToTimestamp();
        await Refused.AsAsync("BALLOT_CLOSES_LATE", Officer().OpenBallotAsync(late));

        var ballot = await OpenedAsync(topic, Electorate.Residents, entitled: 3);
        await Refused.AsAsync("BALLOT_OPEN", Officer().AmendTopicAsync(Amending(topic)));
        await HeldAsync(council, topic);
        await Refused.AsAsync("BALLOT_OPEN", Officer().DecideTopicAsync(ByHands(topic)));
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Officer().CloseBallotAsync(Closing(ballot.Id));
        (await Officer().DecideTopicAsync(ByHands(topic))).Topic.State.ShouldBe(TopicState.Adopted);
    }

    [Fact]
    public async Task A_ballot_that_is_opened_while_its_topic_is_amended_is_on_the_wording_that_stays()
    {
        for (var i = 0; i < 5; i++)
        {
            var (_, topic) = await ConsultedAsync();
            var opening = OpenedAsync(topic);
            try
            {
                await Officer().AmendTopicAsync(Amending(topic));
            }
            catch (RpcException refused)
            {
                Refused.Of(refused).Reason.ShouldBe("BALLOT_OPEN");
            }
            var edition = (await Officer().GetTopicAsync(new GetTopicRequest { Id = topic.Id })).Topic.Edition;
            (await opening).Edition.ShouldBe(edition);
        }
    }

    [Fact]
    public async Task A_vote_is_bound_to_no_subject_and_is_never_changed()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        await Member(council, 0).CastVoteAsync(Casting(ballot.Id, BallotChoice.InFavour));
        var row = await grids.ScalarAsync<string>($"select v::text from ballot_votes v where ballot_id = '{ballot.Id}'");
        row.ShouldNotContain(council.Members[0].Subject);
        (await grids.ScalarAsync<long>(
            $"select count(*) from ballot_votes where ballot_id = '{ballot.Id}' and voter = sha256('{council.Members[0].Subject}')")).ShouldBe(0);
        foreach (var change in new[] { "update ballot_votes set choice = 2", "delete from ballot_votes", "truncate ballot_votes" })
        {
            await using var command = grids.Database.CreateCommand(change);
            (await Should.ThrowAsync<PostgresException>(command.ExecuteNonQueryAsync())).MessageText.ShouldBe("votes are never changed");
        }
    }

    [Fact]
    public async Task Nothing_that_is_written_with_a_vote_names_its_voter()
    {
        var (council, topic) = await ConsultedAsync();
        var ballot = await OpenedAsync(topic);
        var request = Casting(ballot.Id, BallotChoice.InFavour);
        // Alone, so that no other command shares its transaction.
        await Member(council, 0).CastVoteAsync(request);
        var subject = council.Members[0].Subject;
        var rows = await grids.WrittenWithAsync($"select xmin from ballot_votes where ballot_id = '{ballot.Id}'");
        rows.Select(r => r.Table).ShouldBe(["audit", "ballot_votes", "requests"], ignoreOrder: true);
        var bytes = Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(subject));
        rows.ShouldAllBe(r => !r.Text.Contains(subject) && !r.Text.Contains(bytes));
        // The repeat is known all the same, and another's is not.
        (await Member(council, 0).CastVoteAsync(request)).Ballot.Id.ShouldBe(ballot.Id);
        await Refused.AsAsync("REQUEST_ID_REUSED", Member(council, 1).CastVoteAsync(request));
    }

    private V1.Councils.CouncilsClient Councils(string role, string territory, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Councils.CouncilsClient Officer() => Councils("officer", City);

    private V1.Councils.CouncilsClient Resident(Council council, string subject) => Councils("resident", council.Territory + "01", subject);

    private V1.Councils.CouncilsClient Member(Council council, int at) => Resident(council, council.Members[at].Subject);

    /// <summary>A council of five with a topic that was consulted.</summary>
    private async Task<(Council Council, Topic Topic)> ConsultedAsync()
    {
        var council = (await Officer().EstablishCouncilAsync(new EstablishCouncilRequest
        {
            RequestId = NewId(),
            Territory = $"340603004{Interlocked.Increment(ref communities):000}",
            Name = "居民议事会",
            Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
            Term = new CouncilTerm { From = "2025-01-01", Until = "2027-12-31" },
            Members =
            {
                Enumerable.Range(0, 5).Select(i => new CouncilMember
                {
                    Subject = $"member-{i}",
                    Kind = CouncilMemberKind.Resident,
                    Name = $"成员{i}",
                    Seat = i is 0 ? CouncilSeat.Head : CouncilSeat.Member,
                }),
            },
        })).Council;
        var topic = (await Resident(council, "a").ProposeTopicAsync(Proposal(council.Id))).Topic;
        foreach (var subject in new[] { "b", "c" })
            await Resident(council, subject).SupportTopicAsync(new SupportTopicRequest { RequestId = NewId(), TopicId = topic.Id });
        return (council, (await Officer().ConsultTopicAsync(new ConsultTopicRequest
        {
            RequestId = NewId(),
            TopicId = topic.Id,
            Form = ConsultationForm.Talk,
            HeldOn = "2026-03-09",
            Parties = { "业委会" },
            Summary = "可以表决",
        })).Topic);
    }

    private async Task<Session> HeldAsync(Council council, Topic topic)
    {
        var session = (await Officer().ConveneSessionAsync(new ConveneSessionRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            StartsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
            Place = "活动室",
            TopicIds = { topic.Id },
        })).Session;
        grids.Clock.Advance(TimeSpan.FromHours(2));
        return (await Officer().HoldSessionAsync(new HoldSessionRequest
        {
            RequestId = NewId(),
            SessionId = session.Id,
            PresentMemberIds = { council.Members.Select(m => m.Id) },
        })).Session;
    }

    private async Task<Ballot> OpenedAsync(Topic topic, Electorate electorate = Electorate.Members, int entitled = 0) =>
        (await Officer().OpenBallotAsync(Opening(topic, electorate, entitled))).Ballot;

    private OpenBallotRequest Opening(Topic topic, Electorate electorate = Electorate.Members, int entitled = 0) => new()
    {
        RequestId = NewId(),
        TopicId = topic.Id,
        Electorate = electorate,
        Entitled = entitled,
        Rule = "two_thirds_of_all",
        ClosesAt = grids.Clock.GetUtcNow().AddDays(2).ToTimestamp(),
    };

    private static ProposeTopicRequest Proposal(string councilId) =>
        new() { RequestId = NewId(), CouncilId = councilId, Kind = TopicKind.Matter, Title = "楼道灯", Text = "每层装灯" };

    private static AmendTopicRequest Amending(Topic topic) =>
        new() { RequestId = NewId(), TopicId = topic.Id, Title = topic.Title, Text = "每层装两盏灯", Reason = "太暗" };

    private static DecideTopicRequest ByHands(Topic topic) =>
        new() { RequestId = NewId(), TopicId = topic.Id, Rule = "two_thirds_of_all", InFavour = 5, Text = "装灯", Responsible = "社区" };

    private static CastVoteRequest Casting(string ballotId, BallotChoice choice) =>
        new() { RequestId = NewId(), BallotId = ballotId, Choice = choice, Salt = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()) };

    private static CloseBallotRequest Closing(string ballotId) => new() { RequestId = NewId(), BallotId = ballotId };

    private static DecideTopicRequest Deciding(string topicId, string ballotId) =>
        new() { RequestId = NewId(), TopicId = topicId, BallotId = ballotId, Text = "装灯", Responsible = "社区" };
}
