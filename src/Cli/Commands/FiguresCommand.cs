using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Cli.Pack;
using Governance.Common.V1;
using Spectre.Console;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov figures`: what a city has published, beside what its records say.</summary>
internal static class FiguresCommand
{
    private const string About =
        """
        The figures that a city has published, each beside the number that its service computes from records now.

        A figure whose service has no such indicator, or did not answer, is marked "not ready". Ends with 6 when one that is ready does not
        hold, otherwise with 3 when a service was not reached and with 1 when one refused: standard error says which, and why.
        """;

    public static Command Build(CliHost host)
    {
        var city = Option<string>("--city", "The pack: a folder below seeds, as in huaibei.", "NAME", required: true);
        var service = Option<string>("--service", "Only of this service.", string.Join('|', PublicApi.Services));
        service.AcceptOnlyFromAmong([.. PublicApi.Services]);
        return new Command("figures", About).Does(
            host, [city, service], ["gov figures --city huaibei", "gov figures --city huaibei --service grids --json"], async (session, line, cancelled) =>
            {
                var name = line.Text(city);
                var folder = session.PackFolder(name);
                var figures = Figures.Read(folder, path => $"seeds/{name}/{Path.GetFileName(path)}");
                var code = PackReader.ReadCityCode(folder);
                var found = new List<Found>();
                var failures = new List<(string Service, Refusal Refusal)>();
                foreach (var of in figures.Where(f => line.GetValue(service) is not { } only || f.Service == only).GroupBy(f => f.Service))
                {
                    var (computed, refusal) = await ComputeAsync(session.ForCity(code).Indicators(of.Key), code, [.. of], cancelled);
                    found.AddRange(of.Select(f => new Found(f, computed.GetValueOrDefault(f.Id))));
                    if (refusal is not null)
                        failures.Add((of.Key, refusal));
                }
                session.Out.Answer(() => new JsonArray([.. found.Select(ToJson)]), () =>
                {
                    session.Out.Draw(TableOf(found));
                    session.Out.Say(
                        $"{found.Count(f => f.Holds is true)} hold, {found.Count(f => f.Holds is false)} differ, {found.Count(f => f.Holds is null)} not ready.");
                });
                foreach (var (of, refusal) in failures)
                {
                    session.Out.Fail(() => ToJson(of, refusal), error =>
                    {
                        error.WriteLine($"Figures of {of} are missing.");
                        Failures.Write(error, refusal);
                    });
                }
                // One service that is down must not hide what the others say, so this is decided last.
                return found.Exists(f => f.Holds is false) ? ExitCodes.FiguresDiffer
                    : failures.Exists(f => !f.Refusal.Unreachable) ? ExitCodes.Refused
                    : failures.Count > 0 ? ExitCodes.Unreachable
                    : ExitCodes.Done;
            });
    }

    // By the figures' ids; with why it ended early, if it did.
    private static async Task<(Dictionary<string, string> Computed, Refusal? Refusal)> ComputeAsync(
        Indicators.IndicatorsClient indicators, string city, List<Figure> figures, CancellationToken cancelled)
    {
        var computed = new Dictionary<string, string>();
        try
        {
            await ComputeAsync(indicators, city, figures, computed, cancelled);
            return (computed, null);
        }
        catch (RefusedException refused)
        {
            return (computed, refused.Refusal);
        }
    }

    // Those of one territory and period with one call.
    private static async Task ComputeAsync(
        Indicators.IndicatorsClient indicators, string city, List<Figure> figures, Dictionary<string, string> computed, CancellationToken cancelled)
    {
        var defined = (await indicators.ListIndicatorDefinitionsAsync(
            new ListIndicatorDefinitionsRequest { City = city }, cancellationToken: cancelled)).Definitions.Select(d => d.Name).ToHashSet();
        foreach (var together in figures.Where(f => defined.Contains(f.Indicator)).GroupBy(f => (f.Territory, f.From, f.Until)))
        {
            var (territory, from, until) = together.Key;
            var request = new GetIndicatorsRequest { Territory = territory.Length is 0 ? city : territory };
            request.Names.Add(together.Select(f => f.Indicator).Distinct());
            if (from.Length > 0 || until.Length > 0)
                request.Period = new IndicatorPeriod { From = from, Until = until };
            var answer = (await indicators.GetIndicatorsAsync(request, cancellationToken: cancelled)).Indicators.ToDictionary(i => i.Name);
            foreach (var figure in together)
                computed[figure.Id] = answer[figure.Indicator].Exact.Decimal;
        }
    }

    private static JsonObject ToJson(string service, Refusal refusal)
    {
        var json = Failures.ToJson(refusal);
        json["service"] = service;
        return json;
    }

    private static JsonNode ToJson(Found found) => new JsonObject
    {
        ["id"] = found.Figure.Id,
        ["service"] = found.Figure.Service,
        ["indicator"] = found.Figure.Indicator,
        ["computed"] = found.Computed,
        ["comparator"] = found.Figure.Comparator,
        ["published"] = found.Figure.Value,
        ["state"] = found.State,
    };

    private static Table TableOf(IEnumerable<Found> all)
    {
        var table = Tables.New("figure", "service", "indicator", "period", "computed", "", "published", "");
        foreach (var found in all)
        {
            var figure = found.Figure;
            table.Row(
                figure.Id, figure.Service, figure.Indicator, figure.From.Length is 0 ? "" : $"{figure.From} to {figure.Until}", found.Computed,
                figure.Comparator, figure.Value, found.State);
        }
        return table;
    }

    /// <summary>A figure with what was computed: null when the service has no such indicator or did not say, empty when there is no record to compute from.</summary>
    private sealed record Found(Figure Figure, string? Computed)
    {
        public bool? Holds => Computed switch
        {
            null => null,
            "" => false,
            _ => Figure.Holds(decimal.Parse(Computed, CultureInfo.InvariantCulture)),
        };

        public string State => Holds switch
        {
            true => "holds",
            false => "differs",
            null => "not ready",
        };
    }
}
