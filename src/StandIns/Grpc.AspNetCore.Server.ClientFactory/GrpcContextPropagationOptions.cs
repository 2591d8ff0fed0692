namespace Grpc.AspNetCore.ClientFactory;

public class GrpcContextPropagationOptions
{
    /// <summary>Lets calls made outside of any server call go on unchanged, rather than fail.</summary>
    public bool SuppressContextNotFoundErrors { get; set; }
}
