using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using System.Xml;

namespace Governance.Grids.Open311;

/// <summary>Values under their names, in the order in which they are written.</summary>
public sealed record Fields(params IReadOnlyList<(string Name, object? Value)> Values);

/// <summary>A list: an array in JSON; in XML each of its items stands in an element of the name <paramref name="Item"/>.</summary>
public sealed record Many(string Item, IEnumerable<object> Items);

/// <summary>
/// One answer in either format. In XML <paramref name="Root"/> is the outermost element, which JSON has no use for; what is
/// absent is an empty element in XML and null in JSON.
/// </summary>
public sealed record Open311Answer(string Root, object Content)
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private static readonly XmlWriterSettings XmlSettings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    public byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, JsonOptions))
            Write(writer, Content);
        return bytes.ToArray();
    }

    public byte[] ToXml()
    {
        using var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, XmlSettings))
            Write(writer, Root, Content);
        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case Fields fields:
                writer.WriteStartObject();
                foreach (var (name, field) in fields.Values)
                {
                    writer.WritePropertyName(name);
                    Write(writer, field);
                }
                writer.WriteEndObject();
                break;
            case Many many:
                writer.WriteStartArray();
                foreach (var item in many.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(TextOf(value));
                break;
        }
    }

    private static void Write(XmlWriter writer, string name, object? value)
    {
        writer.WriteStartElement(name);
        switch (value)
        {
            case Fields fields:
                foreach (var (child, field) in fields.Values)
                    Write(writer, child, field);
                break;
            case Many many:
                foreach (var item in many.Items)
                    Write(writer, many.Item, item);
                break;
            case not null:
                writer.WriteString(Writable(TextOf(value)));
                break;
        }
        writer.WriteEndElement();
    }

    private static string TextOf(object value) => value switch
    {
        // The subset of ISO 8601 that the specification names, always with an offset.
        DateTimeOffset instant => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    // Errors quote what was sent, and that may hold what XML cannot.
    private static string Writable(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
            return text;
        var writable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            writable.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return writable.ToString();
    }
}
