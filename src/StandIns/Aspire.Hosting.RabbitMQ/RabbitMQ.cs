using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Governance.LocalServers;

namespace Aspire.Hosting.ApplicationModel
{
    public sealed class RabbitMQServerResource(string name, int? port) : LocalServerResource(name, port)
    {
        internal int? ManagementPort { get; set; }

        public override Requirement Requirement => ServerBinaries.RabbitMq;

        public override ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            new(((RabbitServer?)Server)?.ConnectionString);

        protected override async Task<LocalServer> StartServerAsync(string dataFolder, CancellationToken cancellationToken) =>
            await RabbitServer.StartAsync(dataFolder, new RabbitOptions { Port = Port, ManagementPort = ManagementPort },
                cancellationToken);
    }
}

namespace Aspire.Hosting
{
    public static class RabbitMQBuilderExtensions
    {
        /// <summary>User name and password are always made by the local server; the parameters are for containers.</summary>
        public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
            this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
            IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
            builder.AddResource(new RabbitMQServerResource(name, port));

        public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
            this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) => builder;

        public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(
            this IResourceBuilder<RabbitMQServerResource> builder, int? port = null)
        {
            builder.Resource.ManagementPort = port ?? Ports.Free();
            return builder;
        }
    }
}
