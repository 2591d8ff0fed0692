using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Forward-only migrations: SQL files embedded in the assemblies, run once each in the order of their names. A file that
/// has run is never edited: its checksum is kept, and a service whose files differ from it refuses to start.
/// </summary>
public sealed partial class Migrations(NpgsqlDataSource source, ILogger<Migrations> logger)
{
    // Any number will do, as long as every replica of every service takes the same one.
    private const long LockKey = 0x476F764D69677261;

    public async Task RunAsync(IReadOnlyList<Assembly> assemblies, CancellationToken cancellation)
    {
        var files = assemblies.SelectMany(FilesOf).OrderBy(f => f.Name, StringComparer.Ordinal).ToList();
        await using var connection = await source.OpenConnectionAsync(cancellation);
        // Replicas that start together wait here; the first one does the work.
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellation);
        try
        {
            await ExecuteAsync(connection, """
                create table if not exists migrations (
                    name text primary key,
                    checksum text not null,
                    ran_at timestamptz not null default now()
                )
                """, cancellation);
            var done = await DoneAsync(connection, cancellation);
            foreach (var name in done.Keys.Except(files.Select(f => f.Name)))
                throw new InvalidOperationException($"The database has migration {name}, which this version does not know: it is older than its data.");

            foreach (var file in files)
            {
                if (done.TryGetValue(file.Name, out var checksum))
                {
                    if (checksum != file.Checksum)
                        throw new InvalidOperationException($"Migration {file.Name} was edited after it had run.");
                    continue;
                }
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await ExecuteAsync(connection, file.Sql, cancellation);
                await using var record = new NpgsqlCommand("insert into migrations (name, checksum) values ($1, $2)", connection)
                {
                    Parameters = { Sql.P(file.Name), Sql.P(file.Checksum) },
                };
                await record.ExecuteNonQueryAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                Ran(file.Name);
            }
        }
        finally
        {
            await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    private static IEnumerable<MigrationFile> FilesOf(Assembly assembly)
    {
        const string folder = ".Migrations.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd();
            var name = resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^".sql".Length];
            yield return new MigrationFile(name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql.ReplaceLineEndings("\n")))));
        }
    }

    private static async Task<Dictionary<string, string>> DoneAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select name, checksum from migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var done = new Dictionary<string, string>();
        while (await reader.ReadAsync(cancellation))
            done.Add(reader.GetString(0), reader.GetString(1));
        return done;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ran migration {Name}")]
    private partial void Ran(string name);

    private sealed record MigrationFile(string Name, string Sql, string Checksum);
}
