using System.Reflection;
using Google.Protobuf;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>The common set of definitions, which comes with the service, and those of cities.</summary>
public sealed class DefinitionStore
{
    /// <summary>A city's own.</summary>
    public const int MaxDefinitions = 1000;

    private const string Revision = "indicator_definitions";

    private static readonly Insert Definitions = new(
        "indicator_definitions", "city text, name text, version bigint, content bytea, created_at timestamptz");

    private readonly ServiceDatabase database;
    private readonly DefinitionRules rules;
    private readonly IReadOnlyList<IndicatorDefinition> common;
    private readonly Snapshot<Dictionary<string, IReadOnlyList<IndicatorDefinition>>> cities;

    public DefinitionStore(ServiceDatabase database, TimeProvider clock, DefinitionRules rules, CommonDefinitions common)
    {
        this.database = database;
        this.rules = rules;
        this.common = common.All;
        if (rules.Problems(this.common) is { Count: > 0 } problems)
            throw new InvalidOperationException(
                string.Join('\n', problems.Select(p => $"{p.Field}: {p.Definition.Reason} {string.Join(' ', p.Metadata)}")));
        cities = new Snapshot<Dictionary<string, IReadOnlyList<IndicatorDefinition>>>(database, clock, Revision, LoadAsync);
    }

    /// <summary>The definitions in force in the city of a territory; the common set anywhere wider.</summary>
    public async ValueTask<IReadOnlyList<IndicatorDefinition>> OfAsync(TerritoryCode territory, CancellationToken cancellation) =>
        territory.AtLevel(TerritoryLevel.City) is { } city && (await cities.GetAsync(cancellation)).TryGetValue(city.ToString(), out var own)
            ? own
            : common;

    public Task RefreshAsync(CancellationToken cancellation) => cities.RefreshAsync(cancellation);

    /// <summary>The newest versions of a city's own, by name.</summary>
    public static async Task<Dictionary<string, IndicatorDefinition>> OwnAsync(Command command, string city) =>
        (await command.QueryAsync(
            "select distinct on (name) city, version, content from indicator_definitions where city = $1 order by name, version desc",
            Read, P(city)))
        .ToDictionary(own => own.Definition.Name, own => own.Definition);

    /// <summary>Two versions written at once collide, and the second is decided anew.</summary>
    public static void Add(Command command, string city, IndicatorDefinition definition)
    {
        var content = definition.Clone();
        content.Version = 0;
        command.Write(Definitions, city, definition.Name, definition.Version, content.ToByteArray(), command.Now);
    }

    public static void Touch(Command command) => command.Write(Revisions.Touch(Revision));

    private async Task<Dictionary<string, IReadOnlyList<IndicatorDefinition>>> LoadAsync(CancellationToken cancellation) =>
        (await database.QueryAsync(
            "select distinct on (city, name) city, version, content from indicator_definitions order by city, name, version desc",
            Read, [], cancellation))
        .GroupBy(own => own.City)
        .ToDictionary(city => city.Key, city => InForce([.. city.Select(own => own.Definition)]));

    // In the order of the common set, then a city's own. What an older version of the service took and this one can't count is left out.
    private IReadOnlyList<IndicatorDefinition> InForce(IReadOnlyList<IndicatorDefinition> own)
    {
        var countable = own.Where(d => rules.Problems([d]).Count is 0).ToDictionary(d => d.Name);
        var names = common.Select(d => d.Name).ToHashSet();
        return
        [
            .. common.Select(d => countable.GetValueOrDefault(d.Name) ?? d)
                .Concat(own.Where(d => !names.Contains(d.Name) && countable.ContainsKey(d.Name)))
                .Where(d => !d.Withdrawn),
        ];
    }

    private static (string City, IndicatorDefinition Definition) Read(NpgsqlDataReader reader)
    {
        var definition = IndicatorDefinition.Parser.ParseFrom(reader.GetFieldValue<byte[]>(2));
        definition.Version = reader.GetInt64(1);
        return (reader.GetString(0), definition);
    }
}

/// <summary>The definitions that come with a service, messages of the contract: the resource <c>indicators.json</c> of its assembly.</summary>
public sealed record CommonDefinitions(IReadOnlyList<IndicatorDefinition> All)
{
    public static CommonDefinitions Of(Assembly assembly)
    {
        if (assembly.GetManifestResourceNames().FirstOrDefault(n => n.EndsWith(".indicators.json", StringComparison.Ordinal)) is not { } resource)
            return new CommonDefinitions([]);
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new CommonDefinitions(JsonParser.Default.Parse<PutIndicatorDefinitionsRequest>(reader).Definitions);
    }
}
