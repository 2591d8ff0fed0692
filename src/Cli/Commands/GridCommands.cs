using System.CommandLine;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov grid`: which grid a place belongs to.</summary>
internal static class GridCommands
{
    public static Command Build(CliHost host) => Group(
        "grid",
        "Grids, the smallest territories: find one by a point, list them.",
        Locate(host), List(host), Show(host));

    private static Command Locate(CliHost host)
    {
        var point = Argument("point", "Longitude and latitude, as in 116.7912,33.9734.");
        var system = Shared.System();
        return new Command("locate", "The grid in which a point lies.").Does(host, [point, system], async (session, line, cancelled) =>
        {
            var place = Shared.PointFrom(line.GetValue(point)!, line.Word<CoordinateSystem>(system));
            var answer = await session.Api.Boundaries.LocateGridAsync(
                new LocateGridRequest { Point = place }, cancellationToken: cancelled);
            Print(session.Out, answer.Grid);
        },
        "gov grid locate 116.7912,33.9734",
        "gov grid locate 116.7975,33.9721 --system gcj02 --json");
    }

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var limit = Shared.Limit();
        return new Command("list", "Grids of a territory, ordered by code.").Does(host, [within, limit], async (session, line, cancelled) =>
        {
            var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
            {
                var page = await session.Api.Boundaries.ListGridsAsync(
                    new ListGridsRequest { Territory = line.Text(within), PageSize = size, PageToken = token },
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
        return new Command("show", "One grid.").Does(host, [code], async (session, line, cancelled) =>
        {
            var answer = await session.Api.Boundaries.GetGridAsync(
                new GetGridRequest { Code = line.GetValue(code) }, cancellationToken: cancelled);
            Print(session.Out, answer.Grid);
        },
        "gov grid show 34060300100101");
    }

    private static void Print(Printer printer, Governance.Grids.V1.Grid item) =>
        printer.Answer(() => Printer.ToJson(item), () => printer.Draw(Tables.Facts(
            ("code", item.Code),
            ("name", item.Name),
            ("kind", item.Kind),
            ("households", item.Households),
            ("boundary", string.Join("  ", item.Boundary.Points.Select(corner => FormattableString.Invariant(
                $"{corner.Longitude:0.######},{corner.Latitude:0.######}")))),
            ("updated", item.UpdatedAt),
            ("etag", item.Etag))));
}
