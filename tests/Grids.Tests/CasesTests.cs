using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class CasesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task A_report_lands_in_its_grid_and_is_due_in_work_hours()
    {
        var reported = await grids.ReportAsync();
        reported.Territory.ShouldBe(GridsFixture.Grid);
        reported.Holder.ShouldBe(Community);
        reported.State.ShouldBe(CaseState.Reported);
        // Four work hours from 09:00: three until noon, one from 14:30.
        reported.Deadlines.AssessBy.ToDateTimeOffset().ShouldBe(ServiceFixture.Morning.AddHours(6.5), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_report_says_where_it_is() =>
        await Refused.AsAsync("CASE_LOCATION_MISSING", grids.Cases("resident", City, "resident-1").ReportCaseAsync(
            new ReportCaseRequest { RequestId = NewId(), Title = "路灯不亮", Channel = CaseChannel.MiniProgramme }));

    [Fact]
    public async Task Volunteers_are_not_asked_for_a_time_that_is_over()
    {
        var assessed = await grids.AssessedAsync();
        var dispatch = new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Handler = new Handler
            {
                Volunteers = new V1.VolunteerNeed { Skill = "repair", Hands = 2, Minutes = 60, StartsAt = grids.Clock.GetUtcNow().AddHours(-2).ToTimestamp() },
            },
        };
        await Refused.AsAsync("CASE_NEED_OVER", grids.Cases().DispatchCaseAsync(dispatch));
        // It has begun, and help is still of use.
        dispatch.Handler.Volunteers.Minutes = 180;
        (await grids.Cases().DispatchCaseAsync(dispatch)).Case.State.ShouldBe(CaseState.Dispatched);
    }

    [Fact]
    public async Task A_case_goes_all_the_way_round_within_an_organisation()
    {
        var department = Guid.NewGuid();
        var assessed = await grids.AssessedAsync();
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Handler = new Handler { OrganisationId = department.ToString() },
        });
        var responder = grids.Cases("responder", City, "city-management", department);
        await responder.StartHandlingAsync(new StartHandlingRequest { RequestId = NewId(), CaseId = assessed.Id });
        await responder.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = assessed.Id, Result = "换了灯泡" });
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Answer = "已修好" });
        await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(new ConfirmCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Satisfaction = Satisfaction.Satisfied,
        });
        var closed = (await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = assessed.Id })).Case;
        closed.State.ShouldBe(CaseState.Closed);

        var history = await grids.Cases("resident", City, "resident-1").GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id });
        history.Entries.Select(e => e.Action).ShouldBe(["Reported", "Assessed", "Dispatched", "HandlingStarted", "Handled", "Answered", "Confirmed", "Closed"]);
        history.Entries.Select(e => e.Sequence).ShouldBe(Enumerable.Range(1, 8));
        (await grids.ScalarAsync<long>($"select count(*) from audit where record_id = '{assessed.Id}'")).ShouldBe(8);
    }

    [Fact]
    public async Task Who_sees_a_case_first_assesses_and_dispatches_it_in_one_act()
    {
        var reported = await grids.ReportAsync();
        var request = new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Category = "street_order",
            Handler = new Handler { OrganisationId = NewId() },
        };
        var dispatched = (await grids.Cases().DispatchCaseAsync(request)).Case;
        (dispatched.State, dispatched.Category).ShouldBe((CaseState.Dispatched, "street_order"));
        dispatched.Deadlines.HandleBy.ToDateTimeOffset().ShouldBe(
            (await grids.AssessedAsync()).Deadlines.HandleBy.ToDateTimeOffset(), TimeSpan.FromMinutes(1));
        (await grids.Cases().DispatchCaseAsync(request)).Case.ShouldBe(dispatched);

        var history = await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = reported.Id });
        history.Entries.Select(e => (e.Sequence, e.Action, e.FromState, e.ToState)).ShouldBe([
            (1, "Reported", CaseState.Unspecified, CaseState.Reported),
            (2, "Assessed", CaseState.Reported, CaseState.Assessed),
            (3, "Dispatched", CaseState.Assessed, CaseState.Dispatched),
        ]);
        request.RequestId = NewId();
        await Refused.AsAsync("CASE_WRONG_STATE", grids.Cases().DispatchCaseAsync(request));
        request.Category = "nothing";
        request.CaseId = (await grids.ReportAsync()).Id;
        request.RequestId = NewId();
        await Refused.AsAsync("CASE_CATEGORY_UNKNOWN", grids.Cases().DispatchCaseAsync(request));
    }

    [Fact]
    public async Task A_closed_case_is_reopened_by_its_reporter_until_its_time_has_passed()
    {
        var closed = await grids.ClosedAsync();
        var reopen = new ReopenCaseRequest { RequestId = NewId(), CaseId = closed.Id, Reason = "又不亮了" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("resident", City, "resident-2").ReopenCaseAsync(reopen));
        var again = (await grids.Cases("resident", City, "resident-1").ReopenCaseAsync(reopen)).Case;
        (again.State, again.Reopenings, again.Satisfaction, again.Handler).ShouldBe((CaseState.Assessed, 1, Satisfaction.Dissatisfied, null));

        var late = await grids.ClosedAsync();
        grids.Clock.Set(late.Deadlines.ReopenBy.ToDateTimeOffset().AddMinutes(1));
        reopen = new ReopenCaseRequest { RequestId = NewId(), CaseId = late.Id, Reason = "又不亮了" };
        await Refused.AsAsync("CASE_REOPEN_TOO_LATE", grids.Cases("resident", City, "resident-1").ReopenCaseAsync(reopen));
    }

    [Fact]
    public async Task A_repeated_request_gives_the_first_answer_and_does_nothing()
    {
        var reported = await grids.ReportAsync();
        var request = new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" };
        var first = await grids.Cases().AssessCaseAsync(request);
        (await grids.Cases().AssessCaseAsync(request)).ShouldBe(first);
        (await grids.ScalarAsync<long>($"select count(*) from case_history where case_id = '{reported.Id}'")).ShouldBe(2);

        request.Category = "illegal_construction";
        await Refused.AsAsync("REQUEST_ID_REUSED", grids.Cases().AssessCaseAsync(request));
    }

    [Fact]
    public async Task A_request_id_sent_twice_at_once_has_one_effect()
    {
        var request = new ReportCaseRequest { RequestId = NewId(), Point = PointIn(0), Title = "一次", Channel = CaseChannel.Hotline };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => grids.Cases().ReportCaseAsync(request).ResponseAsync));
        answers.Select(a => a.Case.Id).Distinct().Count().ShouldBe(1);
        (await grids.ScalarAsync<long>($"select count(*) from cases where title = '一次'")).ShouldBe(1);
    }

    [Fact]
    public async Task Another_callers_answer_is_not_given_away()
    {
        var request = new ReportCaseRequest { RequestId = NewId(), Point = PointIn(0), Title = "秘密", Channel = CaseChannel.Hotline };
        await grids.Cases("resident", City, "a").ReportCaseAsync(request);
        await Refused.AsAsync("REQUEST_ID_REUSED", grids.Cases("resident", City, "b").ReportCaseAsync(request));
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_a_fresh_one_accepted()
    {
        var reported = await grids.ReportAsync();
        var assessed = (await grids.Cases().AssessCaseAsync(new AssessCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Etag = reported.Etag,
            Category = "street_order",
        })).Case;
        var refused = await Refused.AsAsync("ETAG_STALE", grids.Cases().EscalateCaseAsync(new EscalateCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Etag = reported.Etag,
            Reason = "超出权限",
        }));
        refused.Code.ShouldBe(StatusCode.Aborted);
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Etag = assessed.Etag, Reason = "超出权限" });
    }

    [Fact]
    public async Task A_verb_in_the_wrong_state_names_the_state_and_those_allowed()
    {
        var reported = await grids.ReportAsync();
        var refused = await Refused.AsAsync("CASE_WRONG_STATE",
            grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = "?" }));
        refused.Code.ShouldBe(StatusCode.FailedPrecondition);
        refused.Metadata["state"].ShouldBe("Reported");
        refused.Metadata["allowed"].ShouldBe("Handled");
        refused.Metadata["verb"].ShouldBe("AnswerCase");
        refused.Message.ShouldBe("事项当前状态为“已上报”，此操作须在“已处置”状态下进行。");
    }

    [Fact]
    public async Task An_escalated_case_belongs_to_the_level_above()
    {
        var assessed = await grids.AssessedAsync();
        var community = grids.Cases("officer", Community);
        await community.EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "需要执法" });

        await Refused.AsAsync("OUTSIDE_TERRITORY",
            community.RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "不是我的" }));
        (await community.GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.Holder.ShouldBe("340603001");
        foreach (var level in new[] { "340603", "3406" })
            (await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "再上报" })).Case.Holder.ShouldBe(level);
        await Refused.AsAsync("CASE_AT_TOP", grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "再上报" }));
    }

    [Fact]
    public async Task A_whistle_tells_the_departments_and_shows_who_came_late()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var assessed = await grids.AssessedAsync();
        var blow = new BlowWhistleRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            OrganisationIds = { first.ToString(), second.ToString() },
            Reason = "占道经营",
            ReportWithin = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(30)),
        };
        await Refused.AsAsync("CASE_LEVEL_TOO_LOW", grids.Cases().BlowWhistleAsync(blow));
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "需要部门" });

        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<WhistleBlown>();
        blow.RequestId = NewId();
        var whistle = (await grids.Cases().BlowWhistleAsync(blow)).Case.Whistle;
        var (blown, _) = await broker.NextAsync<WhistleBlown>(queue);
        blown.Organisations.Select(o => o.OrganisationId).ShouldBe([first, second]);
        whistle.Responders.ShouldAllBe(r => !r.Late && r.ReportedAt == null);

        var whistleId = Guid.Parse(whistle.Id);
        var messageId = Guid.NewGuid();
        for (var i = 0; i < 2; i++)
            await broker.PublishAsync(new ResponderReported(Guid.Parse(assessed.Id), whistleId, first, blown.BlownAt.AddMinutes(5), false), messageId);
        grids.Clock.Advance(TimeSpan.FromMinutes(45));
        var seen = await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case, c => c.Whistle.Responders.Any(r => r.ReportedAt is not null));
        seen.Whistle.Responders.Select(r => r.Late).ShouldBe([false, true]);
        (await grids.ScalarAsync<long>($"select count(*) from case_history where case_id = '{assessed.Id}' and action = 'ResponderReported'")).ShouldBe(1);
    }

    [Fact]
    public async Task Who_only_reported_a_case_sees_what_reporters_see_whatever_else_they_are()
    {
        var reported = await grids.ReportAsync(subject: "worker-7");
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(), CaseId = reported.Id, Category = "street_order", Handler = new Handler { OrganisationId = NewId() }, Note = "请尽快",
        });
        foreach (var token in new[] { "resident", "resident,grid_worker", "grid_worker,resident" })
        {
            var elsewhere = grids.Cases(token, NextGrid, "worker-7");
            (await elsewhere.GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case.FirstReceiver.Subject.ShouldBe("");
            (await elsewhere.ListOwnCasesAsync(new ListOwnCasesRequest())).Cases.ShouldAllBe(c => c.Assignments.All(a => a.AssignedBy == ""));
            (await elsewhere.GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = reported.Id })).Entries
                .Single(e => e.Action is "Dispatched").Actor.ShouldBe("");
        }
        var here = grids.Cases("grid_worker", GridsFixture.Grid, "worker-7");
        (await here.GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case.FirstReceiver.Subject.ShouldBe("somebody");
        (await here.GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = reported.Id })).Entries
            .Single(e => e.Action is "Dispatched").Actor.ShouldBe("somebody");
    }

    [Fact]
    public async Task A_department_that_is_unknown_or_another_city_s_is_refused()
    {
        var assessed = await grids.AssessedAsync();
        foreach (var nobody in new[] { UnknownOrganisation, ForeignOrganisation })
        {
            // Nor is it told to those who may not act on the case.
            await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("officer", OtherCommunity).BlowWhistleAsync(new BlowWhistleRequest
            {
                RequestId = NewId(), CaseId = assessed.Id, OrganisationIds = { nobody.ToString() }, Reason = "打听",
            }));
            await Refused.AsAsync("CASE_HANDLER_UNKNOWN", grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
            {
                RequestId = NewId(),
                CaseId = assessed.Id,
                Handler = new Handler { OrganisationId = nobody.ToString() },
            }));
            var refused = await Refused.AsAsync("CASE_HANDLER_UNKNOWN", grids.Cases().BlowWhistleAsync(new BlowWhistleRequest
            {
                RequestId = NewId(),
                CaseId = assessed.Id,
                OrganisationIds = { NewId(), nobody.ToString() },
                Reason = "多部门",
            }));
            refused.Metadata["handler"].ShouldBe(nobody.ToString());
        }
        var left = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case;
        (left.State, left.Etag).ShouldBe((CaseState.Assessed, assessed.Etag));
        await Refused.AsAsync("DIRECTORY_UNAVAILABLE", grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Handler = new Handler { OrganisationId = SilentOrganisation.ToString() },
        }));
    }

    [Fact]
    public async Task A_work_order_s_events_move_the_case_once()
    {
        var assessed = await grids.AssessedAsync();
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<CaseDispatched>();
        var estate = Guid.NewGuid();
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = new Handler { EstateId = estate.ToString() } });
        var (dispatched, _) = await broker.NextAsync<CaseDispatched>(queue);
        dispatched.EstateId.ShouldBe(estate);
        dispatched.DueAt.ShouldBe(assessed.Deadlines.HandleBy.ToDateTimeOffset());

        await Refused.AsAsync("CASE_NOT_YOURS", grids.Cases().StartHandlingAsync(new StartHandlingRequest { RequestId = NewId(), CaseId = assessed.Id }));

        var (caseId, order) = (Guid.Parse(assessed.Id), Guid.NewGuid());
        var completed = new WorkOrderCompleted(caseId, order, "门修好了", ServiceFixture.Morning, dispatched.DispatchId);
        var completedId = Guid.NewGuid();
        await broker.PublishAsync(new WorkOrderOpened(caseId, order, "某物业", ServiceFixture.Morning, dispatched.DispatchId), Guid.NewGuid());
        await broker.PublishAsync(completed, completedId);
        await broker.PublishAsync(completed, completedId);
        var handled = await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case, c => c.State is CaseState.Handled);
        handled.Result.ShouldBe("门修好了");
        handled.Handler.Reference.ShouldBe(order.ToString());
        var history = await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id });
        history.Entries.Select(e => e.Action).ShouldBe(["Reported", "Assessed", "Dispatched", "HandlingStarted", "Handled"]);
    }

    [Fact]
    public async Task What_an_earlier_handler_reports_late_moves_nothing_and_is_kept_in_the_history()
    {
        var assessed = await grids.AssessedAsync();
        var id = Guid.Parse(assessed.Id);
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var (first, late) = (await DispatchAsync(), Guid.NewGuid());
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "超出职权" });
        var second = await DispatchAsync();
        second.ShouldNotBe(first);

        await broker.PublishAsync(new WorkOrderOpened(id, late, "甲物业", ServiceFixture.Morning, first), Guid.NewGuid());
        await broker.PublishAsync(new WorkOrderCompleted(id, late, "甲修好了", ServiceFixture.Morning, first), Guid.NewGuid());
        await broker.PublishAsync(new WorkOrderDeclined(id, null, "甲不修", ServiceFixture.Morning, first), Guid.NewGuid());
        await broker.PublishAsync(new ActivityCompleted(id, late, 2, 60, "没有说是哪一次", ServiceFixture.Morning), Guid.NewGuid());
        var own = Guid.NewGuid();
        await broker.PublishAsync(new WorkOrderOpened(id, own, "乙物业", ServiceFixture.Morning, second), Guid.NewGuid());
        var handled = await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case, c => c.State is CaseState.Handling);
        (handled.Handler.Reference, handled.Handler.OrganisationName, handled.Result).ShouldBe((own.ToString(), "乙物业", ""));
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id })).Entries.Select(e => e.Action).ShouldBe(
        [
            "Reported", "Assessed", "Dispatched", "Escalated", "Dispatched",
            "HandlerReported", "HandlerReported", "HandlerReported", "HandlerReported", "HandlingStarted",
        ]);

        async Task<Guid> DispatchAsync()
        {
            await grids.Cases().DispatchCaseAsync(
                new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = new Handler { EstateId = NewId() } });
            return await DispatchOfAsync(id);
        }
    }

    [Fact]
    public async Task What_is_reported_after_the_end_of_a_case_moves_neither_its_end_nor_what_is_counted_of_it()
    {
        var closed = await grids.ClosedAsync();
        var id = Guid.Parse(closed.Id);
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        grids.Clock.Advance(TimeSpan.FromDays(40));
        await broker.PublishAsync(new ResponderReported(id, Guid.NewGuid(), Guid.NewGuid(), ServiceFixture.Morning, true), Guid.NewGuid());
        await broker.PublishAsync(new WorkOrderCompleted(id, Guid.NewGuid(), "晚到的结果", ServiceFixture.Morning), Guid.NewGuid());
        await Eventually.BecomesAsync(
            () => grids.ScalarAsync<long>($"select count(*) from case_history where case_id = '{id}' and action = 'HandlerReported'"),
            count => count is 1);
        var seen = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = closed.Id })).Case;
        (seen.State, seen.UpdatedAt).ShouldBe((CaseState.Closed, closed.UpdatedAt));
        seen.Etag.ShouldNotBe(closed.Etag);
    }

    [Fact]
    public async Task An_officer_confirms_on_behalf_but_never_an_own_answer()
    {
        var assessed = await grids.AssessedAsync();
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = assessed.Id, Result = "换了灯泡" });
        await grids.Cases(subject: "answerer").AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Answer = "已修好" });
        var confirm = new ConfirmCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Satisfaction = Satisfaction.Satisfied, Comment = "电话确认" };
        var refused = await Refused.AsAsync("CASE_CONFIRMATION_OWN", grids.Cases(subject: "answerer").ConfirmCaseAsync(confirm));
        refused.Code.ShouldBe(StatusCode.PermissionDenied);
        (await grids.Cases(subject: "colleague").ConfirmCaseAsync(confirm)).Case.State.ShouldBe(CaseState.Confirmed);
    }

    [Fact]
    public async Task Events_of_a_record_take_effect_in_the_order_of_their_writing()
    {
        const int Cases = 40;
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var ids = await Task.WhenAll(Enumerable.Range(0, Cases).Select(async _ =>
        {
            var assessed = await grids.AssessedAsync();
            var handler = new Handler { EstateId = Guid.NewGuid().ToString() };
            await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest { RequestId = NewId(), CaseId = assessed.Id, Handler = handler });
            return Guid.Parse(assessed.Id);
        }));
        foreach (var id in ids)
        {
            var dispatch = await DispatchOfAsync(id);
            await broker.PublishAsync(new WorkOrderOpened(id, id, "某物业", ServiceFixture.Morning, dispatch), Guid.NewGuid());
            await broker.PublishAsync(new WorkOrderCompleted(id, id, "门修好了", ServiceFixture.Morning, dispatch), Guid.NewGuid());
        }
        foreach (var id in ids)
        {
            var handled = await Eventually.BecomesAsync(
                async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id.ToString() })).Case, c => c.State is CaseState.Handled);
            handled.Handler.Reference.ShouldBe(id.ToString());
        }
    }

    [Fact]
    public async Task An_event_about_an_unknown_case_becomes_a_dead_letter_that_can_be_replayed()
    {
        grids.Logs.Expect("CASE_NOT_FOUND");
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var operations = new Common.V1.Operations.OperationsClient(grids.As("operator", City));
        var id = Guid.NewGuid();
        await broker.PublishAsync(new WorkOrderCompleted(Guid.NewGuid(), Guid.NewGuid(), "?", ServiceFixture.Morning), id);

        async Task<Common.V1.DeadLetter?> Letter() =>
            (await operations.ListDeadLettersAsync(new Common.V1.ListDeadLettersRequest())).DeadLetters.SingleOrDefault(l => l.MessageId == id.ToString());
        var letter = await Eventually.BecomesAsync(Letter, l => l is not null);
        // A page begins after the last one of the page before, also when that is gone.
        var first = await operations.ListDeadLettersAsync(new Common.V1.ListDeadLettersRequest { PageSize = 1 });
        await broker.PublishAsync(new WorkOrderCompleted(Guid.NewGuid(), Guid.NewGuid(), "?", ServiceFixture.Morning), Guid.NewGuid());
        var newest = await Eventually.BecomesAsync(
            () => operations.ListDeadLettersAsync(new Common.V1.ListDeadLettersRequest { PageSize = 1 }).ResponseAsync,
            p => p.DeadLetters[0].MessageId != first.DeadLetters[0].MessageId);
        await operations.ReplayDeadLetterAsync(new Common.V1.ReplayDeadLetterRequest
        {
            RequestId = NewId(), MessageId = newest.DeadLetters[0].MessageId, Consumer = newest.DeadLetters[0].Consumer,
        });
        (await operations.ListDeadLettersAsync(new Common.V1.ListDeadLettersRequest { PageSize = 1, PageToken = newest.NextPageToken })).DeadLetters
            .ShouldHaveSingleItem().MessageId.ShouldBe(letter!.MessageId);
        letter!.Event.ShouldBe("WorkOrderCompleted");
        letter.Error.ShouldContain("CASE_NOT_FOUND");

        await operations.ReplayDeadLetterAsync(new Common.V1.ReplayDeadLetterRequest { RequestId = NewId(), MessageId = id.ToString(), Consumer = letter.Consumer });
        // Still unknown: it comes back, later than before.
        await Eventually.BecomesAsync(Letter, l => l is not null && l.FailedAt.ToDateTimeOffset() > letter.FailedAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task A_dead_letter_is_kept_for_ninety_days()
    {
        await using (var command = grids.Database.CreateCommand(
            """
            insert into dead_letters (message_id, consumer, event, payload, error, failed_at)
            select gen_random_uuid(), 'of ' || days, 'WorkOrderCompleted', '', 'CASE_NOT_FOUND', $1 - days * interval '1 day'
            from unnest(array[89, 91]) days
            """))
        {
            command.Parameters.Add(new Npgsql.NpgsqlParameter<DateTime> { TypedValue = grids.Clock.GetUtcNow().UtcDateTime });
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await grids.Services.GetRequiredService<ServiceDefaults.Database.Housekeeping>().CleanAsync(TestContext.Current.CancellationToken);
        (await grids.ScalarAsync<string>("select string_agg(consumer, ', ') from dead_letters where consumer like 'of %'")).ShouldBe("of 89");
    }

    [Fact]
    public async Task A_watch_tells_every_change_in_order_and_goes_on_after_a_cut()
    {
        var reported = await grids.ReportAsync(1);
        using var first = grids.Cases().WatchCases(new WatchCasesRequest { Territory = NextGrid });
        (await first.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var cursor = first.ResponseStream.Current.Cursor;
        first.ResponseStream.Current.Entry.ShouldBeNull();

        await grids.ReportAsync(0);
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        (await first.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        first.ResponseStream.Current.Entry.Action.ShouldBe("Assessed");
        first.Dispose();

        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "上报" });
        using var second = grids.Cases().WatchCases(new WatchCasesRequest { Territory = NextGrid, Cursor = cursor });
        var actions = new List<string>();
        while (actions.Count < 2 && await second.ResponseStream.MoveNext(CancellationToken.None))
            if (second.ResponseStream.Current.Entry is { } entry)
                actions.Add(entry.Action);
        actions.ShouldBe(["Assessed", "Escalated"]);
    }

    [Fact]
    public async Task A_resident_sees_only_own_cases()
    {
        var reported = await grids.ReportAsync(subject: "resident-2");
        await grids.Cases("resident", City, "resident-2").GetCaseAsync(new GetCaseRequest { Id = reported.Id });
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("resident", City, "resident-3").GetCaseAsync(new GetCaseRequest { Id = reported.Id }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", grids.Cases("resident", City, "resident-2").ListCasesAsync(new ListCasesRequest()));
    }

    [Fact]
    public async Task A_missing_case_sounds_like_a_foreign_one_unless_the_caller_reaches_the_city()
    {
        var nowhere = new GetCaseRequest { Id = NewId() };
        await Refused.AsAsync("CASE_NOT_FOUND", grids.Cases().GetCaseAsync(nowhere));
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("officer", Community).GetCaseAsync(nowhere));
    }

    [Fact]
    public async Task Overdue_cases_are_listed_as_overdue()
    {
        var reported = await grids.ReportAsync(3);
        var list = new ListCasesRequest { Territory = OtherCommunity + "02", OverdueOnly = true };
        (await grids.Cases().ListCasesAsync(list)).Cases.ShouldBeEmpty();
        grids.Clock.Advance(TimeSpan.FromDays(1));
        var overdue = (await grids.Cases().ListCasesAsync(list)).Cases.ShouldHaveSingleItem();
        overdue.Id.ShouldBe(reported.Id);
        overdue.Overdue.ShouldBeTrue();
    }

    [Fact]
    public async Task A_year_without_calendar_is_refused_by_name()
    {
        grids.Clock.Set(new DateTimeOffset(2026, 12, 20, 1, 0, 0, TimeSpan.Zero));
        var reported = await grids.ReportAsync();
        var refused = await Refused.AsAsync("CALENDAR_YEAR_MISSING",
            grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "illegal_construction" }));
        refused.Metadata["year"].ShouldBe("2027");
        refused.Code.ShouldBe(StatusCode.FailedPrecondition);
    }

    private async Task<Guid> DispatchOfAsync(Guid caseId) =>
        Guid.Parse(await grids.ScalarAsync<string>($"select handler ->> 'dispatchId' from cases where id = '{caseId}'"));
}
