using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class WhistleRecordsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";

    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private readonly Guid prompt = Guid.NewGuid();
    private readonly Guid slow = Guid.NewGuid();
    private readonly Guid absent = Guid.NewGuid();

    [Fact]
    public async Task A_whistle_tells_who_came_in_time_late_and_not_at_all()
    {
        var blown = await BlownAsync();
        var record = await RecordAsync(blown);
        (record.BlownBy, record.BlownBySubject, record.Reason, record.ClosedAt).ShouldBe((Subdistrict, "whistler", "需要联合处置", null));
        record.Departments.ShouldAllBe(d => d.Arrival == Arrival.Expected);
        await ComeAsync(blown, prompt, Morning.AddHours(1));
        await ComeAsync(blown, slow, Morning.AddHours(3));
        grids.Clock.Set(Morning.AddHours(3));
        var seen = await Eventually.BecomesAsync(() => RecordAsync(blown), r => r.Departments.Count(d => d.ReportedAt is not null) is 2);
        ArrivalOf(seen, prompt).ShouldBe(Arrival.InTime);
        ArrivalOf(seen, slow).ShouldBe(Arrival.Late);
        ArrivalOf(seen, absent).ShouldBe(Arrival.Absent);

        // The record stays when the case goes elsewhere.
        await BankAsync(blown);
        (await RecordAsync(blown)).ClosedAt.ShouldNotBeNull();
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = blown.Id })).Case.Whistle.ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_comes_after_a_whistle_is_closed_counts_as_not_come()
    {
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<WhistleClosed>();
        grids.Clock.Set(Morning.AddDays(35));
        var start = grids.Clock.GetUtcNow();
        var (handled, banked) = (await BlownAsync(), await BlownAsync());
        grids.Clock.Advance(TimeSpan.FromMinutes(30));
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = handled.Id, Result = "办结" });
        await BankAsync(banked);
        // Those of different cases come in any order, and whistles of other tests may go up by themselves meanwhile.
        var closings = new Dictionary<string, WhistleClosed>();
        while (!closings.ContainsKey(handled.Id) || !closings.ContainsKey(banked.Id))
        {
            var (closing, _) = await broker.NextAsync<WhistleClosed>(queue);
            closings.Add(closing.CaseId.ToString(), closing);
        }
        foreach (var (blown, cause) in new[] { (handled, "Handled"), (banked, "Banked") })
        {
            var told = closings[blown.Id];
            (told.WhistleId, told.Territory, told.Cause).ShouldBe((Guid.Parse(blown.Whistle.Id), GridsFixture.Grid, cause));
            told.ClosedAt.ShouldBe((await RecordAsync(blown)).ClosedAt.ToDateTimeOffset());

            // The first was there before, and is heard of only now; the others had not heard that nobody waits for them.
            await ComeAsync(blown, prompt, start.AddMinutes(10));
            await ComeAsync(blown, slow, start.AddMinutes(40));
            await ComeAsync(blown, absent, start.AddHours(5));
            var seen = await Eventually.BecomesAsync(() => RecordAsync(blown), r => r.Departments.All(d => d.ReportedAt is not null));
            ArrivalOf(seen, prompt).ShouldBe(Arrival.InTime);
            ArrivalOf(seen, slow).ShouldBe(Arrival.Absent);
            ArrivalOf(seen, absent).ShouldBe(Arrival.Absent);
        }

        grids.Clock.Advance(TimeSpan.FromHours(6));
        var whistle = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = handled.Id })).Case.Whistle;
        whistle.ClosedAt.ToDateTimeOffset().ShouldBe(start.AddMinutes(30), TimeSpan.FromSeconds(10));
        whistle.Responders.ShouldAllBe(r => !r.Late);
        var scores = await Officer(City).ListWhistleScoresAsync(new ListWhistleScoresRequest
        {
            Territory = Subdistrict, From = start.AddHours(-1).ToTimestamp(), Until = start.AddDays(1).ToTimestamp(),
        });
        foreach (var (organisation, inTime, absences) in new[] { (prompt, 2, 0), (slow, 0, 2), (absent, 0, 2) })
        {
            var score = scores.Departments.Single(d => d.OrganisationId == organisation.ToString());
            (score.Called, score.InTime, score.Late, score.Absent).ShouldBe((2, inTime, 0, absences));
        }
    }

    [Fact]
    public async Task Both_sides_appraise_each_other_once_after_the_whistle_is_closed()
    {
        var blown = await BlownAsync();
        await Refused.AsAsync("WHISTLE_OPEN", Officer(Subdistrict).AppraiseDepartmentAsync(Score(blown, prompt, 5)));
        await Refused.AsAsync("WHISTLE_OPEN", For(prompt).AppraiseWhistleAsync(Judge(blown, prompt, justified: true)));
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = blown.Id, Result = "办结" });

        var request = Score(blown, prompt, 5);
        var scored = (await Officer(Subdistrict).AppraiseDepartmentAsync(request)).Whistle;
        scored.Departments.Single(d => d.OrganisationId == prompt.ToString()).Score.ShouldBe(5);
        (await Officer(Subdistrict).AppraiseDepartmentAsync(request)).Whistle.ShouldBe(scored);
        await Refused.AsAsync("APPRAISAL_MADE", Officer(Subdistrict).AppraiseDepartmentAsync(Score(blown, prompt, 1)));
        await Refused.AsAsync("WHISTLE_NOT_CALLED", Officer(Subdistrict).AppraiseDepartmentAsync(Score(blown, Guid.NewGuid(), 1)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community).AppraiseDepartmentAsync(Score(blown, slow, 1)));
        await Refused.AsAsync("REQUEST_INVALID", Officer(Subdistrict).AppraiseDepartmentAsync(Score(blown, slow, 6)));
        await Refused.AsAsync("WHISTLE_NOT_FOUND", Officer(City).AppraiseDepartmentAsync(new AppraiseDepartmentRequest(request) { RequestId = NewId(), WhistleId = NewId() }));

        var judged = (await For(prompt).AppraiseWhistleAsync(Judge(blown, prompt, justified: true))).Whistle;
        judged.Departments.Single().Justified.ShouldBeTrue();
        await For(slow).AppraiseWhistleAsync(Judge(blown, slow, justified: false));
        await Refused.AsAsync("APPRAISAL_MADE", For(slow).AppraiseWhistleAsync(Judge(blown, slow, justified: true)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(slow).AppraiseWhistleAsync(Judge(blown, absent, justified: false)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Guid.NewGuid()).AppraiseWhistleAsync(Judge(blown, absent, justified: false)));

        grids.Clock.Advance(TimeSpan.FromDays(4));
        var late = await Refused.AsAsync("APPRAISAL_TOO_LATE", For(absent).AppraiseWhistleAsync(Judge(blown, absent, justified: false)));
        late.Metadata["until"].ShouldStartWith("2026-03-12T09:30:00");
    }

    [Fact]
    public async Task Appraisals_at_once_of_one_side_leave_one()
    {
        var blown = await BlownAsync();
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = blown.Id, Result = "办结" });
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 5).Select(async score =>
        {
            try
            {
                await Officer(Subdistrict).AppraiseDepartmentAsync(Score(blown, prompt, score));
                return score;
            }
            catch (Grpc.Core.RpcException exception)
            {
                Refused.Of(exception).Reason.ShouldBe("APPRAISAL_MADE");
                return 0;
            }
        }));
        var kept = outcomes.Single(o => o > 0);
        (await RecordAsync(blown)).Departments.Single(d => d.OrganisationId == prompt.ToString()).Score.ShouldBe(kept);
    }

    [Fact]
    public async Task Scores_are_added_up_by_department_and_by_level_that_whistled()
    {
        grids.Clock.Set(Morning.AddDays(70));
        var from = grids.Clock.GetUtcNow().AddHours(-1);
        var (one, two) = (await BlownAsync(), await BlownAsync());
        await ComeAsync(one, prompt, grids.Clock.GetUtcNow());
        await ComeAsync(two, prompt, grids.Clock.GetUtcNow().AddHours(5));
        await Eventually.BecomesAsync(() => RecordAsync(two), r => r.Departments.Any(d => d.ReportedAt is not null));
        await Eventually.BecomesAsync(() => RecordAsync(one), r => r.Departments.Any(d => d.ReportedAt is not null));
        grids.Clock.Advance(TimeSpan.FromHours(6));
        foreach (var blown in new[] { one, two })
            await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = blown.Id, Result = "办结" });
        await Officer(Subdistrict).AppraiseDepartmentAsync(Score(one, prompt, 5));
        await Officer(Subdistrict).AppraiseDepartmentAsync(Score(two, prompt, 2));
        await For(slow).AppraiseWhistleAsync(Judge(one, slow, justified: false));
        await For(absent).AppraiseWhistleAsync(Judge(one, absent, justified: true));

        var request = new ListWhistleScoresRequest { Territory = Subdistrict, From = from.ToTimestamp(), Until = from.AddDays(1).ToTimestamp() };
        var scores = await Officer(City).ListWhistleScoresAsync(request);
        var first = scores.Departments.Single(d => d.OrganisationId == prompt.ToString());
        (first.Called, first.InTime, first.Late, first.Absent, first.Scored, first.ScoreSum).ShouldBe((2, 1, 1, 0, 2, 7));
        scores.Departments.Single(d => d.OrganisationId == slow.ToString()).Absent.ShouldBe(2);
        var whistler = scores.Whistlers.Single();
        (whistler.Territory, whistler.Whistles, whistler.Called, whistler.Justified, whistler.NotJustified).ShouldBe((Subdistrict, 2, 6, 1, 1));
        (await Officer(City).ListWhistleScoresAsync(new ListWhistleScoresRequest(request) { Territory = OtherCommunity })).Departments.ShouldBeEmpty();
        await Refused.AsAsync("PERIOD_INVALID", Officer(City).ListWhistleScoresAsync(new ListWhistleScoresRequest(request) { Until = request.From }));
        await Refused.AsAsync("PERIOD_INVALID", Officer(City).ListWhistleScoresAsync(
            new ListWhistleScoresRequest(request) { Until = from.AddDays(367).ToTimestamp() }));
    }

    [Fact]
    public async Task Whistles_are_paged_newest_first_and_a_department_sees_those_that_called_it()
    {
        var blown = new[] { await BlownAsync(), await BlownAsync(), await BlownAsync() };
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = blown[1].Id, Result = "办结" });
        (await ListAsync(For(prompt), openOnly: false)).Select(w => w.CaseId).ShouldBe(blown.Reverse().Select(b => b.Id));
        (await ListAsync(For(prompt), openOnly: true)).Select(w => w.CaseId).ShouldBe([blown[2].Id, blown[0].Id]);
        (await ListAsync(For(prompt), openOnly: false)).ShouldAllBe(w => w.Departments.Single().OrganisationId == prompt.ToString());
        (await ListAsync(For(Guid.NewGuid()), openOnly: false)).ShouldBeEmpty();
        (await ListAsync(Officer(OtherCommunity), openOnly: false)).ShouldBeEmpty();

        static async Task<List<WhistleRecord>> ListAsync(V1.Dispatch.DispatchClient client, bool openOnly)
        {
            var request = new ListWhistlesRequest { OpenOnly = openOnly, PageSize = 1 };
            var found = new List<WhistleRecord>();
            do
            {
                var page = await client.ListWhistlesAsync(request);
                found.AddRange(page.Whistles);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return found;
        }
    }

    private async Task<V1.Case> BlownAsync()
    {
        var assessed = await grids.AssessedAsync("illegal_construction");
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出职权" });
        return (await grids.Cases("officer", Subdistrict, "whistler").BlowWhistleAsync(new BlowWhistleRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            OrganisationIds = { prompt.ToString(), slow.ToString(), absent.ToString() },
            Reason = "需要联合处置",
        })).Case;
    }

    // As Organisations tells it.
    private async Task ComeAsync(V1.Case blown, Guid organisation, DateTimeOffset at)
    {
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        await broker.PublishAsync(new ResponderReported(Guid.Parse(blown.Id), Guid.Parse(blown.Whistle.Id), organisation, at, false), Guid.NewGuid());
    }

    private async Task<WhistleRecord> RecordAsync(V1.Case blown) =>
        (await Officer(City).ListWhistlesAsync(new ListWhistlesRequest { CaseId = blown.Id })).Whistles.Single();

    private async Task BankAsync(V1.Case blown) =>
        await new V1.Escalations.EscalationsClient(grids.As("officer", Subdistrict)).BankCaseAsync(new BankCaseRequest
        {
            RequestId = NewId(),
            CaseId = blown.Id,
            ReviewAt = grids.Clock.GetUtcNow().AddDays(30).ToTimestamp(),
            Reason = "待片区改造",
        });

    private static Arrival ArrivalOf(WhistleRecord record, Guid organisation) =>
        record.Departments.Single(d => d.OrganisationId == organisation.ToString()).Arrival;

    private V1.Dispatch.DispatchClient Officer(string territory) => new(grids.As("officer", territory));

    private V1.Dispatch.DispatchClient For(Guid organisation) => new(grids.As("responder", "340602", $"of {organisation}", organisation));

    private static AppraiseDepartmentRequest Score(V1.Case blown, Guid organisation, int score) => new()
    {
        RequestId = NewId(),
        WhistleId = blown.Whistle.Id,
        OrganisationId = organisation.ToString(),
        Score = score,
        Comment = "到场及时",
    };

    private static AppraiseWhistleRequest Judge(V1.Case blown, Guid organisation, bool justified) => new()
    {
        RequestId = NewId(),
        WhistleId = blown.Whistle.Id,
        OrganisationId = organisation.ToString(),
        Justified = justified,
        Comment = "属职责范围",
    };
}
