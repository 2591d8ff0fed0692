using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;

namespace Governance.Cli.Demo;

/// <summary>A step of the demo did not do what it should, or an event did not arrive.</summary>
internal sealed class DemoException(string story, string step, string what, (string Kind, string Id) about, Refusal? refusal = null)
    : Exception($"{story}: {step}: {what}")
{
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["code"] = "DemoFailed", ["story"] = story, ["step"] = step, ["message"] = what };
        if (about.Id.Length > 0)
            json[$"{about.Kind}Id"] = about.Id;
        if (refusal is not null)
            json["cause"] = Failures.ToJson(refusal);
        return json;
    }

    public void Write(TextWriter error)
    {
        error.WriteLine($"The demo failed in the story '{story}' at the step '{step}':");
        if (refusal is null)
            error.WriteLine($"  {what}");
        else
            Failures.Write(error, refusal);
        if (about.Id.Length > 0)
            error.WriteLine($"  See what was done until then with: gov {about.Kind} show {about.Id}");
    }
}
