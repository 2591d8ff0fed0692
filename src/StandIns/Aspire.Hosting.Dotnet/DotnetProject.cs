using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dotnet;
using Aspire.Hosting.Local;

namespace Aspire.Hosting.Dotnet
{
    /// <summary>A C# project that runs from its build output.</summary>
    [Experimental("ASPIREDOTNETPROJECT001")]
    public sealed class DotnetProjectResource(string name, string projectFile)
        : LocalProjectResource(name, projectFile), IResourceWithServiceDiscovery;
}

namespace Aspire.Hosting
{
    public static class DotnetProjectHostingExtensions
    {
        /// <param name="builder">The application.</param>
        /// <param name="name">The resource's name.</param>
        /// <param name="path">The project's file, or the folder that holds it; relative to the AppHost's folder.</param>
        [Experimental("ASPIREDOTNETPROJECT001")]
        public static IResourceBuilder<DotnetProjectResource> AddDotnetProject(
            this IDistributedApplicationBuilder builder, string name, string path)
        {
            var full = Path.GetFullPath(path, builder.AppHostDirectory);
            var file = Directory.Exists(full) ? Directory.EnumerateFiles(full, "*.csproj").SingleOrDefault() ?? full : full;
            return builder.AddResource(new DotnetProjectResource(name, file));
        }

        /// <summary>Runs it several times. The first one listens on the endpoints' ports, the others on free ones.</summary>
        [Experimental("ASPIREDOTNETPROJECT001")]
        public static IResourceBuilder<DotnetProjectResource> WithReplicas(
            this IResourceBuilder<DotnetProjectResource> builder, int replicas)
        {
            builder.Resource.SetReplicas(replicas);
            return builder;
        }
    }
}
