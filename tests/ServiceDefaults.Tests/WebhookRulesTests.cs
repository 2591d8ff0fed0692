using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Governance.Common.V1;
using Governance.ServiceDefaults.Webhooks;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;
using Destination = Governance.ServiceDefaults.Webhooks.Destination;

namespace Governance.ServiceDefaults.Tests;

public sealed class WebhookRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 9, 1, 0, 0, TimeSpan.Zero);
    private static readonly NetworkGuard Closed = new([]);

    [Fact]
    public void Pauses_grow_from_ten_seconds_to_six_hours_and_end()
    {
        Enumerable.Range(1, DeliveryRules.MaxTries).Select(n => DeliveryRules.Pause(n).TotalSeconds).ShouldBe(
            [10, 30, 90, 270, 810, 2_430, 7_290, 21_600, 21_600, 21_600, 21_600, 21_600]);
        DeliveryRules.After(new PostResult(500, "status"), DeliveryRules.MaxTries, Now, 0)
            .ShouldBe(new DeliveryStep(DeliveryState.Dead, null));
    }

    [Fact]
    public void A_try_leaves_a_delivery_delivered_dead_or_due_within_half_its_pause() =>
        Prop.ForAll(
            Gen.Choose(0, 599).Zip(Gen.Choose(1, 20)).Zip(Gen.Choose(0, 1000)).ToArbitrary(),
            given =>
            {
                var ((status, tries), jitter) = given;
                var step = DeliveryRules.After(new PostResult(status, status is >= 200 and < 300 ? "" : "x"), tries, Now, jitter / 1000.0);
                var pause = DeliveryRules.Pause(tries);
                return (status is >= 200 and < 300, tries >= DeliveryRules.MaxTries) switch
                {
                    (true, _) => step == new DeliveryStep(DeliveryState.Delivered, null),
                    (_, true) => step == new DeliveryStep(DeliveryState.Dead, null),
                    _ => step.State is DeliveryState.Waiting && step.DueAt >= Now + (pause / 2) && step.DueAt <= Now + pause,
                };
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    // Id, secret, body and signature as the convention's own libraries test them.
    [Fact]
    public void A_signature_is_the_one_of_Standard_Webhooks()
    {
        const string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        const string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        var at = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);
        var body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
        Signing.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, secret).ShouldBe(signature);
        Signing.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, secret, secret).ShouldBe($"{signature} {signature}");
    }

    [Fact]
    public void A_body_is_the_event_in_an_envelope()
    {
        var delivery = new ClaimedDelivery(
            Guid.Empty, Guid.Parse("0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11"), "CaseClosed", "34060300100101", Now,
            Encoding.UTF8.GetBytes("""{"title":"路灯"}"""), 1);
        var body = JsonDocument.Parse(Signing.Body(delivery)).RootElement;
        body.EnumerateObject().Select(p => p.Name).ShouldBe(["id", "type", "timestamp", "territory", "data"]);
        body.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(Now);
        body.GetProperty("data").GetProperty("title").GetString().ShouldBe("路灯");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    [InlineData("2001:0:a00:1::")]
    public void Addresses_inside_are_closed(string address) => Closed.Allows(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    public void Public_addresses_are_open(string address) => Closed.Allows(IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public void Settings_open_networks_and_nothing_else()
    {
        var guard = Guard("10.20.0.0/16");
        guard.Allows(IPAddress.Parse("10.20.3.4")).ShouldBeTrue();
        guard.Allows(IPAddress.Parse("::ffff:10.20.3.4")).ShouldBeTrue();
        guard.Allows(IPAddress.Parse("10.21.0.1")).ShouldBeFalse();
        Should.Throw<SettingsException>(() => Guard("10.20.0.0/64")).Message.ShouldContain("10.20.0.0/64");
    }

    [Theory]
    [InlineData("https://example.org/hook?city=3406", true)]
    [InlineData("http://example.org/hook", false)]
    [InlineData("https://user:word@example.org/", false)]
    [InlineData("https://example.org/#part", false)]
    [InlineData("ftp://example.org/", false)]
    [InlineData("/hook", false)]
    [InlineData("https://10.0.0.1/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("http://127.0.0.1/", false)]
    [InlineData("http://localhost/", false)]
    public void An_address_is_https_and_outside(string url, bool taken) =>
        (DestinationRules.Register(At(url), 0, Closed, Published).Refusal is null).ShouldBe(taken);

    [Fact]
    public void Plain_http_reaches_this_machine_where_settings_allow_it()
    {
        var guard = Guard("127.0.0.0/8");
        DestinationRules.Register(At("http://127.0.0.1:8080/"), 0, guard, Published).Refusal.ShouldBeNull();
        DestinationRules.Register(At("http://localhost:8080/"), 0, guard, Published).Refusal.ShouldBeNull();
        DestinationRules.Register(At("http://10.0.0.1/"), 0, Guard("10.0.0.0/8"), Published).Refusal!.Definition.ShouldBe(WebhookErrors.UrlRefused);
    }

    [Fact]
    public void A_service_has_so_many_destinations_and_no_more() =>
        DestinationRules.Register(At("https://example.org/"), DestinationRules.MaxDestinations, Closed, Published)
            .Refusal!.Definition.ShouldBe(WebhookErrors.Full);

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_when_it_is_connected_to()
    {
        using var client = new WebhookClient(Closed);
        (await client.PostAsync(new Uri("http://localhost:9/"), Guid.Empty, Now, "", [], TestContext.Current.CancellationToken))
            .ShouldBe(new PostResult(0, "address refused"));
    }

    private static readonly PublishedEvents Published = PublishedEvents.Of("grids");

    private static Destination At(string url) =>
        new(Guid.Empty, "3406", "x", url, [], DestinationState.Active, [], 1, null, null, Now, 1);

    private static NetworkGuard Guard(string network)
    {
        var settings = new Dictionary<string, string?> { ["Webhooks:AllowedNetworks:0"] = network };
        return NetworkGuard.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }
}
