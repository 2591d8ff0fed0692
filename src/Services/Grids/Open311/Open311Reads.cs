using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Open311;

/// <summary>What anybody may read.</summary>
public sealed class Open311Reads(Open311Store store, IConfiguration configuration, TimeProvider clock)
{
    /// <summary>When what is offered here changed last.</summary>
    private const string Changeset = "2026-11-22T00:00:00Z";

    /// <summary>Anybody may ask, and commands need the connections: so many read from the database at once, and the next ones wait a moment.</summary>
    public const int MaxAtOnce = 3;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim turns = new(MaxAtOnce);

    public static Open311Answer Services(Open311City city, Language language) => new("services", new Many("service", city.Categories.Leaves.Select(s => new Fields(
        ("service_code", s.Code),
        ("service_name", s.Name),
        ("description", LimitOf(city.Categories.LimitOf(s), language)),
        ("metadata", false),
        ("type", "realtime"),
        ("keywords", null),
        ("group", city.Categories.Find(s.Parent)?.Name)))));

    /// <summary>No service asks for more than the report itself.</summary>
    public static Open311Answer Definition(Open311City city, string service) =>
        city.Find(service) is { } found
            ? new("service_definition", new Fields(("service_code", found.Code), ("attributes", new Many("attribute", []))))
            : throw new RefusedException(Open311Errors.ServiceUnknown.With(("service", service)));

    public async Task<Open311Answer> ListAsync(Open311City city, Func<string, string> argument, CancellationToken cancellation)
    {
        var query = Open311Query.Parse(argument, clock.GetUtcNow()).OrRefuse();
        if (query.Services.FirstOrDefault(code => city.Find(code) is null) is { } unknown)
            throw new RefusedException(Open311Errors.ServiceUnknown.With(("service", unknown)));
        var range = city.Code.PrefixRange;
        return Requests(city, await InTurnAsync(
            () => query.Ids is [] ? store.ListAsync(range, query, cancellation) : store.OfIdsAsync(range, query.Ids, cancellation), cancellation));
    }

    public async Task<Open311Answer> OneAsync(Open311City city, string id, CancellationToken cancellation) =>
        Requests(city, [await FindAsync(city, id, cancellation)]);

    /// <summary>A report has its id at once, which is its token too.</summary>
    public async Task<Open311Answer> TokenAsync(Open311City city, string token, CancellationToken cancellation)
    {
        var id = (await FindAsync(city, token, cancellation)).Id.ToString();
        return new("service_requests", new Many("request", [new Fields(("service_request_id", id), ("token", id))]));
    }

    public Open311Answer Discovery(string origin) => new("discovery", new Fields(
        ("changeset", Changeset),
        ("contact", configuration["Open311:Contact"]),
        ("key_service", configuration["Open311:KeyService"]),
        ("endpoints", new Many("endpoint", [new Fields(
            ("specification", "http://wiki.open311.org/GeoReport_v2"),
            ("url", (configuration["Open311:Url"] is { Length: > 0 } url ? url.TrimEnd('/') : origin) + Open311Endpoint.Root),
            ("changeset", Changeset),
            ("type", "production"),
            ("formats", new Many("format", ["text/xml", "application/json"])))]))));

    private async Task<PublicRequest> FindAsync(Open311City city, string id, CancellationToken cancellation) =>
        Guid.TryParseExact(id, "D", out var key)
        && await InTurnAsync(() => store.OfIdsAsync(city.Code.PrefixRange, [key], cancellation), cancellation) is [var found]
            ? found
            : throw new RefusedException(Open311Errors.RequestUnknown.With(("id", id)));

    private async Task<List<PublicRequest>> InTurnAsync(Func<Task<List<PublicRequest>>> read, CancellationToken cancellation)
    {
        if (!await turns.WaitAsync(MaxWait, cancellation))
            throw new RefusedException(Open311Errors.Busy.With());
        try
        {
            return await read();
        }
        finally
        {
            turns.Release();
        }
    }

    private static Open311Answer Requests(Open311City city, List<PublicRequest> requests) =>
        new("service_requests", new Many("request", requests.Select(r => new Fields(
            ("service_request_id", r.Id.ToString()),
            ("status", r.Closed ? "closed" : "open"),
            ("status_notes", r.State.ToString()),
            ("service_name", city.Find(r.Service)?.Name ?? r.Service),
            ("service_code", r.Service),
            // Nobody has looked through the reporter's words for names.
            ("description", null),
            ("agency_responsible", r.Handler.Length > 0 ? r.Handler : r.Holder),
            ("service_notice", null),
            ("requested_datetime", city.Policies.LocalTime(r.ReportedAt)),
            ("updated_datetime", city.Policies.LocalTime(r.UpdatedAt)),
            ("expected_datetime", r.DueAt is { } due ? city.Policies.LocalTime(due) : null),
            ("address", null),
            ("address_id", r.Territory),
            ("zipcode", null),
            ("lat", r.Place?.Latitude),
            ("long", r.Place?.Longitude),
            ("media_url", null)))));

    private static string LimitOf(TimeLimit limit, Language language) => (limit.Unit, language) switch
    {
        (TimeUnit.EmergencyHours, Language.English) => $"To be handled within {limit.Amount} hours",
        (TimeUnit.WorkHours, Language.English) => $"To be handled within {limit.Amount} working hours",
        (TimeUnit.WorkDays, Language.English) => $"To be handled within {limit.Amount} working days",
        (_, Language.English) => $"To be handled within {limit.Amount} days",
        (TimeUnit.EmergencyHours, _) => $"{limit.Amount} 小时内办理",
        (TimeUnit.WorkHours, _) => $"{limit.Amount} 个工作小时内办理",
        (TimeUnit.WorkDays, _) => $"{limit.Amount} 个工作日内办理",
        _ => $"{limit.Amount} 日内办理",
    };
}
