using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

public sealed class BulletinsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;

    private static readonly Person Wang = new()
    {
        Name = "王植入",
        Phone = "13955550001",
        CitizenId = "34060319900101123X",
        Home = "植入小区9栋901",
    };

    private static int councils;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutIndicatorsOfPacksAsync();
        await grids.PutPolicyAsync(p => p.Bulletins = new BulletinPolicy
        {
            Rules =
            {
                new BulletinRule { Section = BulletinSection.Topics, Source = BulletinSource.Topic, Unmoderated = true },
                new BulletinRule { Section = BulletinSection.Voices, Source = BulletinSource.Case, Channels = { "mini_programme" } },
                new BulletinRule { Section = BulletinSection.Echo, Source = BulletinSource.Topic },
                new BulletinRule
                {
                    Section = BulletinSection.Echo,
                    Source = BulletinSource.Case,
                    Channels = { "talk_point" },
                    Unmoderated = true,
                },
                new BulletinRule { Section = BulletinSection.Echo, Source = BulletinSource.Case, Channels = { "mini_programme" } },
            },
            Never = { "illegal_construction" },
        }, from: "2026-03-01");
    }

    [Fact]
    public async Task A_case_that_is_assessed_and_dispatched_in_one_act_is_told_too()
    {
        var reported = await ReportAsync(title: "井盖松动");
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Category = "street_order",
            Handler = new Handler { OrganisationId = NewId() },
        });
        (await OfAsync(reported)).ShouldHaveSingleItem().Section.ShouldBe(BulletinSection.Voices);
    }

    [Fact]
    public async Task An_answer_that_is_taken_back_before_it_was_published_is_told_no_more()
    {
        var reported = await ReportAsync(title: "井盖松动");
        await AnswerAsync(reported, "井盖已补", assess: true);
        await CloseAsync(reported);
        await ReporterOf(reported).ReopenCaseAsync(new ReopenCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "又松了" });
        var taken = (await OfAsync(reported)).Single(i => i.Section is BulletinSection.Echo);
        taken.State.ShouldBe(BulletinItemState.Withdrawn);
        await Refused.AsAsync("BULLETIN_WRONG_STATE", Officer().PublishBulletinItemAsync(Publish(taken)));
        (await Officer().GetBulletinItemAsync(new GetBulletinItemRequest { Id = taken.Id })).Versions.Select(v => (v.Action, v.ActorRole))
            .ShouldBe([("Drafted", "policy"), ("TakenBack", "policy")]);
        // What residents said is told all the same, and so is the next answer.
        (await OfAsync(reported)).Single(i => i.Section is BulletinSection.Voices).State.ShouldBe(BulletinItemState.Draft);
        await AnswerAsync(reported, "换了新井盖");
        (await OfAsync(reported)).Count(i => i is { Section: BulletinSection.Echo, State: BulletinItemState.Draft }).ShouldBe(1);
    }

    [Fact]
    public async Task Drafts_follow_the_ground_when_its_grid_is_redrawn()
    {
        const string old = OtherCommunity + "61";
        var row = Row(old, 0);
        row.Boundary = Square(114.5, 33.2, 0.01);
        await grids.ImportAsync(row);
        var reported = (await grids.Cases("resident", City, "resident-1").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(), Title = "路灯不亮", Channel = CaseChannel.MiniProgramme, Point = new Point { Longitude = 114.505, Latitude = 33.205 },
        })).Case;
        await AnswerAsync(reported, "已修好", assess: true);
        await CloseAsync(reported);
        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = OtherCommunity + "62" });
        var drafts = await ItemsAsync(OtherCommunity + "62");
        drafts.Select(d => (d.Section, d.SourceId)).ShouldBe([(BulletinSection.Voices, reported.Id), (BulletinSection.Echo, reported.Id)]);
        await Officer().PublishBulletinItemAsync(Publish(drafts[1]));
        (await PublicAsync(OtherCommunity + "62")).ShouldHaveSingleItem().Text.ShouldBe("已修好");
    }

    [Fact]
    public async Task A_case_is_told_once_it_is_accepted_and_read_once_it_is_published()
    {
        var reported = await ReportAsync(title: "路灯不亮");
        (await OfAsync(reported)).ShouldBeEmpty();
        await AssessAsync(reported);
        var draft = (await OfAsync(reported)).ShouldHaveSingleItem();
        (draft.Section, draft.Source, draft.State, draft.Title, draft.Text, draft.Issue).ShouldBe(
            (BulletinSection.Voices, BulletinSource.Case, BulletinItemState.Draft, "路灯不亮", "", 0));
        (await PublicAsync(Here)).ShouldNotContain(e => e.Id == draft.Id);

        await Worker().EditBulletinItemAsync(Edit(draft, "路灯不亮", "居民反映路灯不亮，已受理"));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Worker().PublishBulletinItemAsync(Publish(draft)));
        var published = (await Officer().PublishBulletinItemAsync(Publish(draft))).Item;
        (published.State, published.Period, published.Edition).ShouldBe((BulletinItemState.Published, "2026-03", 3));

        // A resident of another grid of the city reads it; what makes it is not shown.
        var entry = (await PublicAsync(Here, "resident", OtherCommunity + "02")).Single(e => e.Id == draft.Id);
        (entry.Title, entry.Text, entry.Section).ShouldBe(("路灯不亮", "居民反映路灯不亮，已受理", BulletinSection.Voices));
        entry.CorrectedAt.ShouldBeNull();
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Bulletins("resident", "3412").ListBulletinAsync(new ListBulletinRequest { Territory = Here }));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Bulletins("officer", "3412").ListBulletinIssuesAsync(new ListBulletinIssuesRequest { Territory = Here }));
        (await PublicAsync(NextGrid)).ShouldNotContain(e => e.Id == draft.Id);

        await AnswerAsync(reported, "已换灯泡");
        var echo = (await OfAsync(reported)).Single(i => i.Section is BulletinSection.Echo);
        (echo.Title, echo.Text, echo.State).ShouldBe(("路灯不亮", "已换灯泡", BulletinItemState.Draft));
        // Another answer is another echo.
        await ReporterOf(reported).ConfirmCaseAsync(new ConfirmCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Satisfaction = Satisfaction.Dissatisfied,
            Comment = "还是不亮",
        });
        await AnswerAsync(reported, "已换整灯", assess: false);
        (await OfAsync(reported)).Where(i => i.Section is BulletinSection.Echo).Select(i => i.Text).ShouldBe(["已换灯泡", "已换整灯"]);
        (await OfAsync(reported)).Count(i => i.Section is BulletinSection.Voices).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_waited_for_an_answer_is_told_of_with_it_where_the_case_lies()
    {
        var primary = await ReportAsync(contact: Wang);
        await AssessAsync(primary);
        var followers = new[]
        {
            await ReportAsync("灯坏了", subject: "resident-2"),
            await ReportAsync("路灯又不亮", subject: "resident-3", grid: 1),
            await ReportAsync("暗访", subject: "resident-4", confidential: true),
        };
        foreach (var follower in followers)
            await MergeAsync(follower, primary);
        await AnswerAsync(primary, "已为王植入门前换灯泡");

        (await EchoesAsync(primary, Here)).ShouldBe([("路灯不亮", "已为***门前换灯泡")]);
        (await EchoesAsync(followers[0], Here)).ShouldBe([("灯坏了", "已为***门前换灯泡")]);
        (await EchoesAsync(followers[1], NextGrid)).ShouldBe([("路灯又不亮", "已为***门前换灯泡")]);
        (await EchoesAsync(followers[2], Here)).ShouldBeEmpty();

        // What must not be told is not told by way of who waited for it.
        await SilentAsync(secret: true, "street_order");
        await SilentAsync(secret: false, "illegal_construction");

        async Task SilentAsync(bool secret, string category)
        {
            var hidden = await ReportAsync(confidential: secret);
            await AssessAsync(hidden, category);
            var open = await ReportAsync(subject: "resident-2");
            await AssessAsync(open);
            await MergeAsync(open, hidden);
            await AnswerAsync(hidden, "已处理");
            (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = open.Id })).Case.State.ShouldBe(CaseState.Answered);
            (await EchoesAsync(open, Here)).ShouldBeEmpty();
        }

        Task MergeAsync(Case follower, Case into) => new V1.Intake.IntakeClient(grids.As("officer", City)).MergeCaseAsync(
            new MergeCaseRequest { RequestId = NewId(), CaseId = follower.Id, PrimaryId = into.Id, Note = "同一处" }).ResponseAsync;

        async Task<IEnumerable<(string, string)>> EchoesAsync(Case of, string grid) =>
            (await ItemsAsync(grid)).Where(i => i.SourceId == of.Id && i.Section is BulletinSection.Echo).Select(i => (i.Title, i.Text));
    }

    [Fact]
    public async Task What_the_policy_does_not_name_is_not_told()
    {
        var confidential = await ReportAsync(confidential: true);
        await AssessAsync(confidential);
        await AnswerAsync(confidential, "已处理", assess: false);
        var never = await ReportAsync();
        await AssessAsync(never, "illegal_construction");
        var hotline = await ReportAsync(channel: CaseChannel.Hotline);
        await AssessAsync(hotline);
        // Before the first day of the policy there is none.
        grids.Clock.Set(ServiceFixture.Morning.AddDays(-20));
        var early = await ReportAsync();
        await AssessAsync(early);
        await AnswerAsync(early, "已处理", assess: false);
        await Refused.AsAsync("POLICY_MISSING", Officer().WriteBulletinItemAsync(Write("通知")));
        foreach (var reported in (Case[])[confidential, never, hotline, early])
            (await OfAsync(reported)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_topic_is_shown_when_it_comes_on_an_agenda_and_echoes_when_it_is_answered()
    {
        var community = $"340603004{Interlocked.Increment(ref councils):000}";
        var (council, topic) = await ConsultedTopicAsync(community);
        (await PublicAsync(community + "01")).ShouldBeEmpty();
        var session = await ConveneAsync(council, topic);
        var shown = (await PublicAsync(community + "01")).ShouldHaveSingleItem();
        (shown.Title, shown.Text, shown.Section, shown.Territory, shown.Issue).ShouldBe(("楼道灯", "", BulletinSection.Topics, community, 1));

        // A topic that is put off and comes again is not told twice.
        await Councils().CancelSessionAsync(new CancelSessionRequest { RequestId = NewId(), SessionId = session.Id, Reason = "改期" });
        session = await ConveneAsync(council, topic);
        (await PublicAsync(community)).ShouldHaveSingleItem();

        grids.Clock.Advance(TimeSpan.FromHours(2));
        await Councils().HoldSessionAsync(
            new HoldSessionRequest
            {
                RequestId = NewId(),
                SessionId = session.Id,
                PresentMemberIds = { council.Members.Select(m => m.Id) },
            });
        await Councils().DecideTopicAsync(new DecideTopicRequest
        {
            RequestId = NewId(),
            TopicId = topic.Id,
            Rule = "majority_of_present",
            InFavour = 3,
            Text = "装灯",
            Responsible = "居委会",
        });
        await Councils().CarryOutTopicAsync(new CarryOutTopicRequest { RequestId = NewId(), TopicId = topic.Id, Result = "装了灯" });
        await Councils().AnswerTopicAsync(new AnswerTopicRequest { RequestId = NewId(), TopicId = topic.Id, Answer = "楼道灯已装好" });
        var items = await ItemsAsync(community);
        items.Select(i => (i.Section, i.State, i.Text)).ShouldBe(
            [(BulletinSection.Topics, BulletinItemState.Published, ""), (BulletinSection.Echo, BulletinItemState.Draft, "楼道灯已装好")]);
        var versions = (await Officer().GetBulletinItemAsync(new GetBulletinItemRequest { Id = items[0].Id })).Versions;
        versions.Select(v => (v.Action, v.Actor, v.ActorRole)).ShouldBe([("Drafted", "", "policy"), ("Published", "", "policy")]);
    }

    [Fact]
    public async Task Personal_data_are_in_no_item_whoever_words_it()
    {
        var reported = await ReportAsync(title: $"{Wang.Name}家（电话{Wang.Phone}）门前路灯", contact: Wang);
        await AssessAsync(reported);
        var draft = (await OfAsync(reported)).ShouldHaveSingleItem();
        draft.Title.ShouldBe("***家（电话***）门前路灯");
        draft = (await Officer().EditBulletinItemAsync(Edit(draft, "路灯", $"家住{Wang.Home}的王 植入，139-5555-0001"))).Item;
        draft.Text.ShouldBe("家住***的***，***");
        await Officer().PublishBulletinItemAsync(Publish(draft));
        var correct = Correct(draft, "路灯", $"身份证{Wang.CitizenId}", $"{Wang.Name}来电");
        (await Officer().CorrectBulletinItemAsync(correct)).Item.Text.ShouldBe("身份证***");
        await Officer().WithdrawBulletinItemAsync(
            new WithdrawBulletinItemRequest { RequestId = NewId(), Id = draft.Id, Reason = $"{Wang.Name}要求" });
        var versions = (await Officer().GetBulletinItemAsync(new GetBulletinItemRequest { Id = draft.Id })).Versions;
        // The title came without them already.
        versions.Select(v => v.Removed).ShouldBe([0, 3, 0, 2, 1]);
        await NowhereAsync(Wang.Name, Wang.Phone, "139-5555-0001", Wang.CitizenId, Wang.Home);
    }

    [Fact]
    public async Task Parties_of_a_mediation_are_in_no_item_about_its_case()
    {
        var reported = await ReportAsync(title: "楼上楼下为漏水争执");
        await AssessAsync(reported);
        await new V1.Mediations.MediationsClient(grids.As("officer", City)).OpenMediationAsync(new OpenMediationRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Dispute = "漏水",
            Parties =
            {
                new MediationParty { Label = "甲方", Person = new Person { Name = "钱植入" }, Consents = true },
                new MediationParty { Label = "乙方", Person = new Person { Name = "孙植入", Phone = "0561-3110001" }, Consents = true },
            },
            Mediators = { "mediator-1" },
        });
        await AnswerAsync(reported, "钱植入已为孙植入（31 10001）修好");
        var echo = (await OfAsync(reported)).Single(i => i.Section is BulletinSection.Echo);
        echo.Text.ShouldBe("***已为***（31 10001）修好");
        (await Officer().EditBulletinItemAsync(Edit(echo, "漏水", "孙植入来电 05613110001"))).Item.Text.ShouldBe("***来电 ***");
        await NowhereAsync("钱植入", "孙植入");
    }

    [Fact]
    public async Task Every_wording_is_kept_with_who_and_when_and_a_withdrawn_item_is_for_officers_and_auditors()
    {
        var draft = (await Officer().WriteBulletinItemAsync(Write("停水通知"))).Item;
        await Officer().EditBulletinItemAsync(Edit(draft, "停水通知", "三月十日停水"));
        await Officer().PublishBulletinItemAsync(Publish(draft));
        grids.Clock.Advance(TimeSpan.FromHours(1));
        var corrected = (await Officer("second").CorrectBulletinItemAsync(Correct(draft, "停水通知", "三月十一日停水", "日期有误"))).Item;
        (await PublicAsync(Here)).Single(e => e.Id == draft.Id).Text.ShouldBe("三月十一日停水");
        (await PublicAsync(Here)).Single(e => e.Id == draft.Id).CorrectedAt.ToDateTimeOffset()
            .ShouldBe(ServiceFixture.Morning.AddHours(1), TimeSpan.FromMinutes(1));
        await Refused.AsAsync("BULLETIN_WRONG_STATE", Officer().EditBulletinItemAsync(Edit(draft, "停水通知", "", anyVersion: true)));
        await Refused.AsAsync("BULLETIN_WRONG_STATE", Officer().PublishBulletinItemAsync(Publish(draft)));

        await Officer("third").WithdrawBulletinItemAsync(
            new WithdrawBulletinItemRequest { RequestId = NewId(), Id = draft.Id, Etag = corrected.Etag, Reason = "不停水了" });
        (await PublicAsync(Here)).ShouldNotContain(e => e.Id == draft.Id);
        foreach (var reader in (string[])["officer", "auditor"])
        {
            var kept = await Bulletins(reader, City).GetBulletinItemAsync(new GetBulletinItemRequest { Id = draft.Id });
            (kept.Item.State, kept.Item.Text).ShouldBe((BulletinItemState.Withdrawn, "三月十一日停水"));
            kept.Versions.Select(v => (v.Edition, v.Action, v.Text, v.Actor, v.Reason)).ShouldBe(
            [
                (1, "Written", "", "officer-1", ""), (2, "Edited", "三月十日停水", "officer-1", ""), (3, "Published", "三月十日停水", "officer-1", ""),
                (4, "Corrected", "三月十一日停水", "second", "日期有误"), (5, "Withdrawn", "三月十一日停水", "third", "不停水了"),
            ]);
        }
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Bulletins("resident", City).GetBulletinItemAsync(
            new GetBulletinItemRequest { Id = draft.Id }));
        await Refused.AsAsync("BULLETIN_WRONG_STATE", Officer().CorrectBulletinItemAsync(Correct(draft, "停水通知", "", "再改")));
        await Refused.AsAsync("BULLETIN_WRONG_STATE", Officer().WithdrawBulletinItemAsync(
            new WithdrawBulletinItemRequest { RequestId = NewId(), Id = draft.Id, Reason = "再撤" }));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_by_name()
    {
        await Refused.AsAsync("BULLETIN_TERRITORY_INVALID", Officer().WriteBulletinItemAsync(Write("通知", City)));
        await Refused.AsAsync("GRID_NOT_FOUND", Officer().WriteBulletinItemAsync(Write("通知", "34060300100199")));
        await Refused.AsAsync("BULLETIN_TERRITORY_INVALID", Officer().ListBulletinAsync(new ListBulletinRequest { Territory = City }));
        var unknown = new BulletinItem { Id = NewId() };
        await Refused.AsAsync("BULLETIN_ITEM_NOT_FOUND", Officer().PublishBulletinItemAsync(Publish(unknown)));
        await Refused.AsAsync("BULLETIN_ITEM_NOT_FOUND", Officer().GetBulletinItemAsync(new GetBulletinItemRequest { Id = unknown.Id }));

        var draft = (await Officer().WriteBulletinItemAsync(Write("通知"))).Item;
        await Refused.AsAsync("OUTSIDE_TERRITORY", Bulletins("officer", OtherCommunity).PublishBulletinItemAsync(Publish(draft)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Bulletins("officer", OtherCommunity).PublishBulletinItemAsync(Publish(unknown)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Bulletins("grid_worker", NextGrid).EditBulletinItemAsync(Edit(draft, "改", "")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Bulletins("grid_worker", NextGrid).WriteBulletinItemAsync(Write("通知")));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Bulletins("officer", OtherCommunity).ListBulletinItemsAsync(new ListBulletinItemsRequest { Territory = Here }));
        await Officer().EditBulletinItemAsync(Edit(draft, "改", ""));
        await Refused.AsAsync("ETAG_STALE", Officer().EditBulletinItemAsync(Edit(draft, "又改", "")));
        var publish = Publish(draft);
        publish.Etag = "";
        var once = await Officer().PublishBulletinItemAsync(publish);
        (await Officer().PublishBulletinItemAsync(publish)).ShouldBe(once);
        publish.Id = (await Officer().WriteBulletinItemAsync(Write("另一条"))).Item.Id;
        await Refused.AsAsync("REQUEST_ID_REUSED", Officer().PublishBulletinItemAsync(publish));
    }

    [Fact]
    public async Task Months_have_issues_of_their_own_and_pages_hold_every_entry_once()
    {
        const string place = OtherCommunity + "01";
        var ids = new List<string>();
        foreach (var day in (int[])[0, 0, 1, 30, 31])
        {
            grids.Clock.Set(ServiceFixture.Morning.AddDays(day).AddMinutes(ids.Count));
            var draft = (await Officer().WriteBulletinItemAsync(Write("通知", place))).Item;
            ids.Insert(0, draft.Id);
            await Officer().PublishBulletinItemAsync(Publish(draft));
        }
        // Eight o'clock in the evening of the last of April is May in China.
        grids.Clock.Set(new DateTimeOffset(2026, 4, 30, 16, 30, 0, TimeSpan.Zero));
        var late = (await Officer().PublishBulletinItemAsync(
            Publish((await Officer().WriteBulletinItemAsync(Write("通知", place))).Item))).Item;
        (late.Issue, late.Period).ShouldBe((3, "2026-05"));
        await Officer().WithdrawBulletinItemAsync(new WithdrawBulletinItemRequest { RequestId = NewId(), Id = late.Id, Reason = "有误" });

        var issues = (await Officer().ListBulletinIssuesAsync(new ListBulletinIssuesRequest { Territory = place })).Issues;
        issues.Select(i => (i.Number, i.Period, i.Items)).ShouldBe([(3, "2026-05", 0), (2, "2026-04", 2), (1, "2026-03", 3)]);
        (await Officer().ListBulletinAsync(new ListBulletinRequest { Territory = place, Period = "2026-04" })).Entries.Count.ShouldBe(2);
        var newest = await Officer().ListBulletinIssuesAsync(new ListBulletinIssuesRequest { Territory = place, PageSize = 1 });
        (await Officer().ListBulletinIssuesAsync(
            new ListBulletinIssuesRequest { Territory = place, PageSize = 1, PageToken = newest.NextPageToken }))
            .Issues.Single().Number.ShouldBe(2);

        var request = new ListBulletinRequest { Territory = place, PageSize = 2 };
        var seen = new List<string>();
        do
        {
            var page = await Officer().ListBulletinAsync(request);
            seen.AddRange(page.Entries.Select(e => e.Id));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Officer().ListBulletinAsync(new ListBulletinRequest { Territory = Here, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        seen.ShouldBe(ids);

        var queue = new ListBulletinItemsRequest { Territory = place, State = BulletinItemState.Published, PageSize = 4 };
        var first = await Officer().ListBulletinItemsAsync(queue);
        queue.PageToken = first.NextPageToken;
        first.Items.Concat((await Officer().ListBulletinItemsAsync(queue)).Items).Select(i => i.Id).ShouldBe(ids.AsEnumerable().Reverse());
    }

    [Fact]
    public async Task Items_published_at_once_open_one_issue()
    {
        const string place = OtherCommunity + "02";
        var drafts = new List<BulletinItem>();
        for (var i = 0; i < 8; i++)
            drafts.Add((await Officer().WriteBulletinItemAsync(Write("通知", place))).Item);
        var published = await Task.WhenAll(drafts.Select(async d => (await Officer().PublishBulletinItemAsync(Publish(d))).Item));
        published.ShouldAllBe(i => i.Issue == 1);
        (await Officer().ListBulletinIssuesAsync(new ListBulletinIssuesRequest { Territory = place })).Issues.Single().Items.ShouldBe(8);
    }

    [Fact]
    public async Task Nothing_personal_remains_once_a_subject_is_erased()
    {
        const string subject = "resident-leaving";
        // The title of this one names what only another record of the subject knows.
        var other = await ReportAsync(
            contact: new Person { Name = "钱植入", Phone = "13955550009" }, subject: subject, channel: CaseChannel.Hotline);
        var told = await ReportAsync(title: "钱植入说路灯不亮", contact: Wang, subject: subject);
        var drafted = await ReportAsync(title: "钱植入说井盖丢了", subject: subject);
        foreach (var reported in (Case[])[other, told, drafted])
        {
            await AssessAsync(reported);
            await AnswerAsync(reported, "已处理", assess: false);
            await CloseAsync(reported);
        }
        var shown = (await OfAsync(told)).Single(i => i.Section is BulletinSection.Voices);
        await Officer().EditBulletinItemAsync(Edit(shown, "路灯", "钱植入家门前"));
        shown = (await Officer().EditBulletinItemAsync(Edit(shown, "钱植入家路灯", "已受理", anyVersion: true))).Item;
        await Officer().PublishBulletinItemAsync(Publish(shown));
        var draft = (await OfAsync(drafted)).Single(i => i.Section is BulletinSection.Voices);

        var persons = new Persons.PersonsClient(grids.As("resident", City, subject));
        using (var export = persons.ExportSubject(new ExportSubjectRequest()))
        {
            var kinds = new List<string>();
            while (await export.ResponseStream.MoveNext(CancellationToken.None))
                kinds.Add(export.ResponseStream.Current.Kind);
            kinds.Count(k => k is "bulletin_item").ShouldBe(4);
        }
        await persons.EraseSubjectAsync(new EraseSubjectRequest { RequestId = NewId(), Reason = "本人申请" });

        var left = (await PublicAsync(Here)).Single(e => e.Id == shown.Id);
        (left.Title, left.Text).ShouldBe(("***家路灯", "已受理"));
        var kept = await Officer().GetBulletinItemAsync(new GetBulletinItemRequest { Id = draft.Id });
        (kept.Item.State, kept.Item.Title, kept.Item.SourceId).ShouldBe((BulletinItemState.Withdrawn, "", ""));
        kept.Versions.Select(v => (v.Action, v.Title)).ShouldBe([("Drafted", ""), ("Erased", "")]);
        await NowhereAsync("钱植入", "13955550009");
        // It can still be taken back.
        await Officer().WithdrawBulletinItemAsync(new WithdrawBulletinItemRequest { RequestId = NewId(), Id = shown.Id, Reason = "过期" });
    }

    [Fact]
    public async Task Sections_and_issues_are_counted_while_they_are_public()
    {
        const string place = NextGrid;
        (await ValueAsync("bulletin_sections", place)).ShouldBe(0);
        var items = new List<BulletinItem>();
        BulletinSection[] sections = [BulletinSection.Topics, BulletinSection.Voices, BulletinSection.Echo, BulletinSection.Echo];
        foreach (var section in sections)
        {
            var write = Write("通知", place);
            write.Section = section;
            items.Add((await Officer().WriteBulletinItemAsync(write)).Item);
        }
        (await ValueAsync("bulletin_sections", place)).ShouldBe(0);
        foreach (var item in items)
            await Officer().PublishBulletinItemAsync(Publish(item));
        (await ValueAsync("bulletin_sections", place)).ShouldBe(3);
        (await ValueAsync("bulletins_published", place)).ShouldBe(1);
        foreach (var item in items.Take(3))
            await Officer().WithdrawBulletinItemAsync(new WithdrawBulletinItemRequest { RequestId = NewId(), Id = item.Id, Reason = "有误" });
        (await ValueAsync("bulletin_sections", place)).ShouldBe(1);
        (await ValueAsync("bulletins_published", place)).ShouldBe(1);
        await Officer().WithdrawBulletinItemAsync(new WithdrawBulletinItemRequest { RequestId = NewId(), Id = items[3].Id, Reason = "有误" });
        (await ValueAsync("bulletins_published", place)).ShouldBe(0);
    }

    private V1.Bulletins.BulletinsClient Bulletins(string role, string territory, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Bulletins.BulletinsClient Officer(string subject = "officer-1") => Bulletins("officer", City, subject);

    private V1.Bulletins.BulletinsClient Worker() => Bulletins("grid_worker", Here);

    private V1.Councils.CouncilsClient Councils(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private V1.Cases.CasesClient ReporterOf(Case reported) => grids.Cases("resident", City, reported.Reporter);

    private async Task<Case> ReportAsync(
        string title = "路灯不亮",
        CaseChannel channel = CaseChannel.MiniProgramme,
        Person? contact = null,
        bool confidential = false,
        string subject = "resident-1",
        int grid = 0) =>
        (await grids.Cases("resident", City, subject).ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(grid),
            Title = title,
            Description = "说的话",
            Channel = channel,
            Contact = contact,
            Confidential = confidential,
        })).Case;

    private Task AssessAsync(Case reported, string category = "street_order") => grids.Cases().AssessCaseAsync(
        new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = category }).ResponseAsync;

    private async Task AnswerAsync(Case reported, string answer, bool assess = false)
    {
        if (assess)
            await AssessAsync(reported);
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = reported.Id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = reported.Id, Result = "办了" });
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = answer });
    }

    private async Task CloseAsync(Case reported)
    {
        await ReporterOf(reported).ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = reported.Id, Satisfaction = Satisfaction.Satisfied });
        await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = reported.Id });
    }

    private async Task<(Council Council, Topic Topic)> ConsultedTopicAsync(string territory)
    {
        var council = (await Councils().EstablishCouncilAsync(new EstablishCouncilRequest
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
                    Subject = $"member-{i}", Kind = CouncilMemberKind.Resident, Name = $"成员{i}",
                    Seat = i is 0 ? CouncilSeat.Head : CouncilSeat.Member,
                }),
            },
        })).Council;
        var topic = (await Councils("resident", territory + "01", "a").ProposeTopicAsync(
            new ProposeTopicRequest
            {
                RequestId = NewId(),
                CouncilId = council.Id,
                Kind = TopicKind.Matter,
                Title = "楼道灯",
                Text = "每层装灯",
            })).Topic;
        foreach (var subject in (string[])["b", "c"])
            await Councils("resident", territory + "01", subject).SupportTopicAsync(
                new SupportTopicRequest { RequestId = NewId(), TopicId = topic.Id });
        await Councils().ConsultTopicAsync(new ConsultTopicRequest
        {
            RequestId = NewId(),
            TopicId = topic.Id,
            Form = ConsultationForm.JointMeeting,
            HeldOn = "2026-03-09",
            Parties = { "物业公司" },
            Summary = "同意",
        });
        return (council, topic);
    }

    private async Task<Session> ConveneAsync(Council council, Topic topic) => (await Councils().ConveneSessionAsync(
        new ConveneSessionRequest
        {
            RequestId = NewId(),
            CouncilId = council.Id,
            StartsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
            Place = "居民活动室",
            TopicIds = { topic.Id },
        })).Session;

    private static WriteBulletinItemRequest Write(string title, string territory = Here) =>
        new() { RequestId = NewId(), Territory = territory, Section = BulletinSection.Topics, Title = title };

    private static EditBulletinItemRequest Edit(BulletinItem item, string title, string text, bool anyVersion = false) =>
        new() { RequestId = NewId(), Id = item.Id, Etag = anyVersion ? "" : item.Etag, Title = title, Text = text };

    private static PublishBulletinItemRequest Publish(BulletinItem item) => new() { RequestId = NewId(), Id = item.Id };

    private static CorrectBulletinItemRequest Correct(BulletinItem item, string title, string text, string reason) =>
        new() { RequestId = NewId(), Id = item.Id, Title = title, Text = text, Reason = reason };

    private async Task<List<BulletinItem>> OfAsync(Case source) => [.. (await ItemsAsync(Here)).Where(i => i.SourceId == source.Id)];

    private async Task<IReadOnlyList<BulletinItem>> ItemsAsync(string territory) =>
        (await Officer().ListBulletinItemsAsync(new ListBulletinItemsRequest { Territory = territory, PageSize = 500 })).Items;

    private async Task<IReadOnlyList<BulletinEntry>> PublicAsync(string territory, string role = "resident", string of = Here) =>
        (await Bulletins(role, of).ListBulletinAsync(new ListBulletinRequest { Territory = territory, PageSize = 500 })).Entries;

    private async Task<long> ValueAsync(string name, string territory) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = territory, Names = { name } })).Indicators.Single().Value;

    /// <summary>In no text of any table of bulletins.</summary>
    private async Task NowhereAsync(params string[] planted)
    {
        foreach (var table in (string[])["bulletin_items", "bulletin_versions"])
            foreach (var value in planted)
                (await grids.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%{value}%'"))
                    .ShouldBe(0, $"{table}: {value}");
    }
}
