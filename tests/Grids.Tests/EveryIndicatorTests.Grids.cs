using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.TestKit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Acts on councils, neighbours, bulletins, meetings, budgets and policies.</summary>
public sealed partial class EveryIndicatorTests
{
    private static int policies;

    private Council council = null!;
    private Topic topic = null!;
    private Session session = null!;
    private Squad squad = null!;
    private DeputyStudio studio = null!;
    private BulletinItem item = null!;
    private Meeting meeting = null!;
    private BudgetProject project = null!;

    private V1.Councils.CouncilsClient Councils(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Staffing.StaffingClient Staffing() => new(grids.As("officer", City));

    private V1.Bulletins.BulletinsClient Bulletins() => new(grids.As("officer", City));

    private V1.Meetings.MeetingsClient Meetings(string subject = "somebody") => new(grids.As("officer", City, subject));

    private V1.Budgets.BudgetsClient Budgets(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task PutPoliciesAsync()
    {
        await PutStaffingAsync();
        await PutCasePolicyAsync();
        await grids.PutPolicyAsync(p => p.Bulletins = new BulletinPolicy
        {
            Rules = { new BulletinRule { Section = BulletinSection.Topics, Source = BulletinSource.Topic } },
        });
        var surveys = SatisfactionRulesTests.Policy();
        surveys.RespondWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 10 };
        surveys.ReviewWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 };
        await grids.PutPolicyAsync(p => p.Satisfaction = surveys);
        await grids.PutPolicyAsync(p => p.Meetings = new MeetingPolicy
        {
            Frequencies = { new MeetingFrequency { Kind = MeetingKind.GridSecretaries, Every = 1, Span = MeetingSpan.Month } },
        });
        await grids.PutPolicyAsync(p => p.Budgets = new BudgetPolicy { SupportersNeeded = 1, ProposalsEach = 2 });
    }

    private Task PutStaffingAsync(int duties = 6, int least = 3, int most = 5) =>
        grids.PutPolicyAsync(p => p.Staffing = StandardsTests.Staffing(duties, least, most), NextDay());

