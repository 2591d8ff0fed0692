using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Cli.Pack;
using Governance.Organisations.V1;
using Spectre.Console;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov seed`: city packs, checked and loaded.</summary>
internal static class SeedCommands
{
    /// <summary>Where no bar can be drawn, a line tells how far it is.</summary>
    private const int SaidEvery = 20_000;

    private const string AboutLoad =
        """
        Load a city pack through the public API.

        The whole pack is read and checked first; a broken one is refused with file, line and column of every problem, and
        nothing is sent. The same pack always gives the same rows, and loading it again changes nothing. Needs the role operator.

        Past cases of the pack (cases.yaml) may be hundreds of thousands; they are sent only with --with-history.

        With --unless-loaded FILE nothing is sent when the file says that this pack, unchanged, was loaded before, and the
        stack has the city; the file is written after a load without rejected rows.
        """;

    public static Command Build(CliHost host) => Group(
        "seed",
        "City packs: a city's territories, organisations, teams, estates and rules as files.",
        Load(host), Check(host));

    private static Command Load(CliHost host)
    {
        var city = Argument("city", "The pack: a folder below seeds, as in huaibei.");
        var history = Flag("--with-history", "Also the cases that ended before the system was there, as cases.yaml of the pack describes them.");
        var marker = Option<string>("--unless-loaded", "Do nothing when this file says that the pack is loaded; written after a load.", "FILE");
        return new Command("load", AboutLoad).Does(
            host,
            [city, history, marker],
            ["gov seed load huaibei", "gov seed load huaibei --with-history", "gov seed load huaibei --packs /srv/packs --json"],
            async (session, line, cancelled) =>
            {
                var loaded = line.GetValue(marker) is { Length: > 0 } file
                    ? LoadedPack.Of(session.PackFolder(line.GetValue(city)!), line.GetValue(history), host.Absolute(file))
                    : null;
                if (loaded?.City is { } known && await IsThereAsync(session.ForCity(known), known, cancelled))
                {
                    session.Out.Answer(
                        () => new JsonObject { ["city"] = known, ["loaded"] = new JsonObject() },
                        () => session.Out.Say($"{line.GetValue(city)}: loaded before, and the pack is the same"));
                    return ExitCodes.Done;
                }

                var rows = Expand(session, line.GetValue(city)!);
                // A token for the whole city of the pack, whatever city the stack of this folder has.
                var api = session.ForCity(rows.City);
                loaded?.Forget();
                var results = await LoadAsync(session, api, rows, line.GetValue(history), cancelled);
                var indicators = await IndicatorsCommand.ReadAsync(api, rows.City, cancelled);
                var errors = results.SelectMany(result => result.Summary.Errors.Select(error => (result.Kind, error))).ToList();
                session.Out.Answer(
                    () => new JsonObject
                    {
                        ["city"] = rows.City,
                        ["loaded"] = new JsonObject(results.Select(result =>
                            KeyValuePair.Create(result.Kind, (JsonNode?)Printer.ToJson(result.Summary)))),
                        ["indicators"] = IndicatorsCommand.ToJson(indicators),
                    },
                    () =>
                    {
                        session.Out.Draw(TableOf(results));
                        foreach (var (kind, error) in errors)
                        {
                            session.Out.Say($"{kind} row {error.Row} {error.Code}: rejected");
                            foreach (var violation in error.Violations)
                                session.Out.Say($"  {violation.Field}: {violation.Description} ({violation.Reason})");
                        }

                        session.Out.Draw(IndicatorsCommand.TableOf(indicators));
                    });
                if (errors.Count == 0)
                {
                    loaded?.Write(rows.City);
                    return ExitCodes.Done;
                }

                // The last line, which is what somebody sees who runs this from another program.
                var first = errors[0].error;
                session.Out.Say(
                    $"error: {results.Sum(result => result.Summary.Rejected)} rejected; {errors[0].Kind} row {first.Row} {first.Code}: "
                    + string.Join("; ", first.Violations.Select(violation => violation.Description)));
                return ExitCodes.Refused;
            });
    }

    private static Command Check(CliHost host)
    {
        var city = Argument("city", "The pack: a folder below seeds, as in huaibei.");
        return new Command("check", "Read and check a city pack and count its rows, without a stack.").Does(
            host, [city], (session, line, _) =>
            {
                var rows = Expand(session, line.GetValue(city)!);
                var kinds = new SeedLoader(session.Api, rows, rows.Past.Count > 0, session.NewRequestId, session.Clock, (_, _, _) => { }).Kinds;
                session.Out.Answer(
                    () => new JsonObject(kinds.Select(entry => KeyValuePair.Create(entry.Kind, (JsonNode?)entry.Count))
                        .Prepend(KeyValuePair.Create("city", (JsonNode?)rows.City))),
                    () =>
                    {
                        var table = Tables.New("kind", "rows");
                        foreach (var (kind, count) in kinds)
                            table.Row(kind, count);
                        session.Out.Draw(table);
                    });
                return Task.CompletedTask;
            },
            "gov seed check huaibei");
    }

    /// <summary>Whether the stack has the city: the file may be older than the data.</summary>
    private static async Task<bool> IsThereAsync(PublicApi api, string city, CancellationToken cancelled) =>
        (await api.Directory.ListOrganisationsAsync(
            new ListOrganisationsRequest { Territory = city, PageSize = 1 }, cancellationToken: cancelled)).Organisations.Count > 0;

    private static SeedRows Expand(Session session, string city)
    {
        var problems = new PackProblems();
        var pack = PackReader.Read(session.PackFolder(city), session.Relative, problems);
        problems.ThrowIfAny();
        var rows = Expansion.Expand(pack!, problems);
        problems.ThrowIfAny();
        return rows;
    }

    private static async Task<IReadOnlyList<LoadResult>> LoadAsync(
        Session session, PublicApi api, SeedRows rows, bool withHistory, CancellationToken cancelled)
    {
        if (!session.Out.Interactive)
        {
            var quiet = new SeedLoader(api, rows, withHistory, session.NewRequestId, session.Clock, (kind, sent, total) =>
            {
                if (sent == total || sent % SaidEvery == 0)
                    session.Out.Say(sent == total ? $"{kind}: {total} sent" : $"{kind}: {sent} of {total} sent");
            });
            return await quiet.LoadAsync(cancelled);
        }

        IReadOnlyList<LoadResult> results = [];
        await session.Out.Console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<string, ProgressTask>();
                var loader = new SeedLoader(api, rows, withHistory, session.NewRequestId, session.Clock, (kind, sent, _) => bars[kind].Value = sent);
                foreach (var (kind, count) in loader.Kinds)
                    bars[kind] = context.AddTask(kind, maxValue: Math.Max(count, 1));
                results = await loader.LoadAsync(cancelled);
                foreach (var bar in bars.Values)
                    bar.Value = bar.MaxValue;
            });
        return results;
    }

    private static Table TableOf(IEnumerable<LoadResult> results)
    {
        var table = Tables.New("kind", "received", "created", "updated", "unchanged", "rejected");
        foreach (var (kind, summary) in results)
            table.Row(kind, summary.Received, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected);
        return table;
    }
}
