using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Governance.Primitives.Tests;

/// <summary>The holiday files of the city pack, and calendars made of them.</summary>
internal static class Calendars
{
    public static readonly WorkSeason OfficeHours = new(1, 1, [new(new(8, 30), new(12, 0)), new(new(14, 0), new(17, 30))]);

    public static readonly WorkCalendar Huaibei = Of(2024, 2025, 2026);

    public static WorkCalendar Of(params int[] years) => new(Data(years));

    public static WorkCalendarData Data(params int[] years) =>
        new(WorkCalendarData.ChinaOffset, WorkCalendarData.Weekend, [OfficeHours], [.. years.Select(Read)]);

    public static HolidayYear Read(int year)
    {
        var yaml = new YamlStream();
        using var file = File.OpenText(Path.Combine(AppContext.BaseDirectory, "holidays", $"{year}.yaml"));
        yaml.Load(file);
        var root = yaml.Documents[0].RootNode;
        var days = ((YamlSequenceNode)root["days"]).Select(day => new NamedDay(
            DateOnly.ParseExact(Text(day["date"]), "yyyy-MM-dd", CultureInfo.InvariantCulture),
            Text(day["name"]),
            bool.Parse(Text(day["off"]))));
        return new(int.Parse(Text(root["year"]), CultureInfo.InvariantCulture), Text(root["source"]), [.. days],
            ((YamlMappingNode)root).Children.TryGetValue("provisional", out var provisional) && bool.Parse(Text(provisional)));
    }

    /// <summary>Local wall time in China, as the instant it is.</summary>
    public static DateTimeOffset At(string local) =>
        new DateTimeOffset(DateTime.Parse(local, CultureInfo.InvariantCulture), WorkCalendarData.ChinaOffset).ToUniversalTime();

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
