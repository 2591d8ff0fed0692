using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using Spectre.Console;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov indicators`: numbers about a territory from every service.</summary>
internal static class IndicatorsCommand
{
    public static Command Build(CliHost host)
    {
        var within = Shared.Within();
        var command = new Command("indicators", "Numbers about a territory, counted by each service from its records.").Does(
            host, [within], async (session, line, cancelled) =>
            {
                var all = await ReadAsync(session.Api, line.Text(within), cancelled);
                session.Out.Answer(() => ToJson(all), () => session.Out.Draw(TableOf(all)));
            },
            "gov indicators",
            "gov indicators --within 340603 --json");
        command.Subcommands.Add(Export(host));
        foreach (var verb in IndicatorVerbs.Build(host))
            command.Subcommands.Add(verb);
        return command;
    }

    private static Command Export(CliHost host)
    {
        var service = IndicatorVerbs.Service();
        var names = Option<string>("--names", "Their names, with commas between; all when not said.", "NAME,NAME");
        var within = Option<string>("--territory", "Territory to count in; the token's own when not said.", "CODE");
        var (from, until) = (IndicatorVerbs.From(), IndicatorVerbs.Until());
        var span = Word<Span>("--span", "A line for each of these; needs --from and --until.");
        var by = Option<string>("--by", "A line for each value of a dimension, as in state, or of a level: city to grid.", "DIMENSION");
        var path = Option<string>("--out", "The file to write; one that is there is replaced in the end.", "FILE", required: true);
        return new Command("export", "Numbers as CSV for spreadsheets: over time, by a dimension, or both.").Does(
            host, [service, names, within, from, until, span, by, path], async (session, line, cancelled) =>
            {
                var request = new ExportIndicatorsRequest
                {
                    Territory = line.Text(within),
                    Names = { line.Text(names).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                    Span = line.Word<Span>(span),
                    Dimension = line.Text(by),
                    Period = IndicatorVerbs.PeriodOf(line.Text(from), line.Text(until)),
                };
                var file = host.Absolute(line.Text(path));
                using var call = session.Api.Indicators(line.Text(service)).ExportIndicators(request, cancellationToken: cancelled);
                var bytes = await Download.ToFileAsync(call, piece => piece.Chunk, file, cancelled);
                session.Out.Answer(
                    () => new JsonObject { ["file"] = file, ["bytes"] = bytes },
                    () => session.Out.Say($"{file}: {bytes} bytes"));
            },
            "gov indicators export --service grids --names cases --from 2026-01-01 --until 2026-12-31 --span month --out year.csv",
            "gov indicators export --service grids --by community --out communities.csv");
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
