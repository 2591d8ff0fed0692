using System.Text;
using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using StackExchange.Redis;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

public sealed class PersonsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Resident = "resident-wang";

    private static readonly Person Wang = new()
    {
        Name = "王植入",
        Phone = "139 5555 0001",
        CitizenId = "34060319900101123X",
        Home = "植入小区9栋901",
        Email = "planted@example.org",
    };

    private static readonly Person Zhao = new() { Name = "赵植入", Phone = "13955550002" };

    [Fact]
    public async Task People_of_a_case_are_listed_masked_and_shown_plain_with_a_trace()
    {
        var reported = await ReportAsync(Wang, Zhao);
        reported.People.ShouldBe(2);
        reported.Reporter.ShouldBe(Resident);

        var listed = (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons;
        listed.Select(p => p.Part).ShouldBe([PersonPart.Reporter, PersonPart.OnBehalf]);
        listed[0].Person.ShouldBe(new Person
        {
            Name = "王*", Phone = "139****0001", CitizenId = "3406************3X", Home = "****", Email = "p***@example.org",
        });
        listed[0].Subject.ShouldBe(Resident);
        listed[1].Person.Phone.ShouldBe("139****0002");

        var shown = (await Persons("grid_worker", Community).GetPersonAsync(new GetPersonRequest { Id = listed[0].Id, Reason = "上门前联系" })).Person;
        shown.Person.ShouldBe(new Person(Wang) { Phone = "13955550001" });
        var access = (await Persons("auditor").ListPersonAccessesAsync(new ListPersonAccessesRequest { PageSize = 500 })).Accesses.Single(a => a.RecordId == reported.Id);
        (access.Subject, access.Role, access.RecordId, access.Reason).ShouldBe(("somebody", "grid_worker", reported.Id, "上门前联系"));
        access.Action.ShouldEndWith("GetPerson");
    }

    [Fact]
    public async Task Who_reported_for_another_sees_what_is_there_of_themselves()
    {
        var reported = await ReportAsync(Wang, Zhao);
        (await Persons("resident", City, Resident).ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons
            .ShouldHaveSingleItem().Part.ShouldBe(PersonPart.Reporter);
        await Refused.AsAsync("OUTSIDE_TERRITORY", Persons("resident", City, "another").ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id }));
    }

    [Fact]
    public async Task Nobody_from_elsewhere_sees_them()
    {
        var reported = await ReportAsync(Wang);
        var id = (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons[0].Id;
        var elsewhere = Persons("grid_worker", OtherCommunity);
        await Refused.AsAsync("OUTSIDE_TERRITORY", elsewhere.ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", elsewhere.GetPersonAsync(new GetPersonRequest { Id = id, Reason = "好奇" }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Persons("resident", City, "another").GetPersonAsync(new GetPersonRequest { Id = id, Reason = "好奇" }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Persons("auditor").GetPersonAsync(new GetPersonRequest { Id = id, Reason = "好奇" }));
        await Refused.AsAsync("REQUEST_INVALID", Persons().GetPersonAsync(new GetPersonRequest { Id = id }));
        await Refused.AsAsync("PERSON_NOT_FOUND", Persons().GetPersonAsync(new GetPersonRequest { Id = NewId(), Reason = "核实" }));
        await Refused.AsAsync("PERSON_NOT_FOUND", Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = NewId() }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", elsewhere.ListPersonsAsync(new ListPersonsRequest { RecordId = NewId() }));
        (await grids.ScalarAsync<long>("select count(*) from person_accesses where reason = '好奇'")).ShouldBe(0);
        (await Persons("resident", City, Resident).GetPersonAsync(new GetPersonRequest { Id = id, Reason = "本人" })).Person.Person.Name.ShouldBe(Wang.Name);
    }

    [Fact]
    public async Task A_confidential_reporter_is_known_to_the_case_by_another_word_only()
    {
        var reported = await ReportAsync(Wang, confidential: true, subject: "resident-secret");
        reported.Confidential.ShouldBeTrue();
        reported.Reporter.ShouldStartWith("#");
        var again = await ReportAsync(Wang, confidential: true, subject: "resident-secret");
        again.Reporter.ShouldNotBe(reported.Reporter);

        // It is still the reporter's own.
        var own = grids.Cases("resident", City, "resident-secret");
        (await own.GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case.Title.ShouldBe("植入");
        (await own.ListOwnCasesAsync(new ListOwnCasesRequest())).Cases.Select(c => c.Id).ShouldBe([again.Id, reported.Id]);
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("resident", City, reported.Reporter).GetCaseAsync(new GetCaseRequest { Id = reported.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("resident", City, "another").GetCaseAsync(new GetCaseRequest { Id = reported.Id }));
        await CloseAsync(reported.Id, own);
        // Whoever looks at what is kept of themselves is not told by that either.
        var mine = (await Persons("resident", City, "resident-secret").ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons.Single();
        (await Persons("resident", City, "resident-secret").GetPersonAsync(new GetPersonRequest { Id = mine.Id, Reason = "看自己的" }))
            .Person.Subject.ShouldBe("resident-secret");
        (await Persons("auditor").ListPersonAccessesAsync(new ListPersonAccessesRequest())).Accesses.Single(a => a.Reason is "看自己的").Subject
            .ShouldBe(reported.Reporter);

        // Neither the case, nor its history, nor its audit, nor a stored answer names the reporter.
        foreach (var table in await TablesAsync())
            (await grids.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%resident-secret%'")).ShouldBe(0, table);
        var history = (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = reported.Id })).Entries;
        history.Single(e => e.Action is "Confirmed").Actor.ShouldBe(reported.Reporter);

        var listed = (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons.ShouldHaveSingleItem();
        listed.Person.ShouldBe(new Person());
        listed.Subject.ShouldBe("");
        await Refused.AsAsync("PERSON_CONFIDENTIAL", Persons("grid_worker", Community).GetPersonAsync(new GetPersonRequest { Id = listed.Id, Reason = "好奇" }));
        (await Persons().GetPersonAsync(new GetPersonRequest { Id = listed.Id, Reason = "依法核查" })).Person.Subject.ShouldBe("resident-secret");
    }

    [Fact]
    public async Task A_confidential_reporter_of_the_staff_is_not_known_by_what_the_same_one_does_of_office()
    {
        var worker = grids.Cases("grid_worker", GridsFixture.Grid, "worker-secret");
        var reported = (await worker.ReportCaseAsync(Request(null, confidential: true))).Case;
        await new V1.Intake.IntakeClient(grids.As("officer", City)).AskVerificationAsync(
            new AskVerificationRequest { RequestId = NewId(), CaseId = reported.Id, Question = "是否属实" });
        var verified = (await new V1.Intake.IntakeClient(grids.As("grid_worker", GridsFixture.Grid, "worker-secret")).VerifyCaseAsync(
            new VerifyCaseRequest { RequestId = NewId(), CaseId = reported.Id, Finding = VerificationFinding.Confirmed, Note = "属实" })).Case;
        verified.Verification.VerifiedBy.ShouldBe("worker-secret");
        await CloseAsync(reported.Id, worker);
        (await ActorsAsync(reported.Id)).ShouldBe([
            ("Reported", reported.Reporter), ("VerificationAsked", "somebody"), ("Verified", "worker-secret"), ("Assessed", "somebody"),
            ("Dispatched", "somebody"), ("Handled", "somebody"), ("Answered", "somebody"), ("Confirmed", reported.Reporter), ("Closed", "somebody"),
        ]);
        // Where one person has a role, the role would name them.
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = reported.Id })).Entries
            .Where(e => e.Actor == reported.Reporter).ShouldAllBe(e => e.ActorRole == "resident");

        var officer = grids.Cases(subject: "officer-secret");
        reported = (await officer.ReportCaseAsync(Request(null, confidential: true))).Case;
        var assessed = (await officer.AssessCaseAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" })).Case;
        assessed.FirstReceiver.Subject.ShouldBe("officer-secret");
        (await ActorsAsync(reported.Id)).ShouldBe([("Reported", reported.Reporter), ("Assessed", "officer-secret")]);
        // What nobody has taken up is not taken up by whoever speaks as its reporter.
        await using (var forget = grids.Database.CreateCommand(
            $"update cases set receiver = null, state = 7, confirm_by = '{grids.Clock.GetUtcNow().AddDays(1):O}' where id = '{reported.Id}'"))
            await forget.ExecuteNonQueryAsync();
        var confirmed = (await officer.ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = reported.Id, Satisfaction = Satisfaction.Satisfied })).Case;
        confirmed.FirstReceiver.ShouldBeNull();
        (await ActorsAsync(reported.Id))[^1].ShouldBe(("Confirmed", reported.Reporter));

        async Task<List<(string, string)>> ActorsAsync(string id) =>
            [.. (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = id })).Entries.Select(e => (e.Action, e.Actor))];
    }

    [Fact]
    public async Task A_number_finds_its_people_however_it_is_written()
    {
        var person = new Person { Name = "钱", Phone = "13955550003", CitizenId = "34060319900101123X" };
        var reported = await ReportAsync(person);
        var byPhone = await Persons().SearchPersonsAsync(new SearchPersonsRequest { Phone = "+86 139-5555-0003", Reason = "核实重复" });
        byPhone.Persons.ShouldHaveSingleItem().RecordId.ShouldBe(reported.Id);
        var byId = await Persons().SearchPersonsAsync(new SearchPersonsRequest { CitizenId = "34060319900101123x", Reason = "核实重复" });
        byId.Persons.ShouldContain(p => p.RecordId == reported.Id);
        (await Persons("officer", OtherCommunity).SearchPersonsAsync(new SearchPersonsRequest { Phone = "13955550003", Reason = "核实重复" })).Persons.ShouldBeEmpty();
        await Refused.AsAsync("PERSON_KEY_MISSING", Persons().SearchPersonsAsync(new SearchPersonsRequest { Reason = "核实重复" }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Persons("officer", Community).SearchPersonsAsync(
            new SearchPersonsRequest { Territory = OtherCommunity, Phone = "13955550003", Reason = "核实重复" }));
        (await grids.ScalarAsync<long>("select count(*) from person_accesses where reason = '核实重复' and record_id is null")).ShouldBe(3);
    }

    [Fact]
    public async Task A_number_does_not_find_who_stays_confidential()
    {
        var person = new Person { Name = "孙", Phone = "13955550013", CitizenId = "34060319900101123X" };
        var hidden = await ReportAsync(person, confidential: true);
        var shown = await ReportAsync(person);
        foreach (var request in (SearchPersonsRequest[])
            [new() { Phone = person.Phone, Reason = "核实保密" }, new() { CitizenId = person.CitizenId, Reason = "核实保密" }])
        {
            var found = (await Persons().SearchPersonsAsync(request)).Persons.Select(p => p.RecordId).ToList();
            found.ShouldContain(shown.Id);
            found.ShouldNotContain(hidden.Id);
        }
    }

    [Fact]
    public async Task What_is_no_number_is_refused_without_being_repeated()
    {
        var refused = await Refused.AsAsync("REQUEST_INVALID", grids.Cases("resident").ReportCaseAsync(
            Request(new Person { Name = "王", Phone = "1395555x", CitizenId = "340603199001011239" })));
        refused.Fields.ShouldBe(["contact.phone: FIELD_MALFORMED", "contact.citizen_id: FIELD_MALFORMED"]);
        refused.Message.ShouldNotContain("1395555");
    }

    [Fact]
    public async Task Data_go_when_their_time_after_the_end_is_over()
    {
        var reported = await ReportAsync(Wang);
        var open = await ReportAsync(Zhao);
        await CloseAsync(reported.Id, grids.Cases("resident", City, Resident));
        var closedAt = grids.Clock.GetUtcNow();
        var housekeeping = grids.Services.GetRequiredService<Housekeeping>();

        grids.Clock.Set(closedAt.AddDays(30).AddSeconds(-5));
        await housekeeping.CleanAsync(CancellationToken.None);
        (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons.Count.ShouldBe(1);
        grids.Clock.Set(closedAt.AddDays(30).AddSeconds(5));
        await housekeeping.CleanAsync(CancellationToken.None);
        await Refused.AsAsync("PERSON_NOT_FOUND", Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id }));
        (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = open.Id })).Persons.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_said_goes_with_the_data_and_what_was_done_stays()
    {
        await grids.PutPolicyAsync(p => p.Satisfaction = SatisfactionRulesTests.Policy());
        var cases = grids.Cases("resident", City, Resident);
        var (reported, kept) = (await ReportAsync(Wang), await ReportAsync(Zhao));
        await AttachAsync(reported.Id, Resident);
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        var mediations = new V1.Mediations.MediationsClient(grids.As("officer", City));
        var opened = (await mediations.OpenMediationAsync(new OpenMediationRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Dispute = "植入的争执",
            Parties =
            {
                new MediationParty { Label = "甲方", Person = Wang, Consents = true },
                new MediationParty { Label = "乙方", Person = Zhao, Consents = true },
            },
            Mediators = { "mediator-1" },
        })).Mediation;
        await mediations.RecordMediationSessionAsync(new RecordMediationSessionRequest
        {
            RequestId = NewId(), MediationId = opened.Id, HeldAt = reported.ReportedAt, Note = "植入的会谈",
        });
        await mediations.ConcludeMediationAsync(new ConcludeMediationRequest
        {
            RequestId = NewId(), MediationId = opened.Id, Outcome = MediationOutcome.Agreed, Conclusion = "植入的协议",
        });
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = "双方已和解" });
        await cases.ConfirmCaseAsync(new ConfirmCaseRequest
        {
            RequestId = NewId(), CaseId = reported.Id, Satisfaction = Satisfaction.Satisfied, Comment = "植入的谢意",
        });
        await new V1.SatisfactionSurveys.SatisfactionSurveysClient(grids.As("resident", City, Resident)).RespondToCaseAsync(
            new RespondToCaseRequest { RequestId = NewId(), CaseId = reported.Id, Score = 5, Comment = "植入的评价" });
        await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = reported.Id });
        var closedAt = grids.Clock.GetUtcNow();
        var before = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        var actions = (await HistoryAsync(reported.Id)).Select(e => (e.Action, e.Actor, e.At, e.ToState)).ToList();
        var housekeeping = grids.Services.GetRequiredService<Housekeeping>();

        grids.Clock.Set(closedAt.AddDays(30).AddMinutes(-5));
        await housekeeping.CleanAsync(CancellationToken.None);
        (await FoundAsync()).ShouldBe(["attachments", "case_history", "cases", "mediations", "satisfaction_responses"]);
        grids.Clock.Set(closedAt.AddDays(30).AddMinutes(5));
        await housekeeping.CleanAsync(CancellationToken.None);
        (await FoundAsync()).ShouldBeEmpty();

        // Read anew, not from the cache.
        var left = await Eventually.BecomesAsync(
            async () => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case, c => c.Description.Length is 0);
        left.Etag.ShouldNotBe(before.Etag);
        (before.Etag, before.Description, before.Result) = (left.Etag, "", "");
        left.ShouldBe(before);
        (await HistoryAsync(reported.Id)).Select(e => (e.Action, e.Actor, e.At, e.ToState)).ShouldBe(actions);
        var mediated = (await mediations.GetMediationAsync(new GetMediationRequest { Id = opened.Id })).Mediation;
        (mediated.State, mediated.Sessions.Count, mediated.Sessions[0].HeldAt, mediated.Parties.Count)
            .ShouldBe((MediationState.Performed, 1, reported.ReportedAt, 2));
        (await grids.ScalarAsync<short>($"select satisfaction from satisfaction_responses where case_id = '{reported.Id}'"))
            .ShouldBe((short)Satisfaction.Satisfied);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = kept.Id })).Case.Description.ShouldBe("植入的话");
        (await grids.ScalarAsync<long>(
            $"""
            select count(*) from audit
            where action like '%ForgetTexts' and territory <> '' and record_id in ('{reported.Id}', '{opened.Id}')
            """)).ShouldBe(2);

        async Task<List<string>> FoundAsync()
        {
            var found = new List<string>();
            foreach (var (table, key) in new[]
            {
                ("cases", "id"), ("attachments", "case_id"), ("case_history", "case_id"), ("satisfaction_responses", "case_id"), ("mediations", "case_id"),
            })
            {
                if (await grids.ScalarAsync<bool>(
                        $"select exists (select 1 from {table} t where {key} = '{reported.Id}' and t::text like '%植入的%')"))
                    found.Add(table);
            }
            return [.. found.Order()];
        }
    }

    [Fact]
    public async Task What_the_city_wrote_stays_without_the_people_when_their_time_is_over()
    {
        var named = new Person { Name = "钱临时", Phone = "13955550009" };
        const string words = "请联系钱临时，电话 139-5555 0009";
        var reported = await ReportAsync(null, named);
        var intake = new V1.Intake.IntakeClient(grids.As("officer", City));
        await intake.AskVerificationAsync(new AskVerificationRequest { RequestId = NewId(), CaseId = reported.Id, Question = words });
        await intake.VerifyCaseAsync(new VerifyCaseRequest
        {
            RequestId = NewId(), CaseId = reported.Id, Finding = VerificationFinding.NotFound, Note = words,
        });
        await new V1.Escalations.EscalationsClient(grids.As("officer", City)).IssueSupervisionOrderAsync(new IssueSupervisionOrderRequest
        {
            RequestId = NewId(), CaseId = reported.Id, Instruction = words, ReplyWithin = new V1.TimeLimit { Unit = TimeUnit.WorkHours, Amount = 8 },
        });
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = words });
        var closedAt = grids.Clock.GetUtcNow();
        var housekeeping = grids.Services.GetRequiredService<Housekeeping>();
        (await SayingAsync()).ShouldBe(["case_history", "cases", "supervision_orders"]);

        grids.Clock.Set(closedAt.AddDays(30).AddMinutes(5));
        await housekeeping.CleanAsync(CancellationToken.None);

        (await SayingAsync()).ShouldBeEmpty();
        (await HistoryAsync(reported.Id)).Single(e => e.Action == "Rejected").Note.ShouldBe("请联系***，电话 ***");
        (await grids.ScalarAsync<string>($"select verification ->> 'note' from cases where id = '{reported.Id}'")).ShouldBe("请联系***，电话 ***");

        async Task<List<string>> SayingAsync()
        {
            var saying = new List<string>();
            foreach (var table in await TablesAsync())
                if (await DumpAsync(table) is var text && (text.Contains(named.Name) || text.Contains("139-5555 0009")))
                    saying.Add(table);
            return [.. saying.Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task What_nobody_can_read_without_its_key_waits_for_it_and_nothing_else_does()
    {
        grids.Logs.Expect("wait for their key");
        var (lost, other) = (await ReportAsync(Wang), await ReportAsync(Zhao));
        foreach (var id in new[] { lost.Id, other.Id })
            await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = id, Reason = "重复" });
        // Encrypted with a key that the file lacks.
        await grids.ScalarAsync<Guid>($"update persons set name = set_byte(name, 1, 200) where record_id = '{lost.Id}' returning id");
        var housekeeping = grids.Services.GetRequiredService<Housekeeping>();
        grids.Clock.Advance(TimeSpan.FromDays(31));
        await housekeeping.CleanAsync(CancellationToken.None);
        (await KeptAsync(lost.Id)).ShouldBe((1, "植入的话"));
        (await KeptAsync(other.Id)).ShouldBe((0, ""));

        await grids.ScalarAsync<Guid>($"update persons set name = set_byte(name, 1, 1) where record_id = '{lost.Id}' returning id");
        grids.Clock.Advance(TimeSpan.FromDays(2));
        await housekeeping.CleanAsync(CancellationToken.None);
        (await KeptAsync(lost.Id)).ShouldBe((0, ""));

        async Task<(long, string?)> KeptAsync(string id) => (
            await grids.ScalarAsync<long>($"select count(*) from persons where record_id = '{id}'"),
            await grids.ScalarAsync<string>($"select description from cases where id = '{id}'"));
    }

    private Task AttachAsync(string caseId, string subject) =>
        new V1.Attachments.AttachmentsClient(grids.As("resident", City, subject)).AddAttachmentAsync(new AddAttachmentRequest
        {
            RequestId = NewId(),
            CaseId = caseId,
            Reference = "https://files.example/wang.jpg",
            MediaType = "image/jpeg",
            Size = 1024,
            Sha256 = new string('a', 64),
            Note = "植入的说明",
        }).ResponseAsync;

    private async Task<IReadOnlyList<CaseHistoryEntry>> HistoryAsync(string id) =>
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = id })).Entries;

    [Fact]
    public async Task A_subject_gets_everything_about_itself_and_is_erased_once_nothing_is_under_way()
    {
        const string subject = "resident-leaving";
        var reported = await ReportAsync(Wang, subject: subject);
        var hidden = await ReportAsync(Zhao, confidential: true, subject: subject);
        await AttachAsync(reported.Id, subject);
        await AttachAsync(hidden.Id, subject);
        var own = Persons("resident", City, subject);
        var exported = await ExportAsync(own, new ExportSubjectRequest());
        exported.Where(e => e.Kind is "case").Select(e => e.RecordId).ShouldBe([hidden.Id, reported.Id]);
        exported.Where(e => e.Kind is "case person").Select(e => e.Fields["name"]).ShouldBe([Wang.Name, Zhao.Name]);
        exported.Single(e => e.Kind is "case" && e.RecordId == reported.Id).Fields["description"].ShouldBe("植入的话");

        var files = exported.Where(e => e.Kind is "attachment").ToList();
        files.Select(e => e.Fields["case_id"]).ShouldBe([hidden.Id, reported.Id]);
        files.ShouldAllBe(e => e.Fields["reference"] == "https://files.example/wang.jpg" && e.Fields["note"] == "植入的说明");

        // Others need a role and a reason for it.
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => ExportAsync(Persons("resident", City, "another"), new ExportSubjectRequest { Subject = subject }));
        await Refused.AsAsync("REQUEST_INVALID", () => ExportAsync(Persons("operator"), new ExportSubjectRequest { Subject = subject }));
        (await ExportAsync(Persons("operator"), new ExportSubjectRequest { Subject = subject, Reason = "本人申请" })).Count.ShouldBe(exported.Count);
        (await ExportAsync(Persons("operator", OtherCommunity), new ExportSubjectRequest { Subject = subject, Reason = "本人申请" })).ShouldBeEmpty();

        var erase = new EraseSubjectRequest { RequestId = NewId(), Reason = "本人申请" };
        (await Refused.AsAsync("SUBJECT_NEEDED", own.EraseSubjectAsync(erase))).Metadata["count"].ShouldBe("2");
        // That somebody is needed is told to others only with a trace.
        await Refused.AsAsync("SUBJECT_NEEDED", Persons("operator").EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = subject, Reason = "试探" }));
        (await grids.ScalarAsync<long>("select count(*) from person_accesses where reason = '试探' and action like '%EraseSubject'")).ShouldBe(1);
        (await ExportAsync(Persons("volunteer", City, subject), new ExportSubjectRequest())).Count.ShouldBe(exported.Count);
        var cases = grids.Cases("resident", City, subject);
        await CloseAsync(reported.Id, cases);
        await CloseAsync(hidden.Id, cases);
        // What the reporter said later is told before it goes, and what others said is not.
        (await ExportAsync(own, new ExportSubjectRequest())).Where(e => e.Kind is "case_note")
            .Select(e => (e.RecordId, e.Fields["action"], e.Fields["note"]))
            .ShouldBe([(hidden.Id, "Confirmed", "谢谢"), (reported.Id, "Confirmed", "谢谢")]);
        (await own.EraseSubjectAsync(erase)).Records.ShouldBe(4);
        (await own.EraseSubjectAsync(erase)).Records.ShouldBe(4);
        // Nothing ties the subject to the case that it reported in confidence.
        (await grids.ScalarAsync<long>($"select count(*) from audit where subject = '{subject}' and record_id = '{hidden.Id}'")).ShouldBe(0);

        var left = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        (left.Reporter, left.Description, left.Answer).ShouldBe(("", "", "已修好"));
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = hidden.Id })).Entries
            .Where(e => e.Action is "Reported" or "Confirmed").ShouldAllBe(e => e.Actor == "" && e.Note == "");
        (await grids.ScalarAsync<long>(
            $"""
            select count(*) from attachments where case_id in ('{reported.Id}', '{hidden.Id}')
              and removed_at is not null and octet_length(sha256) = 32 and (added_by, note, reference) = ('', '', '')
            """)).ShouldBe(2);
        (await ExportAsync(own, new ExportSubjectRequest())).ShouldBeEmpty();
        await Refused.AsAsync("OUTSIDE_TERRITORY", cases.GetCaseAsync(new GetCaseRequest { Id = reported.Id }));
    }

    [Fact]
    public async Task Somebody_without_an_account_is_erased_by_an_officer()
    {
        var reported = await ReportAsync(null, Zhao);
        var entry = (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons.ShouldHaveSingleItem();
        var request = new ErasePersonRequest { RequestId = NewId(), Id = entry.Id, Reason = "来电要求" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", Persons("officer", OtherCommunity).ErasePersonAsync(request));
        await grids.Cases().RejectCaseAsync(
            new RejectCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "与赵植入（13955550002）核实，另见 13788889999" });
        await Persons().ErasePersonAsync(request);
        // Others whom it names are still needed.
        (await HistoryAsync(reported.Id))[^1].Note.ShouldBe("与***（***）核实，另见 13788889999");
        await Persons().ErasePersonAsync(request);
        await Refused.AsAsync("PERSON_NOT_FOUND", Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id }));
    }

    [Fact]
    public async Task Planted_data_are_found_nowhere_in_plain()
    {
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<CaseReported>();
        var reported = await ReportAsync(Wang, Zhao);
        await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id });
        var cache = await CacheAsync();
        await Refused.AsAsync("REQUEST_INVALID", grids.Cases("resident", City, Resident).ReportCaseAsync(new ReportCaseRequest(Request(Wang)) { Title = "" }));
        var entry = (await Persons().ListPersonsAsync(new ListPersonsRequest { RecordId = reported.Id })).Persons[0];
        await Persons().GetPersonAsync(new GetPersonRequest { Id = entry.Id, Reason = "回访" });
        await Persons().SearchPersonsAsync(new SearchPersonsRequest { Phone = Wang.Phone, Reason = "回访" });
        await CloseAsync(reported.Id, grids.Cases("resident", City, Resident));
        var happened = (await broker.NextAsync<CaseReported>(queue)).Event;

        string[] planted = [Wang.Name, "13955550001", Wang.Phone, Wang.CitizenId, Wang.Home, Wang.Email, Zhao.Name, Zhao.Phone];
        var places = new Dictionary<string, string>
        {
            ["event"] = happened.ToString()!,
            ["logs"] = string.Join('\n', grids.Logs.Lines),
            ["cache"] = cache,
        };
        foreach (var table in await TablesAsync())
            places[table] = await DumpAsync(table);
        places["cases"].ShouldContain(reported.Id);
        cache.ShouldContain(reported.Id);
        places["persons"].ShouldContain(entry.Id);
        foreach (var (place, text) in places)
            foreach (var value in planted)
            {
                text.ShouldNotContain(value, customMessage: place);
                // Bytes are dumped in hexadecimal.
                text.ShouldNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value)), customMessage: place);
            }
    }

    [Fact]
    public async Task A_title_tells_nothing_of_people_wherever_it_goes_and_what_is_known_nowhere_else_is_kept()
    {
        string[] planted = [Wang.Name, "139 5555 0001", Zhao.Name, "13788889999", "34060319900101123X"];
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var (reports, dispatches, whistles) = (
            await broker.ListenAsync<CaseReported>(), await broker.ListenAsync<CaseDispatched>(), await broker.ListenAsync<WhistleBlown>());
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        var written = $"{Wang.Name}家漏水，{Zhao.Name}在家，139 5555 0001 或 13788889999，34060319900101123X";
        var request = Request(Wang, Zhao);
        request.Title = written;
        var reported = (await grids.Cases("resident", City, Resident).ReportCaseAsync(request)).Case;
        reported.Title.ShouldBe("***家漏水，***在家，*** 或 ***，***");
        // Another's number is kept with the case; what is known of its people is with them alone.
        reported.Description.ShouldBe("***家漏水，***在家，*** 或 13788889999，***\n植入的话");
        request = new ReportCaseRequest(Request(Wang)) { Title = $"{Wang.Name}家漏水" };
        (await grids.Cases("resident", City, Resident).ReportCaseAsync(request)).Case.Description.ShouldBe("植入的话");
        var plain = await ReportAsync(Wang);
        (plain.Title, plain.Description).ShouldBe(("植入", "植入的话"));

        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = reported.Id, Handler = new Handler { EstateId = NewId() } });
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "多部门" });
        await grids.Cases().BlowWhistleAsync(
            new BlowWhistleRequest { RequestId = NewId(), CaseId = reported.Id, OrganisationIds = { NewId() }, Reason = "多部门" });
        var places = new Dictionary<string, string>
        {
            ["reported"] = await ToldAsync<CaseReported>(reports),
            ["dispatched"] = await ToldAsync<CaseDispatched>(dispatches),
            ["whistle"] = await ToldAsync<WhistleBlown>(whistles),
            ["queue"] = (await new V1.Dispatch.DispatchClient(grids.As("officer", City)).ListQueueAsync(
                new ListQueueRequest { View = QueueView.Territory, PageSize = 500 })).ToString(),
            ["export"] = await ExportOfCasesAsync(),
        };
        while (watch.ResponseStream.Current.CaseId != reported.Id)
            await watch.ResponseStream.MoveNext(CancellationToken.None);
        places["watch"] = watch.ResponseStream.Current.ToString();
        foreach (var (place, text) in places)
        {
            text.ShouldContain("家漏水", customMessage: place);
            foreach (var value in planted)
                text.ShouldNotContain(value, customMessage: place);
        }

        // What is told of the cases of other tests comes in between.
        async Task<string> ToldAsync<T>(string queue)
            where T : class, IEvent
        {
            while (true)
                if ((await broker.NextAsync<T>(queue)).Event is var told && told.AggregateId.ToString() == reported.Id)
                    return told.ToString()!;
        }
    }

    private async Task<string> ExportOfCasesAsync()
    {
        using var call = new V1.Exports.ExportsClient(grids.As("officer", City)).ExportCases(new ExportCasesRequest { Territory = City });
        using var file = new MemoryStream();
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
            piece.Chunk.WriteTo(file);
        return Encoding.UTF8.GetString(file.ToArray());
    }

    private Persons.PersonsClient Persons(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private static ReportCaseRequest Request(Person? contact, Person? onBehalfOf = null, bool confidential = false) => new()
    {
        RequestId = NewId(),
        Point = PointIn(0),
        Title = "植入",
        Description = "植入的话",
        Channel = CaseChannel.MiniProgramme,
        Contact = contact,
        OnBehalfOf = onBehalfOf,
        Confidential = confidential,
    };

    private async Task<Case> ReportAsync(Person? contact, Person? onBehalfOf = null, bool confidential = false, string subject = Resident) =>
        (await grids.Cases("resident", City, subject).ReportCaseAsync(Request(contact, onBehalfOf, confidential))).Case;

    private async Task CloseAsync(string id, V1.Cases.CasesClient reporter)
    {
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = id, Category = "street_order" });
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = id, Result = "换了灯泡" });
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = id, Answer = "已修好" });
        await reporter.ConfirmCaseAsync(new ConfirmCaseRequest { RequestId = NewId(), CaseId = id, Satisfaction = Satisfaction.Satisfied, Comment = "谢谢" });
        await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = id });
    }

    private static async Task<List<ExportSubjectResponse>> ExportAsync(Persons.PersonsClient client, ExportSubjectRequest request)
    {
        using var call = client.ExportSubject(request);
        var all = new List<ExportSubjectResponse>();
        await foreach (var record in call.ResponseStream.ReadAllAsync())
            all.Add(record);
        return all;
    }

    private Task<List<string>> TablesAsync() =>
        RowsAsync("select quote_ident(tablename) from pg_tables where schemaname = 'public'");

    private async Task<string> DumpAsync(string table) => string.Join('\n', await RowsAsync($"select t::text from {table} t"));

    private async Task<List<string>> RowsAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private async Task<string> CacheAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(grids.Servers.Redis.ConnectionString);
        var text = new StringBuilder();
        foreach (var endpoint in redis.GetEndPoints())
        {
            await foreach (var key in redis.GetServer(endpoint).KeysAsync())
            {
                text.AppendLine(key);
                if (await redis.GetDatabase().StringGetAsync(key) is { HasValue: true } value)
                    text.AppendLine(Encoding.UTF8.GetString((byte[])value!));
            }
        }
        return text.ToString();
    }
}
