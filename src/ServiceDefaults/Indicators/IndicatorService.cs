using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Grpc;
using Grpc.Core;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>One number that a service counts: SQL with the two ends of the territory's range as $1 and $2.</summary>
public sealed record Measure(string Name, string Title, string Unit, string Sql);

/// <summary>The indicators of a service, counted when they are asked for.</summary>
public sealed class IndicatorService(ServiceDatabase database, IEnumerable<Measure> measures) : Common.V1.Indicators.IndicatorsBase
{
    public override async Task<GetIndicatorsResponse> GetIndicators(GetIndicatorsRequest request, ServerCallContext context)
    {
        var (low, high) = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var response = new GetIndicatorsResponse();
        foreach (var measure in measures)
        {
            response.Indicators.Add(new Indicator
            {
                Name = measure.Name,
                Title = measure.Title,
                Unit = measure.Unit,
                Value = await database.FirstAsync(measure.Sql, r => r.GetInt64(0), [P(low), P(high)], context.CancellationToken),
            });
        }
        return response;
    }
}
