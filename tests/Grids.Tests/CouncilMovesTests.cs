using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>What becomes of a council when its grid is redrawn. Each test has a community of its own, of two squares.</summary>
public sealed class CouncilMovesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task Residents_of_a_grid_that_gets_another_code_keep_their_council_its_topics_and_a_running_ballot()
    {
        var (old, now) = (await NewCommunityAsync(1) + "01", "34060300800107");
        var council = await EstablishedAsync(old);
        var (over, proposed, consulted) = (await ProposedAsync(council), await ProposedAsync(council), await ProposedAsync(council));
        await Officer().DeclineTopicAsync(new DeclineTopicRequest { RequestId = NewId(), TopicId = over.Id, Reason = "属于执法事项" });
        foreach (var subject in new[] { "b", "c" })
            await Resident(old, subject).SupportTopicAsync(Supporting(consulted));
        await Officer().ConsultTopicAsync(new ConsultTopicRequest
        {
            RequestId = NewId(),
            TopicId = consulted.Id,
            Form = ConsultationForm.Talk,
            HeldOn = "2026-03-09",
            Parties = { "业委会" },
            Summary = "可以表决",
        });
        var ballot = (await Officer().OpenBallotAsync(new OpenBallotRequest
        {
            RequestId = NewId(),
            TopicId = consulted.Id,
            Electorate = Electorate.Residents,
            Entitled = 3,
            Rule = "two_thirds_of_all",
            ClosesAt = grids.Clock.GetUtcNow().AddDays(2).ToTimestamp(),
        })).Ballot;
        await Resident(old, "b").CastVoteAsync(Casting(ballot.Id));
        var session = (await Officer().ConveneSessionAsync(new ConveneSessionRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            StartsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
            Place = "活动室",
            TopicIds = { consulted.Id },
        })).Session;

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = now });

        var resident = Resident(now, "c");
        var moved = (await resident.GetCouncilAsync(new GetCouncilRequest { Id = council.Id })).Council;
        (moved.Territory, moved.State, moved.Members.Count).ShouldBe((now, CouncilState.Active, 3));
        moved.Etag.ShouldNotBe(council.Etag);
        (await resident.SupportTopicAsync(Supporting(proposed))).Topic.Territory.ShouldBe(now);
        (await resident.CastVoteAsync(Casting(ballot.Id))).Ballot.Territory.ShouldBe(now);
        await Refused.AsAsync("BALLOT_TWICE", Resident(now, "b").CastVoteAsync(Casting(ballot.Id)));
        (await resident.GetSessionAsync(new GetSessionRequest { Id = session.Id })).Session.Territory.ShouldBe(now);
        await resident.ProposeTopicAsync(Proposal(council.Id));
        // What is over stays where it was, and is found with the council all the same.
        var topics = (await resident.ListTopicsAsync(new ListTopicsRequest { CouncilId = council.Id })).Topics;
        topics.Where(t => t.Id == over.Id).ShouldHaveSingleItem().Territory.ShouldBe(old);
        topics.Where(t => t.Id != over.Id).Select(t => t.Territory).ShouldBe([now, now, now]);
        // Whoever has the old code alone reaches it no more.
        await Refused.AsAsync("OUTSIDE_TERRITORY", Resident(old, "a").GetCouncilAsync(new GetCouncilRequest { Id = council.Id }));
    }

    [Fact]
    public async Task A_merged_grid_has_the_one_council_of_its_parts_and_of_several_an_officer_decides()
    {
        var community = await NewCommunityAsync(2);
        var one = await EstablishedAsync(community + "01");
        await MergeAsync(community);
        (await Officer().GetCouncilAsync(new GetCouncilRequest { Id = one.Id })).Council.Territory.ShouldBe(community + "09");

        var other = await NewCommunityAsync(3);
        var both = new[] { await EstablishedAsync(other + "01"), await EstablishedAsync(other + "02") };
        await MergeAsync(other);
        foreach (var council in both)
            (await Officer().GetCouncilAsync(new GetCouncilRequest { Id = council.Id })).Council.ShouldBe(council);
    }

    private Task MergeAsync(string community) => grids.Boundaries().MergeGridsAsync(new MergeGridsRequest
    {
        RequestId = NewId(),
        Grids = { new GridVersion { Code = community + "01" }, new GridVersion { Code = community + "02" } },
        NewCode = community + "09",
        Name = "合并网格",
    }).ResponseAsync;

    private async Task<string> NewCommunityAsync(int n)
    {
        var community = $"340603008{n:000}";
        await grids.ImportAsync(Row(community + "01", n * 10), Row(community + "02", (n * 10) + 1));
        return community;
    }

    private V1.Councils.CouncilsClient Officer() => new(grids.As("officer", City));

    private V1.Councils.CouncilsClient Resident(string grid, string subject) => new(grids.As("resident", grid, subject));

    private async Task<Council> EstablishedAsync(string grid) => (await Officer().EstablishCouncilAsync(new EstablishCouncilRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Name = "居民议事会",
        Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
        Term = new CouncilTerm { From = "2025-01-01", Until = "2027-12-31" },
        Members =
        {
            Enumerable.Range(0, 3).Select(i => new CouncilMember
            {
                Subject = $"member-{i}",
                Kind = CouncilMemberKind.Resident,
                Name = $"成员{i}",
                Seat = i is 0 ? CouncilSeat.Head : CouncilSeat.Member,
            }),
        },
    })).Council;

    private async Task<Topic> ProposedAsync(Council council) =>
        (await Resident(council.Territory, "a").ProposeTopicAsync(Proposal(council.Id))).Topic;

    private static ProposeTopicRequest Proposal(string councilId) =>
        new() { RequestId = NewId(), CouncilId = councilId, Kind = TopicKind.Matter, Title = "楼道灯", Text = "每层装灯" };

    private static SupportTopicRequest Supporting(Topic topic) => new() { RequestId = NewId(), TopicId = topic.Id };

    private static CastVoteRequest Casting(string ballotId) => new()
    {
        RequestId = NewId(),
        BallotId = ballotId,
        Choice = BallotChoice.InFavour,
        Salt = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
    };
}
