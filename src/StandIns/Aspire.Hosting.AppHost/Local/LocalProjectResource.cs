using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Local;

/// <summary>
/// A .NET project that runs from its build output. With endpoints it is a service that runs on; without, a job that ends.
/// </summary>
public abstract class LocalProjectResource(string name, string projectFile)
    : ExecutableResource(name, "dotnet", Path.GetDirectoryName(projectFile)!)
{
    public string ProjectFile { get; } = projectFile;

    internal bool IsJob => Endpoints.Count == 0;

    public void SetReplicas(int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        Replicas = replicas;
    }
}
