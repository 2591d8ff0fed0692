using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.ServiceDefaults.Webhooks;

public static class WebhookErrors
{
    public static readonly ErrorDefinition NotFound = new("DESTINATION_NOT_FOUND", StatusCode.NotFound,
        "There is no destination {id}.", "没有编号为 {id} 的推送目标。");

    public static readonly ErrorDefinition UrlRefused = new("DESTINATION_URL_REFUSED", StatusCode.InvalidArgument,
        "The address can't be posted to: it must be absolute, https (or http to this machine), without user, password or fragment, "
        + "and outside networks that the service's settings do not allow.",
        "推送地址不可用：须为不含用户、密码和片段的 https 绝对地址（本机可用 http），且不在设置未允许的网络内。");

    public static readonly ErrorDefinition EventUnknown = new("DESTINATION_EVENT_UNKNOWN", StatusCode.InvalidArgument,
        "This service publishes no event {event}.", "本服务不发布名为 {event} 的事件。");

    public static readonly ErrorDefinition Full = new("DESTINATIONS_FULL", StatusCode.ResourceExhausted,
        "The service has {max} destinations, the most it can have.", "推送目标已达上限 {max} 个。");

    public static readonly ErrorDefinition DeliveryNotFound = new("DELIVERY_NOT_FOUND", StatusCode.NotFound,
        "There is no delivery {id}.", "没有编号为 {id} 的推送记录。");
}

/// <summary>A program that is told of events. Its secrets are encrypted here too; only what signs reads them.</summary>
public sealed record Destination(
    Guid Id,
    string Territory,
    string Name,
    string Url,
    IReadOnlyList<string> Events,
    DestinationState State,
    byte[] Secret,
    int SecretVersion,
    byte[]? OldSecret,
    DateTimeOffset? OldSecretUntil,
    DateTimeOffset RegisteredAt,
    long Version)
{
    /// <summary>Codes are canonical digits, so within is a prefix.</summary>
    public bool Wants(string happened, string territory) =>
        territory.StartsWith(Territory, StringComparison.Ordinal) && (Events.Count is 0 || Events.Contains(happened));
}

/// <summary>Names of the events that this service publishes.</summary>
public sealed record PublishedEvents(IReadOnlySet<string> Names)
{
    public static PublishedEvents Of(string service) => new(EventRoutes.PublishedBy(service).Select(type => type.Name).ToHashSet());
}

/// <summary>The rules of destinations, pure.</summary>
public static class DestinationRules
{
    /// <summary>Few enough to be kept in memory, and to be looked through with every event.</summary>
    public const int MaxDestinations = 100;

    public static readonly TimeSpan OldSecretHolds = TimeSpan.FromDays(1);

    public static Outcome<Destination> Register(Destination asked, int present, NetworkGuard guard, PublishedEvents published)
    {
        if (!IsAddress(asked.Url, guard))
            return WebhookErrors.UrlRefused.With();
        if (asked.Events.FirstOrDefault(e => !published.Names.Contains(e)) is { } unknown)
            return WebhookErrors.EventUnknown.With(("event", unknown));
        return present >= MaxDestinations ? WebhookErrors.Full.With(("max", MaxDestinations)) : asked;
    }

    public static Destination Move(Destination current, DestinationState to) => current with { State = to, Version = current.Version + 1 };

    public static Destination Rotate(Destination current, byte[] secret, DateTimeOffset now) => current with
    {
        Secret = secret,
        SecretVersion = current.SecretVersion + 1,
        OldSecret = current.Secret,
        OldSecretUntil = now + OldSecretHolds,
        Version = current.Version + 1,
    };

    // A name is looked up with every connection, and what it leads to is held against the guard then.
    private static bool IsAddress(string text, NetworkGuard guard) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri.Host.Length > 0 && uri.UserInfo.Length is 0 && uri.Fragment.Length is 0
        && (!System.Net.IPAddress.TryParse(uri.DnsSafeHost, out var address) || guard.Allows(address))
        && (!uri.IsLoopback || guard.Allows(System.Net.IPAddress.Loopback));
}
