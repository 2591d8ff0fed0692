using Governance.Organisations.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;

namespace Governance.Grids.Cases;

/// <summary>Asks Organisations who somebody is: a case must not be given to a department that does not exist.</summary>
public sealed class DirectoryGateway(Organisations.V1.Directory.DirectoryClient directory, TokenReader tokens)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Outcome<Organisation>> FindAsync(string organisationId, CancellationToken cancellation)
    {
        var headers = new Metadata { { "authorization", $"Bearer {tokens.ServiceToken("grids")}" } };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var response = await directory.GetOrganisationAsync(
                new GetOrganisationRequest { Id = organisationId }, headers, cancellationToken: patience.Token);
            return response.Organisation;
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
