using System.Diagnostics;
using System.Runtime.InteropServices;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

/// <summary>
/// What only the full feed compiles is compiled here as well, against declarations of the few members of Testcontainers
/// that it uses, written down from that library's documentation.
/// </summary>
public sealed class FullFeedTests
{
    private const string Testcontainers = """
        global using System;
        global using DotNet.Testcontainers.Containers;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;

        namespace DotNet.Testcontainers.Containers
        {
            public abstract class DockerContainer : IAsyncDisposable
            {
                public Task StartAsync(CancellationToken ct = default) => Task.CompletedTask;
                public ValueTask DisposeAsync() => default;
                public string GetConnectionString() => "";
            }

            public abstract class ContainerBuilder<TBuilder, TContainer>
            {
                public TBuilder WithCommand(params string[] command) => default!;
                public TContainer Build() => default!;
            }
        }

        namespace Testcontainers.PostgreSql
        {
            public sealed class PostgreSqlContainer : DockerContainer;
            public sealed class PostgreSqlBuilder(string image) : ContainerBuilder<PostgreSqlBuilder, PostgreSqlContainer>
            { public string Image { get; } = image; }
        }

        namespace Testcontainers.Redis
        {
            public sealed class RedisContainer : DockerContainer;
            public sealed class RedisBuilder(string image) : ContainerBuilder<RedisBuilder, RedisContainer>
            { public string Image { get; } = image; }
        }

        namespace Testcontainers.RabbitMq
        {
            public sealed class RabbitMqContainer : DockerContainer;
            public sealed class RabbitMqBuilder(string image) : ContainerBuilder<RabbitMqBuilder, RabbitMqContainer>
            { public string Image { get; } = image; }
        }
        """;

    [Fact]
    public async Task The_test_kit_of_the_full_feed_compiles()
    {
        // All of the kit, so that what it asks of the servers is asked of the containers.
        var files = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "tests/TestKit"), "*.cs")
            .Where(f => !f.EndsWith(".PartialFeed.cs", StringComparison.Ordinal));
        (await CompileAsync(files, Testcontainers)).ShouldBe("");
    }

    [Fact]
    public async Task A_use_of_what_is_not_there_is_found_out() =>
        (await CompileAsync([], "class Twin { object made = new Testcontainers.PostgreSql.PostgreSqlBuilder(); }")).ShouldContain("CS0246");

    /// <summary>What the compiler says.</summary>
    private static async Task<string> CompileAsync(IEnumerable<string> files, string more)
    {
        var folder = Directory.CreateTempSubdirectory("governance-compile-").FullName;
        try
        {
            var source = Path.Combine(folder, "more.cs");
            await File.WriteAllTextAsync(source, more);
            var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => !path.EndsWith("Governance.TestKit.dll", StringComparison.Ordinal));
            var response = Path.Combine(folder, "all.rsp");
            await File.WriteAllLinesAsync(response,
            [
                "-nologo", "-nostdlib", "-nowarn:1701", "-target:library", "-nullable:enable", "-langversion:latest",
                $"-out:{Path.Combine(folder, "out.dll")}",
                .. assemblies.Select(a => $"-r:\"{a}\""),
                .. files.Append(source).Select(f => $"\"{f}\""),
            ]);
            var start = new ProcessStartInfo("dotnet", [Compiler(), $"@{response}"]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Compiler()
    {
        // <dotnet>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        return Directory.GetDirectories(Path.Combine(root, "sdk"))
            .Select(sdk => Path.Combine(sdk, "Roslyn/bincore/csc.dll")).Last(File.Exists);
    }
}
