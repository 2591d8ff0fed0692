using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Governance.Cli.Output;

/// <summary>Writes answers: text for people, or JSON for programs.</summary>
internal sealed class Printer
{
    private const int WidthOfAPipe = 160;

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Document = new(Line) { WriteIndented = true };

    private readonly CliHost host;

    public Printer(CliHost host, bool json)
    {
        this.host = host;
        Json = json;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(host.Out),
            Ansi = host.Interactive ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = host.Interactive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!host.Interactive)
            Console.Profile.Width = WidthOfAPipe;
    }

    public bool Json { get; }

    /// <summary>Somebody watches a terminal, so that progress can be drawn.</summary>
    public bool Interactive => host.Interactive && !Json;

    public IAnsiConsole Console { get; }

    public static JsonNode ToJson(IMessage message) => JsonNode.Parse(Formatter.Format(message))!;

    public static JsonArray ToJson(IEnumerable<IMessage> messages) => new([.. messages.Select(ToJson)]);

    /// <summary>Prints an answer that is complete.</summary>
    public void Answer(Func<JsonNode> json, Action text)
    {
        if (Json)
            host.Out.WriteLine(json().ToJsonString(Document));
        else
            text();
    }

    /// <summary>Prints one item of a stream.</summary>
    public void Item(Func<JsonNode> json, Action text)
    {
        if (Json)
            host.Out.WriteLine(json().ToJsonString(Line));
        else
            text();
        host.Out.Flush();
    }

    /// <summary>A line for people, never read as markup and never part of a JSON answer.</summary>
    public void Say(string text)
    {
        if (!Json)
            host.Out.WriteLine(text);
    }

    public void Draw(IRenderable drawing) => Console.Write(drawing);

    public void Fail(Func<JsonObject> json, Action<TextWriter> text)
    {
        host.Out.Flush();
        if (Json)
            host.Error.WriteLine(new JsonObject { ["error"] = json() }.ToJsonString(Line));
        else
            text(host.Error);
    }
}
