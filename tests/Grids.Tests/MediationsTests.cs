using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Disputes between people, settled by mediators.</summary>
public sealed class MediationsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task An_agreement_handles_its_case_and_is_looked_after_until_it_is_kept()
    {
        var assessed = await grids.AssessedAsync();
        var opened = await OpenAsync(assessed.Id);
        (opened.State, opened.Territory, opened.Parties.Count, opened.Overdue).ShouldBe((MediationState.Open, assessed.Territory, 2, false));
        await Mediations().RecordMediationSessionAsync(new RecordMediationSessionRequest
        {
            RequestId = NewId(),
            MediationId = opened.Id,
            HeldAt = grids.Clock.GetUtcNow().ToTimestamp(),
            Note = "双方到场",
        });
        var by = grids.Clock.GetUtcNow().AddDays(10);
        var agreed = (await Mediations().ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Agreed, by))).Mediation;
        (agreed.State, agreed.Sessions.Count).ShouldBe((MediationState.Agreed, 1));
        var handled = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case;
        (handled.State, handled.Result).ShouldBe((CaseState.Handled, "一方十日内修复"));

        grids.Clock.Set(by.AddMinutes(1));
        (await Mediations().GetMediationAsync(new GetMediationRequest { Id = opened.Id })).Mediation.Overdue.ShouldBeTrue();
        var performance = new RecordPerformanceRequest { RequestId = NewId(), MediationId = opened.Id, Performed = true, Note = "已修复" };
        (await Mediations().RecordPerformanceAsync(performance)).Mediation.State.ShouldBe(MediationState.Performed);
        performance.RequestId = NewId();
        await Refused.AsAsync("MEDIATION_WRONG_STATE", Mediations().RecordPerformanceAsync(performance));
    }

    [Fact]
    public async Task Parties_are_kept_encrypted_and_are_in_no_mediation()
    {
        var mediated = await grids.AssessedAsync(title: "张建国家楼下受损");
        var opened = await OpenAsync(mediated.Id);
        opened.ToString().ShouldNotContain("张建国");
        // Nor in what goes everywhere else, from when they are known on.
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = mediated.Id })).Case.Title.ShouldBe("***家楼下受损");
        (await grids.ScalarAsync<long>($"select count(*) from persons where record_id = '{opened.Id}' and part = 3")).ShouldBe(2);
        (await grids.ScalarAsync<long>($"select count(*) from mediations m where m::text like '%张建国%'")).ShouldBe(0);
        // They are known as long as the case, whose words may name them, goes on.
        await Mediations().ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Withdrawn));
        (await ExpiringAsync()).ShouldBe(0);
        await new V1.Intake.IntakeClient(grids.As("officer", City)).TransferCaseAsync(new TransferCaseRequest
        {
            RequestId = NewId(), CaseId = mediated.Id, Authority = "人民法院", Reason = "已告知张建国",
        });
        (await ExpiringAsync()).ShouldBe(2);
        grids.Clock.Advance(TimeSpan.FromDays(31));
        await grids.Services.GetRequiredService<Housekeeping>().CleanAsync(TestContext.Current.CancellationToken);
        (await ExpiringAsync()).ShouldBe(0);
        (await grids.ScalarAsync<string>($"select answer from cases where id = '{mediated.Id}'")).ShouldBe("已告知***");

        Task<long> ExpiringAsync() =>
            grids.ScalarAsync<long>($"select count(*) from persons where record_id = '{opened.Id}' and expires_at is not null");
    }

    [Fact]
    public async Task A_failed_mediation_leaves_the_case_where_it_was()
    {
        var assessed = await grids.AssessedAsync();
        var opened = await OpenAsync(assessed.Id);
        await Refused.AsAsync(
            "MEDIATION_PERFORM_BY_PAST", Mediations().ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Failed, grids.Clock.GetUtcNow().AddDays(1))));
        (await Mediations().ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Failed))).Mediation.State.ShouldBe(MediationState.Failed);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.State.ShouldBe(CaseState.Assessed);
        var history = await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id });
        history.Entries.Select(e => e.Action).ShouldBe(["Reported", "Assessed", "MediationOpened", "MediationFailed"]);
        (await OpenAsync(assessed.Id)).State.ShouldBe(MediationState.Open);
    }

    [Fact]
    public async Task Only_the_level_that_holds_a_case_handles_it_by_an_agreement()
    {
        var assessed = await grids.AssessedAsync();
        var opened = await OpenAsync(assessed.Id);
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出职权" });
        var community = new V1.Mediations.MediationsClient(grids.As("officer", Community));
        await Refused.AsAsync("OUTSIDE_TERRITORY", community.ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Agreed)));
        (await Mediations().GetMediationAsync(new GetMediationRequest { Id = opened.Id })).Mediation.State.ShouldBe(MediationState.Open);

        var subdistrict = new V1.Mediations.MediationsClient(grids.As("officer", "340603001"));
        await subdistrict.ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Agreed));
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.State.ShouldBe(CaseState.Handled);

        // What moves nothing is told by whoever mediates.
        var (another, unsettled) = await EscalatedAsync();
        (await community.ConcludeMediationAsync(Conclude(unsettled.Id, MediationOutcome.Failed))).Mediation.State.ShouldBe(MediationState.Failed);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = another.Id })).Case.State.ShouldBe(CaseState.Assessed);

        async Task<(V1.Case Of, Mediation Opened)> EscalatedAsync()
        {
            var of = await grids.AssessedAsync();
            var mediation = await OpenAsync(of.Id);
            await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = of.Id, Reason = "超出职权" });
            return (of, mediation);
        }
    }

    [Fact]
    public async Task A_case_has_one_open_mediation_however_many_are_opened_at_once()
    {
        var assessed = await grids.AssessedAsync();
        var reasons = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            Refused.ReasonAsync(Mediations().OpenMediationAsync(Open(assessed.Id)))));
        reasons.Order().ShouldBe(["", "MEDIATION_OPEN", "MEDIATION_OPEN", "MEDIATION_OPEN", "MEDIATION_OPEN"]);
    }

    [Fact]
    public async Task A_mediator_is_told_what_is_kept_and_forgotten_once_nothing_is_open()
    {
        var request = Open((await grids.AssessedAsync()).Id);
        request.Mediators.Add("mediator-leaving");
        var opened = (await Mediations().OpenMediationAsync(request)).Mediation;
        var persons = new Persons.PersonsClient(grids.As("operator", City));
        (await ExportAsync()).ShouldBe([$"mediation {opened.Id} mediator"]);
        var erase = new EraseSubjectRequest { RequestId = NewId(), Subject = "mediator-leaving", Reason = "本人申请" };
        var needed = await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        (needed.Metadata["kind"], needed.Metadata["count"]).ShouldBe(("mediation", "1"));
        // Whether an agreement is kept is their business too.
        await Mediations().ConcludeMediationAsync(Conclude(opened.Id, MediationOutcome.Agreed, grids.Clock.GetUtcNow().AddDays(1)));
        await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        await Mediations().RecordPerformanceAsync(
            new RecordPerformanceRequest { RequestId = NewId(), MediationId = opened.Id, Performed = true, Note = "已修复" });

        (await persons.EraseSubjectAsync(erase)).Records.ShouldBe(1);
        (await ExportAsync()).ShouldBeEmpty();
        (await grids.ScalarAsync<long>("select count(*) from mediations m where m::text like '%mediator-leaving%'")).ShouldBe(0);
        var kept = (await Mediations().GetMediationAsync(new GetMediationRequest { Id = opened.Id })).Mediation;
        kept.Mediators.ShouldBe(["mediator-1", ""]);
        kept.OpenedBy.ShouldBe("mediating");

        async Task<List<string>> ExportAsync()
        {
            using var stream = persons.ExportSubject(new ExportSubjectRequest { Subject = "mediator-leaving", Reason = "本人申请" });
            var told = new List<string>();
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            {
                var record = stream.ResponseStream.Current;
                told.Add($"{record.Kind} {record.RecordId} {record.Fields["part"]}");
            }
            return told;
        }
    }

    [Fact]
    public async Task What_can_t_be_mediated_is_refused_and_named()
    {
        var assessed = await grids.AssessedAsync();
        var unwilling = Open(assessed.Id);
        unwilling.Parties[1].Consents = false;
        await Refused.AsAsync("MEDIATION_CONSENT_MISSING", Mediations().OpenMediationAsync(unwilling));
        var alone = Open(assessed.Id);
        alone.Parties.RemoveAt(1);
        await Refused.AsAsync("MEDIATION_PARTY_UNKNOWN", Mediations().OpenMediationAsync(alone));
        await Refused.AsAsync("CASE_WRONG_STATE", Mediations().OpenMediationAsync(Open((await grids.ReportAsync()).Id)));
        await Refused.AsAsync("CASE_NOT_FOUND", Mediations().OpenMediationAsync(Open(NewId())));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Mediations("officer", OtherCommunity).OpenMediationAsync(Open(assessed.Id)));
        await Refused.AsAsync("MEDIATION_NOT_FOUND", Mediations().ConcludeMediationAsync(Conclude(NewId(), MediationOutcome.Failed)));
        var opened = await OpenAsync(assessed.Id);
        var stale = Conclude(opened.Id, MediationOutcome.Failed);
        stale.Etag = "stale";
        await Refused.AsAsync("ETAG_STALE", Mediations().ConcludeMediationAsync(stale));
        var listed = await Mediations("auditor", Community).ListMediationsAsync(new ListMediationsRequest { CaseId = assessed.Id });
        listed.Mediations.Single().Id.ShouldBe(opened.Id);
        (await Mediations("auditor", OtherCommunity).ListMediationsAsync(new ListMediationsRequest { CaseId = assessed.Id })).Mediations.ShouldBeEmpty();
    }

    private V1.Mediations.MediationsClient Mediations(string role = "officer", string territory = City) => new(grids.As(role, territory, "mediating"));

    private async Task<Mediation> OpenAsync(string caseId) => (await Mediations().OpenMediationAsync(Open(caseId))).Mediation;

    private static OpenMediationRequest Open(string caseId) => new()
    {
        RequestId = NewId(),
        CaseId = caseId,
        Dispute = "楼上漏水致楼下受损",
        Parties =
        {
            new MediationParty { Label = "甲方", Person = new Person { Name = "张建国", Phone = "13855550001" }, Consents = true },
            new MediationParty { Label = "乙方", Person = new Person { Name = "李秀英" }, Consents = true },
        },
        Mediators = { "mediator-1" },
    };

    private static ConcludeMediationRequest Conclude(string id, MediationOutcome outcome, DateTimeOffset? by = null) => new()
    {
        RequestId = NewId(),
        MediationId = id,
        Outcome = outcome,
        Conclusion = "一方十日内修复",
        PerformBy = by?.ToTimestamp(),
    };
}
