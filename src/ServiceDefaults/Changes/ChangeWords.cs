using System.Collections.Frozen;
using System.Reflection;
using Governance.ServiceDefaults.Events;
using Microsoft.Extensions.Hosting;

namespace Governance.ServiceDefaults.Changes;

/// <summary>What an action of the audit is called outside: the capability's word, and what was done.</summary>
public sealed class ChangeWords(Assembly service)
{
    // One capability is one word, and one namespace: what acts by itself belongs to the one that it stands in.
    private readonly FrozenDictionary<string, string> capabilities = service.GetTypes()
        .Where(type => type.Namespace is not null && (type.IsAssignableTo(typeof(BackgroundService)) || IsConsumer(type)))
        .ToFrozenDictionary(type => type.Name, type => type.Namespace!.Split('.')[^1].ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>
    /// <c>/governance.grids.v1.Cases/AssessCase</c> is (cases, AssessCase); <c>OverdueCases</c> is (escalations, OverdueCases).
    /// </summary>
    public (string Capability, string Action) Of(string audited) =>
        audited.Split('/') is [.., var name, var method]
            ? (name.Split('.')[^1].ToLowerInvariant(), method)
            : (capabilities.GetValueOrDefault(audited, ""), audited);

    private static bool IsConsumer(Type type) =>
        type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(EventConsumer<>);
}
