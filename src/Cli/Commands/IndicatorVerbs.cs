using System.CommandLine;
using Governance.Cli.Client;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>Of <c>gov indicators</c>: one number over time, in parts, and the records behind it.</summary>
internal static class IndicatorVerbs
{
    private const string Group = "indicators";
    private const string ConditionShape = "DIMENSION=VALUE,VALUE or DIMENSION!=VALUE,VALUE";

    public static IEnumerable<Command> Build(CliHost host) => [Series(host), Breakdown(host), Records(host)];

    private static Command Series(CliHost host)
    {
        var (service, name, within) = (Service(), Name(), Shared.Within());
        var from = Required("--from", "First day, as in 2026-01-01.", "DAY");
        var until = Required("--until", "Last day, which belongs to it.", "DAY");
        var span = Word<Span>("--span", "One point for each of these.", required: true);
        return new Verbs<IndicatorPoint>(host, Group, "The point.", point =>
            [("from", point.From), ("until", point.Until), ("value", point.Value?.Decimal)]).List(
            "series", "A number over time, oldest first.", [service, name, within, from, until, span],
            "--service grids --name cases --within 340603 --from 2026-01-01 --until 2026-12-31 --span month",
            ["from", "until", "value"],
            async (verb, _, _) => ((await verb.Api.Indicators(verb.Text(service)).GetIndicatorSeriesAsync(
                new()
                {
                    Territory = verb.Text(within),
                    Name = verb.Text(name),
                    Period = new IndicatorPeriod { From = verb.Text(from), Until = verb.Text(until) },
                    Span = verb.Word<Span>(span),
                },
                verb.Options)).Points, ""));
    }

    private static Command Breakdown(CliHost host)
    {
        var (service, name, within, from, until) = (Service(), Name(), Shared.Within(), From(), Until());
        var by = Required("--by", "A dimension, as in state, or a level: city to grid.", "DIMENSION");
        return new Verbs<IndicatorPart>(host, Group, "The part.", part => [("part", part.Key), ("value", part.Value?.Decimal)]).List(
            "breakdown", "A number in its parts.", [service, name, within, from, until, by],
            "--service grids --name cases --within 340603 --from 2026-01-01 --until 2026-12-31 --by state",
            ["part", "value"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Indicators(verb.Text(service)).GetIndicatorBreakdownAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Name = verb.Text(name),
                        Period = PeriodOf(verb.Text(from), verb.Text(until)),
                        Dimension = verb.Text(by),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Parts, page.NextPageToken);
            });
    }

    private static Command Records(CliHost host)
    {
        var (service, name, within, from, until) = (Service(), Name(), Shared.Within(), From(), Until());
        var over = Flag("--over", "Those behind the denominator, not the numerator.");
        var where = Many("--where", "Only those of a part.", ConditionShape);
        return new Verbs<IndicatorRecord>(host, Group, "The record.", record =>
            [("territory", record.Territory), ("at", record.At), ("id", record.Id)]).List(
            "records", "The records behind a number, by territory.", [service, name, within, from, until, over, where],
            "--service grids --name cases --within 340603 --from 2026-01-01 --until 2026-12-31 --over --where state!=closed,rejected",
            ["territory", "at", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Indicators(verb.Text(service)).ListIndicatorRecordsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Name = verb.Text(name),
                        Period = PeriodOf(verb.Text(from), verb.Text(until)),
                        Over = verb.Get(over),
                        Where = { verb.Texts(where).Select(ConditionFrom) },
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Records, page.NextPageToken);
            });
    }

    /// <summary>Null, for all time, when neither day was given.</summary>
    public static IndicatorPeriod? PeriodOf(string from, string until) =>
        (from, until) is ("", "") ? null : new IndicatorPeriod { From = from, Until = until };

    public static Option<string> From() => Option<string>("--from", "First day, as in 2026-01-01.", "DAY");

    public static Option<string> Until() => Option<string>("--until", "Last day, which belongs to it.", "DAY");

    public static Option<string> Service()
    {
        var service = Required("--service", "Which service counts.", string.Join('|', PublicApi.Services));
        service.AcceptOnlyFromAmong([.. PublicApi.Services]);
        return service;
    }

    private static Option<string> Name() => Required("--name", "The indicator, as gov indicators --json has it.", "NAME");

    private static IndicatorCondition ConditionFrom(string text)
    {
        var parts = text.Split('=', StringSplitOptions.TrimEntries);
        var dimension = parts[0].TrimEnd('!');
        return parts.Length == 2 && dimension.Length > 0 && parts[1].Length > 0
            ? new IndicatorCondition
            {
                Dimension = dimension,
                Values = { Shared.PartsFrom(parts[1], 1, 50, ConditionShape) },
                Except = parts[0] != dimension,
            }
            : throw new UsageException($"'{text}' is not {ConditionShape}.");
    }
}
