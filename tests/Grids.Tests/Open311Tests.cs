using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Governance.Common.V1;
using Governance.Grids.Open311;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Health.V1;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using static Governance.Grids.Tests.Open311Fixture;

namespace Governance.Grids.Tests;

public sealed class Open311Tests(Open311Fixture grids) : ServiceTest(grids), IClassFixture<Open311Fixture>
{
    [Fact]
    public async Task Services_are_the_categories_in_both_formats()
    {
        var json = (await grids.JsonAsync("services.json?jurisdiction_id=3406")).EnumerateArray().ToList();
        json.Select(s => s.GetProperty("service_code").GetString()).ShouldBe(["street_order", "gas", "fire", "illegal_construction"]);
        json.ShouldAllBe(s => !s.GetProperty("metadata").GetBoolean() && s.GetProperty("type").GetString() == "realtime");
        json[3].GetProperty("description").GetString().ShouldBe("To be handled within 20 working days");
        json.Select(s => s.GetProperty("group").GetString()).ShouldBe([null, "安全隐患", "安全隐患", null]);
        json[1].GetProperty("description").GetString().ShouldBe("To be handled within 2 working hours");

        var xml = await grids.XmlAsync("services.xml");
        xml.Name.LocalName.ShouldBe("services");
        xml.Elements("service").Select(s => s.Element("service_name")!.Value).ShouldBe(["街面秩序", "燃气", "消防", "私搭乱建"]);
        xml.Elements("service").ShouldAllBe(s => s.Element("metadata")!.Value == "false");

        (await grids.JsonAsync("services/street_order.json")).GetProperty("attributes").GetArrayLength().ShouldBe(0);
        (await grids.XmlAsync("services/street_order.xml")).Name.LocalName.ShouldBe("service_definition");
    }

