using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>Conditions that are asked for, and no others: a plan made for all of them would use no index.</summary>
internal sealed class Conditions
{
    private const int DistrictDigits = 6;

    private readonly List<NpgsqlParameter> parameters;

    /// <param name="first">Parameters of the statement that stand before those of its conditions.</param>
    public Conditions(params IEnumerable<NpgsqlParameter> first) => parameters = [.. first];

    private Conditions(Conditions other) => (parameters, Text) = (other.parameters, other.Text);

    public string Text { get; private set; } = "";

    public NpgsqlParameter[] Parameters => [.. parameters];

    public Conditions And(string condition)
    {
        Text += " and " + condition;
        return this;
    }

    public Conditions And(string condition, NpgsqlParameter value)
    {
        parameters.Add(value);
        return And(condition.Replace("{0}", $"${parameters.Count}", StringComparison.Ordinal));
    }

    /// <summary>
    /// Lies within a territory. A prepared plan does not know how much that is, and takes every range for a small one: it would
    /// gather and sort all that is open in a city. What is due in a wide territory is found by walking along what is due at all.
    /// </summary>
    public Conditions Within(string column, (string Low, string High) range) =>
        range.Low.Length <= DistrictDigits
            ? Walk(column, range)
            : And($"{column} >= {{0}}", P(range.Low)).And($"{column} < {{0}}", P(range.High));

    /// <summary>Lies within a territory, tested row by row: an expression that no index holds.</summary>
    public Conditions Walk(string column, (string Low, string High) range) =>
        And($"{column} || '' >= {{0}}", P(range.Low)).And($"{column} || '' < {{0}}", P(range.High));

    /// <summary>Goes on from the same conditions with others of its own.</summary>
    public Conditions Branch() => new(this);
}
