using System.CommandLine;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Properties.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov estate`: residential estates and who manages them.</summary>
internal static class EstateCommands
{
    public static Command Build(CliHost host) => Group("estate", "Residential estates (住宅小区).", Locate(host), Show(host), List(host));

    private static Command Locate(CliHost host)
    {
        var point = Argument("point", "Longitude and latitude, as in 116.7912,33.9734.");
        var system = Shared.System();
        return new Command("locate", "The estate in which a point lies.").Does(host, [point, system], async (session, line, cancelled) =>
        {
            var place = Shared.PointFrom(line.GetValue(point)!, line.Word<CoordinateSystem>(system));
            var item = (await session.Api.Estates.LocateEstateAsync(
                new LocateEstateRequest { Point = place }, cancellationToken: cancelled)).Estate;
            Tell(session, item);
        },
        "gov estate locate 116.7912,33.9734");
    }

    private static Command Show(CliHost host)
    {
        var id = Id("The estate.");
        return new Command("show", "One estate.").Does(
            host, [id], async (session, line, cancelled) => Tell(session, (await session.Api.Estates.GetEstateAsync(
                new GetEstateRequest { Id = line.GetValue(id) }, cancellationToken: cancelled)).Estate),
            "gov estate show 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var limit = Shared.Limit();
        return new Command("list", "Estates of a territory, ordered by code.").Does(
            host, [within, limit], async (session, line, cancelled) =>
        {
            var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
            {
                var page = await session.Api.Estates.ListEstatesAsync(
                    new ListEstatesRequest { Territory = line.Text(within), PageSize = size, PageToken = token },
                    cancellationToken: cancelled);
                return (page.Estates, page.NextPageToken);
            });
            session.Out.Answer(() => Printer.ToJson(found), () =>
            {
                var table = Tables.New("code", "name", "territory", "managed by", "company", "id");
                foreach (var item in found)
                    table.Row(item.Code, item.Name, item.Territory, item.Mode, item.CompanyName, item.Id);
                session.Out.Draw(table);
            });
        },
        "gov estate list --within 340603001001");
    }

    private static void Tell(Session session, Estate item) =>
        session.Out.Answer(() => Printer.ToJson(item), () => session.Out.Draw(Tables.Facts(
            ("name", item.Name),
            ("code", item.Code),
            ("id", item.Id),
            ("territory", item.Territory),
            ("managed by", item.Mode),
            ("company", item.CompanyName),
            ("households", item.Households))));
}
