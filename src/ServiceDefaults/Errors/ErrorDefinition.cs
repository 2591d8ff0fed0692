using Governance.Primitives;
using Grpc.Core;

namespace Governance.ServiceDefaults.Errors;

/// <summary>
/// One error that a caller can meet. Defined as a static field beside the rule that refuses; a test collects all of them
/// into docs/errors.md. Texts may hold <c>{name}</c>, replaced by the metadata of that name, in the language of the text.
/// </summary>
public sealed record ErrorDefinition(string Reason, StatusCode Status, string English, string Chinese)
{
    public string Text(Language language, IReadOnlyDictionary<string, Words> metadata)
    {
        var text = language is Language.English ? English : Chinese;
        foreach (var (name, value) in metadata)
            text = text.Replace('{' + name + '}', language is Language.English ? value.English : value.Chinese, StringComparison.Ordinal);
        return text;
    }

    /// <summary>A refusal for this reason; <paramref name="metadata"/> are pairs of name and value. Instants are told in ISO 8601.</summary>
    public Refusal With(params (string Name, Words Value)[] metadata) => new(this, metadata.ToDictionary(m => m.Name, m => m.Value));
}

public enum Language
{
    Chinese,
    English,
}
