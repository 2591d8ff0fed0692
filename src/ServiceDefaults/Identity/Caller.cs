using Governance.Primitives;

namespace Governance.ServiceDefaults.Identity;

/// <summary>Who calls, as the token says it.</summary>
public sealed record Caller(string Subject, IReadOnlyList<string> Roles, TerritoryCode Territory, Guid? Organisation)
{
    public bool HasAny(IReadOnlyList<string> roles)
    {
        // Few of either: this runs for every call, and must not allocate.
        for (var i = 0; i < roles.Count; i++)
            for (var own = 0; own < Roles.Count; own++)
                if (Roles[own] == roles[i])
                    return true;
        return false;
    }

    /// <summary>Whether the caller works for the city in a territory, and not only has something of their own there.</summary>
    public bool WorksIn(string territory) => HasAny(Identity.Roles.Staff) && Territory.Contains(TerritoryCode.Parse(territory));
}

/// <summary>The roles that tokens name.</summary>
public static class Roles
{
    public const string Resident = "resident";
    public const string GridWorker = "grid_worker";

    /// <summary>Acts for a community, subdistrict, district or the city, as its territory says.</summary>
    public const string Officer = "officer";

    /// <summary>Acts for a department or company: the organisation of the token.</summary>
    public const string Responder = "responder";

    public const string Volunteer = "volunteer";
    public const string Operator = "operator";
    public const string Auditor = "auditor";

    /// <summary>One of our services calling another.</summary>
    public const string Service = "service";

    public static IReadOnlyList<string> Staff { get; } = [GridWorker, Officer, Operator, Auditor, Service];

    public static IReadOnlyList<string> All { get; } = [Resident, GridWorker, Officer, Responder, Volunteer, Operator, Auditor, Service];
}
