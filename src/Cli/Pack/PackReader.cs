using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Pack;

/// <summary>
/// Reads the files of a pack's folder: city.yaml, policies.yaml, holidays/*.yaml and, where they are there, cases.yaml and indicators.yaml.
/// </summary>
internal static class PackReader
{
    /// <summary>Reads and checks everything; problems are gathered, and null is given when the pack makes no sense at all.</summary>
    /// <param name="folder">The pack's folder.</param>
    /// <param name="nameOf">How a path is named in problems.</param>
    /// <param name="problems">Where problems are gathered.</param>
    public static CityPack? Read(string folder, Func<string, string> nameOf, PackProblems problems)
    {
        var city = Load(Path.Combine(folder, "city.yaml"), nameOf, problems);
        var policyFile = Load(Path.Combine(folder, "policies.yaml"), nameOf, problems);
        var holidayFolder = Path.Combine(folder, "holidays");
        var holidays = System.IO.Directory.Exists(holidayFolder)
            ? System.IO.Directory.GetFiles(holidayFolder, "*.yaml").Order(StringComparer.Ordinal).ToList()
            : [];
        if (holidays.Count == 0)
            problems.Add(new Spot(nameOf(holidayFolder), 1, 1), "there is no holidays/<year>.yaml");

        var code = city?.Root is YamlMappingNode root
            ? CityReader.CodeOf(new PackNode(city.Value.File, root, new PackProblems()))
            : "";
        var policies = new PolicyReader(code, problems);
        if (policyFile is { } written)
            policies.ReadPolicies(written.File, written.Root);
        foreach (var path in holidays)
        {
            if (Load(path, nameOf, problems) is { } year)
                policies.ReadHolidays(year.File, year.Root, Path.GetFileNameWithoutExtension(path));
        }

        if (city is not { } read)
            return null;
        if (read.Root is YamlMappingNode map)
        {
            return new CityReader(problems, policies.Categories).Read(new PackNode(read.File, map, problems), policies.All) with
            {
                Past = ReadPast(Path.Combine(folder, "cases.yaml"), nameOf, policies.Categories, problems),
                Indicators = ReadIndicators(folder, nameOf, problems),
            };
        }

        problems.Add(PackNode.SpotOf(read.File, read.Root), "the file takes keys with values: city, districts, organisations, ...");
        return null;
    }

    /// <summary>The city's own indicators alone.</summary>
    public static IReadOnlyList<WrittenIndicator> ReadIndicators(string folder, Func<string, string> nameOf, PackProblems problems)
    {
        var path = Path.Combine(folder, "indicators.yaml");
        return File.Exists(path) && Load(path, nameOf, problems) is { } written
            ? new IndicatorReader(problems).Read(written.File, written.Root)
            : [];
    }

    private static PastCasePack ReadPast(string path, Func<string, string> nameOf, IReadOnlySet<string> categories, PackProblems problems)
    {
        if (!File.Exists(path) || Load(path, nameOf, problems) is not { } past)
            return PastCasePack.None;
        if (past.Root is YamlMappingNode map)
            return new PastCaseReader(problems, categories).Read(new PackNode(past.File, map, problems));
        problems.Add(PackNode.SpotOf(past.File, past.Root), "the file takes keys with values: seed, cases");
        return PastCasePack.None;
    }

    /// <summary>Only the code of the city, for a token.</summary>
    public static string ReadCityCode(string folder)
    {
        var problems = new PackProblems();
        var city = Load(Path.Combine(folder, "city.yaml"), path => path, problems);
        problems.ThrowIfAny();
        return city?.Root is YamlMappingNode map ? CityReader.CodeOf(new PackNode(city.Value.File, map, problems)) : "";
    }

    private static (string File, YamlNode Root)? Load(string path, Func<string, string> nameOf, PackProblems problems)
    {
        var file = nameOf(path);
        Parser? parser = null;
        try
        {
            using var reader = new StreamReader(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            var stream = new YamlStream();
            parser = new Parser(reader);
            stream.Load(parser);
            if (stream.Documents.Count == 1)
                return (file, stream.Documents[0].RootNode);
            problems.Add(new Spot(file, 1, 1), stream.Documents.Count == 0 ? "the file is empty" : "the file holds more than one document");
        }
        catch (YamlException broken)
        {
            problems.Add(new Spot(file, broken.Start.Line, broken.Start.Column), $"this is not YAML: {broken.Message}");
        }
        catch (InvalidOperationException)
        {
            // The scanner of YamlDotNet 16 says it so for some slips, among them a brace that is never closed.
            var last = parser?.Current?.End ?? Mark.Empty;
            problems.Add(new Spot(file, last.Line, last.Column), "this is not YAML from here on: is a bracket, brace or quote left open?");
        }
        catch (System.Text.DecoderFallbackException)
        {
            problems.Add(new Spot(file, 1, 1), "the file is not UTF-8");
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Spot(file, 1, 1), File.Exists(path) ? absent.Message : "the file is missing");
        }

        return null;
    }
}
