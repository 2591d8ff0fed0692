using Governance.Organisations.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;

namespace Governance.Grids.Cases;

/// <summary>
/// Asks Organisations who somebody is: a case must not be given to a department that does not exist, or to another city's.
/// </summary>
public sealed class DirectoryGateway(Organisations.V1.Directory.DirectoryClient directory, TokenReader tokens) : IDisposable
{
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Few organisations get most cases, and hardly ever does one change its name or end.</summary>
    private static readonly TimeSpan RememberFor = TimeSpan.FromSeconds(30);

    private readonly MemoryCache found = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });

    public void Dispose() => found.Dispose();

    /// <summary>An organisation of the city that the territory lies in.</summary>
    public async Task<Outcome<Organisation>> FindAsync(string organisationId, string territory, CancellationToken cancellation) =>
        (await FindAsync(organisationId, cancellation)).Then(found => WithinCity(found, territory, [found]));

    /// <summary>
    /// Each once, in the order of the request. One that there is not has its id alone, and is refused by <see cref="Sharing"/>: whether there
    /// is one is only told to those who may act on the case.
    /// </summary>
    public async Task<List<Organisation>> FindAllAsync(IEnumerable<string> organisationIds, CancellationToken cancellation)
    {
        var all = new List<Organisation>();
        foreach (var id in organisationIds.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var sought = await FindAsync(id, cancellation);
            all.Add(sought.Refusal?.Definition == CaseErrors.HandlerUnknown ? new Organisation { Id = id } : sought.OrRefuse());
        }
        return all;
    }

    /// <summary>The case, when all organisations are of its city.</summary>
    public static Outcome<Case> Sharing(Case current, IEnumerable<Organisation> organisations) =>
        WithinCity(current, current.Territory, organisations);

    public async Task<Outcome<Organisation>> FindAsync(string organisationId, CancellationToken cancellation)
    {
        if (found.TryGetValue<Organisation>(organisationId, out var remembered))
            return remembered!;
        var headers = new Metadata { { "authorization", $"Bearer {tokens.ServiceToken("grids")}" } };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var response = await directory.GetOrganisationAsync(
                new GetOrganisationRequest { Id = organisationId }, headers, cancellationToken: patience.Token);
            return found.Set(organisationId, response.Organisation, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = RememberFor });
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound)
        {
            return CaseErrors.HandlerUnknown.With(("handler", organisationId));
        }
        catch (RpcException) when (!cancellation.IsCancellationRequested)
        {
            return CaseErrors.DirectoryUnavailable.With();
        }
    }

    /// <summary>One of another city sounds like one that there is not: this city has nothing to know of it.</summary>
    private static Outcome<T> WithinCity<T>(T value, string territory, IEnumerable<Organisation> organisations)
    {
        var city = CityOf(territory);
        return organisations.FirstOrDefault(o => o.Territory.Length is 0 || CityOf(o.Territory) != city) is { } foreign
            ? CaseErrors.HandlerUnknown.With(("handler", foreign.Id))
            : value;
    }

    private static TerritoryCode? CityOf(string territory) => TerritoryCode.Parse(territory).AtLevel(TerritoryLevel.City);
}
