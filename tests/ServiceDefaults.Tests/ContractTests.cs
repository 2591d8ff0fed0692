using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Governance.Violations.V1;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class ContractTests
{
    private static readonly string Protos = Path.Combine(AppContext.BaseDirectory, "protos", "governance");

    [Fact]
    public void Every_method_declares_access() =>
        MethodCatalogue.Services.SelectMany(s => s.Methods).SelectMany(ContractRules.AccessProblems).ShouldBeEmpty();

    [Fact]
    public void Every_change_has_a_request_id() =>
        MethodCatalogue.Services.SelectMany(s => s.Methods).SelectMany(ContractRules.RequestIdProblems).ShouldBeEmpty();

    [Fact]
    public void Every_field_of_a_request_has_limits() =>
        MethodCatalogue.Services.SelectMany(s => s.Methods).SelectMany(m => ContractRules.LimitProblems(m.InputType)).Distinct().ShouldBeEmpty();

    [Fact]
    public void Everything_declared_has_a_comment()
    {
        var files = Directory.GetFiles(Protos, "*.proto", SearchOption.AllDirectories);
        files.Length.ShouldBeGreaterThan(10);
        files.SelectMany(f => ContractRules.CommentProblems(Path.GetFileName(f), File.ReadAllText(f))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_error_that_a_comment_names_exists()
    {
        var known = ErrorCatalogue.All.Select(e => e.Reason).ToHashSet();
        var named = Directory.GetFiles(Protos, "*.proto", SearchOption.AllDirectories).SelectMany(f => ContractRules.NamedReasons(File.ReadAllText(f))).ToList();
        named.Count.ShouldBeGreaterThan(50);
        // States of a record are written like reasons.
        named.Where(n => !known.Contains(n.Reason)).ShouldBeEmpty();
    }

    [Fact]
    public void A_contract_that_breaks_the_rules_is_found_out()
    {
        var methods = Violations.V1.Violations.Descriptor.Methods;
        methods.SelectMany(ContractRules.AccessProblems).Select(p => p[(p.IndexOf(' ') + 1)..]).ShouldBe(
        [
            "declares no access", "grants the unknown role stranger", "takes its territory from nowhere, which the request lacks",
            "does not say where its territory stands",
        ]);
        methods.SelectMany(ContractRules.RequestIdProblems).Count().ShouldBe(4);
        ContractRules.LimitProblems(ViolatingRequest.Descriptor).Select(p => p.Split('.')[^1]).ShouldBe(
            ["name may be of any length", "names may hold any number of items", "names may be of any length", "count has no bounds"]);
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/ServiceDefaults.Tests/protos/violations.proto"));
        ContractRules.CommentProblems("violations.proto", text).Count().ShouldBe(3);
        ContractRules.NamedReasons(text).ShouldContain(("ChangeAnywhere", "NO_SUCH_REASON"));
    }

    [Fact]
    public void Routes_name_exactly_the_consumers_that_services_have()
    {
        var consumers =
            from service in ErrorCatalogue.Services
            from type in service.Assembly.GetTypes()
            where type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(EventConsumer<>)
            select (Event: type.BaseType!.GetGenericArguments()[0], Service: service.Name);
        consumers.OrderBy(c => c.Event.Name).ThenBy(c => c.Service).ShouldBe(
            EventRoutes.Consumers.SelectMany(r => r.Value.Select(s => (r.Key, s.Service))).OrderBy(c => c.Key.Name).ThenBy(c => c.Service));
    }

    [Fact]
    public void Routes_name_exactly_the_events_that_services_make()
    {
        var made = ErrorCatalogue.Services.SelectMany(s => EventsMadeIn(s.Assembly).Select(e => $"{s.Name} {e}")).Order();
        made.ShouldBe(ErrorCatalogue.Services.SelectMany(s => EventRoutes.PublishedBy(s.Name).Select(e => $"{s.Name} {e.Name}")).Order());
    }

    // A program that makes an event names its constructor; one that only receives it does not.
    private static IEnumerable<string> EventsMadeIn(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var made = new SortedSet<string>();
        foreach (var member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            if (reader.GetString(member.Name) is not ".ctor" || member.Parent.Kind is not HandleKind.TypeReference)
                continue;
            var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
            var name = reader.GetString(type.Name);
            if (reader.GetString(type.Namespace) == typeof(IEvent).Namespace && EventRoutes.Consumers.Keys.Any(e => e.Name == name))
                made.Add(name);
        }
        return made;
    }

    [Fact]
    public void Every_event_has_a_route() =>
        typeof(IEvent).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IEvent))).ShouldBe(EventRoutes.Consumers.Keys, ignoreOrder: true);
}
