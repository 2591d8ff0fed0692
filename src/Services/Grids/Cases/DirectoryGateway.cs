using Governance.Organisations.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;

namespace Governance.Grids.Cases;

/// <summary>Asks Organisations who somebody is: a case must not be given to a department that does not exist.</summary>
public sealed class DirectoryGateway(Organisations.V1.Directory.DirectoryClient directory, TokenReader tokens) : IDisposable
{
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Few organisations get most cases, and hardly ever does one change its name or end.</summary>
    private static readonly TimeSpan RememberFor = TimeSpan.FromSeconds(30);

    private readonly MemoryCache found = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });

    public void Dispose() => found.Dispose();

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
}
