using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Governance.LocalServers;

namespace Aspire.Hosting.ApplicationModel
{
    public sealed class PostgresServerResource(string name, int? port) : LocalServerResource(name, port)
    {
        public override Requirement Requirement => ServerBinaries.PostgreSql;

        private PostgresServer Running =>
            (PostgresServer?)Server ?? throw new DistributedApplicationException($"'{Name}' does not run yet");

        public override ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            new(ConnectionString("postgres"));

        protected override async Task<LocalServer> StartServerAsync(string dataFolder, CancellationToken cancellationToken) =>
            await PostgresServer.StartAsync(dataFolder, new PostgresOptions { Port = Port }, cancellationToken);

        internal string ConnectionString(string database) => Running.ConnectionString(database);

        internal Task EnsureDatabaseAsync(string name, CancellationToken cancellation) => Running.EnsureDatabaseAsync(name, cancellation);
    }

    public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
        : Resource(name), IResourceWithConnectionString, IResourceWithParent<PostgresServerResource>, ILocalServerPart
    {
        public string DatabaseName { get; } = databaseName;
        public PostgresServerResource Parent { get; } = parent;
        public LocalServerResource Server => Parent;

        public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            new(Parent.ConnectionString(DatabaseName));

        public Task CreateAsync(CancellationToken cancellationToken) => Parent.EnsureDatabaseAsync(DatabaseName, cancellationToken);
    }
}

namespace Aspire.Hosting
{
    public static class PostgresBuilderExtensions
    {
        /// <summary>User name and password are always made by the local server; the parameters are for containers.</summary>
        public static IResourceBuilder<PostgresServerResource> AddPostgres(
            this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
            IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
            builder.AddResource(new PostgresServerResource(name, port));

        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
            this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
            builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));

        public static IResourceBuilder<PostgresServerResource> WithDataVolume(
            this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
