using Governance.Common.V1;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>One event on its way to one destination.</summary>
public sealed record Delivery(
    Guid Id,
    Guid DestinationId,
    Guid EventId,
    string Event,
    string Territory,
    DateTimeOffset HappenedAt,
    DeliveryState State,
    int Tries,
    DateTimeOffset? DueAt,
    DateTimeOffset? TriedAt,
    int Status,
    string Error);

/// <summary>A delivery that this process is to post.</summary>
public sealed record ClaimedDelivery(
    Guid Id, Guid EventId, string Event, string Territory, DateTimeOffset HappenedAt, byte[] Payload, int Tries);

/// <summary>How a try went: the status of the answer, 0 without one; what went wrong, empty when nothing did.</summary>
public sealed record PostResult(int Status, string Error)
{
    public const int Gone = 410;
}

/// <summary>What becomes of a delivery after a try.</summary>
public sealed record DeliveryStep(DeliveryState State, DateTimeOffset? DueAt);

/// <summary>The rules of deliveries, pure.</summary>
public static class DeliveryRules
{
    /// <summary>The last is about 27 hours after the first.</summary>
    public const int MaxTries = 12;

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>A try that nobody has told the end of by then counts as lost: who made it is dead. Longer than any try takes.</summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    /// <summary>
    /// <paramref name="jitter"/> from 0 to 1 shortens the pause by up to half, so that what failed together does not come back together.
    /// </summary>
    public static DeliveryStep After(PostResult result, int tries, DateTimeOffset now, double jitter)
    {
        if (result is { Error: "", Status: >= 200 and < 300 })
            return new DeliveryStep(DeliveryState.Delivered, null);
        return tries >= MaxTries
            ? new DeliveryStep(DeliveryState.Dead, null)
            : new DeliveryStep(DeliveryState.Waiting, now + (Pause(tries) * (1 - (jitter / 2))));
    }

    /// <summary>The longest pause after so many tries.</summary>
    public static TimeSpan Pause(int tries)
    {
        var pause = FirstPause * Math.Pow(3, Math.Min(tries, MaxTries) - 1);
        return pause < LongestPause ? pause : LongestPause;
    }
}
