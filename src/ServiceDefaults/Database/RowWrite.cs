using Npgsql;
using NpgsqlTypes;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// A statement that writes one row for each set of values it is given. The rows of all commands of a group go with one such
/// statement, so that a row costs its values and not a statement.
/// </summary>
public abstract class RowWrite
{
    private readonly (string Name, string Type)[] columns;

    /// <param name="columns">Names and types, as in <c>id uuid, written_at timestamptz</c>.</param>
    private protected RowWrite(string columns)
    {
        this.columns = [.. columns.Split(',', StringSplitOptions.TrimEntries).Select(c => c.Split(' ', 2)).Select(c => (c[0], c[1]))];
        Arrays = string.Join(", ", this.columns.Select((c, i) => $"${i + 1}::{c.Type}[]"));
    }

    protected IEnumerable<string> Names => columns.Select(c => c.Name);

    /// <summary>The parameters, one array a column.</summary>
    protected string Arrays { get; }

    protected abstract string Sql { get; }

    /// <summary>The values of one row, in the order of the columns.</summary>
    public Row Of(object?[] values) =>
        values.Length == columns.Length
            ? new Row(this, values)
            : throw new ArgumentException($"{values.Length} values for {columns.Length} columns: {Sql}", nameof(values));

    internal NpgsqlBatchCommand Statement(List<object?[]> rows)
    {
        var statement = new NpgsqlBatchCommand(Sql);
        for (var i = 0; i < columns.Length; i++)
            statement.Parameters.Add(ArrayOf(columns[i].Type, rows, i));
        return statement;
    }

    private static NpgsqlParameter ArrayOf(string type, List<object?[]> rows, int column)
    {
        return type switch
        {
            "uuid" => Array(NpgsqlDbType.Uuid, value => (Guid?)value),
            "text" => Array(NpgsqlDbType.Text, value => (string?)value),
            "jsonb" => Array(NpgsqlDbType.Jsonb, value => (string?)value),
            "bytea" => Array(NpgsqlDbType.Bytea, value => (byte[]?)value),
            "bool" => Array(NpgsqlDbType.Boolean, value => (bool?)value),
            "smallint" => Array(NpgsqlDbType.Smallint, value => (short?)value),
            "int" => Array(NpgsqlDbType.Integer, value => (int?)value),
            "bigint" => Array(NpgsqlDbType.Bigint, value => (long?)value),
            "float8" => Array(NpgsqlDbType.Double, value => (double?)value),
            "date" => Array(NpgsqlDbType.Date, value => (DateOnly?)value),
            "timestamptz" => Array(NpgsqlDbType.TimestampTz, value => ((DateTimeOffset?)value)?.UtcDateTime),
            _ => throw new NotSupportedException($"no array is made of {type}"),
        };

        NpgsqlParameter Array<T>(NpgsqlDbType element, Func<object?, T> valueOf)
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = valueOf(rows[i][column]);
            return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
        }
    }

    /// <summary>A row on its way to the database.</summary>
    public sealed record Row(RowWrite Write, object?[] Values);
}

/// <summary>Adds rows to a table: <c>new("notes", "id uuid, text text")</c>.</summary>
public sealed class Insert(string table, string columns) : RowWrite(columns)
{
    protected override string Sql => field ??= $"insert into {table} ({string.Join(", ", Names)}) select * from unnest({Arrays})";
}

/// <summary>
/// Changes rows of a table that are still as the rules saw them: <c>new("notes", "id uuid, version bigint", "text text, version
/// bigint")</c>. Values are given for the key first, then for what is set. When one row is not found, the whole group fails, and
/// the command that it belongs to is decided anew.
/// </summary>
public sealed class Update(string table, string key, string set, string condition = "true") : RowWrite($"{key}, {set}")
{
    protected override string Sql => field ??= Compose();

    private string Compose()
    {
        var keys = key.Split(',').Length;
        var names = Names.ToArray();
        var found = string.Join(" and ", names.Take(keys).Select((name, i) => $"kept.{name} = given.v{i}"));
        var changes = string.Join(", ", names.Skip(keys).Select((name, i) => $"{name} = given.v{keys + i}"));
        return $"""
            with written as (
                update {table} as kept set {changes}
                from unnest({Arrays}) as given({string.Join(", ", names.Select((_, i) => $"v{i}"))})
                where {found} and {condition}
                returning 1)
            select require_written(count(*), cardinality($1)) from written
            """;
    }
}
