using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Grids.V1;
using CouncilSession = Governance.Grids.V1.Session;

namespace Governance.Cli.Demo;

/// <summary>
/// A resident proposes a topic to the council, neighbours support it, those concerned are consulted. The council holds a session and votes
/// by secret ballot; what it decides is carried out and answered on the echo wall, and the bulletin tells of it.
/// </summary>
internal static class CouncilsStory
{
    public const string Name = "councils";

    public const string About = "A residents' council: proposal, session, secret ballot, echo wall, bulletin";

    private const string CouncilLookup = "a residents' council is looked up";

    /// <summary>A session lies in the future when it is convened; this long one may take to reach the service.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(3);

    /// <summary>A timer may ring a little before its time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    public static async Task PlayAsync(Stage stage, CancellationToken cancelled)
    {
        var council = await CouncilAsync(stage, cancelled);
        var community = Scene.CommunityOf(council.Territory);
        var officer = stage.Actor("officer", community, $"officer-{community}");
        var head = Resident(stage, council, council.Members.First(member => member.Seat is CouncilSeat.Head).Subject);
        var neighbour = Resident(stage, council, "resident-demo-1");
        var rule = await RuleAsync(stage, officer, cancelled);

        await ProposeAsync(stage, council, neighbour, officer, cancelled);
        var session = await ConveneAsync(stage, council, head, cancelled);
        await BulletinAsync(stage, council, officer, neighbour, BulletinSection.Topics, cancelled);
        await HoldAsync(stage, council, session, head, cancelled);
        await VoteAsync(stage, council, head, rule, cancelled);
        await MinutesAsync(stage, session, head, cancelled);

        await stage.StepAsync("the community carries it out", TopicState.CarriedOut, async () =>
            (await officer.Councils.CarryOutTopicAsync(
                new CarryOutTopicRequest { RequestId = stage.NewRequestId(), TopicId = stage.TopicId, Result = "两组充电桩已投入使用" },
                cancellationToken: cancelled)).Topic);
        await stage.StepAsync("the head answers on the echo wall", TopicState.Answered, async () =>
            (await head.Councils.AnswerTopicAsync(
                new AnswerTopicRequest { RequestId = stage.NewRequestId(), TopicId = stage.TopicId, Answer = "充电桩已建成，欢迎使用。" },
                cancellationToken: cancelled)).Topic);
        await BulletinAsync(stage, council, officer, neighbour, BulletinSection.Echo, cancelled);
    }

    private static async Task ProposeAsync(
        Stage stage, Council council, PublicApi neighbour, PublicApi officer, CancellationToken cancelled)
    {
        var topic = await stage.StepAsync("a resident proposes a topic", TopicState.Proposed, async () =>
            (await neighbour.Councils.ProposeTopicAsync(
                new ProposeTopicRequest
                {
                    RequestId = stage.NewRequestId(),
                    CouncilId = council.Id,
                    Kind = TopicKind.Matter,
                    Title = "增设电动车充电桩",
                    Text = "在3号楼东侧增设两组电动车充电桩。",
                },
                cancellationToken: cancelled)).Topic);
        await stage.StepAsync($"neighbours support it, {topic.SupportersNeeded} in all", TopicState.Supported, async () =>
        {
            for (var number = 2; number <= topic.SupportersNeeded; number++)
            {
                topic = (await Resident(stage, council, $"resident-demo-{number}").Councils.SupportTopicAsync(
                    new SupportTopicRequest { RequestId = stage.NewRequestId(), TopicId = stage.TopicId },
                    cancellationToken: cancelled)).Topic;
            }

            return topic;
        });
        await stage.StepAsync("the community consults those concerned", TopicState.Consulted, async () =>
            (await officer.Councils.ConsultTopicAsync(
                new ConsultTopicRequest
                {
                    RequestId = stage.NewRequestId(),
                    TopicId = stage.TopicId,
                    Form = ConsultationForm.JointMeeting,
                    HeldOn = Scene.Today(stage),
                    Parties = { "物业公司", "业主委员会" },
                    Summary = "各方同意在3号楼东侧增设两组，由物业公司管理。",
                },
                cancellationToken: cancelled)).Topic);
    }

    private static Task<CouncilSession> ConveneAsync(Stage stage, Council council, PublicApi head, CancellationToken cancelled) =>
        stage.StepAsync("the head convenes a session", async () =>
            (await head.Councils.ConveneSessionAsync(
                new ConveneSessionRequest
                {
                    RequestId = stage.NewRequestId(),
                    CouncilId = council.Id,
                    StartsAt = (stage.Clock.GetUtcNow() + Notice).ToTimestamp(),
                    Place = "社区会议室",
                    TopicIds = { stage.TopicId },
                },
                cancellationToken: cancelled)).Session);

