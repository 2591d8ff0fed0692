using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Staffing;

/// <summary>A place where neighbours meet, or are heard.</summary>
public sealed record Venue : IKept
{
    public required Guid Id { get; init; }

    public required string Code { get; init; }

    public required string Territory { get; init; }

    public required string Name { get; init; }

    public required VenuePremises Premises { get; init; }

    public required VenueKind Kind { get; init; }

    public bool Active { get; init; } = true;

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>What neighbours did together in a venue.</summary>
public sealed record Activity(
    Guid Id, Guid VenueId, string Territory, string Title, string Festival, DateTimeOffset StartsAt, DateTimeOffset EndsAt,
    int Participants);

/// <summary>A place where deputies receive residents.</summary>
public sealed record Studio : IKept
{
    public required Guid Id { get; init; }

    public required string Code { get; init; }

    public required string Territory { get; init; }

    public required string Name { get; init; }

    /// <summary>Those of now.</summary>
    public required IReadOnlyList<Deputy> Deputies { get; init; }

    public bool Active { get; init; } = true;

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }
}

/// <summary>A deputy who is assigned to a studio.</summary>
public sealed record Deputy(Guid Id, string Subject, DeputyKind Kind, DateTimeOffset Since);

/// <summary>A session in which deputies received residents; cases are named by their ids only.</summary>
public sealed record Held(
    Guid Id, Guid StudioId, string Territory, DateTimeOffset HeldAt, IReadOnlyList<Guid> DeputyIds, int Received,
    IReadOnlyList<Guid> CaseIds);

/// <summary>The rules of venues and studios, pure.</summary>
public static class PlaceRules
{
    public const int MaxDeputies = 200;
    public const int MaxActivityDays = 7;

    /// <summary>What a venue is for when nobody says it.</summary>
    public static VenueKind KindOf(VenueKind said) => said is VenueKind.Unspecified ? VenueKind.Neighbourhood : said;

    public static Outcome<Venue> Close(Venue current, DateTimeOffset now) =>
        current.Active
            ? current with { Active = false, UpdatedAt = now, Version = current.Version + 1 }
            : PlaceErrors.VenueClosed.With();

    public static Outcome<Activity> Record(Venue venue, Activity made, DateTimeOffset now)
    {
        if (!venue.Active)
            return PlaceErrors.VenueClosed.With();
        return made.EndsAt <= made.StartsAt || made.EndsAt > now || made.EndsAt - made.StartsAt > TimeSpan.FromDays(MaxActivityDays)
            ? PlaceErrors.ActivityTimeInvalid.With(("days", MaxActivityDays))
            : made;
    }

    public static Outcome<Studio> Open(Studio made)
    {
        List<Violation> violations = [.. ProblemsOf([.. made.Deputies.Select(d => d.Subject)])];
        return violations.Count is 0 ? made with { Version = 1 } : CommonErrors.OneOrInvalid(violations);
    }

    public static Outcome<Studio> Close(Studio current, DateTimeOffset now) =>
        current.Active ? Next(current with { Active = false, Deputies = [] }, now) : PlaceErrors.StudioClosed.With();

    public static Outcome<Studio> Assign(Studio current, Deputy deputy, DateTimeOffset now)
    {
        if (!current.Active)
            return PlaceErrors.StudioClosed.With();
        if (current.Deputies.Any(d => d.Subject == deputy.Subject))
            return PlaceErrors.DeputyTwice.With();
        return current.Deputies.Count >= MaxDeputies
            ? PlaceErrors.DeputiesFull.With(("max", MaxDeputies))
            : Next(current with { Deputies = [.. current.Deputies, deputy] }, now);
    }

    public static Outcome<Studio> End(Studio current, Guid assignment, DateTimeOffset now)
    {
        if (!current.Active)
            return PlaceErrors.StudioClosed.With();
        return current.Deputies.All(d => d.Id != assignment)
            ? PlaceErrors.DeputyUnknown.With(("deputy", assignment))
            : Next(current with { Deputies = [.. current.Deputies.Where(d => d.Id != assignment)] }, now);
    }

    public static Outcome<Held> Record(Studio studio, Held made, DateTimeOffset now)
    {
        if (!studio.Active)
            return PlaceErrors.StudioClosed.With();
        if (made.HeldAt > now)
            return PlaceErrors.ReceptionTimeInvalid.With();
        foreach (var id in made.DeputyIds)
            if (studio.Deputies.All(d => d.Id != id))
                return PlaceErrors.DeputyUnknown.With(("deputy", id));
        return made;
    }

    public static IEnumerable<Violation> ProblemsOf(IReadOnlyList<string> deputies)
    {
        for (var i = 0; i < deputies.Count; i++)
            if (deputies.Take(i).Contains(deputies[i], StringComparer.Ordinal))
                yield return Violation.Of($"deputies[{i}].subject", PlaceErrors.DeputyTwice);
    }

    private static Studio Next(Studio next, DateTimeOffset now) => next with { UpdatedAt = now, Version = next.Version + 1 };
}
