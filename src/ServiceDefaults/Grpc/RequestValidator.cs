using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Linq.Expressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using Duration = Google.Protobuf.WellKnownTypes.Duration;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// Holds a request against the limits that its fields declare in the proto, and finds all violations at once. The checks of
/// a message type are made once, with compiled getters: a good message costs neither boxes nor names.
/// </summary>
public static class RequestValidator
{
    private const int NanosPerSecond = 1_000_000_000;
    private const long LongestSeconds = 100L * 366 * 24 * 60 * 60;

    private static readonly long FirstSecond = DateTimeOffset.UnixEpoch.ToUnixTimeSeconds();
    private static readonly long EndSecond = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static readonly ConcurrentDictionary<MessageDescriptor, FieldCheck[]> Plans = new();

    public static Refusal? Check(IMessage request)
    {
        var violations = new List<Violation>();
        Check(request, violations);
        return violations.Count is 0
            ? null
            : CommonErrors.Invalid(violations);
    }

    /// <summary>Adds what is wrong with a message.</summary>
    public static void Check(IMessage message, List<Violation> violations)
    {
        foreach (var check in Plans.GetOrAdd(message.Descriptor, PlanOf))
            check.Run(message, violations);
    }

    private static FieldCheck[] PlanOf(MessageDescriptor descriptor) =>
        [.. descriptor.Fields.InFieldNumberOrder().Select(CheckOf).OfType<FieldCheck>()];