    [Fact]
    public async Task Discovery_says_where_it_is()
    {
        var xml = await grids.XmlAsync("discovery.xml");
        xml.Element("contact")!.Value.ShouldBe("12345 & <热线>");
        var endpoint = (await grids.JsonAsync("/discovery.json")).GetProperty("endpoints")[0];
        endpoint.GetProperty("url").GetString().ShouldBe(grids.Http.BaseAddress!.ToString().TrimEnd('/'));
        endpoint.GetProperty("formats").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_report_becomes_a_case_with_the_instant_that_it_is_due()
    {
        var id = await grids.PostedAsync(Form());
        var @case = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id })).Case;
        (@case.Territory, @case.Channel, @case.Title, @case.Description).ShouldBe((GridsFixture.Grid, CaseChannel.Open311, "街面秩序", "路灯不亮"));
        @case.Reporter.ShouldStartWith("open311:city-app:");
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = id })).Entries.Single().Note.ShouldContain("street_order");

        var due = await grids.ScalarAsync<DateTime>($"select due_at from cases where id = '{id}'");
        var json = (await grids.JsonAsync($"requests/{id}.json"))[0];
        InstantOf(json.GetProperty("expected_datetime").GetString()).ShouldBe(new DateTimeOffset(due));
        json.GetProperty("expected_datetime").GetString().ShouldEndWith("+08:00");
        json.GetProperty("requested_datetime").GetString().ShouldStartWith("2026-03-09T09:00:");
        (json.GetProperty("lat").GetDouble(), json.GetProperty("long").GetDouble()).ShouldBe((33.905, 116.805));
        json.GetProperty("address_id").GetString().ShouldBe(GridsFixture.Grid);

        var xml = (await grids.XmlAsync($"requests/{id}.xml")).Element("request")!;
        InstantOf(xml.Element("expected_datetime")!.Value).ShouldBe(new DateTimeOffset(due));
        xml.Element("service_name")!.Value.ShouldBe("街面秩序");
        (await grids.XmlAsync($"tokens/{id}.xml")).Element("request")!.Element("service_request_id")!.Value.ShouldBe(id);
        (await grids.JsonAsync($"tokens/{id}.json"))[0].GetProperty("token").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task The_due_instant_and_the_status_follow_the_case()
    {
        var id = await grids.PostedAsync(Form());
        var assessed = (await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = id, Category = "illegal_construction" })).Case;
        var json = (await grids.JsonAsync($"requests/{id}.json"))[0];
        json.GetProperty("service_code").GetString().ShouldBe("illegal_construction");
        InstantOf(json.GetProperty("expected_datetime").GetString()).ShouldBe(assessed.Deadlines.HandleBy.ToDateTimeOffset());

        var rejected = await grids.PostedAsync(Form());
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = rejected, Reason = "不属实" });
        var closed = (await grids.JsonAsync($"requests/{rejected}.json"))[0];
        closed.GetProperty("status").GetString().ShouldBe("closed");
        closed.GetProperty("expected_datetime").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        (await grids.IdsAsync("status=closed")).ShouldContain(rejected);
        (await grids.IdsAsync("status=closed")).ShouldNotContain(id);
        (await grids.IdsAsync("status=open")).ShouldContain(id);
        (await grids.IdsAsync("status=open,closed")).ShouldContain(rejected);
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_newest_first()
    {
        grids.Clock.Set(ServiceFixture.Morning.AddDays(30));
        var ids = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            grids.Clock.Set(ServiceFixture.Morning.AddDays(30).AddHours(n));
            ids.Insert(0, await grids.PostedAsync(Form(("service_code", n is 2 ? "illegal_construction" : "street_order"))));
        }
        const string window = "start_date=2026-04-08T08:00:00%2B08:00&end_date=2026-04-08T23:00:00Z";
        (await grids.IdsAsync(window)).ShouldBe(ids);
        (await grids.IdsAsync($"{window}&page_size=2")).ShouldBe(ids[..2]);
        (await grids.IdsAsync($"{window}&page_size=2&page=3")).ShouldBe(ids[4..]);
        (await grids.IdsAsync($"{window}&page_size=2&page=4")).ShouldBeEmpty();
        (await grids.IdsAsync($"{window}&service_code=illegal_construction")).ShouldBe([ids[2]]);
        (await grids.IdsAsync($"{window}&service_code=illegal_construction,street_order")).ShouldBe(ids);
        // A plus that was not encoded, and one bound alone.
        (await grids.IdsAsync("start_date=2026-04-08T12:30:00+08:00")).ShouldBe(ids[..1]);
        (await grids.IdsAsync("end_date=2026-04-08T09:30:00+08:00")).ShouldContain(ids[4]);
        // Ids override the rest.
        (await grids.IdsAsync($"service_request_id={ids[3]},{ids[1]}&status=closed&end_date=2026-01-01T00:00:00Z")).ShouldBe([ids[1], ids[3]]);
        foreach (var other in new[] { "status=all", "start_date=2025-01-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", "end_date=x", "page=0", "service_code=none_such" })
            (await grids.IdsAsync($"service_request_id={ids[0]}&{other}")).ShouldBe([ids[0]]);
        (await grids.XmlAsync($"requests.xml?{window}")).Elements("request").Count().ShouldBe(5);

        // Without dates the last 90 days.
        grids.Clock.Set(ServiceFixture.Morning.AddDays(121));
        (await grids.IdsAsync("")).ShouldNotContain(ids[0]);
    }

    [Fact]
    public async Task A_repeat_is_answered_as_the_first_was_and_creates_nothing()
    {
        var form = Form();
        var key = NewId();
        var first = await grids.PostedAsync(form, key);
        grids.Clock.Set(ServiceFixture.Morning.AddHours(5));
        (await grids.PostedAsync(form, key)).ShouldBe(first);
        await RefusedAsync(409, "OPEN311_IDEMPOTENCY_KEY_REUSED", await grids.PostAsync(new(form) { ["description"] = "另一件事" }, key));
        (await grids.PostedAsync(new(form) { ["api_key"] = HastyKey }, key)).ShouldNotBe(first);
        (await grids.PostedAsync(form, NewId())).ShouldNotBe(first);
    }

    [Fact]
    public async Task Without_a_key_the_same_report_within_ten_minutes_is_a_repeat()
    {
        var form = Form();
        var first = await grids.PostedAsync(form);
        foreach (var minutes in new[] { 3.0, 9.5 })
        {
            grids.Clock.Set(ServiceFixture.Morning.AddMinutes(minutes));
            (await grids.PostedAsync(form)).ShouldBe(first);
        }
        (await grids.PostedAsync(new(form) { ["description"] = "另一件事" })).ShouldNotBe(first);
        (await grids.PostedAsync(new(form) { ["account_id"] = NewId() })).ShouldNotBe(first);
        grids.Clock.Set(ServiceFixture.Morning.AddMinutes(11));
        (await grids.PostedAsync(form)).ShouldNotBe(first);

        // Across the border of two parts of ten minutes.
        var late = Form();
        grids.Clock.Set(ServiceFixture.Morning.AddMinutes(28));
        var second = await grids.PostedAsync(late);
        grids.Clock.Set(ServiceFixture.Morning.AddMinutes(33));
        (await grids.PostedAsync(late)).ShouldBe(second);
    }

    [Fact]
    public async Task Equal_reports_of_two_residents_who_say_nothing_of_themselves_are_two()
    {
        var kiosk = Form(("account_id", ""), ("description", ""), ("lat", ""), ("long", ""), ("address_id", GridsFixture.Grid));
        var first = await grids.PostedAsync(kiosk);
        (await grids.PostedAsync(kiosk)).ShouldNotBe(first);
        // The app can say that it is the same.
        var key = NewId();
        (await grids.PostedAsync(kiosk, key)).ShouldBe(await grids.PostedAsync(kiosk, key));
        foreach (var (name, value) in new[] { ("device_id", "d-1"), ("email", "a@example.org"), ("phone", "13900001111"), ("first_name", "小明") })
        {
            var known = new Dictionary<string, string>(kiosk) { [name] = value };
            (await grids.PostedAsync(known)).ShouldBe(await grids.PostedAsync(known));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Eight_of_the_same_at_once_make_one_case(bool withKey)
    {
        var form = Form();
        var key = withKey ? NewId() : null;
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => grids.PostedAsync(form, key)));
        ids.Distinct().Count().ShouldBe(1);
        (await grids.ScalarAsync<long>($"select count(*) from cases where reporter = 'open311:city-app:{form["account_id"]}'")).ShouldBe(1);
        (await grids.ScalarAsync<long>($"select count(*) from open311_requests where case_id = '{ids[0]}'")).ShouldBe(1);
    }

    [Theory]
    [InlineData("139-5555-8888")]
    [InlineData("somebody@example.org")]
    public async Task An_account_that_is_a_number_of_somebody_is_known_by_a_hash_and_stays_one_account(string account)
    {
        var first = await grids.PostedAsync(Form(("account_id", account), ("description", NewId())));
        var second = await grids.PostedAsync(Form(("account_id", account), ("description", NewId())));
        second.ShouldNotBe(first);
        var reporter = await grids.ScalarAsync<string>($"select reporter from cases where id = '{first}'");
        reporter.ShouldMatch("^open311:city-app:[0-9a-f]{32}$");
        (await grids.ScalarAsync<string>($"select reporter from cases where id = '{second}'")).ShouldBe(reporter);
        (await grids.ScalarAsync<long>($"select count(*) from audit where subject like '%{account}%'")).ShouldBe(0);
    }

    [Fact]
    public async Task Contact_is_kept_encrypted_and_nothing_personal_is_ever_answered()
    {
        string[] planted = ["植入", "小明", "13955557777", "planted@example.org", "planted-device", "planted-account", Key];
        var posted = await grids.PostAsync(Form(
            ("first_name", "小明"), ("last_name", "植入"), ("phone", "139 5555 7777"), ("email", "planted@example.org"), ("device_id", "planted-device"),
            ("account_id", "planted-account"), ("media_url", "https://example.org/植入.jpg"), ("description", "植入先生 13955557777 说 <b>&")));
        posted.StatusCode.ShouldBe(HttpStatusCode.Created);
        var answer = (await JsonOf(posted))[0];
        answer.GetProperty("service_notice").GetString().ShouldBe("Not kept: device_id.");
        var id = answer.GetProperty("service_request_id").GetString()!;

        var person = (await new Persons.PersonsClient(grids.As("officer", City)).ListPersonsAsync(new ListPersonsRequest { RecordId = id })).Persons.Single();
        (person.Person.Name, person.Person.Phone, person.Person.Email, person.Subject)
            .ShouldBe(("植*", "139****7777", "p***@example.org", "open311:city-app:planted-account"));

        foreach (var path in new[] { "requests", $"requests/{id}", $"tokens/{id}", "services" })
            foreach (var format in new[] { "json", "xml" })
            {
                var text = await grids.Http.GetStringAsync($"{path}.{format}");
                foreach (var value in planted)
                    text.ShouldNotContain(value);
            }
        foreach (var line in grids.Logs.Lines)
            foreach (var value in planted)
                line.ShouldNotContain(value);
    }

    [Fact]
    public async Task The_place_in_words_and_the_picture_s_address_are_read_by_those_who_read_the_description()
    {
        var id = await grids.PostedAsync(Form(
            ("description", "井盖松动"), ("address_string", "人民路与孟山路口东北角"), ("media_url", "https://example.org/a.jpg")));
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id })).Case.Description
            .ShouldBe("井盖松动\n地点描述：人民路与孟山路口东北角\n图片链接（未经核验）：https://example.org/a.jpg");
        var shown = (await grids.JsonAsync($"requests/{id}.json"))[0];
        foreach (var name in new[] { "description", "address", "media_url" })
            shown.GetProperty(name).ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);

        foreach (var wrong in new[] { "javascript:alert(1)", "a.jpg", "file:///etc/passwd" })
            await RefusedAsync(400, "FIELD_MALFORMED", await grids.PostAsync(Form(("media_url", wrong))));
        var endless = $"https://example.org/{new string('x', 500)}";
        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(("media_url", endless))));
        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(("address_string", new string('路', 201)))));
    }

    [Fact]
    public async Task What_an_app_asks_besides_is_kept_with_what_was_said()
    {
        var id = await grids.PostedAsync(Form(("description", "路灯不亮"), ("attribute[POLE]", "A-17"), ("attribute[DARK][]", "人行道")));
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id })).Case.Description.ShouldBe("路灯不亮\nDARK：人行道\nPOLE：A-17");

        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(("attribute[POLE]", new string('x', 200)))));
        await RefusedAsync(400, "FIELD_MALFORMED", await grids.PostAsync(Form(("attribute", "A-17"))));
        await RefusedAsync(400, "FIELD_MALFORMED", await grids.PostAsync(Form(("email", "nobody"))));
        await RefusedAsync(400, "FIELD_TOO_MANY", await grids.PostAsync(Form([.. Enumerable.Range(0, 21).Select(i => ($"attribute[A{i}]", "1"))])));
    }

    [Fact]
    public async Task Confidential_cases_and_those_of_other_channels_are_not_public()
    {
        var other = await grids.ReportAsync();
        var confidential = (await grids.Cases("resident", City, "resident-1").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            GridCode = GridsFixture.Grid,
            Title = "保密",
            Channel = CaseChannel.Open311,
            Confidential = true,
        })).Case;
        foreach (var id in new[] { other.Id, confidential.Id })
        {
            await RefusedAsync(404, "OPEN311_REQUEST_UNKNOWN", await grids.Http.GetAsync($"requests/{id}.json"));
            await RefusedAsync(404, "OPEN311_REQUEST_UNKNOWN", await grids.Http.GetAsync($"tokens/{id}.xml"));
            (await grids.IdsAsync($"service_request_id={id}")).ShouldBeEmpty();
            (await grids.IdsAsync("")).ShouldNotContain(id);
        }
    }

    [Fact]
    public async Task A_grid_code_stands_for_a_place()
    {
        var id = await grids.PostedAsync(Form(("lat", ""), ("long", ""), ("address_id", NextGrid)));
        var json = (await grids.JsonAsync($"requests/{id}.json"))[0];
        json.GetProperty("address_id").GetString().ShouldBe(NextGrid);
        json.GetProperty("lat").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        (await grids.XmlAsync($"requests/{id}.xml")).Element("request")!.Element("lat")!.Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task Markup_in_what_was_sent_stays_text()
    {
        var xml = await RefusedAsync(404, "OPEN311_SERVICE_UNKNOWN", await grids.PostAsync(Form(("service_code", "<a>&\"\u0001😀]]>")), format: "xml"));
        xml.ShouldContain("<a>&\"\uFFFD😀]]>");
        (await RefusedAsync(404, "OPEN311_SERVICE_UNKNOWN", await grids.PostAsync(Form(("service_code", "<a>&\""))))).ShouldContain("<a>&\"");
    }

    [Theory]
    [InlineData(403, "OPEN311_KEY_UNKNOWN", "api_key", "")]
    [InlineData(403, "OPEN311_KEY_UNKNOWN", "api_key", "none-such-key-of-anybody")]
    [InlineData(403, "OPEN311_OUTSIDE_KEY", "api_key", CommunityKey)]
    [InlineData(404, "OPEN311_JURISDICTION_UNKNOWN", "jurisdiction_id", "3404")]
    [InlineData(404, "OPEN311_JURISDICTION_UNKNOWN", "jurisdiction_id", "boston.gov")]
    [InlineData(400, "FIELD_REQUIRED", "service_code", "")]
    [InlineData(404, "OPEN311_SERVICE_UNKNOWN", "service_code", "none_such")]
    [InlineData(400, "FIELD_REQUIRED", "lat", "")]
    [InlineData(400, "FIELD_MALFORMED", "long", "NaN")]
    [InlineData(400, "FIELD_TOO_LARGE", "lat", "91")]
    [InlineData(400, "POINT_OUTSIDE_GRIDS", "long", "120.5")]
    [InlineData(400, "FIELD_MALFORMED", "phone", "call me")]
    [InlineData(400, "FIELD_NOT_TEXT", "account_id", "a\u0002b")]
    public async Task A_wrong_report_is_refused_by_name(int status, string reason, string field, string value)
    {
        await RefusedAsync(status, reason, await grids.PostAsync(Form((field, value))));
        await RefusedAsync(status, reason, await grids.PostAsync(Form((field, value)), format: "xml"));
    }

    [Fact]
    public async Task Limits_and_places_are_refused_by_name()
    {
        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(("description", new string('长', 2001)))));
        await grids.PostedAsync(Form(("description", new string('长', 2000))));
        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(("device_id", new string('d', 101)))));
        await RefusedAsync(400, "FIELD_TOO_LONG", await grids.PostAsync(Form(), new string('k', 101)));
        await RefusedAsync(413, "OPEN311_BODY_TOO_LARGE", await grids.PostAsync(Form(("description", new string('x', 70_000)))));
        var chunked = new HttpRequestMessage(HttpMethod.Post, "requests.json") { Content = new FormUrlEncodedContent(Form(("description", new string('x', 70_000)))) };
        chunked.Headers.TransferEncodingChunked = true;
        await RefusedAsync(413, "OPEN311_BODY_TOO_LARGE", await grids.Http.SendAsync(chunked));
        await RefusedAsync(415, "OPEN311_FORM_EXPECTED", await grids.Http.PostAsync("requests.json", new StringContent("{}", Encoding.UTF8, "application/json")));
        await RefusedAsync(400, "OPEN311_ADDRESS_NOT_LOCATED", await grids.PostAsync(Form(("lat", ""), ("long", ""), ("address_string", "某路"))));
        await RefusedAsync(400, "CASE_LOCATION_MISSING", await grids.PostAsync(Form(("lat", ""), ("long", ""))));
        await RefusedAsync(400, "GRID_NOT_FOUND", await grids.PostAsync(Form(("lat", ""), ("long", ""), ("address_id", "34060300100199"))));
        // All that is wrong at once.
        var both = await JsonOf(await grids.PostAsync(Form(("service_code", ""), ("lat", "x"))));
        both.GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData(404, "OPEN311_SERVICE_UNKNOWN", "services/none_such")]
    [InlineData(404, "OPEN311_JURISDICTION_UNKNOWN", "services?jurisdiction_id=3404")]
    [InlineData(403, "OPEN311_KEY_UNKNOWN", "services?api_key=none-such-key-of-anybody")]
    [InlineData(404, "OPEN311_REQUEST_UNKNOWN", "requests/12345")]
    [InlineData(404, "OPEN311_PATH_UNKNOWN", "reports")]
    [InlineData(400, "FIELD_MALFORMED", "requests?status=done")]
    [InlineData(400, "FIELD_MALFORMED", "requests?page=0")]
    [InlineData(400, "FIELD_MALFORMED", "requests?page_size=1001")]
    [InlineData(400, "OPEN311_PAGE_TOO_DEEP", "requests?page=12")]
    [InlineData(400, "OPEN311_PAGE_TOO_DEEP", "requests?page=1000&page_size=11")]
    [InlineData(404, "OPEN311_SERVICE_UNKNOWN", "requests?service_code=none_such")]
    [InlineData(404, "OPEN311_SERVICE_UNKNOWN", "requests?service_code=street_order,none_such")]
    [InlineData(400, "FIELD_MALFORMED", "requests?service_request_id=12345")]
    [InlineData(400, "FIELD_MALFORMED", "requests?start_date=2026-03-09T09:00:00")]
    [InlineData(400, "OPEN311_SPAN_TOO_LONG", "requests?start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:00Z")]
    [InlineData(400, "OPEN311_SPAN_TOO_LONG", "requests?start_date=2026-03-02T00:00:00Z&end_date=2026-03-01T00:00:00Z")]
    public async Task A_wrong_question_is_refused_by_name(int status, string reason, string path)
    {
        var parts = path.Split('?', 2);
        foreach (var format in new[] { "json", "xml" })
            await RefusedAsync(status, reason, await grids.Http.GetAsync($"{parts[0]}.{format}{(parts.Length > 1 ? $"?{parts[1]}" : "")}"));
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_callers_language()
    {
        (await ToldAsync("zh-CN")).ShouldBe("FIELD_MALFORMED: page 不是有效的整数（1 至 1000）");
        (await ToldAsync("en")).ShouldBe("FIELD_MALFORMED: page is not a number from 1 to 1000");

        async Task<string> ToldAsync(string language)
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, "requests.json?page=0") { Headers = { { "accept-language", language } } };
            return await RefusedAsync(400, "FIELD_MALFORMED", await grids.Http.SendAsync(asked));
        }
    }

    // PostgreSQL keeps no U+0000: whatever holds one is refused before it gets there.
    [Fact]
    public async Task What_is_no_text_is_refused_wherever_it_stands()
    {
        foreach (var name in new[] { "service_code", "service_request_id", "status", "start_date", "end_date", "page", "page_size", "jurisdiction_id", "api_key", "other" })
            foreach (var value in new[] { "%00", "street_order%00", "3406%00", "%FF", "%ED%A0%80" })
                await NotFailedAsync(grids.Http.GetAsync($"requests.json?{name}={value}"), taken: name is "other");
        foreach (var path in new[] { "services", "requests", "tokens" })
            foreach (var id in new[] { "%00", $"{NewId()}%00", $"{NewId()}%FF" })
                await NotFailedAsync(grids.Http.GetAsync($"{path}/{id}.json"), taken: false);

        string[] fields =
        [
            "service_code", "lat", "long", "address_id", "address_string", "description", "media_url", "account_id", "device_id", "email", "phone",
            "first_name", "last_name", "jurisdiction_id", "attribute[A]", "api_key",
        ];
        foreach (var name in fields)
        {
            var other = name is "address_id" ? new[] { ("lat", ""), ("long", "") } : [];
            foreach (var value in new[] { "1\0", "1\u0001", "1\uFFFD" })
                await NotFailedAsync(grids.PostAsync(Form([(name, value), .. other])), taken: false);
        }
        await NotFailedAsync(grids.PostAsync(Form(("attribute[\0]", "1"))), taken: false);
        await NotFailedAsync(grids.PostAsync(Form(("other", "\0"))), taken: false);
        await NotFailedAsync(grids.PostAsync(Form(("other", "\u0001"), ("\u0001", "1"))), taken: true);

        static async Task NotFailedAsync(Task<HttpResponseMessage> asked, bool taken)
        {
            var response = await asked;
            ((int)response.StatusCode).ShouldBeInRange(taken ? 200 : 400, taken ? 201 : 499, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Other_methods_and_formats_are_refused()
    {
        await RefusedAsync(405, "OPEN311_METHOD_NOT_ALLOWED", await grids.Http.DeleteAsync("requests.json"));
        await RefusedAsync(405, "OPEN311_METHOD_NOT_ALLOWED", await grids.Http.PostAsync("services.xml", new FormUrlEncodedContent(Form())));
        await RefusedAsync(404, "OPEN311_PATH_UNKNOWN", await grids.Http.GetAsync("services"));
    }

    [Fact]
    public async Task A_key_may_send_so_many_reports_a_minute()
    {
        grids.Clock.Set(ServiceFixture.Morning.AddDays(2));
        var form = Form(("api_key", HastyKey), ("service_code", ""));
        var seen = new List<HttpStatusCode>();
        for (var n = 0; n <= PostsPerMinute && grids.Clock.GetUtcNow() < ServiceFixture.Morning.AddDays(2).AddSeconds(50); n++)
            seen.Add((await grids.PostAsync(form)).StatusCode);
        seen.Count(s => s is HttpStatusCode.BadRequest).ShouldBe(PostsPerMinute);
        seen[^1].ShouldBe(HttpStatusCode.TooManyRequests);
        grids.Clock.Set(ServiceFixture.Morning.AddDays(2).AddMinutes(1));
        await RefusedAsync(400, "FIELD_REQUIRED", await grids.PostAsync(form));
    }

    [Fact]
    public async Task A_peer_may_ask_so_many_times_a_minute()
    {
        grids.Clock.Set(ServiceFixture.Morning.AddDays(3));
        var seen = new List<HttpStatusCode>();
        for (var n = 0; n <= ReadsPerMinute && grids.Clock.GetUtcNow() < ServiceFixture.Morning.AddDays(3).AddSeconds(50); n++)
            seen.Add((await grids.Http.GetAsync("services.json")).StatusCode);
        seen.Count(s => s is HttpStatusCode.OK).ShouldBe(ReadsPerMinute);
        await RefusedAsync(429, "OPEN311_TOO_MANY_READS", await grids.Http.GetAsync("requests.xml"));
        // Whoever only reports is not held up by those who read.
        await grids.PostedAsync(Form());
        grids.Clock.Set(ServiceFixture.Morning.AddDays(3).AddMinutes(1));
        (await grids.Http.GetAsync("requests.json")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_crowd_of_readers_leaves_the_connections_to_commands()
    {
        await using var connection = await grids.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table open311_requests in access exclusive mode", connection))
            await hold.ExecuteNonQueryAsync();
        var readers = Enumerable.Range(0, 40).Select(n => grids.Http.GetAsync(n % 2 is 0 ? "requests.json" : $"requests/{NewId()}.xml")).ToList();
        while (readers.Count > Open311Reads.MaxAtOnce)
        {
            var first = await Task.WhenAny(readers);
            readers.Remove(first);
            await RefusedAsync(429, "OPEN311_BUSY", await first);
        }
        await grids.ReportAsync();
        await transaction.RollbackAsync();
        (await Task.WhenAll(readers)).ShouldAllBe(r => r.StatusCode == HttpStatusCode.OK || r.StatusCode == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Each_port_answers_its_own_questions_only()
    {
        (await grids.Http.GetAsync("/alive")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await grids.Http.GetAsync("/grpc.health.v1.Health/Check")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var http = new HttpClient { BaseAddress = grids.HttpAddress };
        (await http.GetAsync("/open311/v2/services.json")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync("/alive")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await new Health.HealthClient(grids.Channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short 3406 app")]
    [InlineData("key-of-the-city-app-0001 34x6 app")]
    [InlineData("key-of-the-city-app-0001 3406 App")]
    [InlineData("key-of-the-city-app-0001 3406 a;key-of-the-city-app-0002 3406 a")]
    public void Keys_that_make_no_sense_stop_the_start_without_being_told(string text)
    {
        var problem = Should.Throw<FormatException>(() => Open311Keys.Parse(text.Split(';')));
        problem.Message.ShouldNotContain("key-of");
    }

    [Fact]
    public void A_span_at_the_ends_of_time_is_cut_off()
    {
        var query = Open311Query.Parse(name => name is "start_date" ? "9999-12-31T00:00:00Z" : "", ServiceFixture.Morning).OrRefuse();
        query.Until.ShouldBe(DateTimeOffset.MaxValue);
        Open311Query.Parse(name => name is "end_date" ? "0001-01-02T00:00:00Z" : "", ServiceFixture.Morning).OrRefuse().From.ShouldBe(DateTimeOffset.MinValue);
        query.PageSize.ShouldBe(Open311Query.MaxPageSize);
    }

    /// <summary>The error's text, once status, code and reason are those.</summary>
    private static async Task<string> RefusedAsync(int status, string reason, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, body);
        string code, text;
        if (response.Content.Headers.ContentType!.MediaType is "text/xml")
        {
            var error = XDocument.Parse(body).Root!.Elements("error").First();
            (code, text) = (error.Element("code")!.Value, error.Element("description")!.Value);
        }
        else
        {
            var error = (await JsonOf(response))[0];
            (code, text) = (error.GetProperty("code").GetInt32().ToString(CultureInfo.InvariantCulture), error.GetProperty("description").GetString()!);
        }
        code.ShouldBe(status.ToString(CultureInfo.InvariantCulture));
        text.ShouldStartWith($"{reason}: ");
        return text;
    }

    private static DateTimeOffset InstantOf(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
