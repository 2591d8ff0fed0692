using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Governance.Common.V1;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>Every method of the contracts by its full gRPC name, with the access that it declares.</summary>
public static class MethodCatalogue
{
    public static IReadOnlyList<ServiceDescriptor> Services { get; } =
    [
        .. typeof(Access).Assembly.GetTypes()
            .Select(t => t.GetProperty("Descriptor", typeof(FileDescriptor))?.GetValue(null))
            .OfType<FileDescriptor>()
            .SelectMany(f => f.Services)
            .OrderBy(s => s.FullName, StringComparer.Ordinal),
    ];

    private static readonly FrozenDictionary<string, Access?> AccessByName = Services
        .SelectMany(s => s.Methods)
        .ToFrozenDictionary(NameOf, m => m.GetOptions()?.GetExtension(AccessExtensions.Access));

    public static string NameOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    /// <summary>Null for a method that declares nothing or that the contracts do not know.</summary>
    public static Access? AccessOf(string method) => AccessByName.GetValueOrDefault(method);

    /// <summary>The text of a top-level field of a request, for the territory that a declaration names.</summary>
    public static string TextOf(IMessage request, string field) =>
        (string)(request.Descriptor.FindFieldByName(field)
            ?? throw new InvalidOperationException($"{request.Descriptor.FullName} has no field {field}, which its access option names."))
        .Accessor.GetValue(request);
}
