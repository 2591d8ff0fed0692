using System.Collections.Frozen;
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

    private static readonly FrozenDictionary<string, MethodAccess> AccessByName = Services
        .SelectMany(s => s.Methods)
        .Where(m => m.GetOptions()?.GetExtension(AccessExtensions.Access) is not null)
        .ToFrozenDictionary(NameOf, MethodAccess.Of);

    public static string NameOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    /// <summary>Null for a method that declares nothing or that the contracts do not know.</summary>
    public static MethodAccess? AccessOf(string method) => AccessByName.GetValueOrDefault(method);
}

/// <summary>What the access option of a method declares, ready to be held against a call.</summary>
/// <param name="Roles">Those that may call within their reach.</param>
/// <param name="Own">Those that may call for what is their own.</param>
/// <param name="HasTerritory">Whether there is a territory to be checked.</param>
/// <param name="Territory">The field of the request that names it, a text; null where it stands on the record.</param>
public sealed record MethodAccess(IReadOnlyList<string> Roles, IReadOnlyList<string> Own, bool HasTerritory, IFieldAccessor? Territory)
{
    public static MethodAccess Of(MethodDescriptor method)
    {
        var access = method.GetOptions().GetExtension(AccessExtensions.Access);
        var field = access.TerritorySourceCase is Access.TerritorySourceOneofCase.Field ? access.Field : null;
        return new MethodAccess(
            [.. access.Roles], [.. access.Own], access.TerritorySourceCase is not Access.TerritorySourceOneofCase.None_,
            field is null ? null : (method.InputType.FindFieldByName(field)
                ?? throw new InvalidOperationException($"{method.InputType.FullName} has no field {field}, which its access option names.")).Accessor);
    }
}
