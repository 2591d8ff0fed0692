using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Shouldly;

namespace Governance.StandIns.Tests;

/// <summary>What the packages' own assemblies were compiled against has to be there in the assemblies that stand in.</summary>
public sealed class ReferenceTests
{
    /// <summary>An assembly from a package, and one that it references and that a partial feed lacks.</summary>
    public static TheoryData<string, string> Pairs => new()
    {
        { "Grpc.AspNetCore.Server", "Grpc.Core.Api" },
        { "Grpc.AspNetCore.Server", "Grpc.Net.Common" },
        { "Grpc.Net.Client", "Grpc.Core.Api" },
        { "Grpc.Net.Client", "Grpc.Net.Common" },
        { "StackExchange.Redis", "Pipelines.Sockets.Unofficial" },
        { "StackExchange.Redis", "System.IO.Hashing" },
    };

    /// <summary>The pairs whose types this suite's own code uses as well.</summary>
    public static TheoryData<string, string> CompiledAgainst =>
        new(Pairs.Select(pair => pair.Data).Where(pair => pair.Item1.StartsWith("Grpc.", StringComparison.Ordinal)));

    public static TheoryData<string> Consumers => [.. Pairs.Select(pair => pair.Data.Item1).Distinct()];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_referenced_type_and_member_exists(string consumer, string provider)
    {
        using var consumerFile = Open(consumer);
        using var providerFile = Open(provider);
        var check = new ReferenceCheck(consumerFile.GetMetadataReader(), providerFile.GetMetadataReader());
        check.FindMissing().ShouldBeEmpty();
        check.References.ShouldBeGreaterThan(0, "a pair without references checks nothing");
    }

    /// <summary>The compiler takes two assemblies for one only when name, version and key agree. The runtime asks for the name only.</summary>
    [Theory]
    [MemberData(nameof(CompiledAgainst))]
    public void Identity_is_the_referenced_one(string consumer, string provider)
    {
        var wanted = Assembly.Load(consumer).GetReferencedAssemblies().Single(name => name.Name == provider);
        var found = Assembly.Load(provider).GetName();
        found.Version.ShouldBe(wanted.Version);
        found.GetPublicKeyToken().ShouldBe(wanted.GetPublicKeyToken());
    }

    /// <summary>Loading a type fails when it leaves an abstract member of its base or its interfaces without a body.</summary>
    [Theory]
    [MemberData(nameof(Consumers))]
    public void Every_type_loads_and_every_override_overrides(string consumer)
    {
        const BindingFlags Declared =
            BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        Assembly.Load(consumer).GetTypes()
            .SelectMany(type => type.GetMethods(Declared))
            .Where(OverridesNothing)
            .Select(method => $"{method.DeclaringType}.{method.Name}")
            .ShouldBeEmpty();
    }

    [Fact]
    public void Made_up_references_are_reported()
    {
        using var provider = Open("Grpc.Core.Api");
        var consumer = CompileMadeUpReferences();
        using var consumerFile = new PEReader([.. consumer]);
        new ReferenceCheck(consumerFile.GetMetadataReader(), provider.GetMetadataReader()).FindMissing().ShouldBe(
            [
                "type Grpc.Core.Telegraph",
                "member Grpc.Core.Metadata: Void Burn()",
                "member Grpc.Core.Metadata: Int64 get_Count()",
            ]);
    }

    [Fact]
    public void Override_of_nothing_is_reported()
    {
        var method = typeof(ReferenceTests).GetMethod(nameof(ToString))!;
        OverridesNothing(method).ShouldBeFalse();
        // What a compiler writes for an override whose base method has gone: virtual, but not a new one.
        var type = System.Reflection.Emit.AssemblyBuilder
            .DefineDynamicAssembly(new AssemblyName("Twin"), System.Reflection.Emit.AssemblyBuilderAccess.Run)
            .DefineDynamicModule("Twin").DefineType("Twin");
        var orphan = type.DefineMethod("Orphan", MethodAttributes.Public | MethodAttributes.Virtual, typeof(void), []);
        orphan.GetILGenerator().Emit(System.Reflection.Emit.OpCodes.Ret);
        OverridesNothing(type.CreateType().GetMethod("Orphan")!).ShouldBeTrue();
    }

    public override string ToString() => nameof(ReferenceTests);

    private static bool OverridesNothing(MethodInfo method) => method.IsVirtual
        && !method.Attributes.HasFlag(MethodAttributes.NewSlot)
        && method.GetBaseDefinition().DeclaringType == method.DeclaringType;

    private static PEReader Open(string assembly) =>
        new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));

    /// <summary>References a type, a method and a signature of Grpc.Core.Api that do not exist, and one method that does.</summary>
    private static byte[] CompileMadeUpReferences()
    {
        var metadata = new MetadataBuilder();
        var moduleId = metadata.GetOrAddGuid(new Guid("6f1c1d0e-6a5b-4f0e-9d55-7a1f3c2b9e10"));
        metadata.AddModule(0, metadata.GetOrAddString("Twin.dll"), moduleId, default, default);
        metadata.AddAssembly(metadata.GetOrAddString("Twin"), new Version(1, 0), default, default, default, AssemblyHashAlgorithm.None);
        var api = metadata.AddAssemblyReference(
            metadata.GetOrAddString("Grpc.Core.Api"), new Version(2, 0, 0, 0), default, default, default, default);
        var coreNamespace = metadata.GetOrAddString("Grpc.Core");
        metadata.AddTypeReference(api, coreNamespace, metadata.GetOrAddString("Telegraph"));
        var headers = metadata.AddTypeReference(api, coreNamespace, metadata.GetOrAddString("Metadata"));
        AddMethodReference("Burn", returnType => returnType.Void());
        AddMethodReference("get_Count", returnType => returnType.Type().Int64());
        AddMethodReference("get_Count", returnType => returnType.Type().Int32());

        var root = new MetadataRootBuilder(metadata);
        var file = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), root, new BlobBuilder()).Serialize(file);
        return file.ToArray();

        void AddMethodReference(string name, Action<ReturnTypeEncoder> returnType)
        {
            var signature = new BlobBuilder();
            new BlobEncoder(signature).MethodSignature(isInstanceMethod: true).Parameters(0, returnType, _ => { });
            metadata.AddMemberReference(headers, metadata.GetOrAddString(name), metadata.GetOrAddBlob(signature));
        }
    }
}
