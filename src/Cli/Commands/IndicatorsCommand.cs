using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using Spectre.Console;

namespace Governance.Cli.Commands;

/// <summary>`gov indicators`: numbers about a territory from every service.</summary>
internal static class IndicatorsCommand
{
    public static Command Build(CliHost host)
    {
        var within = Shared.Within();
        return new Command("indicators", "Numbers about a territory, counted by each service from its records.").Does(
            host, [within], async (session, line, cancelled) =>
            {
                var all = await ReadAsync(session.Api, line.Text(within), cancelled);
                session.Out.Answer(() => ToJson(all), () => session.Out.Draw(TableOf(all)));
            },
            "gov indicators",
            "gov indicators --within 340603 --json");
    }

    public static async Task<IReadOnlyList<(string Service, Indicator Indicator)>> ReadAsync(
        PublicApi api, string territory, CancellationToken cancelled)
    {
        var all = new List<(string, Indicator)>();
        foreach (var service in PublicApi.Services)
        {
            var answer = await api.Indicators(service).GetIndicatorsAsync(
                new GetIndicatorsRequest { Territory = territory }, cancellationToken: cancelled);
            all.AddRange(answer.Indicators.Select(indicator => (service, indicator)));
        }

        return all;
    }

    public static JsonArray ToJson(IEnumerable<(string Service, Indicator Indicator)> all) => new([.. all.Select(entry =>
    {
        var json = Printer.ToJson(entry.Indicator);
        json["service"] = entry.Service;
        return json;
    })]);

    public static Table TableOf(IEnumerable<(string Service, Indicator Indicator)> all)
    {
        var table = Tables.New("service", "indicator", "title", "value", "unit");
        foreach (var (service, indicator) in all)
            table.Row(service, indicator.Name, indicator.Title, indicator.Value, indicator.Unit);
        return table;
    }
}
