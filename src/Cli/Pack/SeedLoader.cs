using Google.Protobuf;
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
internal sealed partial class SeedLoader(
    PublicApi api, SeedRows rows, bool withHistory, Func<string> newRequestId, TimeProvider clock, Action<string, int, int> progress)
{
    /// <summary>
    /// Past cases in an import. Each is a transaction of a few seconds, during which those who watch cases hear nothing; and what was
    /// written stays when a later one is cut.
    /// </summary>
    private const int PastCasesAtOnce = 20_000;

    private const int MostErrors = 1000;

    private const string PastCasesKind = "past_cases";

    private readonly Lock telling = new();

    /// <summary>Kinds of rows with their counts.</summary>
    public IReadOnlyList<(string Kind, int Count)> Kinds =>
    [
        ("policies", rows.Policies.Count),
        .. HasIndicators ? [(IndicatorsKind, rows.Indicators.Count)] : Array.Empty<(string, int)>(),
        ("organisations", rows.Organisations.Count),
        ("grids", rows.Grids.Count),
        ("teams", rows.Teams.Count),
        ("estates", rows.Estates.Count),
        .. RecordKinds,
        .. withHistory ? [(PastCasesKind, rows.Past.Count)] : Array.Empty<(string, int)>(),
    ];

    /// <summary>
    /// All kinds side by side, since most are different services' work; but estates name companies by the directory's ids, and cases
    /// and other records lie in grids.
    /// </summary>
    public async Task<IReadOnlyList<LoadResult>> LoadAsync(CancellationToken cancelled)
    {
        var policies = PutPoliciesAsync(cancelled);
        var indicators = PutIndicatorsAsync(cancelled);
        var organisations = ImportOrganisationsAsync(cancelled);
        var grids = ImportGridsAsync(cancelled);
        var teams = ImportTeamsAsync(cancelled);
        var estates = ImportEstatesAsync(organisations, cancelled);
        var records = ImportRecords(policies, organisations, grids, cancelled);
        var past = withHistory ? ImportPastCasesAsync(grids, cancelled) : Task.FromResult(new ImportSummary());
        await Task.WhenAll([policies, indicators, organisations, grids, teams, estates, past, .. records.Select(record => record.Done)]);
        return
        [
            new("policies", await policies),
            .. HasIndicators ? [new LoadResult(IndicatorsKind, await indicators)] : Array.Empty<LoadResult>(),
            new("organisations", await organisations),
            new("grids", await grids),
            new("teams", await teams),
            new("estates", await estates),
            .. await Task.WhenAll(records.Select(async record => new LoadResult(record.Kind, await record.Done))),
            .. withHistory ? [new LoadResult(PastCasesKind, await past)] : Array.Empty<LoadResult>(),
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

            Tell("policies", (int)summary.Received, rows.Policies.Count);
        }

        return summary;
    }

    private async Task<ImportSummary> ImportOrganisationsAsync(CancellationToken cancelled) => (await SendAsync(
        "organisations",
        "governance.organisations.v1.Directory/ImportOrganisations",
        token => api.Directory.ImportOrganisations(cancellationToken: token),
        head => new ImportOrganisationsRequest { Header = head },
        some => new ImportOrganisationsRequest { Rows = { some } },
        rows.Organisations,
        rows.Organisations.Count,
        cancelled)).Summary;

    private async Task<ImportSummary> ImportGridsAsync(CancellationToken cancelled) => (await SendAsync(
        "grids",
        "governance.grids.v1.Boundaries/ImportGrids",
        token => api.Boundaries.ImportGrids(cancellationToken: token),
        head => new ImportGridsRequest { Header = head },
        some => new ImportGridsRequest { Rows = { some } },
        rows.Grids,
        rows.Grids.Count,
        cancelled)).Summary;

    private async Task<ImportSummary> ImportTeamsAsync(CancellationToken cancelled) => (await SendAsync(
        "teams",
        "governance.volunteers.v1.Teams/ImportTeams",
        token => api.Teams.ImportTeams(cancellationToken: token),
        head => new ImportTeamsRequest { Header = head },
        some => new ImportTeamsRequest { Rows = { some } },
        rows.Teams,
        rows.Teams.Count,
        cancelled)).Summary;

    private async Task<ImportSummary> ImportEstatesAsync(Task organisations, CancellationToken cancelled)
    {
        await organisations;
        var companies = await OrganisationIdsAsync(OrganisationKind.PropertyCompany, company => company.Code, cancelled);
        var estates = rows.Estates.Select(seed =>
        {
            var row = seed.Row.Clone();
            // A company that the directory rejected has no id; the service then names the row that lacks it.
            row.CompanyId = companies.GetValueOrDefault(seed.CompanyCode, "");
            return row;
        });
        var answer = await SendAsync(
            "estates",
            "governance.properties.v1.Estates/ImportEstates",
            token => api.Estates.ImportEstates(cancellationToken: token),
            head => new ImportEstatesRequest { Header = head },
            some => new ImportEstatesRequest { Rows = { some } },
            estates,
            rows.Estates.Count,
            cancelled);
        return answer.Summary;
    }

    private async Task<ImportSummary> ImportPastCasesAsync(Task grids, CancellationToken cancelled)
    {
        await grids;
        var total = new ImportSummary();
        for (var from = 0; from < rows.Past.Count; from += PastCasesAtOnce)
        {
            var before = from;
            var head = new ImportHeader { RequestId = newRequestId(), Territory = rows.City };
            var answer = await ImportStream.SendAsync(
                token => api.Cases.ImportCases(cancellationToken: token),
                new ImportCasesRequest { Header = head },
                some => new ImportCasesRequest { Rows = { some } },
                rows.Past.Rows(from, PastCasesAtOnce),
                head,
                "governance.grids.v1.Cases/ImportCases",
                sent => Tell(PastCasesKind, before + sent, rows.Past.Count),
                clock,
                cancelled);
            Add(total, answer.Summary);
        }

        return total;
    }

    /// <summary>Rows of a later part are numbered as rows of the whole.</summary>
    private static void Add(ImportSummary total, ImportSummary part)
    {
        foreach (var error in part.Errors.Take(MostErrors - total.Errors.Count))
        {
            error.Row += total.Received;
            total.Errors.Add(error);
        }

        total.Received += part.Received;
        total.Created += part.Created;
        total.Updated += part.Updated;
        total.Unchanged += part.Unchanged;
        total.Rejected += part.Rejected;
    }

    private async Task<TResponse> SendAsync<TRequest, TRow, TResponse>(
        string kind,
        string method,
        Func<CancellationToken, AsyncClientStreamingCall<TRequest, TResponse>> open,
        Func<ImportHeader, TRequest> header,
        Func<IEnumerable<TRow>, TRequest> message,
        IEnumerable<TRow> some,
        int count,
        CancellationToken cancelled)
        where TRow : IMessage
    {
        var head = new ImportHeader { RequestId = newRequestId(), Territory = rows.City };
        return await ImportStream.SendAsync(open, header(head), message, some, head, method, sent => Tell(kind, sent, count), clock, cancelled);
    }

    // Whoever is told need not expect several at once.
    private void Tell(string kind, int sent, int total)
    {
        lock (telling)
            progress(kind, sent, total);
    }

    /// <summary>Ids of the city's organisations of a kind, by something that each has for itself.</summary>
    private async Task<Dictionary<string, string>> OrganisationIdsAsync(
        OrganisationKind kind, Func<Organisation, string> key, CancellationToken cancelled)
    {
        var organisations = await Shared.PagesAsync(int.MaxValue, async (size, token) =>
        {
            var page = await api.Directory.ListOrganisationsAsync(
                new ListOrganisationsRequest
                {
                    Territory = rows.City,
                    Kind = kind,
                    PageSize = size,
                    PageToken = token,
                },
                cancellationToken: cancelled);
            return (page.Organisations, page.NextPageToken);
        });
        return organisations.DistinctBy(key).ToDictionary(key, organisation => organisation.Id);
    }

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
