using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>What a command writes.</summary>
public sealed class Writes
{
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> statements = [];
    private readonly List<RowWrite.Row> rows = [];
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> checks = [];

    /// <summary>Written before everything else: on it a repeat waits for the original, and finds what it has left.</summary>
    public RowWrite.Row? First { get; set; }

    public bool Any => statements.Count > 0 || rows.Count > 0;

    public void Add(string sql, params NpgsqlParameter[] parameters) => statements.Add((sql, parameters));

    public void Add(RowWrite.Row row) => rows.Add(row);

    public void AddCheck(string sql, params NpgsqlParameter[] parameters) => checks.Add((sql, parameters));

    /// <summary>
    /// The statements that write several commands: each one's own, then the rows of all, one statement each table, then the checks.
    /// They are made anew for each sending, since a statement remembers how the connection that sent it had prepared it.
    /// </summary>
    public static IEnumerable<NpgsqlBatchCommand> Together(IReadOnlyList<Writes> commands)
    {
        foreach (var statement in OfRows(commands.Select(c => c.First).OfType<RowWrite.Row>()))
            yield return statement;
        foreach (var (sql, parameters) in commands.SelectMany(c => c.statements))
            yield return StatementOf(sql, parameters);
        foreach (var statement in OfRows(commands.SelectMany(c => c.rows)))
            yield return statement;
        foreach (var (sql, parameters) in commands.SelectMany(c => c.checks))
            yield return StatementOf(sql, parameters);
    }

    private static NpgsqlBatchCommand StatementOf(string sql, NpgsqlParameter[] parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        statement.Parameters.AddRange(parameters);
        return statement;
    }

    private static IEnumerable<NpgsqlBatchCommand> OfRows(IEnumerable<RowWrite.Row> rows) =>
        rows.GroupBy(r => r.Write).Select(same => same.Key.Statement([.. same.Select(r => r.Values)]));
}
