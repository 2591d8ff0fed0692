using System.Reflection;
using System.Text;
using Governance.ServiceDefaults.Errors;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

/// <summary>All errors of the suite, wherever they are defined.</summary>
internal static class ErrorCatalogue
{
    public static IReadOnlyList<(string Name, Assembly Assembly)> Services { get; } =
    [
        ("organisations", typeof(Organisations.Program).Assembly),
        ("grids", typeof(Grids.Program).Assembly),
        ("volunteers", typeof(Volunteers.Program).Assembly),
        ("properties", typeof(Properties.Program).Assembly),
    ];

    public static IReadOnlyList<(string Service, ErrorDefinition Error)> ByService { get; } =
    [
        .. from service in Services.Prepend(("all", typeof(ErrorDefinition).Assembly))
           from type in service.Item2.GetTypes()
           from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where field.FieldType == typeof(ErrorDefinition)
           select (service.Item1, (ErrorDefinition)field.GetValue(null)!),
    ];

    public static IEnumerable<ErrorDefinition> All => ByService.Select(e => e.Error);

    public static string ToMarkdown()
    {
        var text = new StringBuilder("""
            # Errors

            Every error leaves as `google.rpc.Status` in the trailer `grpc-status-details-bin`, with `ErrorInfo{reason, domain: "governance.micro", metadata}`;
            `BadRequest` lists all violations of a request at once; `RetryInfo` comes with UNAVAILABLE. Messages are Chinese, or English for
            callers that send `accept-language: en`. What stands in braces is the metadata of that name; a state
            or another word of ours is told in the message's language, and in the metadata by its name in the contract. A test prints this page.

            """);
        foreach (var service in ByService.GroupBy(e => e.Service))
        {
            text.Append($"\n## {(service.Key is "all" ? "Of every service" : service.Key)}\n\n| reason | code | English | Chinese |\n|---|---|---|---|\n");
            foreach (var (_, error) in service.OrderBy(e => e.Error.Reason, StringComparer.Ordinal))
                text.Append($"| `{error.Reason}` | {error.Status} | {error.English} | {error.Chinese} |\n");
        }
        return text.ToString();
    }
}

public sealed class ErrorCatalogueTests
{
    [Fact]
    public void Reasons_are_unique_and_well_formed_and_told_in_both_languages()
    {
        ErrorCatalogue.All.GroupBy(e => e.Reason).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();
        ErrorCatalogue.All.ShouldAllBe(e => e.Reason.Length <= 63 && e.Reason.All(c => c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')));
        ErrorCatalogue.All.ShouldAllBe(e => e.English.Length > 0 && e.Chinese.Any(c => c > 0x2E80));
    }

    [Fact]
    public void The_documentation_lists_every_error()
    {
        var path = Path.Combine(RepositoryRoot.Path, "docs", "errors.md");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is "1")
            File.WriteAllText(path, ErrorCatalogue.ToMarkdown());
        File.ReadAllText(path).ShouldBe(ErrorCatalogue.ToMarkdown(), "run the tests with UPDATE_DOCS=1 to print it anew");
    }
}
