using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using Shouldly;
using Alpha = Grpc.Reflection.V1Alpha;

namespace Governance.StandIns.Tests;

public sealed class ReflectionTests
{
    private const string EchoName = "governance.standins.tests.v1.Echo";

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mapped_services_are_listed()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server.Channel, new ServerReflectionRequest { ListServices = "*" });
        response.ListServicesResponse.Service.Select(service => service.Name)
            .ShouldBe([EchoName, "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"], ignoreOrder: true);
    }

    [Fact]
    public async Task First_version_of_the_protocol_answers_too()
    {
        await using var server = await StartAsync();
        using var call = new Alpha.ServerReflection.ServerReflectionClient(server.Channel)
            .ServerReflectionInfo(cancellationToken: TestToken);
        await call.RequestStream.WriteAsync(new Alpha.ServerReflectionRequest { FileContainingSymbol = EchoName }, TestToken);
        (await call.ResponseStream.MoveNext(TestToken)).ShouldBeTrue();
        ShouldBeFile(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto[0], "echo.proto");
        await call.RequestStream.WriteAsync(new Alpha.ServerReflectionRequest { ListServices = "" }, TestToken);
        (await call.ResponseStream.MoveNext(TestToken)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.ShouldContain(service => service.Name == EchoName);
        await call.RequestStream.CompleteAsync();
    }

    [Theory]
    [InlineData(EchoName)]
    [InlineData(EchoName + ".Say")]
    [InlineData("governance.standins.tests.v1.EchoRequest")]
    [InlineData("governance.standins.tests.v1.EchoRequest.text")]
    [InlineData("governance.standins.tests.v1.Mood")]
    [InlineData("governance.standins.tests.v1.MOOD_CALM")]
    [InlineData("governance.standins.tests.v1.EchoResponse.Part")]
    [InlineData("governance.standins.tests.v1.loudness")]
    public async Task Symbol_is_found_in_its_file(string symbol)
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server.Channel, new ServerReflectionRequest { Host = "h", FileContainingSymbol = symbol });
        ShouldBeFile(response.FileDescriptorResponse.FileDescriptorProto[0], "echo.proto");
        response.OriginalRequest.FileContainingSymbol.ShouldBe(symbol);
        response.ValidHost.ShouldBe("h");
    }

    [Fact]
    public async Task Answered_files_and_what_they_import_rebuild_the_service()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server.Channel, new ServerReflectionRequest { FileContainingSymbol = EchoName });
        // The file asked for comes first, what it imports after it; building wants them the other way round.
        var files = FileDescriptor.BuildFromByteStrings(response.FileDescriptorResponse.FileDescriptorProto.Reverse());
        files.Select(file => file.Name).ShouldBe(["google/protobuf/descriptor.proto", "echo.proto"]);
        files[1].SerializedData.ShouldBe(EchoReflection.Descriptor.SerializedData);
        files[1].Services.Single().Methods.Count.ShouldBe(Echo.Descriptor.Methods.Count);
    }

    [Fact]
    public async Task Extensions_are_found_by_type_and_number()
    {
        await using var server = await StartAsync();
        const string Extended = "google.protobuf.MethodOptions";
        var numbers = await AskAsync(server.Channel, new ServerReflectionRequest { AllExtensionNumbersOfType = Extended });
        numbers.AllExtensionNumbersResponse.BaseTypeName.ShouldBe(Extended);
        numbers.AllExtensionNumbersResponse.ExtensionNumber.ShouldBe([50_999]);
        var file = await AskAsync(server.Channel, new ServerReflectionRequest
        {
            FileContainingExtension = new ExtensionRequest { ContainingType = Extended, ExtensionNumber = 50_999 },
        });
        ShouldBeFile(file.FileDescriptorResponse.FileDescriptorProto[0], "echo.proto");
    }

    [Fact]
    public async Task What_is_unknown_is_an_error_and_the_stream_goes_on()
    {
        await using var server = await StartAsync();
        using var call = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo(cancellationToken: TestToken);
        ServerReflectionRequest[] unknown =
        [
            new() { FileByFilename = "none.proto" },
            new() { FileContainingSymbol = "no.Symbol" },
            new() { AllExtensionNumbersOfType = "no.Type" },
            new() { FileContainingExtension = new ExtensionRequest { ContainingType = "google.protobuf.Any", ExtensionNumber = 1 } },
        ];
        foreach (var request in unknown)
        {
            await call.RequestStream.WriteAsync(request, TestToken);
            (await call.ResponseStream.MoveNext(TestToken)).ShouldBeTrue();
            call.ResponseStream.Current.ErrorResponse.ErrorCode.ShouldBe((int)StatusCode.NotFound);
        }

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, TestToken);
        (await call.ResponseStream.MoveNext(TestToken)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Mapping_without_registration_is_refused() =>
        await Should.ThrowAsync<InvalidOperationException>(() =>
            EchoServer.StartAsync(configureApp: app => app.MapGrpcReflectionService()));

    private static Task<EchoServer> StartAsync() =>
        EchoServer.StartAsync(services => services.AddGrpcReflection(), app => app.MapGrpcReflectionService());

    private static async Task<ServerReflectionResponse> AskAsync(GrpcChannel channel, ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: TestToken);
        await call.RequestStream.WriteAsync(request, TestToken);
        await call.RequestStream.CompleteAsync();
        return await call.ResponseStream.ReadAllAsync(TestToken).SingleAsync(TestToken);
    }

    private static void ShouldBeFile(Google.Protobuf.ByteString bytes, string name) =>
        FileDescriptorProto.Parser.ParseFrom(bytes).Name.ShouldBe(name);
}
