using System.Text.Json;
using System.Xml.Linq;
using Governance.LocalServers;
using Governance.TestKit;
using Shouldly;

namespace Governance.Grids.Tests;

/// <summary>Grids with its Open311 port open, and three apps that may report there.</summary>
public sealed class Open311Fixture(TestServers servers) : GridsFixture(servers)
{
    public const string Key = "key-of-the-city-app-0001";
    public const string CommunityKey = "key-of-the-community-app";
    public const string HastyKey = "key-of-the-hasty-app-001";
    public const int PostsPerMinute = 300;
    public const int ReadsPerMinute = 400;

    private readonly int port = Ports.Free();

    public HttpClient Http { get; private set; } = null!;

    protected override IEnumerable<string> Settings =>
    [
        .. base.Settings,
        $"--OPEN311_PORT={port}",
        $"--Open311:Keys={Key} {City} city-app;{CommunityKey} {OtherCommunity} community-app;{HastyKey} {City} hasty-app",
        $"--Open311:PostsPerMinute={PostsPerMinute}",
        $"--Open311:ReadsPerMinute={ReadsPerMinute}",
        "--Open311:Contact=12345 & <热线>",
    ];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/open311/v2/") };
        Http.DefaultRequestHeaders.Add("Accept-Language", "en");
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>A whole report with these fields set, or with an empty value taken away.</summary>
    public static Dictionary<string, string> Form(params (string Name, string Value)[] changes)
    {
        var form = new Dictionary<string, string>
        {
            ["api_key"] = Key,
            ["service_code"] = "street_order",
            ["lat"] = "33.905",
            ["long"] = "116.805",
            ["description"] = "路灯不亮",
            ["account_id"] = NewId(),
        };
        foreach (var (name, value) in changes)
        {
            form[name] = value;
            if (value.Length is 0)
                form.Remove(name);
        }
        return form;
    }

    public Task<HttpResponseMessage> PostAsync(Dictionary<string, string> form, string? idempotencyKey = null, string format = "json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"requests.{format}") { Content = new FormUrlEncodedContent(form) };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return Http.SendAsync(request);
    }

    /// <summary>Reports, and gives the id.</summary>
    public async Task<string> PostedAsync(Dictionary<string, string> form, string? idempotencyKey = null)
    {
        var response = await PostAsync(form, idempotencyKey);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return (await JsonOf(response))[0].GetProperty("service_request_id").GetString()!;
    }

    public async Task<JsonElement> JsonAsync(string path) => await JsonOf(await Http.GetAsync(path));

    public async Task<XElement> XmlAsync(string path)
    {
        var response = await Http.GetAsync(path);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/xml; charset=utf-8");
        return XDocument.Parse(await response.Content.ReadAsStringAsync()).Root!;
    }

    public async Task<string[]> IdsAsync(string query) =>
        [.. (await JsonAsync($"requests.json?{query}")).EnumerateArray().Select(r => r.GetProperty("service_request_id").GetString()!)];

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
