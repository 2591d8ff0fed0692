using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class DispatchTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";

    private static readonly Guid Lead = new("11111111-0000-4000-8000-000000000001");
    private static readonly Guid Helper = new("22222222-0000-4000-8000-000000000002");
    private static readonly Guid OtherHelper = new("33333333-0000-4000-8000-000000000003");

    [Fact]
    public async Task A_case_is_handled_when_the_lead_reports_and_every_co_handler_is_done_or_released()
    {
        var dispatched = await DispatchedAsync(Lead, Helper, OtherHelper);
        dispatched.State.ShouldBe(CaseState.Dispatched);
        dispatched.Handler.OrganisationId.ShouldBe(Lead.ToString());
        dispatched.Assignments.Select(a => (a.Role, a.State, a.OrganisationName)).ShouldBe(
        [
            (AssignmentRole.Lead, AssignmentState.Assigned, "部门 1111"), (AssignmentRole.CoHandler, AssignmentState.Assigned, "部门 2222"),
            (AssignmentRole.CoHandler, AssignmentState.Assigned, "部门 3333"),
        ]);
        dispatched.Assignments[0].DueAt.ShouldBe(dispatched.Deadlines.HandleBy);
        dispatched.Assignments[1].DueAt.ShouldBeLessThan(dispatched.Deadlines.HandleBy);
        var (lead, helper, other) = (dispatched.Assignments[0].Id, dispatched.Assignments[1].Id, dispatched.Assignments[2].Id);

        (await For(Lead).AcceptAssignmentAsync(Accept(dispatched.Id, lead))).Case.State.ShouldBe(CaseState.Handling);
        await Refused.AsAsync("ASSIGNMENT_WRONG_STATE", For(Lead).AcceptAssignmentAsync(Accept(dispatched.Id, lead)));
        (await For(Helper).AcceptAssignmentAsync(Accept(dispatched.Id, helper))).Case.State.ShouldBe(CaseState.Handling);
        var open = await Refused.AsAsync("CO_HANDLERS_OPEN", For(Lead).CompleteAssignmentAsync(Complete(dispatched.Id, lead)));
        open.Metadata["names"].ShouldBe("部门 2222, 部门 3333");
        await Refused.AsAsync("CO_HANDLERS_OPEN", grids.Cases().CompleteHandlingAsync(
            new CompleteHandlingRequest { RequestId = NewId(), CaseId = dispatched.Id, Result = "办结" }));

        var request = Complete(dispatched.Id, helper);
        (await For(Helper).CompleteAssignmentAsync(request)).Case.State.ShouldBe(CaseState.Handling);
        (await For(Helper).CompleteAssignmentAsync(request)).Case.Assignments[1].State.ShouldBe(AssignmentState.Completed);
        await Refused.AsAsync("ASSIGNMENT_IS_LEAD", For(Lead).ReleaseCoHandlerAsync(Release(dispatched.Id, lead)));
        var released = (await For(Lead).ReleaseCoHandlerAsync(Release(dispatched.Id, other))).Case.Assignments[2];
        (released.State, released.Result).ShouldBe((AssignmentState.Withdrawn, "已不需要"));
        var handled = (await For(Lead).CompleteAssignmentAsync(Complete(dispatched.Id, lead))).Case;
        (handled.State, handled.Assignments[0].State, handled.Assignments[0].Result).ShouldBe((CaseState.Handled, AssignmentState.Completed, "已清理"));

        (await HistoryAsync(dispatched.Id)).ShouldBe(
            ["Reported", "Assessed", "Dispatched", "HandlingStarted", "AssignmentAccepted", "AssignmentCompleted", "CoHandlerReleased", "Handled"]);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = dispatched.Id })).Case.Assignments.ShouldBe(handled.Assignments);
        // Co-handlers of one dispatch have no order of their own.
        (await List(dispatched.Id)).ShouldBe(handled.Assignments, ignoreOrder: true);
        (await For(Helper).ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = dispatched.Id })).Assignments.Single().Id.ShouldBe(helper);
    }

    [Fact]
    public async Task Nobody_acts_on_what_another_organisation_was_asked_to_do()
    {
        var dispatched = await DispatchedAsync(Lead, Helper);
        var (lead, helper) = (dispatched.Assignments[0].Id, dispatched.Assignments[1].Id);
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Lead).AcceptAssignmentAsync(Accept(dispatched.Id, helper)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Lead).CompleteAssignmentAsync(Complete(dispatched.Id, helper)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, helper)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Helper).AcceptAssignmentAsync(Accept(dispatched.Id, lead)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Helper).ReleaseCoHandlerAsync(Release(dispatched.Id, helper)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(OtherHelper).AcceptAssignmentAsync(Accept(dispatched.Id, lead)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(OtherHelper).ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = dispatched.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", For(Helper).ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = NewId() }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(OtherCommunity).AcceptAssignmentAsync(Accept(dispatched.Id, lead)));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", For(Helper).RuleOnObjectionAsync(Rule(dispatched.Id, helper, uphold: true)));
        // Those of the level that holds the case may.
        (await Officer(Community).AcceptAssignmentAsync(Accept(dispatched.Id, helper))).Case.Assignments[1].State.ShouldBe(AssignmentState.Accepted);
    }

    [Fact]
    public async Task What_a_dispatch_may_not_be_is_refused_by_name()
    {
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, UnknownOrganisation)));
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Lead, UnknownOrganisation)));
        await Refused.AsAsync("CASE_HANDLER_UNKNOWN", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Lead, ForeignOrganisation)));
        await Refused.AsAsync("HANDLER_TWICE", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Lead, Lead)));
        await Refused.AsAsync("CO_HANDLERS_TOO_MANY", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Lead, Helper, OtherHelper, Guid.NewGuid())));
        var late = Dispatch(assessed.Id, Lead, Helper);
        late.CoHandlers[0].Within = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 100 };
        (await Refused.AsAsync("ASSIGNMENT_DUE_TOO_LATE", Officer().DispatchHandlersAsync(late))).Metadata["latest"].ShouldStartWith("2026-03-09");
        var stale = Dispatch(assessed.Id, Lead);
        stale.Etag = "v1";
        await Refused.AsAsync("ETAG_STALE", Officer().DispatchHandlersAsync(stale));
        await Refused.AsAsync("CASE_NOT_FOUND", Officer().DispatchHandlersAsync(Dispatch(NewId(), Lead)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(OtherCommunity).DispatchHandlersAsync(Dispatch(assessed.Id, Lead)));
        var request = Dispatch(assessed.Id, Lead);
        await Officer().DispatchHandlersAsync(request);
        await Refused.AsAsync("REQUEST_ID_REUSED", Officer().DispatchHandlersAsync(new DispatchHandlersRequest(request) { Note = "另一件" }));
        await Refused.AsAsync("CASE_WRONG_STATE", Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Lead)));
        await Refused.AsAsync("ASSIGNMENT_NOT_FOUND", Officer().AcceptAssignmentAsync(Accept(assessed.Id, NewId())));
    }

    [Fact]
    public async Task A_case_given_to_one_organisation_has_its_assignment_too()
    {
        var assessed = await grids.AssessedAsync();
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = new Handler { OrganisationId = Lead.ToString() } });
        var started = (await grids.Cases().StartHandlingAsync(new StartHandlingRequest { RequestId = NewId(), CaseId = assessed.Id })).Case;
        (started.Assignments.Single().Role, started.Assignments.Single().State).ShouldBe((AssignmentRole.Lead, AssignmentState.Accepted));
        var returned = (await grids.Cases().ReturnCaseAsync(new ReturnCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "不归我管" })).Case;
        returned.Assignments.Single().State.ShouldBe(AssignmentState.Withdrawn);
        var again = (await Officer().DispatchHandlersAsync(Dispatch(assessed.Id, Helper))).Case;
        again.Assignments.Single().OrganisationId.ShouldBe(Helper.ToString());
        // The case shows the newest dispatch, the list all of them.
        (await List(assessed.Id)).Select(a => (a.OrganisationId, a.State)).ShouldBe(
            [(Helper.ToString(), AssignmentState.Assigned), (Lead.ToString(), AssignmentState.Withdrawn)]);
    }

    [Fact]
    public async Task An_upheld_objection_gives_the_case_back_with_the_same_due_instant()
    {
        var dispatched = await DispatchedAsync(Lead, Helper);
        var lead = dispatched.Assignments[0].Id;
        await Refused.AsAsync("OBJECTION_MISSING", Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: true)));
        var objected = (await For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, lead))).Case;
        (objected.State, objected.Assignments[0].State, objected.Assignments[0].Objection.Reason).ShouldBe((CaseState.Dispatched, AssignmentState.Objected, "不归我管"));
        await Refused.AsAsync("OBJECTION_PENDING", grids.Cases().StartHandlingAsync(new StartHandlingRequest { RequestId = NewId(), CaseId = dispatched.Id }));
        await Refused.AsAsync("OBJECTION_RULING_OWN", Officer(City, "dispatcher").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: true)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(OtherCommunity, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: true)));

        grids.Clock.Advance(TimeSpan.FromHours(1));
        var back = (await Officer(Community, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: true))).Case;
        (back.State, back.Handler, back.Deadlines.HandleBy).ShouldBe((CaseState.Assessed, null, dispatched.Deadlines.HandleBy));
        back.Assignments.ShouldAllBe(a => a.State == AssignmentState.Withdrawn);
        (back.Assignments[0].Objection.Upheld, back.Assignments[0].Objection.RuledBy).ShouldBe((true, "ruler"));
        (await Officer().DispatchHandlersAsync(Dispatch(dispatched.Id, Helper))).Case.Deadlines.HandleBy.ShouldBe(dispatched.Deadlines.HandleBy);
    }

    [Fact]
    public async Task Whoever_was_released_or_need_not_handle_a_case_reads_why_and_the_case_no_more()
    {
        var dispatched = await DispatchedAsync(Lead, Helper, OtherHelper);
        var (helper, other) = (dispatched.Assignments[1].Id, dispatched.Assignments[2].Id);
        foreach (var organisation in (Guid[])[Lead, Helper, OtherHelper])
            (await ReadAsync(organisation)).Id.ShouldBe(dispatched.Id);
        await For(Helper).ObjectToAssignmentAsync(Object(dispatched.Id, helper));
        await Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, helper, uphold: true));
        await For(Lead).ReleaseCoHandlerAsync(Release(dispatched.Id, other));

        (await ReadAsync(Lead)).Id.ShouldBe(dispatched.Id);
        foreach (var organisation in (Guid[])[Helper, OtherHelper])
        {
            await Refused.AsAsync("OUTSIDE_TERRITORY", () => ReadAsync(organisation));
            await Refused.AsAsync("OUTSIDE_TERRITORY",
                Cases(organisation).GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = dispatched.Id }));
        }
        var ruled = (await For(Helper).ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = dispatched.Id })).Assignments.Single();
        (ruled.State, ruled.Objection.Upheld, ruled.Objection.Ruling).ShouldBe((AssignmentState.Withdrawn, true, "依职责清单"));
        (await For(OtherHelper).ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = dispatched.Id })).Assignments.Single()
            .Result.ShouldBe("已不需要");

        V1.Cases.CasesClient Cases(Guid organisation) => new(grids.As("responder", "340602", $"of {organisation}", organisation));

        async Task<V1.Case> ReadAsync(Guid organisation) =>
            (await Cases(organisation).GetCaseAsync(new GetCaseRequest { Id = dispatched.Id })).Case;
    }

    [Fact]
    public async Task A_reporter_sees_which_office_handles_the_case_and_neither_its_staff_nor_what_it_objects()
    {
        var dispatched = await DispatchedAsync(Lead, Helper);
        var lead = dispatched.Assignments[0].Id;
        await For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, lead));
        var resident = grids.Cases("resident", City, "resident-1");
        var get = new GetCaseRequest { Id = dispatched.Id };
        var objected = (await resident.GetCaseAsync(get)).Case;
        objected.Assignments.Select(a => (a.Role, a.OrganisationName, a.State)).ShouldBe(
        [
            (AssignmentRole.Lead, "部门 1111", AssignmentState.Assigned), (AssignmentRole.CoHandler, "部门 2222", AssignmentState.Assigned),
        ]);
        objected.Assignments[0].DueAt.ShouldBe(dispatched.Assignments[0].DueAt);
        var own = (await resident.ListOwnCasesAsync(new ListOwnCasesRequest())).Cases.Single(c => c.Id == dispatched.Id);
        own.Assignments.ShouldBe(objected.Assignments);
        await Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: false));
        var helper = dispatched.Assignments[1].Id;
        await For(Helper).ObjectToAssignmentAsync(Object(dispatched.Id, helper));
        await Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, helper, uphold: true));

        await new V1.Escalations.EscalationsClient(grids.As("officer", City, "supervisor")).IssueSupervisionOrderAsync(new IssueSupervisionOrderRequest
        {
            RequestId = NewId(),
            CaseId = dispatched.Id,
            Instruction = "追查拖延的承办人",
            ReplyWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 4 },
        });
        await Officer(City, "convener").OpenConsultationAsync(new OpenConsultationRequest
        {
            RequestId = NewId(),
            CaseId = dispatched.Id,
            ParticipantIds = { Lead.ToString(), Helper.ToString() },
            Question = "谁来承担费用",
            DueAt = grids.Clock.GetUtcNow().AddHours(4).ToTimestamp(),
        });

        var history = await resident.GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = dispatched.Id });
        foreach (var said in (string[])[$"{objected}", $"{own}", $"{(await resident.GetCaseAsync(get)).Case}", $"{history}"])
            foreach (var inside in (string[])["dispatcher", "ruler", "somebody", $"of {Lead}", "不归我管", "依职责清单", "追查", "费用"])
                said.ShouldNotContain(inside);
        history.Entries.Select(e => e.Action).ShouldBe(
        [
            "Reported", "Assessed", "Dispatched", "ObjectionRaised", "ObjectionDismissed", "ObjectionRaised", "ObjectionUpheld",
            "SupervisionOrdered", "ConsultationOpened",
        ]);
        history.Entries[0].Actor.ShouldBe("resident-1");

        // Colleagues see all of it.
        var seen = (await grids.Cases().GetCaseAsync(get)).Case.Assignments[0];
        (seen.AssignedBy, seen.Objection.Reason, seen.Objection.RuledBy).ShouldBe(("dispatcher", "不归我管", "ruler"));
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = dispatched.Id })).Entries.Skip(6).Select(e => e.Note)
            .ShouldBe(["依职责清单", "追查拖延的承办人", "谁来承担费用"]);
    }

    [Fact]
    public async Task A_dismissed_objection_leaves_the_assignment_and_is_not_raised_again()
    {
        var dispatched = await DispatchedAsync(Lead, Helper);
        var (lead, helper) = (dispatched.Assignments[0].Id, dispatched.Assignments[1].Id);
        await For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, lead));
        var kept = (await Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, lead, uphold: false))).Case;
        (kept.State, kept.Assignments[0].State, kept.Assignments[0].DueAt).ShouldBe(
            (CaseState.Dispatched, AssignmentState.Assigned, dispatched.Assignments[0].DueAt));
        await Refused.AsAsync("OBJECTION_REPEATED", For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, lead)));

        // A co-handler's part is withdrawn, and the case goes on.
        await For(Helper).ObjectToAssignmentAsync(Object(dispatched.Id, helper));
        var without = (await Officer(Subdistrict, "ruler").RuleOnObjectionAsync(Rule(dispatched.Id, helper, uphold: true))).Case;
        (without.State, without.Assignments[1].State).ShouldBe((CaseState.Dispatched, AssignmentState.Withdrawn));
        (await For(Lead).CompleteAssignmentAsync(Complete(dispatched.Id, lead))).Case.State.ShouldBe(CaseState.Handled);
    }

    [Fact]
    public async Task An_objection_after_its_limit_is_refused_with_the_instant()
    {
        var assessed = await grids.AssessedAsync("illegal_construction");
        var dispatched = (await Officer(City, "dispatcher").DispatchHandlersAsync(Dispatch(assessed.Id, Lead))).Case;
        var until = dispatched.Assignments[0].ObjectBy.ToDateTimeOffset();
        grids.Clock.Set(until.AddSeconds(5));
        var refused = await Refused.AsAsync("OBJECTION_TOO_LATE", For(Lead).ObjectToAssignmentAsync(Object(dispatched.Id, dispatched.Assignments[0].Id)));
        refused.Metadata["until"].ShouldBe(until.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_overdue_case_goes_up_and_nobody_s_order_stays_open()
    {
        var dispatched = await DispatchedAsync(Lead, Helper);
        await For(Helper).CompleteAssignmentAsync(Complete(dispatched.Id, dispatched.Assignments[1].Id));
        grids.Clock.Set(dispatched.Deadlines.EscalateAt.ToDateTimeOffset().AddSeconds(1));
        await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = dispatched.Id })).Case, c => c.Holder == Subdistrict);
        (await List(dispatched.Id)).Select(a => (a.State, a.Result)).ShouldBe(
            [(AssignmentState.Withdrawn, "EscalatedOverdue"), (AssignmentState.Completed, "已清理")]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community).AcceptAssignmentAsync(Accept(dispatched.Id, dispatched.Assignments[0].Id)));
        await Refused.AsAsync("ASSIGNMENT_WRONG_STATE", For(Lead).AcceptAssignmentAsync(Accept(dispatched.Id, dispatched.Assignments[0].Id)));
    }

    [Fact]
    public async Task Whoever_acts_first_is_answerable_until_somebody_else_has_accepted()
    {
        var reported = await grids.ReportAsync();
        reported.FirstReceiver.ShouldBeNull();
        await Refused.AsAsync("RECEIPT_NOT_OFFERED", Officer(Community, "second").AcceptReceiptAsync(Receipt(reported.Id)));
        await grids.Cases("officer", Community, "first").AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        await Officer(City, "later").DispatchHandlersAsync(Dispatch(reported.Id, Lead));
        var receiver = (await GetAsync()).FirstReceiver;
        (receiver.Subject, receiver.Territory, receiver.Answerable).ShouldBe(("first", Community, "first"));
        (await grids.Cases().ListCasesAsync(new ListCasesRequest { Territory = GridsFixture.Grid })).Cases.Single(c => c.Id == reported.Id).FirstReceiver.ShouldBe(receiver);

        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "超出职权" });
        await Refused.AsAsync("RECEIVER_SAME", Officer(Community, "first").OfferReceiptAsync(Offer("first")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Officer(Community, "third").OfferReceiptAsync(Offer("second")));
        var offered = (await Officer(Community, "first").OfferReceiptAsync(Offer("second"))).Case.FirstReceiver;
        (offered.Answerable, offered.OfferedTo, offered.OfferReason).ShouldBe(("first", "second", "调岗"));
        await Refused.AsAsync("RECEIPT_NOT_OFFERED", Officer(Subdistrict, "third").AcceptReceiptAsync(Receipt(reported.Id)));
        var accepted = (await Officer(Subdistrict, "second").AcceptReceiptAsync(Receipt(reported.Id))).Case.FirstReceiver;
        (accepted.Subject, accepted.Answerable, accepted.OfferedTo, accepted.ReceivedAt).ShouldBe(("first", "second", "", receiver.ReceivedAt));

        async Task<V1.Case> GetAsync() => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;

        OfferReceiptRequest Offer(string to) => new() { RequestId = NewId(), CaseId = reported.Id, ToSubject = to, Reason = "调岗" };
    }

    [Fact]
    public async Task A_case_that_nobody_has_taken_up_or_that_is_over_is_not_handed_on()
    {
        var reported = await grids.ReportAsync();
        var offer = new OfferReceiptRequest { RequestId = NewId(), CaseId = reported.Id, ToSubject = "second", Reason = "调岗" };
        await Refused.AsAsync("RECEIVER_MISSING", Officer().OfferReceiptAsync(offer));
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "不属实" });
        await Refused.AsAsync("CASE_WRONG_STATE", Officer().OfferReceiptAsync(new OfferReceiptRequest(offer) { RequestId = NewId() }));
    }

    [Fact]
    public async Task Whoever_is_on_duty_or_has_work_in_hand_is_needed_and_can_be_forgotten_afterwards()
    {
        const string subject = "leaving-worker";
        var team = Guid.NewGuid();
        var dispatched = await DispatchedAsync(team);
        var assignment = dispatched.Assignments[0].Id;
        var own = new V1.Dispatch.DispatchClient(grids.As("responder", "340602", subject, team));
        var duty = new PutRosterEntryRequest
        {
            RequestId = NewId(),
            OrganisationId = team.ToString(),
            Territory = Community,
            Subject = subject,
            StartsAt = grids.Clock.GetUtcNow().ToTimestamp(),
            EndsAt = grids.Clock.GetUtcNow().AddHours(1).ToTimestamp(),
            Active = true,
        };
        await Officer().PutRosterEntryAsync(duty);
        await NeededAsync(subject, "duty");
        await Officer().AssignOnDutyAsync(
            new AssignOnDutyRequest { RequestId = NewId(), OrganisationId = team.ToString(), CaseIds = { dispatched.Id } });
        grids.Clock.Advance(TimeSpan.FromHours(2));
        await NeededAsync(subject, "assignment");
        await own.CompleteAssignmentAsync(Complete(dispatched.Id, assignment));

        (await ExportAsync(subject)).Select(e => (e.Kind, e.Fields.GetValueOrDefault("part", ""), e.Fields.GetValueOrDefault("text", "")))
            .ShouldBe([("duty", "", ""), ("assignment", "handler", "已清理")], ignoreOrder: true);
        (await EraseAsync(subject)).ShouldBe(2);
        (await ExportAsync(subject)).ShouldBeEmpty();
        await ForgottenAsync(subject);
        (await List(dispatched.Id)).Single().Subject.ShouldBe("");
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = dispatched.Id })).Case.Assignments.Single().Subject.ShouldBe("");
        // What is done to the case afterwards brings nobody back.
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = dispatched.Id, Answer = "已清理" });
        (await List(dispatched.Id)).Single().Subject.ShouldBe("");
    }

    [Fact]
    public async Task Whoever_gave_work_out_ruled_or_is_answerable_can_be_forgotten_once_the_case_is_over()
    {
        var reported = await grids.ReportAsync();
        await grids.Cases("officer", Community, "leaving-first").AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        await NeededAsync("leaving-first", "receipt");
        var dispatched = (await Officer(City, "leaving-officer").DispatchHandlersAsync(Dispatch(reported.Id, Lead, Helper))).Case;
        var helper = dispatched.Assignments[1].Id;
        await For(Helper).ObjectToAssignmentAsync(Object(dispatched.Id, helper));
        await Officer(Subdistrict, "leaving-ruler").RuleOnObjectionAsync(Rule(dispatched.Id, helper, uphold: true));
        await Officer(Community, "leaving-first").OfferReceiptAsync(
            new OfferReceiptRequest { RequestId = NewId(), CaseId = reported.Id, ToSubject = "leaving-second", Reason = "调岗" });
        var escalations = new V1.Escalations.EscalationsClient(grids.As("officer", City, "leaving-officer"));
        await escalations.IssueSupervisionOrderAsync(new IssueSupervisionOrderRequest
        {
            RequestId = NewId(),
            CaseId = dispatched.Id,
            Instruction = "限期说明",
            ReplyWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 4 },
        });
        var opened = (await Officer(City, "leaving-officer").OpenConsultationAsync(new OpenConsultationRequest
        {
            RequestId = NewId(),
            CaseId = dispatched.Id,
            ParticipantIds = { Lead.ToString(), Helper.ToString() },
            Question = "谁来承担费用",
            DueAt = grids.Clock.GetUtcNow().AddHours(4).ToTimestamp(),
        })).Consultation;
        await NeededAsync("leaving-officer", "consultation");
        await Officer(City, "leaving-officer").DecideConsultationAsync(
            new DecideConsultationRequest { RequestId = NewId(), ConsultationId = opened.Id, Decision = "各付一半" });

        (await ExportAsync("leaving-officer")).Select(e => (e.Kind, e.Fields.GetValueOrDefault("part", ""))).Distinct().ShouldBe(
            [("assignment", "assigner"), ("consultation", "convener"), ("supervision_order", "")], ignoreOrder: true);
        (await ExportAsync("leaving-ruler")).Single().Fields["text"].ShouldBe("依职责清单");
        foreach (var subject in (string[])["leaving-officer", "leaving-ruler", "leaving-second"])
        {
            (await EraseAsync(subject)).ShouldBeGreaterThan(0);
            (await ExportAsync(subject)).ShouldBeEmpty();
            await ForgottenAsync(subject);
        }
        var kept = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        (kept.FirstReceiver.Answerable, kept.FirstReceiver.OfferedTo).ShouldBe(("leaving-first", ""));
        kept.Assignments.ShouldAllBe(a => a.AssignedBy == "");
        (kept.Assignments[1].Objection.Ruling, kept.Assignments[1].Objection.RuledBy).ShouldBe(("依职责清单", ""));

        await NeededAsync("leaving-first", "receipt");
        await For(Lead).CompleteAssignmentAsync(Complete(dispatched.Id, dispatched.Assignments[0].Id));
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = "已清理" });
        await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = reported.Id, Satisfaction = Satisfaction.Satisfied });
        await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = reported.Id });
        (await EraseAsync("leaving-first")).ShouldBeGreaterThan(0);
        await ForgottenAsync("leaving-first");
    }

    private async Task NeededAsync(string subject, string kind) =>
        (await Refused.AsAsync("SUBJECT_NEEDED", () => EraseAsync(subject))).Metadata["kind"].ShouldBe(kind);

    private async Task<int> EraseAsync(string subject) =>
        (await new Persons.PersonsClient(grids.As("operator", City)).EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = subject, Reason = "本人申请" })).Records;

    private async Task<List<ExportSubjectResponse>> ExportAsync(string subject)
    {
        using var call = new Persons.PersonsClient(grids.As("operator", City)).ExportSubject(
            new ExportSubjectRequest { Subject = subject, Reason = "本人申请" });
        var all = new List<ExportSubjectResponse>();
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            all.Add(call.ResponseStream.Current);
        return all;
    }

    private async Task ForgottenAsync(string subject)
    {
        foreach (var table in (string[])
        [
            "dispatch_roster", "dispatch_assignments", "dispatch_whistles", "dispatch_whistle_departments", "dispatch_consultations",
            "dispatch_statements", "supervision_orders", "cases",
        ])
            (await grids.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%{subject}%'")).ShouldBe(0, table);
    }

    private async Task<V1.Case> DispatchedAsync(Guid lead, params Guid[] helpers)
    {
        var assessed = await grids.AssessedAsync();
        return (await Officer(City, "dispatcher").DispatchHandlersAsync(Dispatch(assessed.Id, lead, helpers))).Case;
    }

    private async Task<IEnumerable<Assignment>> List(string caseId) =>
        (await Officer().ListAssignmentsAsync(new ListAssignmentsRequest { CaseId = caseId })).Assignments;

    private async Task<IEnumerable<string>> HistoryAsync(string caseId) =>
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = caseId })).Entries.Select(e => e.Action);

    private V1.Dispatch.DispatchClient Officer(string territory = City, string subject = "somebody") => new(grids.As("officer", territory, subject));

    // A department's token names where it sits, not where it works.
    private V1.Dispatch.DispatchClient For(Guid organisation) => new(grids.As("responder", "340602", $"of {organisation}", organisation));

    private static DispatchHandlersRequest Dispatch(string caseId, Guid lead, params Guid[] helpers) => new()
    {
        RequestId = NewId(),
        CaseId = caseId,
        Lead = new HandlerPart { OrganisationId = lead.ToString() },
        CoHandlers = { helpers.Select(h => new HandlerPart { OrganisationId = h.ToString() }) },
    };

    private static AcceptAssignmentRequest Accept(string caseId, string id) => new() { RequestId = NewId(), CaseId = caseId, AssignmentId = id };

    private static CompleteAssignmentRequest Complete(string caseId, string id) =>
        new() { RequestId = NewId(), CaseId = caseId, AssignmentId = id, Result = "已清理" };

    private static ReleaseCoHandlerRequest Release(string caseId, string id) =>
        new() { RequestId = NewId(), CaseId = caseId, AssignmentId = id, Reason = "已不需要" };

    private static ObjectToAssignmentRequest Object(string caseId, string id) =>
        new() { RequestId = NewId(), CaseId = caseId, AssignmentId = id, Reason = "不归我管" };

    private static RuleOnObjectionRequest Rule(string caseId, string id, bool uphold) =>
        new() { RequestId = NewId(), CaseId = caseId, AssignmentId = id, Uphold = uphold, Reason = "依职责清单" };

    private static AcceptReceiptRequest Receipt(string caseId) => new() { RequestId = NewId(), CaseId = caseId };
}
