using System.Net.Sockets;
using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>The service's own database: one data source for the process.</summary>
public sealed class ServiceDatabase(NpgsqlDataSource source)
{
    /// <summary>
    /// Commands keep few connections busy: more than about eight double the CPU of each transaction on two cores. The rest
    /// is for imports and watches, which hold one each for long.
    /// </summary>
    public const int MaxConnections = 24;

    private readonly ReadGroups reads = new(source);

    public NpgsqlDataSource Source { get; } = source;

    public static NpgsqlDataSource CreateSource(string connectionString, string applicationName, Microsoft.Extensions.Logging.ILoggerFactory? loggers = null)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.ApplicationName = applicationName;
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, MaxConnections);
        settings.MaxAutoPrepare = 200;
        settings.AutoPrepareMinUsages = 2;
        settings.Enlist = false;
        // Half a minute of silence means that the server or the way to it is gone.
        settings.CommandTimeout = 30;
        settings.KeepAlive = 30;
        // Nothing that a connection keeps outlives its use here, but for advisory locks, whose holders give them back.
        settings.NoResetOnClose = true;
        // Compiling a plan costs more than any of our statements gains from it. A page that is looked up costs little more than one
        // read in order: what is asked for often is in memory.
        settings.Options ??= "-c jit=off -c random_page_cost=1.1";
        if (loggers is not null)
            builder.UseLoggerFactory(loggers);
        return builder.Build();
    }

    /// <summary>Whether the server, or the way to it, is gone for now; anything else is an answer of the server's.</summary>
    public static bool IsAway(NpgsqlException exception) =>
        exception.IsTransient || exception.InnerException is SocketException or IOException or TimeoutException
        || exception is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CannotConnectNow };

    /// <summary>
    /// One record by its id. <paramref name="sql"/> is a constant that selects the id as its first column,
    /// <c>where id = any($1)</c>: records asked for at the same time are read together.
    /// </summary>
    public Task<T?> FindAsync<T>(string sql, Guid id, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
        where T : class =>
        reads.FindAsync(sql, id, read).WaitAsync(cancellation);

    /// <summary>All rows of one statement.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        await using var command = Source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>The first row of one statement, or the default.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        await using var command = Source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? read(reader) : default;
    }
}
