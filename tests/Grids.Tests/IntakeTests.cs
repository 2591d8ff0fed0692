using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

/// <summary>What is cleared up before a case is handled.</summary>
public sealed class IntakeTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task A_case_is_only_given_a_category_without_children()
    {
        var reported = await grids.ReportAsync();
        await Refused.AsAsync("CASE_CATEGORY_NOT_LEAF", grids.Cases().AssessCaseAsync(Assess(reported.Id, "danger")));
        await Refused.AsAsync("CASE_CATEGORY_UNKNOWN", grids.Cases().AssessCaseAsync(Assess(reported.Id, "nothing")));
    }

    [Fact]
    public async Task What_must_be_verified_is_taken_up_once_somebody_of_its_grid_has_found_it_so()
    {
        var reported = await grids.ReportAsync();
        await Refused.AsAsync("CASE_NOT_VERIFIED", grids.Cases().AssessCaseAsync(Assess(reported.Id, "gas")));
        await Refused.AsAsync("VERIFICATION_NOT_ASKED", Intake("grid_worker", GridsFixture.Grid, "worker-1").VerifyCaseAsync(Verify(reported.Id)));

        var asked = (await Intake().AskVerificationAsync(Ask(reported.Id))).Case;
        asked.Verification.VerifyBy.ToDateTimeOffset().ShouldBe(ServiceFixture.Morning.AddHours(2), TimeSpan.FromMinutes(1));
        (asked.State, asked.Deadlines.AssessBy).ShouldBe((CaseState.Reported, reported.Deadlines.AssessBy));
        // Whoever was asked about is waited for, whatever the category.
        await Refused.AsAsync("CASE_NOT_VERIFIED", grids.Cases().AssessCaseAsync(Assess(reported.Id, "street_order")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Intake("grid_worker", NextGrid, "worker-2").VerifyCaseAsync(Verify(reported.Id)));

        // Having reported it takes nobody into the grid.
        await Refused.AsAsync("OUTSIDE_TERRITORY", Intake("grid_worker", NextGrid, reported.Reporter).VerifyCaseAsync(Verify(reported.Id)));
        var verified = (await Intake("grid_worker", GridsFixture.Grid, "worker-1").VerifyCaseAsync(Verify(reported.Id))).Case;
        (verified.Verification.Finding, verified.Verification.VerifiedBy).ShouldBe((VerificationFinding.Confirmed, "worker-1"));
        (await grids.Cases().AssessCaseAsync(Assess(reported.Id, "gas"))).Case.State.ShouldBe(CaseState.Assessed);
    }

    [Fact]
    public async Task What_nobody_found_is_rejected_or_looked_at_again_and_not_taken_up()
    {
        var reported = await grids.ReportAsync();
        await Intake().AskVerificationAsync(Ask(reported.Id));
        await Intake().VerifyCaseAsync(Verify(reported.Id, VerificationFinding.NotFound));
        await Refused.AsAsync("CASE_NOT_VERIFIED", grids.Cases().AssessCaseAsync(Assess(reported.Id, "street_order")));
        (await Intake().AskVerificationAsync(Ask(reported.Id))).Case.Verification.Finding.ShouldBe(VerificationFinding.Unspecified);
        await Intake().VerifyCaseAsync(Verify(reported.Id, VerificationFinding.Different));
        (await grids.Cases().AssessCaseAsync(Assess(reported.Id, "street_order"))).Case.State.ShouldBe(CaseState.Assessed);
        await Refused.AsAsync("CASE_WRONG_STATE", Intake().AskVerificationAsync(Ask(reported.Id)));
    }

    [Fact]
    public async Task Another_authority_s_matter_ends_with_its_name_and_the_reason()
    {
        var reported = await grids.ReportAsync();
        var request = new TransferCaseRequest { RequestId = NewId(), CaseId = reported.Id, Authority = "市供电公司", Reason = "属供电设施" };
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Intake("resident", City, "resident-1").TransferCaseAsync(request));
        await Intake().TransferCaseAsync(request);
        var seen = (await grids.Cases("resident", City, "resident-1").GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        (seen.State, seen.TransferredTo, seen.Answer, seen.Overdue).ShouldBe((CaseState.Transferred, "市供电公司", "属供电设施", false));
        await Refused.AsAsync("CASE_WRONG_STATE", grids.Cases().AssessCaseAsync(Assess(reported.Id, "street_order")));
    }

    [Fact]
    public async Task Cases_nearby_with_like_words_are_proposed_the_likeliest_first()
    {
        var subject = "reporter-" + NewId();
        var first = await ReportAsync("幼儿园门口井盖丢失", 0, subject);
        var second = await ReportAsync("幼儿园门口的井盖丢失了", 0.0005, subject);
        var other = await ReportAsync("楼道堆放杂物", 0.0001, subject);
        var far = await ReportAsync("幼儿园门口井盖丢失", 0.004, subject);
        var rejected = await ReportAsync("幼儿园门口井盖丢失", 0, subject);
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = rejected.Id, Reason = "重复" });

        var found = await Intake().SearchDuplicatesAsync(new SearchDuplicatesRequest { CaseId = first.Id });
        var ids = found.Duplicates.Select(d => d.Case.Id).ToList();
        ids[0].ShouldBe(second.Id);
        foreach (var absent in new[] { first, far, rejected, other })
            ids.ShouldNotContain(absent.Id);
        found.Duplicates[0].DistanceM.ShouldBeInRange(50, 60);
        await Refused.AsAsync("OUTSIDE_TERRITORY", Intake(territory: OtherCommunity).SearchDuplicatesAsync(new SearchDuplicatesRequest { CaseId = first.Id }));
    }

    [Fact]
    public async Task Those_merged_into_a_case_get_its_answer_and_each_reporter_has_a_say_of_their_own()
    {
        var primary = await grids.AssessedAsync();
        var followers = new List<Case>();
        for (var n = 1; n <= 3; n++)
        {
            var reported = await grids.ReportAsync(subject: $"follower-{n}");
            var merged = await Intake(subject: "merger").MergeCaseAsync(Merge(reported.Id, primary.Id));
            (merged.Case.State, merged.Case.MergedInto, merged.Primary.Followers).ShouldBe((CaseState.Merged, primary.Id, n));
            merged.Case.Deadlines.AssessBy.ShouldBe(reported.Deadlines.AssessBy);
            // Who merges a case that nobody has taken up yet has taken it up.
            (merged.Case.FirstReceiver.Subject, merged.Case.FirstReceiver.Answerable).ShouldBe(("merger", "merger"));
            merged.Primary.FirstReceiver.Subject.ShouldBe("somebody");
            followers.Add(merged.Case);
        }
        // Whose other case it is, and why the two are one, is said among colleagues.
        var told = await grids.Cases("resident", City, "resident-1").GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = primary.Id });
        told.Entries.Where(e => e.Action is "FollowerMerged").Select(e => e.Note).ShouldBe(["", "", ""]);
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest { RequestId = NewId(), CaseId = primary.Id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = primary.Id, Result = "换了灯泡" });
        var answer = new AnswerCaseRequest { RequestId = NewId(), CaseId = primary.Id, Answer = "已修好" };
        (await grids.Cases().AnswerCaseAsync(answer)).Case.Followers.ShouldBe(0);
        await grids.Cases().AnswerCaseAsync(answer);

        foreach (var (follower, n) in followers.Select((f, n) => (f, n + 1)))
        {
            var seen = (await grids.Cases("resident", City, $"follower-{n}").GetCaseAsync(new GetCaseRequest { Id = follower.Id })).Case;
            (seen.State, seen.Answer, seen.Result, seen.Category).ShouldBe((CaseState.Answered, "已修好", "换了灯泡", "street_order"));
            (await grids.ScalarAsync<long>($"select count(*) from case_history where case_id = '{follower.Id}' and action = 'Answered'")).ShouldBe(1);
        }
        await ConfirmAsync(followers[0].Id, "follower-1", Satisfaction.Satisfied, CaseState.Confirmed);
        await ConfirmAsync(followers[1].Id, "follower-2", Satisfaction.Dissatisfied, CaseState.Assessed);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = primary.Id })).Case.State.ShouldBe(CaseState.Answered);

        async Task ConfirmAsync(string id, string subject, Satisfaction satisfaction, CaseState expected) =>
            (await grids.Cases("resident", City, subject).ConfirmCaseAsync(
                new ConfirmCaseRequest { RequestId = NewId(), CaseId = id, Satisfaction = satisfaction })).Case.State.ShouldBe(expected);
    }

    [Fact]
    public async Task A_case_that_only_waits_for_the_answer_to_another_is_not_responded_to_yet()
    {
        var (primary, follower) = (await grids.ReportAsync(), await grids.ReportAsync());
        var responded = await RespondedAsync();
        await Intake().MergeCaseAsync(Merge(follower.Id, primary.Id));
        (await RespondedAsync()).ShouldBe(responded);
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = primary.Id, Reason = "不属实" });
        (await RespondedAsync()).ShouldBe(responded + 2);

        async Task<long> RespondedAsync() => (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = City, Names = { "response_rate" } })).Indicators.Single().Exact.Numerator;
    }

    [Fact]
    public async Task A_rejection_or_transfer_of_the_primary_is_its_followers_too()
    {
        foreach (var rejected in new[] { true, false })
        {
            var (primary, follower) = (await grids.ReportAsync(), await grids.ReportAsync(subject: "follower-1"));
            await Intake().MergeCaseAsync(Merge(follower.Id, primary.Id));
            if (rejected)
                await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = primary.Id, Reason = "不属实" });
            else
                await Intake().TransferCaseAsync(new TransferCaseRequest { RequestId = NewId(), CaseId = primary.Id, Authority = "供电公司", Reason = "不属实" });
            var seen = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = follower.Id })).Case;
            (seen.State, seen.Answer).ShouldBe((rejected ? CaseState.Rejected : CaseState.Transferred, "不属实"));
        }
    }

    [Fact]
    public async Task Whoever_keeps_a_copy_is_told_of_every_case_that_one_command_changes()
    {
        var primary = await grids.ReportAsync();
        var followers = new[] { await grids.ReportAsync(), await grids.ReportAsync() };
        foreach (var follower in followers)
            await Intake().MergeCaseAsync(Merge(follower.Id, primary.Id));
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = primary.Id, Reason = "不属实" });
        foreach (var id in followers.Select(f => f.Id).Append(primary.Id))
            (await grids.ScalarAsync<long>($"select count(*) from audit where action like '%RejectCase' and record_id = '{id}'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_split_case_goes_on_where_it_was_and_is_due_when_it_was()
    {
        var (primary, follower) = (await grids.AssessedAsync(), await grids.AssessedAsync());
        await Intake().MergeCaseAsync(Merge(follower.Id, primary.Id));
        var split = new SplitCaseRequest { RequestId = NewId(), CaseId = follower.Id, Reason = "不是同一处" };
        var alone = (await Intake().SplitCaseAsync(split)).Case;
        (alone.State, alone.MergedInto).ShouldBe((CaseState.Assessed, ""));
        alone.Deadlines.ShouldBe(follower.Deadlines);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = primary.Id })).Case.Followers.ShouldBe(0);
        split.RequestId = NewId();
        await Refused.AsAsync("CASE_WRONG_STATE", Intake().SplitCaseAsync(split));
    }

    [Fact]
    public async Task A_pair_is_merged_once_however_often_and_either_way_it_is_tried_at_once()
    {
        for (var round = 0; round < 5; round++)
        {
            var (one, other) = (await grids.ReportAsync(), await grids.ReportAsync());
            var tries = new[] { Merge(one.Id, other.Id), Merge(one.Id, other.Id), Merge(other.Id, one.Id), Merge(other.Id, one.Id) };
            var outcomes = await Task.WhenAll(tries.Select(async request =>
            {
                try
                {
                    await Intake().MergeCaseAsync(request);
                    return true;
                }
                catch (Grpc.Core.RpcException)
                {
                    return false;
                }
            }));
            outcomes.Count(merged => merged).ShouldBe(1);
            (await grids.ScalarAsync<long>($"select sum(followers) from cases where id in ('{one.Id}', '{other.Id}')")).ShouldBe(1);
            (await grids.ScalarAsync<long>($"select count(*) from cases where id in ('{one.Id}', '{other.Id}') and state = 13")).ShouldBe(1);
        }
    }

    [Fact]
    public async Task What_can_t_be_merged_is_refused_and_named()
    {
        var (one, other, third) = (await grids.ReportAsync(), await grids.ReportAsync(), await grids.ReportAsync());
        await Refused.AsAsync("MERGE_WITH_ITSELF", Intake().MergeCaseAsync(Merge(one.Id, one.Id)));
        await Intake().MergeCaseAsync(Merge(one.Id, other.Id));
        await Refused.AsAsync("MERGE_HAS_FOLLOWERS", Intake().MergeCaseAsync(Merge(other.Id, third.Id)));
        await Refused.AsAsync("MERGE_PRIMARY_WRONG_STATE", Intake().MergeCaseAsync(Merge(third.Id, one.Id)));
        await Refused.AsAsync("MERGE_PRIMARY_WRONG_STATE", Intake().MergeCaseAsync(Merge(third.Id, (await grids.ClosedAsync()).Id)));
        await Refused.AsAsync("CASE_NOT_FOUND", Intake().MergeCaseAsync(Merge(third.Id, NewId())));
        await Refused.AsAsync("CASE_WRONG_STATE", Intake().MergeCaseAsync(Merge((await grids.ClosedAsync()).Id, third.Id)));
        var stale = Merge(third.Id, other.Id);
        stale.Etag = "stale";
        await Refused.AsAsync("ETAG_STALE", Intake().MergeCaseAsync(stale));
    }

    private V1.Intake.IntakeClient Intake(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task<Case> ReportAsync(string title, double north, string subject)
    {
        var at = PointIn(0);
        at.Latitude += north;
        return (await grids.Cases("resident", City, subject).ReportCaseAsync(
            new ReportCaseRequest { RequestId = NewId(), Point = at, Title = title, Channel = CaseChannel.MiniProgramme })).Case;
    }

    private static AssessCaseRequest Assess(string id, string category) => new() { RequestId = NewId(), CaseId = id, Category = category };

    private static AskVerificationRequest Ask(string id) => new() { RequestId = NewId(), CaseId = id, Question = "是否属实" };

    private static VerifyCaseRequest Verify(string id, VerificationFinding finding = VerificationFinding.Confirmed) =>
        new() { RequestId = NewId(), CaseId = id, Finding = finding, Note = "已到现场" };

    private static MergeCaseRequest Merge(string id, string primary) => new() { RequestId = NewId(), CaseId = id, PrimaryId = primary, Note = "同一处" };
}
