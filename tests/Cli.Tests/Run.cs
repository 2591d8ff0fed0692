using System.Globalization;

namespace Governance.Cli.Tests;

/// <summary>One run of `gov` in a folder of its own.</summary>
internal sealed record Run(int ExitCode, string Out, string Error)
{
    public static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-02T01:30:00Z", CultureInfo.InvariantCulture);

    /// <summary>A key of 32 bytes, as the AppHost makes one.</summary>
    public static readonly string Key = Convert.ToBase64String(Enumerable.Range(1, 32).Select(number => (byte)number).ToArray());

    public static async Task<Run> GovAsync(string directory, IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var host = new CliHost(output, error, variables.GetValueOrDefault, directory, TimeProvider.System, Interactive: false);
        var code = await Gov.RunAsync(args, host);
        return new Run(code, output.ToString(), error.ToString());
    }

    public static Task<Run> GovAsync(params string[] args) =>
        GovAsync(Path.GetTempPath(), new Dictionary<string, string> { ["Identity__SigningKey"] = Key, ["GOV_TERRITORY"] = "3499" }, args);

    public static CliHost Host() =>
        new(TextWriter.Null, TextWriter.Null, _ => null, Path.GetTempPath(), TimeProvider.System, Interactive: false);
}

/// <summary>A clock that stands still.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
