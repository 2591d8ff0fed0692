using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>What a command writes.</summary>
public sealed class Writes
{
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> statements = [];
    private readonly List<RowWrite.Row> rows = [];

    /// <summary>Written before everything else: on it a repeat waits for the original, and finds what it has left.</summary>
    public RowWrite.Row? First { get; set; }

    public bool Any => statements.Count > 0 || rows.Count > 0;

    public void Add(string sql, params NpgsqlParameter[] parameters) => statements.Add((sql, parameters));

    public void Add(RowWrite.Row row) => rows.Add(row);

    /// <summary>
    /// The statements that write several commands: each one's own, then the rows of all, one statement each table. They are made
    /// anew for each sending, since a statement remembers how the connection that sent it had prepared it.
    /// </summary>
    public static IEnumerable<NpgsqlBatchCommand> Together(IReadOnlyList<Writes> commands)
    {
        foreach (var statement in OfRows(commands.Select(c => c.First).OfType<RowWrite.Row>()))
            yield return statement;
        foreach (var (sql, parameters) in commands.SelectMany(c => c.statements))
        {
            var statement = new NpgsqlBatchCommand(sql);
            statement.Parameters.AddRange(parameters);
            yield return statement;
        }
        foreach (var statement in OfRows(commands.SelectMany(c => c.rows)))
            yield return statement;
    }

    private static IEnumerable<NpgsqlBatchCommand> OfRows(IEnumerable<RowWrite.Row> rows) =>
        rows.GroupBy(r => r.Write).Select(same => same.Key.Statement([.. same.Select(r => r.Values)]));
}
