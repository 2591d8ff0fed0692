using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class ConsultationsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private readonly Guid housing = Guid.NewGuid();
    private readonly Guid traffic = Guid.NewGuid();

    [Fact]
    public async Task A_consultation_ends_in_a_decision_that_dispatches_the_case()
    {
        var assessed = await grids.AssessedAsync();
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = new Handler { OrganisationId = housing.ToString() } });
        var opened = (await Officer(Community, "convener").OpenConsultationAsync(Open(assessed.Id))).Consultation;
        (opened.Convener, opened.Late, opened.Decision).ShouldBe(("convener", false, ""));
        opened.Participants.Select(p => p.OrganisationId).ShouldBe([housing.ToString(), traffic.ToString()]);
        await Refused.AsAsync("CONSULTATION_OPEN", Officer(Community, "convener").OpenConsultationAsync(Open(assessed.Id)));

        await For(traffic).AddStatementAsync(Say(opened.Id, "由我们牵头"));
        var said = (await Officer(Community, "grid").AddStatementAsync(Say(opened.Id, "居民反映强烈"))).Consultation;
        said.Statements.Select(s => (s.OrganisationId, s.Subject, s.Text)).ShouldBe(
            [(traffic.ToString(), $"of {traffic}", "由我们牵头"), ("", "grid", "居民反映强烈")]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Guid.NewGuid()).AddStatementAsync(Say(opened.Id, "路过")));

        await Refused.AsAsync("CONSULTATION_NOT_CONVENER", Officer(Community, "somebody").DecideConsultationAsync(Decide(opened.Id, traffic)));
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN",
            Officer(Community, "convener").DecideConsultationAsync(Decide(opened.Id, traffic, ForeignOrganisation)));
        var request = Decide(opened.Id, traffic, housing);
        var decided = (await Officer(Community, "convener").DecideConsultationAsync(request)).Consultation;
        (decided.Decision, decided.DecidedBy, decided.LeadId).ShouldBe(("交通部门牵头", "convener", traffic.ToString()));
        (await Officer(Community, "convener").DecideConsultationAsync(request)).Consultation.ShouldBe(decided);
        await Refused.AsAsync("CONSULTATION_OVER", Officer(Community, "convener").DecideConsultationAsync(Decide(opened.Id, housing)));
        await Refused.AsAsync("CONSULTATION_OVER", For(traffic).AddStatementAsync(Say(opened.Id, "晚了")));

        var dispatched = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case;
        (dispatched.State, dispatched.Handler.OrganisationId, dispatched.Deadlines.HandleBy).ShouldBe(
            (CaseState.Dispatched, traffic.ToString(), assessed.Deadlines.HandleBy));
        (await Officer().ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = assessed.Id })).Assignments
            .Select(a => (a.OrganisationId, a.Role, a.State)).ShouldBe(
            [
                (traffic.ToString(), AssignmentRole.Lead, AssignmentState.Assigned), (housing.ToString(), AssignmentRole.CoHandler, AssignmentState.Assigned),
                (housing.ToString(), AssignmentRole.Lead, AssignmentState.Withdrawn),
            ]);
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id })).Entries.Select(e => e.Action)
            .ShouldBe(["Reported", "Assessed", "Dispatched", "ConsultationOpened", "ConsultationDecided"]);
    }

    [Fact]
    public async Task A_decision_without_a_lead_leaves_the_case_where_it_is()
    {
        var assessed = await grids.AssessedAsync();
        var opened = (await Officer(Community, "convener").OpenConsultationAsync(Open(assessed.Id))).Consultation;
        var alone = new DecideConsultationRequest { RequestId = NewId(), ConsultationId = opened.Id, Decision = "社区自行处理" };
        await Refused.AsAsync("REQUEST_INVALID", Officer(Community, "convener").DecideConsultationAsync(
            new DecideConsultationRequest(alone) { CoHandlers = { new HandlerPart { OrganisationId = housing.ToString() } } }));
        // A level above may decide in the convener's place.
        (await Officer("340603001", "above").DecideConsultationAsync(alone)).Consultation.LeadId.ShouldBe("");
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.State.ShouldBe(CaseState.Assessed);
        // Another one may be opened then.
        await Officer(Community, "convener").OpenConsultationAsync(Open(assessed.Id));
    }

    [Fact]
    public async Task A_consultation_is_decided_also_once_its_case_has_gone_up()
    {
        const string subdistrict = "340603001";
        var (one, two) = (await GoneUpAsync(), await GoneUpAsync());
        // Whoever convened ends it; who handles the case is no longer theirs to say.
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community, "convener").DecideConsultationAsync(Decide(one.Id, traffic)));
        var alone = new DecideConsultationRequest { RequestId = NewId(), ConsultationId = one.Id, Decision = "上报街道统筹" };
        await Refused.AsAsync("CONSULTATION_NOT_CONVENER", Officer(Community, "somebody").DecideConsultationAsync(alone));
        (await Officer(Community, "convener").DecideConsultationAsync(alone)).Consultation.DecidedBy.ShouldBe("convener");
        await Officer(subdistrict).OpenConsultationAsync(Open(one.CaseId));
        // So does the level that holds it now.
        (await Officer(subdistrict).DecideConsultationAsync(Decide(two.Id, traffic))).Consultation.LeadId.ShouldBe(traffic.ToString());
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = two.CaseId })).Case.State.ShouldBe(CaseState.Dispatched);

        async Task<CaseConsultation> GoneUpAsync()
        {
            var assessed = await grids.AssessedAsync();
            var opened = (await Officer(Community, "convener").OpenConsultationAsync(Open(assessed.Id))).Consultation;
            await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出权限" });
            return opened;
        }
    }

    [Fact]
    public async Task What_a_consultation_may_not_be_is_refused_by_name()
    {
        var reported = await grids.ReportAsync();
        await Refused.AsAsync("CASE_WRONG_STATE", Officer().OpenConsultationAsync(Open(reported.Id)));
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("CONSULTATION_TOO_LONG", Officer().OpenConsultationAsync(Open(assessed.Id, days: 60)));
        await Refused.AsAsync("CONSULTATION_TOO_LONG", Officer().OpenConsultationAsync(Open(assessed.Id, days: -1)));
        var unknown = Open(assessed.Id);
        unknown.ParticipantIds.Add(UnknownOrganisation.ToString());
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().OpenConsultationAsync(unknown));
        var foreign = Open(assessed.Id);
        foreign.ParticipantIds.Add(ForeignOrganisation.ToString());
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().OpenConsultationAsync(foreign));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(OtherCommunity).OpenConsultationAsync(Open(assessed.Id)));
        await Refused.AsAsync("CASE_NOT_FOUND", Officer().OpenConsultationAsync(Open(NewId())));
        await Refused.AsAsync("CONSULTATION_NOT_FOUND", Officer().AddStatementAsync(Say(NewId(), "有人吗")));
        await Refused.AsAsync("CONSULTATION_NOT_FOUND", Officer().DecideConsultationAsync(Decide(NewId(), housing)));
    }

    [Fact]
    public async Task Statements_at_once_are_all_kept()
    {
        var assessed = await grids.AssessedAsync();
        var opened = (await Officer().OpenConsultationAsync(Open(assessed.Id))).Consultation;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => For(traffic).AddStatementAsync(Say(opened.Id, $"意见 {n}")).ResponseAsync));
        (await ListAsync(Officer(), assessed.Id)).Single().Statements.Select(s => s.Text).Order(StringComparer.Ordinal)
            .ShouldBe(["意见 0", "意见 1", "意见 2", "意见 3"]);
    }

    [Fact]
    public async Task A_consultation_open_too_long_is_seen_in_the_list_soonest_due_first()
    {
        var (one, two) = (await grids.AssessedAsync("illegal_construction"), await grids.AssessedAsync("illegal_construction"));
        var later = (await Officer(subject: "convener").OpenConsultationAsync(Open(one.Id, days: 5))).Consultation;
        var sooner = (await Officer(subject: "convener").OpenConsultationAsync(Open(two.Id, days: 2))).Consultation;
        grids.Clock.Advance(TimeSpan.FromDays(3));
        (await ListAsync(For(traffic), "")).Select(c => (c.Id, c.Late)).ShouldBe([(sooner.Id, true), (later.Id, false)]);
        (await ListAsync(For(Guid.NewGuid()), "")).ShouldBeEmpty();
        (await ListAsync(Officer(OtherCommunity), "")).ShouldBeEmpty();
        var alone = new DecideConsultationRequest { RequestId = NewId(), ConsultationId = sooner.Id, Decision = "社区自行处理" };
        (await Officer(subject: "convener").DecideConsultationAsync(alone)).Consultation.Late.ShouldBeTrue();
        (await ListAsync(For(traffic), "", openOnly: true)).Select(c => c.Id).ShouldBe([later.Id]);
    }

    private static async Task<List<CaseConsultation>> ListAsync(V1.Dispatch.DispatchClient client, string caseId, bool openOnly = false)
    {
        var request = new ListConsultationsRequest { CaseId = caseId, OpenOnly = openOnly, PageSize = 1 };
        var found = new List<CaseConsultation>();
        do
        {
            var page = await client.ListConsultationsAsync(request);
            found.AddRange(page.Consultations);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return found;
    }

    private V1.Dispatch.DispatchClient Officer(string territory = City, string subject = "somebody") => new(grids.As("officer", territory, subject));

    private V1.Dispatch.DispatchClient For(Guid organisation) => new(grids.As("responder", "340602", $"of {organisation}", organisation));

    private OpenConsultationRequest Open(string caseId, int days = 3) => new()
    {
        RequestId = NewId(),
        CaseId = caseId,
        ParticipantIds = { housing.ToString(), traffic.ToString() },
        Question = "由谁牵头",
        DueAt = grids.Clock.GetUtcNow().AddDays(days).ToTimestamp(),
    };

    private static AddStatementRequest Say(string id, string text) => new() { RequestId = NewId(), ConsultationId = id, Text = text };

    private static DecideConsultationRequest Decide(string id, Guid lead, params Guid[] helpers) => new()
    {
        RequestId = NewId(),
        ConsultationId = id,
        Decision = "交通部门牵头",
        Lead = new HandlerPart { OrganisationId = lead.ToString() },
        CoHandlers = { helpers.Select(h => new HandlerPart { OrganisationId = h.ToString() }) },
    };
}
