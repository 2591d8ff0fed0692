using System.Reflection;
using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Indicators;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class IndicatorRulesTests
{
    [Fact]
    public void The_migration_that_keeps_counts_is_made_from_the_declaration()
    {
        var path = Path.Combine(RepositoryRoot.Path, "src/Services/Grids/Migrations/0003_cases_kept.sql");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is "1")
            File.WriteAllText(path, Kept.Migration(CaseMeasures.Cases));
        File.ReadAllText(path).ShouldBe(Kept.Migration(CaseMeasures.Cases), "run the tests with UPDATE_DOCS=1 to print it anew");
    }

    [Fact]
    public void Every_service_s_common_definitions_are_borne_out_by_its_measures()
    {
        foreach (var (name, assembly) in ErrorCatalogue.Services)
        {
            var common = CommonDefinitions.Of(assembly).All;
            common.Count.ShouldBeGreaterThan(3, name);
            new DefinitionRules(MeasuresOf(assembly)).Problems(common).ShouldBeEmpty(name);
            common.ShouldAllBe(d => d.Title.Length > 0 && d.TitleEn.Length > 0 && d.Unit.Length > 0);
        }
    }

    [Fact]
    public void A_measure_s_names_are_its_own_and_every_kept_dimension_is_declared()
    {
        var measures = ErrorCatalogue.Services.SelectMany(s => MeasuresOf(s.Assembly)).ToList();
        measures.Count.ShouldBeGreaterThan(10);
        measures.Select(m => m.Name).ShouldBeUnique();
        foreach (var measure in measures)
        {
            measure.Dimensions.Select(d => d.Name).ShouldBeUnique();
            measure.Kept.SelectMany(c => c).ShouldAllBe(k => measure.Dimensions.Any(d => d.Name == k && !d.IsSubject));
            // Counts as they stand are kept by the first instant, and their triggers read the table itself.
            if (measure.Kept.Count > 0)
                (measure.Instants.Count > 0 && !measure.Table.Contains(' ')).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(369, 461, 100, 0, Rounding.Unspecified, "80")]
    [InlineData(87, 189, 100, 0, Rounding.HalfUp, "46")]
    [InlineData(27, 272, 100, 0, Rounding.HalfUp, "10")]
    [InlineData(1, 8, 100, 0, Rounding.HalfUp, "13")]
    [InlineData(1, 8, 100, 1, Rounding.HalfUp, "12.5")]
    [InlineData(1, 8, 100, 0, Rounding.Down, "12")]
    [InlineData(1, 3, 100, 2, Rounding.Up, "33.34")]
    [InlineData(-1, 8, 100, 0, Rounding.HalfUp, "-12")]
    [InlineData(-1, 8, 0, 2, Rounding.Down, "-0.13")]
    [InlineData(2400, 1, 0, 1, Rounding.Unspecified, "2400.0")]
    [InlineData(1, 0, 100, 0, Rounding.Unspecified, "")]
    public void A_quotient_reads_as_defined(long numerator, long denominator, int factor, int decimals, Rounding rounding, string text) =>
        Quotient.Of(new IndicatorDefinition { Factor = factor, Decimals = decimals, Rounding = rounding }, numerator, denominator).Decimal.ShouldBe(text);

    [Theory]
    [InlineData("2025-01-01", "2026-12-31", Span.Year, 2, 1)]
    [InlineData("2025-04-01", "2027-03-31", Span.Year, 2, 1)]
    [InlineData("2025-01-01", "2025-07-02", Span.Year, 183, 365)]
    [InlineData("2024-02-29", "2025-02-27", Span.Year, 365, 365)]
    [InlineData("2026-01-01", "2026-02-14", Span.Month, 42, 28)]
    [InlineData("2026-03-02", "2026-03-15", Span.Week, 2, 1)]
    public void The_length_of_a_period_is_a_fraction(string from, string until, Span span, long numerator, long denominator)
    {
        var (n, d) = Days.Of(new IndicatorPeriod { From = from, Until = until }).LengthIn(span);
        (n * denominator).ShouldBe(numerator * d);
    }

    [Theory]
    [InlineData("1990-01-01", "2100-12-31", true)]
    [InlineData("1989-12-31", "2026-01-01", false)]
    [InlineData("2026-01-01", "2101-01-01", false)]
    [InlineData("2026-01-01", "9999-12-31", false)]
    [InlineData("2026-01-02", "2026-01-01", false)]
    public void A_period_lies_within_the_years_that_are_kept(string from, string until, bool fits)
    {
        var period = new IndicatorPeriod { From = from, Until = until };
        if (fits)
            Days.Of(period).To.ShouldBe(new DateOnly(2101, 1, 1));
        else
            Should.Throw<RefusedException>(() => Days.Of(period)).Refusal.Definition.ShouldBe(IndicatorErrors.PeriodInvalid);
    }

    [Fact]
    public void Kept_stretches_make_up_the_days_whatever_they_are()
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var from = new DateOnly(2019, 1, 1).AddDays(random.Next(2000));
            var days = new Days(from, from.AddDays(random.Next(1, 1500)));
            foreach (var span in Enum.GetValues<Span>())
            {
                var next = from;
                foreach (var (grain, start) in Kept.Stretches(days, span))
                {
                    start.ShouldBe(next);
                    Kept.StartOf(grain, start).ShouldBe(start);
                    next = grain switch
                    {
                        Grain.Year => start.AddYears(1),
                        Grain.Quarter => start.AddMonths(3),
                        Grain.Month => start.AddMonths(1),
                        Grain.Week => start.AddDays(7),
                        _ => start.AddDays(1),
                    };
                    // What is told by a span must not reach over its border.
                    if (span is not Span.Unspecified)
                        Days.StartOf(next.AddDays(-1), span).ShouldBe(Days.StartOf(start, span));
                }
                next.ShouldBe(days.To!.Value);
                if (span is not Span.Unspecified)
                    days.By(span).ToList().ShouldSatisfyAllConditions(
                        all => all[0].From.ShouldBe(days.From), all => all[^1].To.ShouldBe(days.To),
                        all => all.Zip(all.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From));
            }
        }
        Kept.Stretches(Days.All, Span.Unspecified).Single().Grain.ShouldBe(Grain.AllTime);
    }

    [Theory]
    [InlineData("2024-01-01", "2026-12-31", Span.Unspecified, "Year Year Year")]
    [InlineData("2026-03-01", "2027-02-28", Span.Year, "Month Quarter Quarter Quarter Month Month")]
    [InlineData("2026-03-01", "2026-06-30", Span.Month, "Month Month Month Month")]
    [InlineData("2026-05-30", "2026-06-21", Span.Unspecified, "Day Day Week Week Week")]
    [InlineData("2026-05-30", "2026-07-05", Span.Unspecified, "Day Day Month Day Day Day Day Day")]
    [InlineData("2026-05-27", "2026-06-09", Span.Week, "Day Day Day Day Day Week Day Day")]
    [InlineData("2026-06-29", "2026-07-05", Span.Month, "Day Day Day Day Day Day Day")]
    [InlineData("2026-06-29", "2026-07-05", Span.Unspecified, "Week")]
    public void Kept_stretches_are_the_longest_that_fit(string from, string until, Span span, string grains) =>
        string.Join(' ', Kept.Stretches(Days.Of(new IndicatorPeriod { From = from, Until = until }), span).Select(s => s.Grain)).ShouldBe(grains);

    private static IEnumerable<Measure> MeasuresOf(Assembly assembly) =>
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Measures", StringComparison.Ordinal)
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public)
        from measure in field.GetValue(null) switch
        {
            Measure one => [one],
            IEnumerable<Measure> many => many,
            _ => Enumerable.Empty<Measure>(),
        }
        select measure;
}
