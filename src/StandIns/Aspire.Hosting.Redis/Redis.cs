using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Governance.LocalServers;

namespace Aspire.Hosting.ApplicationModel
{
    public sealed class RedisResource(string name, int? port) : LocalServerResource(name, port)
    {
        public override Requirement Requirement => ServerBinaries.Redis;

        public override ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            new(((RedisServer?)Server)?.ConnectionString);

        protected override async Task<LocalServer> StartServerAsync(string dataFolder, CancellationToken cancellationToken) =>
            await RedisServer.StartAsync(dataFolder, new RedisOptions { Port = Port }, cancellationToken);
    }
}

namespace Aspire.Hosting
{
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(
            this IDistributedApplicationBuilder builder, string name, int? port = null) =>
            builder.AddResource(new RedisResource(name, port));

        public static IResourceBuilder<RedisResource> WithDataVolume(
            this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
