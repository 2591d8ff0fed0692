using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Policies;

public sealed class PolicyStore
{
    public const string Revision = "policies";

    private const string Columns = "content, version, created_at";

    private static readonly Insert Policies = new(
        "policies", "city text, version bigint, kind text, effective_from date, content bytea, created_at timestamptz");

    private static readonly Insert Standards = new(
        "policy_standards", "city text, version bigint, name text, value bigint, effective_from date");

    private readonly ServiceDatabase database;
    private readonly Snapshot<Dictionary<string, CityPolicies>> cities;

    public PolicyStore(ServiceDatabase database, TimeProvider clock)
    {
        this.database = database;
        cities = new Snapshot<Dictionary<string, CityPolicies>>(database, clock, Revision, LoadAsync);
    }

    /// <summary>The policies of the city that a territory lies in.</summary>
    public async ValueTask<CityPolicies> OfAsync(string territory, CancellationToken cancellation)
    {
        var city = TerritoryCode.Parse(territory).AtLevel(TerritoryLevel.City)!.ToString();
        return (await cities.GetAsync(cancellation)).TryGetValue(city, out var policies)
            ? policies
            : new CityPolicies(city, []);
    }

    public Task RefreshAsync(CancellationToken cancellation) => cities.RefreshAsync(cancellation);

    public Task<List<Policy>> ListAsync(string city, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {Columns} from policies where city = $1 order by kind, effective_from desc, version desc limit 1000", Read, [P(city)], cancellation);

    public static Task<List<Policy>> SameDateAsync(Command command, string city, string kind, DateOnly date) =>
        command.QueryAsync($"select {Columns} from policies where city = $1 and kind = $2 and effective_from = $3", Read, P(city), P(kind), P(date));

    public static Task<long> NextVersionAsync(Command command, string city) =>
        command.FirstAsync("select coalesce(max(version), 0) + 1 from policies where city = $1", r => r.GetInt64(0), P(city));

    /// <summary>Two policies written at once collide on the version, and the second is decided anew.</summary>
    public static void Add(Command command, Policy policy, string kind, DateOnly date)
    {
        var content = policy.Clone();
        content.Version = 0;
        content.CreatedAt = null;
        command.Write(Policies, policy.City, policy.Version, kind, date, content.ToByteArray(), command.Now);
        foreach (var (name, value) in PolicyStandards.Of(policy))
            command.Write(Standards, policy.City, policy.Version, name, value, date);
        command.Write(Revisions.Touch(Revision));
    }

    private async Task<Dictionary<string, CityPolicies>> LoadAsync(CancellationToken cancellation) =>
        (await database.QueryAsync($"select {Columns} from policies order by city, version", Read, [], cancellation))
        .GroupBy(p => p.City)
        .ToDictionary(c => c.Key, c => new CityPolicies(c.Key, [.. c]));

    private static Policy Read(NpgsqlDataReader reader)
    {
        var policy = Policy.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0));
        policy.Version = reader.GetInt64(1);
        policy.CreatedAt = reader.Instant(2).ToTimestamp();
        return policy;
    }
}
