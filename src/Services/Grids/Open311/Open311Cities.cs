using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Open311;

/// <summary>One city as apps see it: a jurisdiction, whose services are the categories that its policy lets a case be given.</summary>
public sealed record Open311City(TerritoryCode Code, CityPolicies Policies, CategoryTree Categories)
{
    public CaseCategory? Find(string service) => Categories.Leaves.FirstOrDefault(s => s.Code == service);
}

/// <summary>Which city a call means: the one that it names, its key's, or the only one there is.</summary>
public sealed class Open311Cities(Open311Keys keys, PolicyStore policies, TimeProvider clock)
{
    public async Task<Open311City> OfAsync(string jurisdiction, Open311Key? key, CancellationToken cancellation)
    {
        var code = CodeOf(jurisdiction, key);
        var city = await policies.OfAsync(code.ToString(), cancellation);
        return new Open311City(code, city, city.CategoriesOf(city.InForce(CityPolicies.CasesKind, clock.GetUtcNow()).OrRefuse()));
    }

    private TerritoryCode CodeOf(string jurisdiction, Open311Key? key)
    {
        if (jurisdiction.Length > 0)
            return TerritoryCode.TryParse(jurisdiction, out var named, out _) && keys.Cities.Contains(named)
                ? named
                : throw new RefusedException(Open311Errors.JurisdictionUnknown.With(("jurisdiction", jurisdiction)));
        return key?.City
            ?? (keys.Cities.Count is 1
                ? keys.Cities.First()
                : throw new RefusedException(CommonErrors.Invalid(Violation.Of("jurisdiction_id", FieldErrors.Required))));
    }
}
