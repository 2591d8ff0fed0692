using System.Reflection;
using Google.Protobuf.Reflection;
using Governance.Common.V1;

namespace Governance.Cli.Client;

/// <summary>
/// The smaller role of an operator at the command line that a method allows, read from the access option of its proto: officer
/// where that will do, operator where it must be.
/// </summary>
internal static class LeastRole
{
    private static readonly string[] Preferred = ["officer", "operator"];

    private static readonly Dictionary<string, MethodDescriptor> Methods = typeof(Access).Assembly.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<FileDescriptor>()
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}");

    public static string For(string fullMethodName)
    {
        var access = Methods[fullMethodName].GetOptions().GetExtension(AccessExtensions.Access);
        return Preferred.FirstOrDefault(access.Roles.Contains) ?? access.Roles.Concat(access.Own).First();
    }
}