    private static async Task HoldAsync(Stage stage, Council council, CouncilSession session, PublicApi head, CancellationToken cancelled)
    {
        const string Step = "the session is held, with its attendance";
        var left = session.StartsAt.ToDateTimeOffset() - stage.Clock.GetUtcNow() + Margin;
        if (left > TimeSpan.Zero)
            await Task.Delay(left, stage.Clock, cancelled);
        var held = await stage.StepAsync(Step, async () =>
            (await head.Councils.HoldSessionAsync(
                new HoldSessionRequest
                {
                    RequestId = stage.NewRequestId(),
                    SessionId = session.Id,
                    PresentMemberIds = { council.Members.Select(member => member.Id) },
                },
                cancellationToken: cancelled)).Session);
        stage.Check(Step, held.State is SessionState.Held && held.MemberCount == council.Members.Count,
            () => $"the session is in state {held.State}, of {held.MemberCount} members");
    }

    /// <summary>All members vote, so that the ballot can be closed at once; its tally is seen only then.</summary>
    private static async Task VoteAsync(Stage stage, Council council, PublicApi head, string rule, CancellationToken cancelled)
    {
        const string Counting = "the ballot is closed and counted";
        var ballot = await stage.StepAsync("the head opens a secret ballot of the members", async () =>
            (await head.Councils.OpenBallotAsync(
                new OpenBallotRequest
                {
                    RequestId = stage.NewRequestId(),
                    TopicId = stage.TopicId,
                    Electorate = Electorate.Members,
                    Rule = rule,
                    ClosesAt = (stage.Clock.GetUtcNow() + TimeSpan.FromHours(1)).ToTimestamp(),
                },
                cancellationToken: cancelled)).Ballot);
        await stage.StepAsync($"{council.Members.Count} members vote", async () =>
        {
            foreach (var member in council.Members)
            {
                await Resident(stage, council, member.Subject).Councils.CastVoteAsync(
                    new CastVoteRequest
                    {
                        RequestId = stage.NewRequestId(),
                        BallotId = ballot.Id,
                        Choice = BallotChoice.InFavour,
                        Salt = BallotCommands.Salt(),
                    },
                    cancellationToken: cancelled);
            }

            return council.Members.Count;
        });
        var counted = await stage.StepAsync(Counting, async () =>
        {
            await head.Councils.CloseBallotAsync(
                new CloseBallotRequest { RequestId = stage.NewRequestId(), BallotId = ballot.Id }, cancellationToken: cancelled);
            return (await head.Councils.GetBallotAsync(new GetBallotRequest { Id = ballot.Id }, cancellationToken: cancelled)).Ballot;
        });
        stage.Check(Counting, counted.Tally?.InFavour == council.Members.Count,
            () => $"{counted.Tally?.InFavour} votes in favour were counted; {council.Members.Count} were cast");
        await stage.StepAsync("the head records the decision", TopicState.Adopted, async () =>
            (await head.Councils.DecideTopicAsync(
                new DecideTopicRequest
                {
                    RequestId = stage.NewRequestId(),
                    TopicId = stage.TopicId,
                    BallotId = ballot.Id,
                    Text = "同意增设两组充电桩。",
                    Responsible = "物业公司",
                },
                cancellationToken: cancelled)).Topic);
    }

    private static async Task MinutesAsync(Stage stage, CouncilSession session, PublicApi head, CancellationToken cancelled)
    {
        const string Approval = "the head approves the minutes";
        await stage.StepAsync("the minutes are written", async () =>
            await head.Councils.WriteMinutesAsync(
                new WriteMinutesRequest
                {
                    RequestId = stage.NewRequestId(),
                    SessionId = session.Id,
                    Minutes = "会议以无记名投票通过增设充电桩的议题。",
                },
                cancellationToken: cancelled));
        var approved = await stage.StepAsync(Approval, async () =>
            (await head.Councils.ApproveMinutesAsync(
                new ApproveMinutesRequest { RequestId = stage.NewRequestId(), SessionId = session.Id },
                cancellationToken: cancelled)).Session);
        stage.Check(Approval, approved.State is SessionState.Approved, () => $"the session is in state {approved.State}");
    }

    /// <summary>The topic's item is published, by an officer where the city's policy does not do it, and a resident reads it.</summary>
    private static async Task BulletinAsync(
        Stage stage, Council council, PublicApi officer, PublicApi neighbour, BulletinSection section, CancellationToken cancelled)
    {
        var word = Output.Tables.Word(section);
        var step = $"the bulletin has it in the section {word}";
        var item = await stage.StepAsync(step, () => ItemAsync(stage, council, officer, section, cancelled))
            ?? throw stage.Failed(step, "it is not drafted; see the rules of bulletins in the city pack");
        if (item.State is BulletinItemState.Draft)
        {
            await stage.StepAsync("an officer reads the draft and publishes it", async () =>
                await officer.Bulletins.PublishBulletinItemAsync(
                    new PublishBulletinItemRequest { RequestId = stage.NewRequestId(), Id = item.Id }, cancellationToken: cancelled));
        }

        var read = await stage.StepAsync($"a neighbour reads it in the section {word}", async () =>
            (await neighbour.Bulletins.ListBulletinAsync(
                new ListBulletinRequest { Territory = council.Territory, Section = section, PageSize = 500 },
                cancellationToken: cancelled)).Entries.FirstOrDefault(entry => entry.Id == item.Id));
        stage.Check(step, read is not null, () => $"the item {item.Id} is not what residents read");
    }