    private Task PutCasePolicyAsync(params WorkflowStep[] steps) => grids.PutPolicyAsync(
        p =>
        {
            p.Cases = CasePolicy();
            p.Cases.Categories.Add(new CaseCategory
            {
                Code = "worker_resettlement",
                Name = "职工安置",
                HandleWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 5 },
            });
            p.Cases.Steps.Add(steps);
        },
        NextDay());

    // A policy is in force from a day after that of the one before.
    private static string NextDay() => Primitives.IsoDate.Text(new DateOnly(2025, 2, 1).AddDays(Interlocked.Increment(ref policies)));

    private async Task EstablishAsync(string territory, ConcurrentHead head = ConcurrentHead.No) =>
        council = (await Councils().EstablishCouncilAsync(new EstablishCouncilRequest
        {
            RequestId = NewId(),
            Territory = territory,
            Name = "居民议事会",
            Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
            Term = new CouncilTerm { From = "2025-01-01", Until = "2027-12-31" },
            Members =
            {
                Enumerable.Range(0, 3).Select(i => new CouncilMember
                {
                    Subject = $"{territory}-{i}",
                    Kind = CouncilMemberKind.Resident,
                    Name = $"成员{i}",
                    Seat = i is 0 ? CouncilSeat.Head : CouncilSeat.Member,
                }),
            },
            ConcurrentHead = head,
            ConcurrentSource = "任命文件 2025-3",
        })).Council;

    private async Task ProposeAsync() => topic = (await Councils("resident", council.Territory + "01", "a").ProposeTopicAsync(
        new ProposeTopicRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            Kind = TopicKind.Matter,
            Title = "楼道灯",
            Text = "每层装灯",
        })).Topic;

    private async Task SupportedAsync(string territory)
    {
        await EstablishAsync(territory);
        await ProposeAsync();
        foreach (var subject in (string[])["b", "c"])
            await Councils("resident", territory + "01", subject).SupportTopicAsync(
                new SupportTopicRequest { RequestId = NewId(), TopicId = topic.Id });
    }

    private async Task ConsultAsync(ConsultationForm form) => await Councils().ConsultTopicAsync(new ConsultTopicRequest
    {
        RequestId = NewId(),
        TopicId = topic.Id,
        Form = form,
        HeldOn = "2026-03-09",
        Parties = { "物业公司" },
        Summary = "同意",
    });

    private async Task ConvenedAsync(string territory)
    {
        await SupportedAsync(territory);
        await ConsultAsync(ConsultationForm.Talk);
        session = (await Councils().ConveneSessionAsync(new ConveneSessionRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            StartsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
            Place = "居民活动室",
            TopicIds = { topic.Id },
        })).Session;
        grids.Clock.Advance(TimeSpan.FromHours(2));
    }

    private async Task HoldSessionAsync() => await Councils().HoldSessionAsync(
        new HoldSessionRequest { RequestId = NewId(), SessionId = session.Id, PresentMemberIds = { council.Members.Select(m => m.Id) } });

    private async Task<string> AppointAsync(string grid, GridStaffRole role) => (await Staffing().AppointStaffAsync(new AppointStaffRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Role = role,
        Subject = $"{role}-{grid}",
        Name = "某某",
        Employment = StaffEmployment.FullTime,
    })).Staff.Id;

    private async Task<string> SetUpGroupAsync(string grid) => (await Staffing().SetUpNeighbourGroupAsync(new SetUpNeighbourGroupRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Code = $"G-{grid}",
        Name = "邻里小组",
        Buildings = { "1号楼", "2号楼", "3号楼" },
        Heads = { new NeighbourHead { Subject = $"head-{grid}", PartyMember = true } },
    })).Group.Id;

    private async Task FormSquadAsync(string grid)
    {
        squad = (await Staffing().FormSquadAsync(new FormSquadRequest
        {
            RequestId = NewId(),
            Territory = grid,
            Name = "邻长小队",
            LeaderId = await AppointAsync(grid, GridStaffRole.Worker),
            GroupIds = { await SetUpGroupAsync(grid) },
        })).Squad;
        grids.Clock.Set(ServiceFixture.Morning.AddDays(8));
    }

    private async Task ExchangeAsync(ExchangeKind kind) => await Staffing().RecordExchangeAsync(
        new RecordExchangeRequest { RequestId = NewId(), SquadId = squad.Id, Kind = kind, Day = "2026-03-10", Attendance = 3 });

    private async Task OpenVenueAsync() => await Staffing().OpenVenueAsync(new OpenVenueRequest
    {
        RequestId = NewId(),
        Territory = GridsFixture.Grid,
        Code = "V-1",
        Name = "邻里阵地",
        Premises = VenuePremises.Community,
    });

    private async Task OpenTalkPointAsync() => await Staffing().OpenVenueAsync(new OpenVenueRequest
    {
        RequestId = NewId(),
        Territory = NextGrid,
        Code = "T-1",
        Name = "居民说事点",
        Premises = VenuePremises.OpenAir,
        Kind = VenueKind.TalkPoint,
    });

    private async Task OpenStudioAsync() => studio = (await Staffing().OpenStudioAsync(
        new OpenStudioRequest { RequestId = NewId(), Territory = Community, Code = "S-1", Name = "代表委员工作室" })).Studio;

    private async Task AssignDeputyAsync() => await Staffing().AssignDeputyAsync(
        new AssignDeputyRequest { RequestId = NewId(), StudioId = studio.Id, Subject = "deputy-1", Kind = DeputyKind.PeoplesDeputy });

    private async Task WriteAsync(string grid, BulletinSection section) => item = (await Bulletins().WriteBulletinItemAsync(
        new WriteBulletinItemRequest { RequestId = NewId(), Territory = grid, Section = section, Title = "通知" })).Item;

    private async Task PublishAsync() =>
        await Bulletins().PublishBulletinItemAsync(new PublishBulletinItemRequest { RequestId = NewId(), Id = item.Id });

    /// <summary>A meeting that is called for an hour later; the clock stands after its beginning.</summary>
    private async Task CalledAsync(MeetingKind kind, string territory, DateTimeOffset at)
    {
        grids.Clock.Set(at);
        var planned = (await Meetings().PlanMeetingAsync(new PlanMeetingRequest
        {
            RequestId = NewId(),
            Territory = territory,
            Kind = kind,
            StartsAt = at.AddHours(1).ToTimestamp(),
            Place = "社区会议室",
        })).Meeting;
        var calling = new CallMeetingRequest { RequestId = NewId(), MeetingId = planned.Id, Notice = "请准时参加", Agenda = { "交流做法" } };
        if (kind is MeetingKind.AnnualDebrief)
            calling.Debriefers.Add(new Debriefer { Subject = "secretary", OrganisationId = NewId() });
        meeting = (await Meetings().CallMeetingAsync(calling)).Meeting;
        // What is behind a number of spans that are over.
        grids.Clock.Set(ServiceFixture.Morning);
    }

    private async Task HoldMeetingAsync(MeetingAttendeeKind came) => await Meetings().HoldMeetingAsync(new HoldMeetingRequest
    {
        RequestId = NewId(),
        MeetingId = meeting.Id,
        Attendance = { new MeetingAttendance { Kind = came, Count = 10 } },
        Minutes = "大家交流了做法",
    });

    private async Task AppraisedAsync()
    {
        await CalledAsync(MeetingKind.AnnualDebrief, NextGrid, ServiceFixture.Morning.AddDays(-1));
        await HoldMeetingAsync(MeetingAttendeeKind.Resident);
        await Meetings().CountAppraisalsAsync(new CountAppraisalsRequest
        {
            RequestId = NewId(),
            MeetingId = meeting.Id,
            DebriefId = meeting.Debriefs[0].Id,
            Count = new AppraisalCount { Papers = 10, Good = 6, FairlyGood = 2, Average = 1, Poor = 1 },
        });
    }

    private async Task ApproveMinutesAsync() => await Meetings("another").ApproveMeetingMinutesAsync(
        new ApproveMeetingMinutesRequest { RequestId = NewId(), MeetingId = meeting.Id });

    /// <summary>A round with one project, which has won.</summary>
    private async Task DecidedBudgetAsync()
    {
        var round = (await Budgets().OpenBudgetAsync(new OpenBudgetRequest
        {
            RequestId = NewId(),
            Territory = Community,
            Name = "社区微更新",
            AmountFen = 100_000,
            ProjectCapFen = 60_000,
            Method = BudgetMethod.Approval,
            MostChoices = 1,
            ProposalsUntil = grids.Clock.GetUtcNow().AddDays(1).ToTimestamp(),
        })).Round;
        var resident = Budgets("resident", GridsFixture.Grid, "a");
        project = (await resident.ProposeProjectAsync(
            new ProposeProjectRequest { RequestId = NewId(), RoundId = round.Id, Title = "项目", Text = "内容", AmountFen = 50_000 })).Project;
        await Budgets("resident", GridsFixture.Grid, "b").SupportProjectAsync(
            new SupportProjectRequest { RequestId = NewId(), ProjectId = project.Id });
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Budgets().CloseProposalsAsync(new CloseProposalsRequest { RequestId = NewId(), RoundId = round.Id });
        await Budgets().ReviewProjectAsync(
            new ReviewProjectRequest { RequestId = NewId(), ProjectId = project.Id, Feasible = true, Reason = "可行" });
        await Budgets().OpenVotingAsync(new OpenVotingRequest
        {
            RequestId = NewId(),
            RoundId = round.Id,
            VotesUntil = grids.Clock.GetUtcNow().AddDays(1).ToTimestamp(),
            Entitled = 100,
        });
        await resident.CastBudgetBallotAsync(new CastBudgetBallotRequest
        {
            RequestId = NewId(),
            RoundId = round.Id,
            ProjectIds = { project.Id },
            Salt = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
        });
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await Budgets().DecideBudgetAsync(new DecideBudgetRequest { RequestId = NewId(), RoundId = round.Id });
    }

    private async Task BookSpendingAsync() => await Budgets().BookSpendingAsync(
        new BookSpendingRequest { RequestId = NewId(), ProjectId = project.Id, AmountFen = 30_000, Purpose = "材料" });

    private async Task FinishProjectAsync() =>
        await Budgets().FinishProjectAsync(new FinishProjectRequest { RequestId = NewId(), ProjectId = project.Id, Result = "完工" });
}
