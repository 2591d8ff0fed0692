using Governance.Primitives;

namespace Governance.ServiceDefaults.Errors;

/// <summary>Why a command was not carried out: a value that rules return.</summary>
public sealed record Refusal(ErrorDefinition Definition, IReadOnlyDictionary<string, Words> Metadata)
{
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    public override string ToString() => $"{Definition.Reason}: {Definition.Text(Language.English, Metadata)}";
}

/// <summary>One thing that is wrong with one field of a request.</summary>
public sealed record Violation(string Field, ErrorDefinition Definition, IReadOnlyDictionary<string, Words> Metadata)
{
    public static Violation Of(string field, ErrorDefinition definition, params (string Name, Words Value)[] metadata) =>
        new(field, definition, definition.With(metadata).Metadata);
}

/// <summary>What a rule decides: a value, or a refusal.</summary>
public readonly struct Outcome<T>
{
    private readonly T? value;

    private Outcome(T? value, Refusal? refusal)
    {
        this.value = value;
        Refusal = refusal;
    }

    public Refusal? Refusal { get; }

    /// <summary>The value; at the edge of a service a refusal becomes the error that the caller sees.</summary>
    public T OrRefuse() => Refusal is null ? value! : throw new RefusedException(Refusal);

    /// <summary>Goes on with the value; a refusal stays what it is.</summary>
    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next) => Refusal is null ? next(value!) : Refusal;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}

/// <summary>Carries a refusal from the edge of a handler to the interceptor that answers the caller.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal { get; } = refusal;
}
