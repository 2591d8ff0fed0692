using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>
/// The past cases of a pack, made one by one as they are asked for: there may be hundreds of thousands. Every row depends on its
/// number alone, so that any part can be made again and is the same.
/// </summary>
internal sealed class PastCases(PastCasePack pack, IReadOnlyList<Ground> grids, Func<Ground, string, string> nameOf)
{
    private const int FirstHour = 8;
    private const int HoursOfDay = 12;
    private static readonly TimeSpan China = TimeSpan.FromHours(8);

    private readonly List<IReadOnlyList<Ground>> places =
        pack.Rules.Select(rule => rule.Within.Length == 0 ? grids : Within(grids, rule.Within)).ToList();

    public int Count { get; } = pack.Rules.Sum(rule => rule.Count);

    /// <summary>Rows from one number, counting from 0, on.</summary>
    public IEnumerable<CaseRow> Rows(int from, int count)
    {
        var before = 0;
        for (var index = 0; index < pack.Rules.Count; before += pack.Rules[index++].Count)
        {
            var rule = pack.Rules[index];
            var end = Math.Min(rule.Count, from + count - before);
            for (var n = Math.Max(0, from - before); n < end; n++)
                yield return Row(rule, places[index], n, new Chance(pack.Seed, index, n));
        }
    }

    private static IReadOnlyList<Ground> Within(IReadOnlyList<Ground> grids, string territory) =>
        [.. grids.Where(grid => grid.Code.StartsWith(territory, StringComparison.Ordinal))];

    private CaseRow Row(PastCaseRule rule, IReadOnlyList<Ground> places, int n, Chance chance)
    {
        var grid = places[n % places.Count];
        var reported = ReportedAt(rule, n, chance);
        var ended = reported.AddMinutes(60 + chance.Below(3, (rule.LongestDays * 24 * 60) - 60));
        var latest = Midnight(rule.Until).AddMinutes(-1);
        var row = new CaseRow
        {
            Code = rule.Code.Fill(n + 1, place => nameOf(grid, place)),
            GridCode = grid.Code,
            Channel = rule.Channel,
            Title = rule.Title.Fill(n + 1, place => nameOf(grid, place)),
            State = CaseState.Closed,
            ReportedAt = Timestamp.FromDateTimeOffset(reported),
            EndedAt = Timestamp.FromDateTimeOffset(ended < latest ? ended : latest),
            Answer = rule.Answer,
            Late = chance.Below(4, 100) < rule.Late,
        };
        if (rule.Categories.Count > 0)
            row.Category = rule.Categories[chance.Below(5, rule.Categories.Count)];
        if (rule.Dimensions.Count > 0)
            row.Dimensions.Add(rule.Dimensions[n % rule.Dimensions.Count]);
        if (rule.Satisfied is { } satisfied)
            row.Satisfaction = chance.Below(6, 100) < satisfied ? Satisfaction.Satisfied : Satisfaction.Dissatisfied;
        return row;
    }

    private static DateTimeOffset ReportedAt(PastCaseRule rule, int n, Chance chance)
    {
        var days = rule.Until.DayNumber - rule.From.DayNumber;
        var day = rule.From.AddDays((int)((long)n * days / rule.Count));
        return Midnight(day).AddHours(FirstHour).AddMinutes(chance.Below(1, HoursOfDay * 60)).AddSeconds(chance.Below(2, 60));
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), China);

    /// <summary>Numbers that look like chance but come from the place of the row alone (splitmix64).</summary>
    private readonly struct Chance(int seed, int rule, int n)
    {
        private readonly ulong origin = Mixed(((ulong)(uint)seed << 32) | (uint)n) + Mixed((ulong)rule + 1);

        /// <summary>The <paramref name="which"/>-th number of the row, from 0 to below a limit.</summary>
        public int Below(int which, int limit) => (int)(Mixed(origin + (ulong)which) % (ulong)limit);

        private static ulong Mixed(ulong value)
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