    private static FieldCheck? CheckOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => null,
        FieldType.String => new TextCheck(field),
        FieldType.Bytes => new BytesCheck(field),
        FieldType.Enum => new EnumCheck(field),
        FieldType.Message or FieldType.Group => new MessageCheck(field),
        _ => new NumberCheck(field),
    };

    private abstract class FieldCheck(FieldDescriptor field)
    {
        private static readonly Limits NoLimits = new();

        protected FieldDescriptor Field { get; } = field;

        protected string Name { get; } = field.Name;

        protected Limits Limits { get; } = field.GetOptions()?.GetExtension(AccessExtensions.Limits) ?? NoLimits;

        private OneofDescriptor? Oneof { get; } = field.RealContainingOneof;

        public void Run(IMessage message, List<Violation> violations)
        {
            // A member of a oneof that is not the chosen one is not there, whatever its default says.
            if (Oneof is null || Oneof.Accessor.GetCaseFieldDescriptor(message) == Field)
                RunChosen(message, violations);
        }

        protected abstract void RunChosen(IMessage message, List<Violation> violations);
    }

    private abstract class FieldCheck<T>(FieldDescriptor field) : FieldCheck(field)
    {
        private readonly Func<IMessage, T>? one = field.IsRepeated ? null : GetterOf<T>(field);
        private readonly Func<IMessage, IList>? many = field.IsRepeated ? GetterOf<IList>(field) : null;

        protected override void RunChosen(IMessage message, List<Violation> violations)
        {
            if (one is not null)
                One(one(message), Limits.Required, violations);
            else
                Many(many!(message), violations);
        }

        protected abstract void One(T value, bool required, List<Violation> violations);

        private void Many(IList list, List<Violation> violations)
        {
            if (Limits.Required && list.Count is 0)
                violations.Add(Violation.Of(Name, FieldErrors.Required));
            if (Limits.MaxItems > 0 && list.Count > Limits.MaxItems)
            {
                violations.Add(Violation.Of(Name, FieldErrors.TooMany, ("count", list.Count), ("max", Limits.MaxItems)));
                return;
            }
            for (var i = 0; i < list.Count; i++)
            {
                var before = violations.Count;
                One(list[i] is T item ? item : (T)Convert.ChangeType(list[i]!, typeof(T), CultureInfo.InvariantCulture), required: true, violations);
                // Items are told by the field's name; which one it was is added here.
                for (var v = before; v < violations.Count; v++)
                    violations[v] = violations[v] with { Field = $"{Name}[{i}]{violations[v].Field[Name.Length..]}" };
            }
        }

        // (IMessage message) => (T)((TheMessage)message).TheProperty
        private static Func<IMessage, TValue> GetterOf<TValue>(FieldDescriptor field)
        {
            var message = Expression.Parameter(typeof(IMessage));
            var property = Expression.Property(Expression.Convert(message, field.ContainingType.ClrType), field.PropertyName);
            return Expression.Lambda<Func<IMessage, TValue>>(Expression.Convert(property, typeof(TValue)), message).Compile();
        }
    }

    private sealed class MessageCheck(FieldDescriptor field) : FieldCheck<IMessage?>(field)
    {
        protected override void One(IMessage? value, bool required, List<Violation> violations)
        {
            if (value is null)
            {
                if (required)
                    violations.Add(Violation.Of(Name, FieldErrors.Required));
                return;
            }
            if (TimeFault(value) is { } format)
            {
                violations.Add(Violation.Of(Name, FieldErrors.Malformed, ("format", format)));
                return;
            }
            var before = violations.Count;
            Check(value, violations);
            for (var v = before; v < violations.Count; v++)
                violations[v] = violations[v] with { Field = $"{Name}.{violations[v].Field}" };
        }
    }

    /// <summary>
    /// The well-known types hold more than any instant or length of time that a rule could reckon with: what is outside would
    /// overflow somewhere.
    /// </summary>
    private static Words? TimeFault(IMessage value) => value switch
    {
        Timestamp { Nanos: < 0 or >= NanosPerSecond } => new("an instant", "时刻"),
        Timestamp at when at.Seconds < FirstSecond || at.Seconds >= EndSecond => new("an instant from 1970 to 2199", "时刻（1970 年至 2199 年）"),
        Duration { Nanos: <= -NanosPerSecond or >= NanosPerSecond } => new("a length of time", "时长"),
        Duration { Seconds: > 0, Nanos: < 0 } or Duration { Seconds: < 0, Nanos: > 0 } => new("a length of time", "时长"),
        Duration { Seconds: < -LongestSeconds or > LongestSeconds } => new("a length of time up to 100 years", "时长（不超过 100 年）"),
        _ => null,
    };

    private sealed class EnumCheck(FieldDescriptor field) : FieldCheck<int>(field)
    {
        private readonly FrozenSet<int> known = field.EnumType.Values.Select(value => value.Number).ToFrozenSet();

        protected override void One(int value, bool required, List<Violation> violations)
        {
            if (value is 0 && required)
                violations.Add(Violation.Of(Name, FieldErrors.Required));
            else if (!known.Contains(value))
                violations.Add(Violation.Of(Name, FieldErrors.EnumUnknown, ("value", value)));
        }
    }

    private sealed class BytesCheck(FieldDescriptor field) : FieldCheck<ByteString>(field)
    {
        protected override void One(ByteString value, bool required, List<Violation> violations)
        {
            if (required && value.Length is 0)
                violations.Add(Violation.Of(Name, FieldErrors.Required));
            if (Limits.MaxLength > 0 && value.Length > Limits.MaxLength)
                violations.Add(Violation.Of(Name, FieldErrors.TooLong, ("length", value.Length), ("max", Limits.MaxLength)));
        }
    }

    private sealed class NumberCheck(FieldDescriptor field) : FieldCheck<double>(field)
    {
        protected override void One(double value, bool required, List<Violation> violations)
        {
            if (double.IsNaN(value))
                violations.Add(Violation.Of(Name, FieldErrors.Malformed, ("format", new Words("a number", "数值"))));
            else if (value is 0 && required && !Field.HasPresence)
                violations.Add(Violation.Of(Name, FieldErrors.Required));
            else if (Limits.HasMin && value < Limits.Min)
                violations.Add(Violation.Of(Name, FieldErrors.TooSmall, ("value", value), ("min", Limits.Min)));
            else if (Limits.HasMax && value > Limits.Max)
                violations.Add(Violation.Of(Name, FieldErrors.TooLarge, ("value", value), ("max", Limits.Max)));
        }
    }

    private sealed class TextCheck(FieldDescriptor field) : FieldCheck<string>(field)
    {
        protected override void One(string value, bool required, List<Violation> violations)
        {
            if (value.Length is 0 || (required && string.IsNullOrWhiteSpace(value)))
            {
                if (required)
                    violations.Add(Violation.Of(Name, FieldErrors.Required));
                return;
            }
            if (!IsText(value))
            {
                violations.Add(Violation.Of(Name, FieldErrors.NotText));
                return;
            }
            // UTF-16 length is an upper bound of the characters, so that most texts need no second pass.
            if (Limits.MaxLength > 0 && value.Length > Limits.MaxLength && value.EnumerateRunes().Count() is var length && length > Limits.MaxLength)
            {
                violations.Add(Violation.Of(Name, FieldErrors.TooLong, ("length", length), ("max", Limits.MaxLength)));
                return;
            }
            if (FormatFault(value) is { } format)
                violations.Add(Violation.Of(Name, FieldErrors.Malformed, ("format", format)));
        }

        private Words? FormatFault(string text) => Limits.Format switch
        {
            Format.Uuid when !Guid.TryParseExact(text, "D", out _) => new("a UUID of 36 characters", "唯一标识（UUID，36 个字符）"),
            Format.Territory when !TerritoryCode.TryParse(text, out _, out _) => new("a territory code", "行政区划或网格编码"),
            Format.City when !TerritoryCode.TryParse(text, out var code, out _) || code.Level is not TerritoryLevel.City
                => new("the territory code of a city", "城市编码"),
            Format.CreditCode when !CreditCode.TryParse(text, out _, out var fault) && CreditCode.Describe(fault) is var why
                => new($"a unified social credit code: {why.English}", $"统一社会信用代码：{why.Chinese}"),
            Format.Code when !IsCode(text) => new("a code (letters, digits, '-', '_', '.')", "编码（以字母或数字开头，可含“-”“_”“.”）"),
            Format.Phone when !PersonRules.IsPhone(text) => new("a telephone number", "电话号码"),
            Format.CitizenId when !CitizenId.TryParse(text, out _, out var fault) && CitizenId.Describe(fault) is var why
                => new($"a citizen's identity number: {why.English}", $"公民身份号码：{why.Chinese}"),
            Format.Email when !PersonRules.IsEmail(text) => new("an e-mail address", "电子邮箱地址"),
            Format.Date when !IsoDate.TryParse(text, out _) => new("a date YYYY-MM-DD", "日期（年-月-日，如 2026-01-31）"),
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
