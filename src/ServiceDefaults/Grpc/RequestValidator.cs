using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>Holds a request against the limits that its fields declare in the proto, and finds all violations at once.</summary>
public static class RequestValidator
{
    private static readonly ConcurrentDictionary<MessageDescriptor, FieldCheck[]> Plans = new();

    public static Refusal? Check(IMessage request)
    {
        var violations = new List<Violation>();
        Check(request, "", violations);
        return violations.Count is 0
            ? null
            : CommonErrors.RequestInvalid.With(("count", violations.Count)) with { Violations = violations };
    }

    /// <summary>Adds what is wrong with a message; <paramref name="path"/> is empty or ends in a dot.</summary>
    public static void Check(IMessage message, string path, List<Violation> violations)
    {
        foreach (var check in Plans.GetOrAdd(message.Descriptor, PlanOf))
            check.Run(message, path, violations);
    }

    private static FieldCheck[] PlanOf(MessageDescriptor descriptor) =>
        [.. descriptor.Fields.InFieldNumberOrder().Select(f => new FieldCheck(f))];

    private sealed class FieldCheck(FieldDescriptor field)
    {
        private static readonly Limits NoLimits = new();

        private readonly Limits limits = field.GetOptions()?.GetExtension(AccessExtensions.Limits) ?? NoLimits;

        public void Run(IMessage message, string path, List<Violation> violations)
        {
            // A member of a oneof that is not the chosen one is not there, whatever its default says.
            if (field.RealContainingOneof is { } oneof && oneof.Accessor.GetCaseFieldDescriptor(message) != field)
                return;

            var value = field.Accessor.GetValue(message);
            var name = path + field.Name;
            if (value is IList list)
            {
                if (limits.Required && list.Count is 0)
                    violations.Add(Violation.Of(name, FieldErrors.Required));
                if (limits.MaxItems > 0 && list.Count > limits.MaxItems)
                    violations.Add(Violation.Of(name, FieldErrors.TooMany, ("count", list.Count), ("max", limits.MaxItems)));
                else
                    for (var i = 0; i < list.Count; i++)
                        One(list[i], $"{name}[{i}]", required: true, violations);
                return;
            }
            One(value, name, limits.Required, violations);
        }

        private void One(object? value, string name, bool required, List<Violation> violations)
        {
            switch (value)
            {
                case null:
                    if (required)
                        violations.Add(Violation.Of(name, FieldErrors.Required));
                    break;
                case string text:
                    Text(text, name, required, violations);
                    break;
                case IMessage nested:
                    Check(nested, name + ".", violations);
                    break;
                case Enum chosen:
                    var number = Convert.ToInt32(chosen, CultureInfo.InvariantCulture);
                    if (number is 0 && required)
                        violations.Add(Violation.Of(name, FieldErrors.Required));
                    else if (field.EnumType.FindValueByNumber(number) is null)
                        violations.Add(Violation.Of(name, FieldErrors.EnumUnknown, ("value", number)));
                    break;
                case bool:
                    break;
                case ByteString bytes:
                    if (required && bytes.Length is 0)
                        violations.Add(Violation.Of(name, FieldErrors.Required));
                    if (limits.MaxLength > 0 && bytes.Length > limits.MaxLength)
                        violations.Add(Violation.Of(name, FieldErrors.TooLong, ("length", bytes.Length), ("max", limits.MaxLength)));
                    break;
                default:
                    Number(Convert.ToDouble(value, CultureInfo.InvariantCulture), name, required, violations);
                    break;
            }
        }

        private void Number(double number, string name, bool required, List<Violation> violations)
        {
            if (double.IsNaN(number))
                violations.Add(Violation.Of(name, FieldErrors.Malformed, ("format", "a number")));
            else if (number is 0 && required && !field.HasPresence)
                violations.Add(Violation.Of(name, FieldErrors.Required));
            else if (limits.HasMin && number < limits.Min)
                violations.Add(Violation.Of(name, FieldErrors.TooSmall, ("value", number), ("min", limits.Min)));
            else if (limits.HasMax && number > limits.Max)
                violations.Add(Violation.Of(name, FieldErrors.TooLarge, ("value", number), ("max", limits.Max)));
        }

        private void Text(string text, string name, bool required, List<Violation> violations)
        {
            if (text.Length is 0 || (required && string.IsNullOrWhiteSpace(text)))
            {
                if (required)
                    violations.Add(Violation.Of(name, FieldErrors.Required));
                return;
            }
            if (!IsText(text))
            {
                violations.Add(Violation.Of(name, FieldErrors.NotText));
                return;
            }
            // UTF-16 length is an upper bound of the characters, so that most texts need no second pass.
            if (limits.MaxLength > 0 && text.Length > limits.MaxLength && text.EnumerateRunes().Count() is var length && length > limits.MaxLength)
            {
                violations.Add(Violation.Of(name, FieldErrors.TooLong, ("length", length), ("max", limits.MaxLength)));
                return;
            }
            if (FormatFault(text) is { } format)
                violations.Add(Violation.Of(name, FieldErrors.Malformed, ("format", format)));
        }

        private string? FormatFault(string text) => limits.Format switch
        {
            Format.Uuid when !Guid.TryParseExact(text, "D", out _) => "a UUID of 36 characters",
            Format.Territory when !TerritoryCode.TryParse(text, out _, out _) => "a territory code",
            Format.CreditCode when !CreditCode.TryParse(text, out _, out var fault) => $"a unified social credit code: {CreditCode.Describe(fault)}",
            Format.Code when !IsCode(text) => "a code (letters, digits, '-', '_', '.')",
            Format.Date when !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) => "a date YYYY-MM-DD",
            _ => null,
        };

        private static bool IsCode(string text)
        {
            if (!char.IsAsciiLetterOrDigit(text[0]))
                return false;
            foreach (var c in text)
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                    return false;
            return true;
        }

        // The replacement character is what a parser leaves of invalid UTF-8; PostgreSQL refuses NUL.
        private static bool IsText(string text)
        {
            foreach (var c in text)
                if (c is '\uFFFD' || (char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
                    return false;
            return true;
        }
    }
}