    /// <summary>What was drafted of the topic; the items are listed oldest first, and every run of the demo leaves more of them.</summary>
    private static async Task<BulletinItem?> ItemAsync(
        Stage stage, Council council, PublicApi officer, BulletinSection section, CancellationToken cancelled)
    {
        var request = new ListBulletinItemsRequest { Territory = council.Territory, Section = section, PageSize = 500 };
        do
        {
            var page = await officer.Bulletins.ListBulletinItemsAsync(request, cancellationToken: cancelled);
            if (page.Items.FirstOrDefault(item => item.SourceId == stage.TopicId) is { } found)
                return found;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return null;
    }

    /// <summary>A council with a head, whose term runs; established where the city has none.</summary>
    private static async Task<Council> CouncilAsync(Stage stage, CancellationToken cancelled)
    {
        var cityOfficer = stage.Actor("officer", stage.City, "officer-city");
        var councils = (await stage.StepAsync(CouncilLookup, async () =>
            await cityOfficer.Councils.ListCouncilsAsync(
                new ListCouncilsRequest { Territory = stage.City, ActiveOnly = true, PageSize = 500 },
                cancellationToken: cancelled))).Councils;
        var council = councils.FirstOrDefault(found => found.Members.Any(member => member.Seat is CouncilSeat.Head))
            ?? await EstablishAsync(stage, cityOfficer, [.. councils.Select(found => found.Territory)], cancelled);
        return council.TermOver
            ? await stage.StepAsync("its term is over: a new one begins", async () =>
                (await cityOfficer.Councils.RenewTermAsync(
                    new RenewTermRequest { RequestId = stage.NewRequestId(), CouncilId = council.Id, Term = Term(stage) },
                    cancellationToken: cancelled)).Council)
            : council;
    }

    private static async Task<Council> EstablishAsync(
        Stage stage, PublicApi cityOfficer, HashSet<string> taken, CancellationToken cancelled)
    {
        var grids = await stage.StepAsync("a grid without a council is looked up", async () =>
            await cityOfficer.Boundaries.ListGridsAsync(
                new ListGridsRequest { Territory = stage.City, PageSize = 500 }, cancellationToken: cancelled));
        var grid = grids.Grids.FirstOrDefault(found => !taken.Contains(found.Code))
            ?? throw stage.Failed(CouncilLookup, "no council has a head, and no grid is without a council");
        return await stage.StepAsync("a council is established", async () =>
            (await cityOfficer.Councils.EstablishCouncilAsync(
                new EstablishCouncilRequest
                {
                    RequestId = stage.NewRequestId(),
                    Territory = grid.Code,
                    Name = $"{grid.Name}居民议事会",
                    Quorum = new Threshold { Numerator = 2, Denominator = 3 },
                    Term = Term(stage),
                    Members =
                    {
                        Member("member-demo-1", CouncilMemberKind.PartyMember, "王芳（示例）", CouncilSeat.Head),
                        Member("member-demo-2", CouncilMemberKind.BuildingHead, "李强（示例）", CouncilSeat.Member),
                        Member("member-demo-3", CouncilMemberKind.Resident, "赵敏（示例）", CouncilSeat.Member),
                    },
                },
                cancellationToken: cancelled)).Council);
    }

    private static CouncilMember Member(string subject, CouncilMemberKind kind, string name, CouncilSeat seat) =>
        new() { Subject = subject, Kind = kind, Name = name, Seat = seat };

    private static CouncilTerm Term(Stage stage) => new() { From = Scene.Today(stage), Until = Scene.Today(stage, years: 3) };

    private static async Task<string> RuleAsync(Stage stage, PublicApi officer, CancellationToken cancelled)
    {
        const string Step = "the city's voting rules are looked up";
        var policy = await stage.StepAsync(Step, () => Scene.InForceAsync(stage, officer, found => found.Councils is not null, cancelled));
        return policy?.Councils.VotingRules[0].Code
            ?? throw stage.Failed(Step, "the city has no policy for councils; load its pack: gov seed load <city>");
    }

    private static PublicApi Resident(Stage stage, Council council, string subject) => stage.Actor("resident", council.Territory, subject);
}
