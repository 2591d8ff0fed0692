using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;
using Grpc.Core;
using static Google.Rpc.BadRequest.Types;

namespace Governance.Cli.Pack;

/// <summary>What became of the rows of one kind.</summary>
internal sealed record LoadResult(string Kind, ImportSummary Summary);

/// <summary>
/// Sends a pack through the public API. Every load has request ids of its own, so that a second load really asks the services again and
/// they answer `unchanged`.
/// </summary>
internal sealed class SeedLoader(
    PublicApi api, SeedRows rows, Func<string> newRequestId, TimeProvider clock, Action<string, int, int> progress)
{
    /// <summary>Kinds of rows with their counts.</summary>
    public IReadOnlyList<(string Kind, int Count)> Kinds =>
    [
        ("policies", rows.Policies.Count),
        ("organisations", rows.Organisations.Count),
        ("grids", rows.Grids.Count),
        ("teams", rows.Teams.Count),
        ("estates", rows.Estates.Count),
    ];

    /// <summary>All kinds side by side, since most are different services' work; but estates name companies by the directory's ids.</summary>
    public async Task<IReadOnlyList<LoadResult>> LoadAsync(CancellationToken cancelled)
    {
        var policies = PutPoliciesAsync(cancelled);
        var organisations = ImportOrganisationsAsync(cancelled);
        var grids = ImportGridsAsync(cancelled);
        var teams = ImportTeamsAsync(cancelled);
        var estates = ImportEstatesAsync(organisations, cancelled);
        await Task.WhenAll(policies, organisations, grids, teams, estates);
        return
        [
            new("policies", await policies),
            new("organisations", await organisations),
            new("grids", await grids),
            new("teams", await teams),
            new("estates", await estates),
        ];
    }

    private async Task<ImportSummary> PutPoliciesAsync(CancellationToken cancelled)
    {
        var summary = new ImportSummary();
        foreach (var policy in rows.Policies)
        {
            summary.Received++;
            try
            {
                var answer = await api.Policies.PutPolicyAsync(
                    new PutPolicyRequest { RequestId = newRequestId(), City = rows.City, Policy = policy },
                    cancellationToken: cancelled);
                if (answer.Unchanged)
                    summary.Unchanged++;
                else
                    summary.Created++;
            }
            catch (RefusedException refused) when (IsAboutTheRow(refused.Refusal))
            {
                // One policy that is not taken must not keep the others out; it is listed at the end like a rejected row.
                summary.Rejected++;
                summary.Errors.Add(
                    ErrorOf(summary.Received, $"{PolicyCommands.KindOf(policy)} from {policy.EffectiveFrom}", refused.Refusal));
            }

            progress("policies", (int)summary.Received, rows.Policies.Count);
        }

        return summary;
    }

    private async Task<ImportSummary> ImportOrganisationsAsync(CancellationToken cancelled)
    {
        var head = Head();
        var answer = await ImportStream.SendAsync(
            token => api.Directory.ImportOrganisations(cancellationToken: token),
            new ImportOrganisationsRequest { Header = head },
            rows.Organisations.Select(row => new ImportOrganisationsRequest { Row = row }),
            head,
            "governance.organisations.v1.Directory/ImportOrganisations",
            sent => progress("organisations", sent, rows.Organisations.Count),
            clock,
            cancelled);
        return answer.Summary;
    }

    private async Task<ImportSummary> ImportGridsAsync(CancellationToken cancelled)
    {
        var head = Head();
        var answer = await ImportStream.SendAsync(
            token => api.Boundaries.ImportGrids(cancellationToken: token),
            new ImportGridsRequest { Header = head },
            rows.Grids.Select(row => new ImportGridsRequest { Row = row }),
            head,
            "governance.grids.v1.Boundaries/ImportGrids",
            sent => progress("grids", sent, rows.Grids.Count),
            clock,
            cancelled);
        return answer.Summary;
    }

    private async Task<ImportSummary> ImportTeamsAsync(CancellationToken cancelled)
    {
        var head = Head();
        var answer = await ImportStream.SendAsync(
            token => api.Teams.ImportTeams(cancellationToken: token),
            new ImportTeamsRequest { Header = head },
            rows.Teams.Select(row => new ImportTeamsRequest { Row = row }),
            head,
            "governance.volunteers.v1.Teams/ImportTeams",
            sent => progress("teams", sent, rows.Teams.Count),
            clock,
            cancelled);
        return answer.Summary;
    }

    private async Task<ImportSummary> ImportEstatesAsync(Task organisations, CancellationToken cancelled)
    {
        await organisations;
        var companies = await CompanyIdsAsync(cancelled);
        var estates = rows.Estates.Select(seed =>
        {
            var row = seed.Row.Clone();
            // A company that the directory rejected has no id; the service then names the row that lacks it.
            row.CompanyId = companies.GetValueOrDefault(seed.CompanyCode, "");
            return row;
        });
        var head = Head();
        var answer = await ImportStream.SendAsync(
            token => api.Estates.ImportEstates(cancellationToken: token),
            new ImportEstatesRequest { Header = head },
            estates.Select(row => new ImportEstatesRequest { Row = row }),
            head,
            "governance.properties.v1.Estates/ImportEstates",
            sent => progress("estates", sent, rows.Estates.Count),
            clock,
            cancelled);
        return answer.Summary;
    }

    private async Task<IReadOnlyDictionary<string, string>> CompanyIdsAsync(CancellationToken cancelled)
    {
        var companies = await Shared.PagesAsync(int.MaxValue, async (size, token) =>
        {
            var page = await api.Directory.ListOrganisationsAsync(
                new ListOrganisationsRequest
                {
                    Territory = rows.City,
                    Kind = OrganisationKind.PropertyCompany,
                    PageSize = size,
                    PageToken = token,
                },
                cancellationToken: cancelled);
            return (page.Organisations, page.NextPageToken);
        });
        return companies.ToDictionary(company => company.Code, company => company.Id);
    }

    private ImportHeader Head() => new() { RequestId = newRequestId(), Territory = rows.City };

    private static bool IsAboutTheRow(Refusal refusal) =>
        refusal.Code is StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.Aborted;

    private static RowError ErrorOf(long row, string code, Refusal refusal)
    {
        var error = new RowError { Row = row, Code = code };
        IEnumerable<FieldProblem> problems = refusal.Fields.Count > 0 ? refusal.Fields : [new("policy", refusal.Message, refusal.Reason)];
        error.Violations.Add(problems.Select(problem =>
            new FieldViolation { Field = problem.Field, Description = problem.Description, Reason = problem.Reason }));
        return error;
    }
}
