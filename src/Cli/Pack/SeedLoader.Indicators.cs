using Governance.Cli.Client;
using Governance.Common.V1;

namespace Governance.Cli.Pack;

/// <summary>The city's own indicators.</summary>
internal sealed partial class SeedLoader
{
    private const string IndicatorsKind = "indicators";

    /// <summary>What one request may hold.</summary>
    private const int IndicatorsAtOnce = 200;

    private bool HasIndicators => rows.Indicators.Count > 0;

    private async Task<ImportSummary> PutIndicatorsAsync(CancellationToken cancelled)
    {
        var summary = new ImportSummary();
        foreach (var batch in rows.Indicators.GroupBy(i => i.Service).SelectMany(service => service.Chunk(IndicatorsAtOnce)))
        {
            await PutIndicatorsAsync([.. batch], summary, cancelled);
            summary.Received += batch.Length;
            Tell(IndicatorsKind, (int)summary.Received, rows.Indicators.Count);
        }

        return summary;
    }

    // A request is taken as a whole: those that the service names are listed like rejected rows, and the others sent again without them.
    private async Task PutIndicatorsAsync(List<WrittenIndicator> batch, ImportSummary summary, CancellationToken cancelled)
    {
        while (batch.Count > 0)
        {
            try
            {
                var answer = await api.Indicators(batch[0].Service).PutIndicatorDefinitionsAsync(
                    new PutIndicatorDefinitionsRequest
                    {
                        RequestId = newRequestId(),
                        City = rows.City,
                        Definitions = { batch.Select(indicator => indicator.Definition) },
                    },
                    cancellationToken: cancelled);
                summary.Unchanged += answer.Unchanged;
                summary.Created += answer.Definitions.Count - answer.Unchanged;
                return;
            }
            catch (RefusedException refused) when (IsAboutTheRow(refused.Refusal))
            {
                var named = refused.Refusal.Fields.Select(field => IndexOf(field.Field)).Where(index => index < batch.Count).ToHashSet();
                foreach (var index in named.Count > 0 ? named.Order() : Enumerable.Range(0, batch.Count))
                    Reject(batch[index], index, refused.Refusal, summary);
                batch = named.Count > 0 ? [.. batch.Where((_, index) => !named.Contains(index))] : [];
            }
        }
    }

    private void Reject(WrittenIndicator indicator, int index, Refusal refusal, ImportSummary summary)
    {
        summary.Rejected++;
        var problems = refusal with { Fields = [.. refusal.Fields.Where(field => IndexOf(field.Field) == index)] };
        var row = 1 + rows.Indicators.TakeWhile(other => other != indicator).Count();
        summary.Errors.Add(ErrorOf(row, $"{indicator.Definition.Name} ({indicator.At})", problems));
    }

    /// <summary>3 of `definitions[3].value.measure`; none of any other field.</summary>
    private static int IndexOf(string field)
    {
        const string Start = "definitions[";
        var end = field.IndexOf(']', StringComparison.Ordinal);
        var isOfOne = field.StartsWith(Start, StringComparison.Ordinal) && end > Start.Length;
        return isOfOne && int.TryParse(field.AsSpan()[Start.Length..end], out var index)
            ? index
            : int.MaxValue;
    }
}
