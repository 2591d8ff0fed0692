using System.Globalization;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>Territories, written out or generated.</summary>
internal sealed partial class CityReader
{
    private void ReadDistrict(PackNode node, string city)
    {
        var district = ReadGround(node, Level.District, city);
        node.Word("kind", DistrictKinds, "");
        foreach (var child in node.Maps("subdistricts"))
        {
            var subdistrict = ReadGround(child, Level.Subdistrict, district.Code);
            grounds[subdistrict.Code] = subdistrict with { Standing = child.Word("kind", SubdistrictKinds, "") };
            if (child.Map("generated", required: false) is { } generated)
                GenerateCommunities(generated, subdistrict);
            foreach (var community in child.Maps("communities", required: false))
            {
                ReadGround(community, Level.Community, subdistrict.Code);
                community.Finish();
            }

            child.Finish();
        }

        node.Finish();
    }

    /// <summary>
    /// Communities in rows from south to north within an area. Their codes begin with 901, a number that no register gives to a real one.
    /// </summary>
    private void GenerateCommunities(PackNode node, Ground subdistrict)
    {
        const int first = 901;
        var name = Pattern(node, "name", Level.Subdistrict, LongestName);
        var (count, grids) = (node.Number("count", 1, 1000 - first), node.Number("grids", 1, Codes.MostGrids));
        var households = node.Number("households", 0, 100_000);
        var area = ReadArea(node);
        node.Finish();
        if (area is null)
            return;
        var rows = (int)Math.Floor(Math.Sqrt(count));
        var plots = Rectangles.Rows(area, rows)
            .SelectMany((row, index) => Rectangles.Columns(row, ((index + 1) * count / rows) - (index * count / rows)));
        foreach (var (index, plot) in plots.Index())
        {
            var code = $"{subdistrict.Code}{first + index}";
            var ground = new Ground(
                node.At, code, name.Fill(index + 1, NameOf), Level.Community, plot, grids, households);
            if (!grounds.TryAdd(code, ground))
                problems.Add(node.At, $"'{code}' is there twice; the first is at {grounds[code].At}");
        }

        string NameOf(string place) => place == "territory"
            ? subdistrict.Name
            : grounds[subdistrict.Code[..Codes.DigitsOf(Codes.Levels[place])]].Name;
    }

    private Ground ReadGround(PackNode node, Level level, string parent)
    {
        var code = node.Text("code", 12);
        if (code.Length > 0 && !Codes.IsTerritory(code, level))
            node.Problem(
                "code", $"'{code}' is not the code of a {level.ToString().ToLowerInvariant()}: {Codes.DigitsOf(level)} digits in quotes");
        else if (code.Length > 0 && !code.StartsWith(parent, StringComparison.Ordinal))
            node.Problem("code", $"'{code}' does not lie in {parent}, below which it stands");
        var ground = new Ground(node.At, code, node.Text("name", LongestName), level);
        if (level == Level.Community)
        {
            ground = ground with
            {
                Area = ReadArea(node),
                Grids = node.Number("grids", 1, Codes.MostGrids),
                Households = node.Number("households", 0, 100_000),
                Kind = node.Word("grid_kind", GridKinds, GridKind.Residential, required: false),
            };
        }

        if (code.Length > 0 && !grounds.TryAdd(code, ground))
            node.Problem("code", $"'{code}' is there twice; the first is at {grounds[code].At}");
        return ground;
    }

    private Area? ReadArea(PackNode node)
    {
        var sides = node.Texts("area", 20, required: true);
        if (sides.Count == 0)
            return null;
        var numbers = new double[4];
        if (sides.Count != 4)
        {
            node.Problem("area", $"'area' has {sides.Count} numbers; it takes four: west, south, east, north");
            return null;
        }

        for (var index = 0; index < 4; index++)
        {
            if (!double.TryParse(sides[index].Text, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[index]))
            {
                problems.Add(sides[index].At, $"'{sides[index].Text}' is not a number of degrees");
                return null;
            }
        }

        var area = new Area(numbers[0], numbers[1], numbers[2], numbers[3]);
        if (area.West < -180 || area.East > 180 || area.South < -90 || area.North > 90)
            node.Problem("area", "'area' lies outside -180 to 180 degrees east and -90 to 90 degrees north");
        else if (area.West >= area.East || area.South >= area.North)
            node.Problem("area", "'area' is empty: west must be less than east, and south less than north");
        return area;
    }

    /// <summary>Sweeps from west to east, so that only neighbours are compared.</summary>
    private void CheckOverlaps()
    {
        var open = new List<Ground>();
        foreach (var ground in grounds.Values.Where(ground => ground.Area is not null).OrderBy(ground => ground.Area!.West))
        {
            open.RemoveAll(other => other.Area!.East <= ground.Area!.West);
            foreach (var other in open.Where(other => other.Area!.Overlaps(ground.Area!)))
            {
                var (first, second) = other.At.Line < ground.At.Line ? (other, ground) : (ground, other);
                problems.Add(second.At, $"the area of {second.Name} overlaps that of {first.Name} at {first.At}");
            }

            open.Add(ground);
        }
    }
}
