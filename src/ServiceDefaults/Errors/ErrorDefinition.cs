using System.Globalization;
using Grpc.Core;

namespace Governance.ServiceDefaults.Errors;

/// <summary>
/// One error that a caller can meet. Defined as a static field beside the rule that refuses; a test collects all of them
/// into docs/errors.md. Texts may hold <c>{name}</c>, replaced by the metadata of that name.
/// </summary>
public sealed record ErrorDefinition(string Reason, StatusCode Status, string English, string Chinese)
{
    public string Text(Language language, IReadOnlyDictionary<string, string> metadata)
    {
        var text = language is Language.English ? English : Chinese;
        foreach (var (name, value) in metadata)
            text = text.Replace('{' + name + '}', value, StringComparison.Ordinal);
        return text;
    }

    /// <summary>A refusal for this reason; <paramref name="metadata"/> are pairs of name and value. Instants are told in ISO 8601.</summary>
    public Refusal With(params (string Name, object Value)[] metadata) => new(this, metadata.ToDictionary(m => m.Name, m => Text(m.Value)));

    private static string Text(object value) =>
        value is DateTimeOffset instant
            ? instant.ToString("O", CultureInfo.InvariantCulture)
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

public enum Language
{
    Chinese,
    English,
}
