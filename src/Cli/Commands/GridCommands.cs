using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Grids.V1;
using Grpc.Core;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov grid`: which grid a place belongs to.</summary>
internal static class GridCommands
{
    public static Command Build(CliHost host) => Group(
        "grid",
        "Grids, the smallest territories: find one by a point, list, check and export them, redraw them.",
        Locate(host), List(host), Show(host), Check(host), Export(host), History(host), Split(host), Merge(host), Recode(host));

    private static Command Locate(CliHost host)
    {
        var point = Argument("point", "Longitude and latitude, as in 116.7912,33.9734.");
        var system = Shared.System();
        var answer = AnswerSystem();
        var command = new Command("locate", "The grid in which a point lies.");
        return command.Does(host, [point, system, answer], async (session, line, cancelled) =>
        {
            var place = Shared.PointFrom(line.GetValue(point)!, line.Word<CoordinateSystem>(system));
            var located = await session.Api.Boundaries.LocateGridAsync(
                new LocateGridRequest { Point = place, System = line.Word<CoordinateSystem>(answer) }, cancellationToken: cancelled);
            Print(session.Out, located.Grid);
        },
        "gov grid locate 116.7912,33.9734",
        "gov grid locate 116.7975,33.9721 --system gcj02 --json");
    }

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var limit = Shared.Limit();
        var ended = Flag("--ended", "Also those that have ended.");
        var command = new Command("list", "Grids of a territory, ordered by code.");
        return command.Does(host, [within, limit, ended], async (session, line, cancelled) =>
        {
            var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
            {
                var page = await session.Api.Boundaries.ListGridsAsync(
                    new ListGridsRequest
                    {
                        Territory = line.Text(within),
                        PageSize = size,
                        PageToken = token,
                        IncludeEnded = line.GetValue(ended),
                    },
                    cancellationToken: cancelled);
                return (page.Grids, page.NextPageToken);
            });
            session.Out.Answer(() => Printer.ToJson(found), () =>
            {
                var table = Tables.New("code", "name", "kind", "households", "corners");
                foreach (var item in found)
                    table.Row(item.Code, item.Name, item.Kind, item.Households, item.Boundary.Points.Count);
                session.Out.Draw(table);
            });
        },
        "gov grid list --within 340603001001",
        "gov grid list --limit 5000 --json");
    }

    private static Command Show(CliHost host)
    {
        var code = Argument("code", "Its territory code, 14 to 16 digits.");
        var answer = AnswerSystem();
        return new Command("show", "One grid, in force or ended.").Does(host, [code, answer], async (session, line, cancelled) =>
        {
            var found = await session.Api.Boundaries.GetGridAsync(
                new GetGridRequest { Code = line.GetValue(code), System = line.Word<CoordinateSystem>(answer) },
                cancellationToken: cancelled);
            Print(session.Out, found.Grid);
        },
        "gov grid show 34060300100101");
    }

    private static Command Check(CliHost host)
    {
        var within = Shared.Within();
        var tolerance = Option<double>(
            "--tolerance", "Overlaps and gaps up to this many square metres are not told; 20 when not said.", "M2");
        return new Command("check", "What is wrong with the grids of a territory: overlaps, gaps, sizes. With --json one line each.").Does(
            host, [within, tolerance], async (session, line, cancelled) =>
            {
                var request = new CheckBoundariesRequest { Territory = line.Text(within), ToleranceM2 = line.GetValue(tolerance) };
                using var call = session.Api.Boundaries.CheckBoundaries(request, cancellationToken: cancelled);
                await foreach (var message in call.ResponseStream.ReadAllAsync(cancelled))
                {
                    foreach (var finding in message.Findings)
                        session.Out.Item(() => Printer.ToJson(finding), () => session.Out.Say(TextOf(finding)));
                    if (message.Summary is { } summary)
                        session.Out.Item(() => Printer.ToJson(summary), () => session.Out.Say(TextOf(summary)));
                }
            },
            "gov grid check --within 340603",
            "gov grid check --tolerance 100 --json");
    }

    private static Command Export(CliHost host)
    {
        var within = Shared.Within();
        return new Command("export", "Grids of a territory as GeoJSON, in WGS-84.").Does(host, [within], async (session, line, cancelled) =>
        {
            var request = new ExportGridsRequest { Territory = line.Text(within) };
            using var call = session.Api.Boundaries.ExportGrids(request, cancellationToken: cancelled);
            await foreach (var piece in call.ResponseStream.ReadAllAsync(cancelled))
                host.Out.Write(piece.Geojson);
            host.Out.WriteLine();
        },
        "gov grid export --within 340603001");
    }

    private static Command History(CliHost host)
    {
        var code = Argument("code", "Its territory code, in force or ended.");
        return new Command("history", "How a grid came about and what became of it.").Does(host, [code], async (session, line, cancelled) =>
        {
            var answer = await session.Api.Boundaries.GetGridHistoryAsync(
                new GetGridHistoryRequest { Code = line.GetValue(code) }, cancellationToken: cancelled);
            session.Out.Answer(() => Printer.ToJson(answer), () =>
            {
                var table = Tables.New("at", "change", "old codes", "new codes");
                foreach (var change in answer.Changes)
                    table.Row(change.At, change.Kind, string.Join(' ', change.OldCodes), string.Join(' ', change.NewCodes));
                session.Out.Draw(table);
                session.Out.Say($"in force: {string.Join(' ', answer.CurrentCodes)}");
            });
        },
        "gov grid history 34060300100101");
    }

    private static Command Split(CliHost host)
    {
        var code = Argument("code", "Its territory code, 14 to 16 digits.");
        var parts = Required("--parts", "GeoJSON file with the parts, in WGS-84 and with the properties that gov grid export writes.", "FILE");
        return new Command("split", "End a grid and put its parts in its place.").Does(host, [code, parts], async (session, line, cancelled) =>
        {
            var request = new SplitGridRequest { RequestId = session.NewRequestId(), Code = line.GetValue(code) };
            request.Parts.Add(PartsFrom(host.Absolute(line.Text(parts))));
            var answer = await session.Api.Boundaries.SplitGridAsync(request, cancellationToken: cancelled);
            session.Out.Answer(() => Printer.ToJson(answer.Grids), () =>
            {
                var table = Tables.New("code", "name", "kind", "households", "corners");
                foreach (var item in answer.Grids)
                    table.Row(item.Code, item.Name, item.Kind, item.Households, item.Boundary.Points.Count);
                session.Out.Draw(table);
            });
        },
        "gov grid split 34060300100101 --parts parts.geojson");
    }

    private static Command Merge(CliHost host)
    {
        var codes = new Argument<string[]>("codes") { Description = "Codes of the grids, two or more.", Arity = ArgumentArity.OneOrMore };
        var into = Option<string>("--into", "The new code, of the same community.", "CODE", required: true);
        var name = Option<string>("--name", "Name of the new grid.", "TEXT", required: true);
        var command = new Command("merge", "End grids and put one in their place.");
        return command.Does(host, [codes, into, name], async (session, line, cancelled) =>
        {
            var request = new MergeGridsRequest { RequestId = session.NewRequestId(), NewCode = line.Text(into), Name = line.Text(name) };
            request.Grids.Add(line.GetValue(codes)!.Select(code => new GridVersion { Code = code }));
            var answer = await session.Api.Boundaries.MergeGridsAsync(request, cancellationToken: cancelled);
            Print(session.Out, answer.Grid);
        },
        "gov grid merge 34060300100101 34060300100102 --into 34060300100109 --name 第九网格");
    }

    private static Command Recode(CliHost host)
    {
        var code = Argument("code", "Its territory code, 14 to 16 digits.");
        var next = Argument("new-code", "The new code, of the same city.");
        return new Command("recode", "Give a grid another code.").Does(host, [code, next], async (session, line, cancelled) =>
        {
            var request = new RecodeGridRequest
            {
                RequestId = session.NewRequestId(),
                Code = line.GetValue(code),
                NewCode = line.GetValue(next),
            };
            var answer = await session.Api.Boundaries.RecodeGridAsync(request, cancellationToken: cancelled);
            Print(session.Out, answer.Grid);
        },
        "gov grid recode 34060300100101 34060300100111");
    }

    private static Option<string> AnswerSystem() =>
        Word<CoordinateSystem>("--answer-in", "What the boundary is given in; wgs84 when not said.");

    private static IReadOnlyList<GridRow> PartsFrom(string path)
    {
        try
        {
            var features = JsonNode.Parse(File.ReadAllText(path))!["features"]!.AsArray();
            return [.. features.Select(feature => PartFrom(feature!["properties"]!, feature["geometry"]!["coordinates"]![0]!.AsArray()))];
        }
        catch (IOException failure)
        {
            throw new UsageException(failure.Message);
        }
        catch (Exception failure) when (failure is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"{path} is not GeoJSON with polygons as gov grid export writes it: {failure.Message}");
        }
    }

    private static GridRow PartFrom(JsonNode properties, JsonArray ring) => new()
    {
        Code = properties["code"]!.GetValue<string>(),
        Name = properties["name"]!.GetValue<string>(),
        Kind = Shared.WordFrom<GridKind>(properties["kind"]!.GetValue<string>()),
        Households = properties["households"]!.GetValue<int>(),
        // GeoJSON closes a ring with its first corner again; the contract does not.
        Boundary = new Polygon { Points = { ring.SkipLast(1).Select(CornerFrom) } },
    };

    private static Point CornerFrom(JsonNode? corner) => new()
    {
        Longitude = corner![0]!.GetValue<double>(),
        Latitude = corner[1]!.GetValue<double>(),
        System = CoordinateSystem.Wgs84,
    };

    private static string TextOf(GridFinding finding) => finding.FindingCase switch
    {
        GridFinding.FindingOneofCase.Overlap =>
            $"overlap  {finding.Overlap.Code} and {finding.Overlap.OtherCode} share {finding.Overlap.AreaM2:0} square metres",
        GridFinding.FindingOneofCase.Gap => FormattableString.Invariant(
            $"gap      {finding.Gap.AreaM2:0} square metres in {finding.Gap.Community} at ")
            + FormattableString.Invariant($"{finding.Gap.Place.Longitude:0.######},{finding.Gap.Place.Latitude:0.######}"),
        GridFinding.FindingOneofCase.Size =>
            $"size     {finding.Size.Code} has {finding.Size.Households} households, "
            + $"not {finding.Size.MinHouseholds} to {finding.Size.MaxHouseholds}",
        _ => "",
    };

    private static string TextOf(CheckSummary summary) =>
        $"{summary.Grids} grids: {summary.Overlaps} overlaps, {summary.Gaps} gaps, {summary.SizeWarnings} sizes"
        + (summary.Truncated ? "; there are more" : "");

    private static void Print(Printer printer, Governance.Grids.V1.Grid item) =>
        printer.Answer(() => Printer.ToJson(item), () => printer.Draw(Tables.Facts(
            ("code", item.Code),
            ("name", item.Name),
            ("kind", item.Kind),
            ("households", item.Households),
            ("boundary", string.Join("  ", item.Boundary.Points.Select(corner => FormattableString.Invariant(
                $"{corner.Longitude:0.######},{corner.Latitude:0.######}")))),
            ("updated", item.UpdatedAt),
            ("in force from", item.ValidFrom),
            ("ended", item.ValidTo),
            ("successors", string.Join(' ', item.Successors)),
            ("etag", item.Etag))));
}
