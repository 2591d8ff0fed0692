using System.Diagnostics;
using System.Text;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Webhooks;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class WebhooksTests(WebhooksFixture grids) : ServiceTest(grids), IClassFixture<WebhooksFixture>
{
    private const string Here = GridsFixture.Grid;
    private readonly List<string> registered = [];

    public override async ValueTask DisposeAsync()
    {
        foreach (var id in registered)
            await Destinations().DeleteDestinationAsync(new DeleteDestinationRequest { RequestId = NewId(), Id = id });
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_event_is_posted_once_to_each_destination_that_wants_it_and_its_signature_holds()
    {
        await using var all = await Receiver.StartAsync();
        await using var others = await Receiver.StartAsync();
        var first = await RegisterAsync(all);
        var second = await RegisterAsync(all, Here, "CaseReported", "CaseReported");
        await RegisterAsync(others, NextGrid);
        await RegisterAsync(others, City, "CaseClosed");

        var reported = await grids.ReportAsync();
        var posted = await all.GotAsync(2);
        posted.Count(p => p.IsSignedWith(first.Secret)).ShouldBe(1);
        posted.Count(p => p.IsSignedWith(second.Secret)).ShouldBe(1);
        posted.Select(p => p.Id).Distinct().ShouldHaveSingleItem();
        (posted[0].At - grids.Clock.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        var body = posted[0].Json;
        body.GetProperty("id").GetString().ShouldBe(posted[0].Id);
        body.GetProperty("type").GetString().ShouldBe("CaseReported");
        body.GetProperty("territory").GetString().ShouldBe(Here);
        body.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(reported.ReportedAt.ToDateTimeOffset());
        body.GetProperty("data").GetProperty("caseId").GetString().ShouldBe(reported.Id);

        // Whoever was to be told is told by now: exactly one row for each of the two.
        (await DeliveriesAsync(first)).ShouldHaveSingleItem().EventId.ShouldBe(posted[0].Id);
        (await DeliveriesAsync(second)).ShouldHaveSingleItem();
        (await grids.ScalarAsync<long>($"select count(*) from deliveries where event_id = '{posted[0].Id}'")).ShouldBe(2);
        others.Posted.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_destination_that_hears_of_an_end_can_hear_that_it_is_taken_back()
    {
        await using var receiver = await Receiver.StartAsync();
        await RegisterAsync(receiver, City, "CaseClosed", "CaseReopened", "CaseAnswered", "CaseReviewRequested");
        var (reopened, reviewed) = (await grids.ClosedAsync(), await grids.ClosedAsync());
        await grids.Cases("resident", City, "resident-1").ReopenCaseAsync(
            new ReopenCaseRequest { RequestId = NewId(), CaseId = reopened.Id, Reason = "又不亮了，联系王植入" });
        await new V1.Reviews.ReviewsClient(grids.As("resident", City, "resident-1")).RequestReviewAsync(
            new RequestReviewRequest { RequestId = NewId(), CaseId = reviewed.Id, Reason = "王植入没有得到解决" });
        var posted = await receiver.GotAsync(6);
        Told(reopened.Id).ShouldBe(["CaseAnswered", "CaseClosed", "CaseReopened"], ignoreOrder: true);
        Told(reviewed.Id).ShouldBe(["CaseAnswered", "CaseClosed", "CaseReviewRequested"], ignoreOrder: true);
        posted.ShouldAllBe(p => !Encoding.UTF8.GetString(p.Body).Contains("王植入"));

        IEnumerable<string?> Told(string id) =>
            from json in posted.Select(p => p.Json)
            where json.GetProperty("data").GetProperty("caseId").GetString() == id
            select json.GetProperty("type").GetString();
    }

    [Fact]
    public async Task What_officials_note_for_each_other_does_not_leave_the_house()
    {
        await using var receiver = await Receiver.StartAsync();
        await RegisterAsync(receiver, City, "CaseDispatched");
        var assessed = await grids.AssessedAsync();
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Handler = new Handler { EstateId = NewId() },
            Note = "请联系王植入（13955550009）",
        });

        var body = (await receiver.GotAsync(1))[0].Json;
        body.GetProperty("data").GetProperty("caseId").GetString().ShouldBe(assessed.Id);
        body.GetProperty("data").TryGetProperty("note", out _).ShouldBeFalse();
        body.ToString().ShouldNotContain("王植入");
        var history = await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id });
        history.Entries[^1].Note.ShouldBe("请联系王植入（13955550009）");
    }

    [Fact]
    public async Task A_command_that_is_refused_or_repeated_delivers_nothing_more()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        var request = new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(0),
            Title = "路灯不亮",
            Description = "x",
            Channel = CaseChannel.MiniProgramme,
        };
        var residents = grids.Cases("resident");
        var reports = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => residents.ReportCaseAsync(request).ResponseAsync));
        reports.Select(r => r.Case.Id).Distinct().ShouldHaveSingleItem();
        await Refused.AsAsync("POINT_OUTSIDE_GRIDS", grids.Cases("resident").ReportCaseAsync(
            new ReportCaseRequest(request) { RequestId = NewId(), Point = new Point { Longitude = 100, Latitude = 30 } }));
        await receiver.GotAsync(1);
        (await DeliveriesAsync(destination)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task One_of_two_that_fails_is_visible_and_tried_again_alone()
    {
        await using var good = await Receiver.StartAsync();
        await using var bad = await Receiver.StartAsync();
        bad.Answer = () => Task.FromResult(500);
        var (whole, failing) = (await RegisterAsync(good, City, "CaseReported"), await RegisterAsync(bad, City, "CaseReported"));

        await grids.ReportAsync();
        var waiting = await BecomesAsync(failing, d => d.Status is 500);
        (waiting.State, waiting.Tries, waiting.Error).ShouldBe((DeliveryState.Waiting, 1, "status"));
        waiting.DueAt.ShouldBeGreaterThan(waiting.TriedAt);
        (await BecomesAsync(whole, d => d.State is DeliveryState.Delivered)).Tries.ShouldBe(1);

        bad.Answer = () => Task.FromResult(200);
        grids.Clock.Advance(TimeSpan.FromSeconds(11));
        var delivered = await BecomesAsync(failing, d => d.State is DeliveryState.Delivered);
        (delivered.Tries, delivered.Status, delivered.Error, delivered.DueAt).ShouldBe((2, 200, "", null));
        bad.Posted.Count.ShouldBe(2);
        bad.Posted[0].Body.ShouldBe(bad.Posted[1].Body);
        good.Posted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_destination_that_hangs_delays_no_other()
    {
        await using var quick = await Receiver.StartAsync();
        await using var stuck = await Receiver.StartAsync();
        var end = new TaskCompletionSource<int>();
        stuck.Answer = () => end.Task;
        await RegisterAsync(stuck, City, "CaseReported");
        await RegisterAsync(quick, City, "CaseReported");
        await grids.ReportAsync();
        await stuck.GotAsync(1);

        // Longer than one post takes until it is timed out, and than the lane of the stuck one has places.
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < WebhookSender.MaxAtOnce * 2; i++)
            await grids.ReportAsync();
        await quick.GotAsync(1 + (WebhookSender.MaxAtOnce * 2));
        watch.Elapsed.ShouldBeLessThan(DeliveryRules.Timeout);
        end.SetResult(200);
    }

    [Fact]
    public async Task After_its_last_try_a_delivery_is_dead_and_is_posted_again_by_hand()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = () => Task.FromResult(503);
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        await grids.ReportAsync();
        var waiting = await BecomesAsync(destination, d => d.Status is 503);

        // All but the last of its tries, without a day of waiting.
        await grids.ScalarAsync<int>(
            $"update deliveries set tries = {DeliveryRules.MaxTries - 1} where id = '{waiting.Id}' returning tries");
        grids.Clock.Advance(TimeSpan.FromSeconds(11));
        var dead = await BecomesAsync(destination, d => d.State is DeliveryState.Dead);
        (dead.Tries, dead.DueAt).ShouldBe((DeliveryRules.MaxTries, null));
        var listing = new ListDeliveriesRequest { DestinationId = destination.Destination.Id, State = DeliveryState.Dead };
        (await Destinations().ListDeliveriesAsync(listing)).Deliveries.ShouldHaveSingleItem().Id.ShouldBe(dead.Id);

        receiver.Answer = () => Task.FromResult(200);
        var request = new RetryDeliveryRequest { RequestId = NewId(), Id = dead.Id };
        var again = (await Destinations().RetryDeliveryAsync(request)).Delivery;
        (again.State, again.Tries).ShouldBe((DeliveryState.Waiting, 0));
        (await BecomesAsync(destination, d => d.State is DeliveryState.Delivered)).Tries.ShouldBe(1);
        receiver.Posted.Select(p => p.Id).Distinct().ShouldHaveSingleItem();
        (await Destinations().RetryDeliveryAsync(request)).Delivery.ShouldBe(again);
        await Refused.AsAsync("REQUEST_ID_REUSED", Destinations().RetryDeliveryAsync(new RetryDeliveryRequest(request) { Id = NewId() }));
    }

    [Fact]
    public async Task What_a_killed_process_had_taken_is_posted_by_another_under_the_same_id()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        var id = destination.Destination.Id;
        await Destinations().PauseDestinationAsync(new PauseDestinationRequest { RequestId = NewId(), Id = id });
        await grids.ReportAsync();

        // Another process takes it and dies before it has told how its try went.
        var claimed = await grids.Services.GetRequiredService<DeliveryStore>().ClaimAsync(
            Guid.Parse(id), 10, grids.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        var taken = claimed.ShouldHaveSingleItem();
        await Destinations().ResumeDestinationAsync(new ResumeDestinationRequest { RequestId = NewId(), Id = id });
        grids.Clock.Advance(DeliveryRules.LostAfter - TimeSpan.FromSeconds(10));
        (await grids.Services.GetRequiredService<DeliveryStore>().WithDueAsync(
            [Guid.Parse(id)], grids.Clock.GetUtcNow(), TestContext.Current.CancellationToken)).ShouldBeEmpty();
        receiver.Posted.ShouldBeEmpty();

        grids.Clock.Advance(TimeSpan.FromSeconds(10));
        (await receiver.GotAsync(1)).ShouldHaveSingleItem().Id.ShouldBe(taken.EventId.ToString());
        (await BecomesAsync(destination, d => d.State is DeliveryState.Delivered)).Tries.ShouldBe(2);

        // Should the first come back from the dead, what it has to tell is out of date.
        await grids.Services.GetRequiredService<DeliveryStore>().SettleAsync(
            taken, new DeliveryStep(DeliveryState.Dead, null), new PostResult(0, "timeout"), TestContext.Current.CancellationToken);
        (await DeliveriesAsync(destination)).ShouldHaveSingleItem().State.ShouldBe(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Both_secrets_sign_for_a_day_after_a_rotation()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        var rotated = await Destinations().RotateSecretAsync(
            new RotateSecretRequest { RequestId = NewId(), Id = destination.Destination.Id, Etag = destination.Destination.Etag });
        rotated.Secret.ShouldNotBe(destination.Secret);
        rotated.Destination.SecretVersion.ShouldBe(2);

        await grids.ReportAsync();
        var posted = (await receiver.GotAsync(1))[0];
        (posted.IsSignedWith(destination.Secret), posted.IsSignedWith(rotated.Secret)).ShouldBe((true, true));

        grids.Clock.Advance(TimeSpan.FromDays(1));
        await grids.ReportAsync();
        posted = (await receiver.GotAsync(2))[1];
        (posted.IsSignedWith(destination.Secret), posted.IsSignedWith(rotated.Secret)).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_secret_is_told_to_repeats_until_it_is_rotated_and_lies_nowhere_in_plain()
    {
        await using var receiver = await Receiver.StartAsync();
        var request = Asked(receiver.Url);
        var made = await Destinations().RegisterDestinationAsync(request);
        registered.Add(made.Destination.Id);
        made.Secret.ShouldStartWith("whsec_");
        (await Destinations().RegisterDestinationAsync(request)).ShouldBe(made);
        (await GetAsync(made)).ToString().ShouldNotContain(made.Secret);

        foreach (var table in new[] { "destinations", "requests", "audit", "outbox", "deliveries" })
        {
            (await grids.ScalarAsync<long>($"""
                select count(*) from {table} t
                where t::text like '%{made.Secret}%' or t::text like '%' || encode('{made.Secret}'::bytea, 'hex') || '%'
                """)).ShouldBe(0, table);
        }
        grids.Logs.Lines.ShouldNotContain(line => line.Contains(made.Secret));

        await Destinations().RotateSecretAsync(new RotateSecretRequest { RequestId = NewId(), Id = made.Destination.Id });
        (await Destinations().RegisterDestinationAsync(request)).Secret.ShouldBe("");
    }

    [Fact]
    public async Task A_destination_that_is_gone_or_paused_is_posted_nothing_until_it_is_resumed()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = () => Task.FromResult(410);
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        await grids.ReportAsync();
        var gone = await Eventually.BecomesAsync(() => GetAsync(destination), d => d.State is DestinationState.Gone);
        await BecomesAsync(destination, d => d.Status is 410);
        grids.Clock.Advance(TimeSpan.FromMinutes(1));
        await grids.ReportAsync();

        var paused = (await Destinations().PauseDestinationAsync(
            new PauseDestinationRequest { RequestId = NewId(), Id = gone.Id, Etag = gone.Etag })).Destination;
        paused.State.ShouldBe(DestinationState.Paused);
        await Refused.AsAsync("ETAG_STALE", Destinations().ResumeDestinationAsync(
            new ResumeDestinationRequest { RequestId = NewId(), Id = gone.Id, Etag = gone.Etag }));
        receiver.Posted.Count.ShouldBe(1);

        receiver.Answer = () => Task.FromResult(200);
        await Destinations().ResumeDestinationAsync(new ResumeDestinationRequest { RequestId = NewId(), Id = gone.Id, Etag = paused.Etag });
        await receiver.GotAsync(3);
        await Eventually.BecomesAsync(() => DeliveriesAsync(destination), all => all.All(d => d.State is DeliveryState.Delivered));
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var elsewhere = await Receiver.StartAsync();
        (receiver.Answer, receiver.Location) = (() => Task.FromResult(307), elsewhere.Url);
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        await grids.ReportAsync();
        (await BecomesAsync(destination, d => d.Status > 0)).Status.ShouldBe(307);
        elsewhere.Posted.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_removed_is_told_nothing_and_found_no_more()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        await grids.ReportAsync();
        var delivery = await BecomesAsync(destination, d => d.State is DeliveryState.Delivered);
        registered.Clear();
        await Refused.AsAsync("ETAG_STALE", Destinations().DeleteDestinationAsync(
            new DeleteDestinationRequest { RequestId = NewId(), Id = destination.Destination.Id, Etag = "v7" }));
        await Destinations().DeleteDestinationAsync(new DeleteDestinationRequest { RequestId = NewId(), Id = destination.Destination.Id });

        await grids.ReportAsync();
        var kept = $"select count(*) from deliveries where destination_id = '{destination.Destination.Id}'";
        (await grids.ScalarAsync<long>(kept)).ShouldBe(1);
        await Refused.AsAsync(
            "DELIVERY_NOT_FOUND", Destinations().RetryDeliveryAsync(new RetryDeliveryRequest { RequestId = NewId(), Id = delivery.Id }));
        await Refused.AsAsync("DESTINATION_NOT_FOUND", Destinations().ListDeliveriesAsync(
            new ListDeliveriesRequest { DestinationId = destination.Destination.Id }));

        await grids.Services.GetRequiredService<ServiceDefaults.Database.Housekeeping>().CleanAsync(TestContext.Current.CancellationToken);
        (await grids.ScalarAsync<long>(kept)).ShouldBe(0);
    }

    [Fact]
    public async Task Deliveries_and_destinations_are_paged()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, City, "CaseReported");
        await RegisterAsync(receiver, Here, "CaseClosed");
        for (var i = 0; i < 5; i++)
            await grids.ReportAsync();
        var (seen, token) = (new List<string>(), "");
        do
        {
            var page = await Destinations().ListDeliveriesAsync(
                new ListDeliveriesRequest { DestinationId = destination.Destination.Id, PageSize = 2, PageToken = token });
            seen.AddRange(page.Deliveries.Select(d => d.Id));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        seen.Distinct().Count().ShouldBe(5);
        seen.ShouldBe(seen.OrderByDescending(id => id, StringComparer.Ordinal));

        var first = await Destinations().ListDestinationsAsync(new ListDestinationsRequest { PageSize = 1 });
        var second = await Destinations().ListDestinationsAsync(
            new ListDestinationsRequest { PageSize = 1, PageToken = first.NextPageToken });
        first.Destinations.Concat(second.Destinations).Select(d => d.Id).ShouldBe(registered, ignoreOrder: true);
        second.NextPageToken.ShouldBe("");
        await Refused.AsAsync("PAGE_TOKEN_INVALID", Destinations().ListDestinationsAsync(
            new ListDestinationsRequest { Territory = Here, PageToken = first.NextPageToken }));
        (await Destinations("auditor", Here).ListDestinationsAsync(new ListDestinationsRequest())).Destinations.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_wrong_with_a_destination_is_told()
    {
        await Refused.AsAsync("DESTINATION_URL_REFUSED", Destinations().RegisterDestinationAsync(Asked("http://example.org/")));
        await Refused.AsAsync("DESTINATION_URL_REFUSED", Destinations().RegisterDestinationAsync(Asked("https://10.0.0.1/")));
        var unknown = Asked("https://example.org/", City, "CaseLost");
        (await Refused.AsAsync("DESTINATION_EVENT_UNKNOWN", Destinations().RegisterDestinationAsync(unknown)))
            .Metadata["event"].ShouldBe("CaseLost");
        // Of another service.
        await Refused.AsAsync("DESTINATION_EVENT_UNKNOWN", Destinations().RegisterDestinationAsync(Asked("https://example.org/", City, "WorkOrderCompleted")));
        var empty = new RegisterDestinationRequest { RequestId = "x" };
        (await Refused.AsAsync("REQUEST_INVALID", Destinations().RegisterDestinationAsync(empty))).Fields.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Nobody_reaches_a_destination_of_another_territory()
    {
        await using var receiver = await Receiver.StartAsync();
        var destination = await RegisterAsync(receiver, Community, "CaseReported");
        await grids.ReportAsync();
        var (id, delivery) = (destination.Destination.Id, (await BecomesAsync(destination, d => d.State is DeliveryState.Delivered)).Id);
        var foreign = Destinations("operator", OtherCommunity);
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.RegisterDestinationAsync(Asked(receiver.Url)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.GetDestinationAsync(new GetDestinationRequest { Id = id }));
        var request = NewId();
        await Refused.AsAsync(
            "OUTSIDE_TERRITORY", foreign.PauseDestinationAsync(new PauseDestinationRequest { RequestId = request, Id = id }));
        await Refused.AsAsync(
            "OUTSIDE_TERRITORY", foreign.ResumeDestinationAsync(new ResumeDestinationRequest { RequestId = request, Id = id }));
        await Refused.AsAsync(
            "OUTSIDE_TERRITORY", foreign.DeleteDestinationAsync(new DeleteDestinationRequest { RequestId = request, Id = id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.RotateSecretAsync(new RotateSecretRequest { RequestId = request, Id = id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.ListDeliveriesAsync(new ListDeliveriesRequest { DestinationId = id }));
        await Refused.AsAsync(
            "OUTSIDE_TERRITORY", foreign.RetryDeliveryAsync(new RetryDeliveryRequest { RequestId = request, Id = delivery }));
        (await foreign.ListDestinationsAsync(new ListDestinationsRequest())).Destinations.ShouldBeEmpty();
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Destinations("officer").GetDestinationAsync(new GetDestinationRequest { Id = id }));
    }

    private Destinations.DestinationsClient Destinations(string role = "operator", string territory = City) =>
        new(grids.As(role, territory));

    private async Task<Common.V1.Destination> GetAsync(RegisterDestinationResponse of) =>
        (await Destinations().GetDestinationAsync(new GetDestinationRequest { Id = of.Destination.Id })).Destination;

    private static RegisterDestinationRequest Asked(string url, string territory = City, params string[] events) =>
        new() { RequestId = NewId(), Territory = territory, Name = "数据平台", Url = url, Events = { events } };

    private async Task<RegisterDestinationResponse> RegisterAsync(Receiver receiver, string territory = City, params string[] events)
    {
        var made = await Destinations().RegisterDestinationAsync(Asked(receiver.Url, territory, events));
        registered.Add(made.Destination.Id);
        return made;
    }

    private async Task<IReadOnlyList<Common.V1.Delivery>> DeliveriesAsync(RegisterDestinationResponse of) =>
        (await Destinations().ListDeliveriesAsync(new ListDeliveriesRequest { DestinationId = of.Destination.Id })).Deliveries;

    /// <summary>The one delivery of a destination, once it is so.</summary>
    private async Task<Common.V1.Delivery> BecomesAsync(RegisterDestinationResponse of, Func<Common.V1.Delivery, bool> holds) =>
        (await Eventually.BecomesAsync(() => DeliveriesAsync(of), all => all.Count is 1 && holds(all[0])))[0];
}
