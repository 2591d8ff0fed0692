using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server.Reflection;

/// <summary>Answers questions about the services that the app has mapped.</summary>
internal sealed class ReflectionAnswers
{
    private readonly Lazy<DescriptorIndex> _index;

    // Built at the first question: services may be mapped after reflection is.
    public ReflectionAnswers(EndpointDataSource endpoints) =>
        _index = new Lazy<DescriptorIndex>(() => new DescriptorIndex(FindServices(endpoints)));

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        var index = _index.Value;
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse();
                response.ListServicesResponse.Service.Add(index.ServiceNames.Select(name => new ServiceResponse { Name = name }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                SetFile(response, index.FindFile(request.FileByFilename), $"File '{request.FileByFilename}' not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                SetFile(response, index.FindSymbol(request.FileContainingSymbol), $"Symbol '{request.FileContainingSymbol}' not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                var extension = request.FileContainingExtension;
                SetFile(
                    response,
                    index.FindExtension(extension.ContainingType, extension.ExtensionNumber),
                    $"Extension {extension.ExtensionNumber} of '{extension.ContainingType}' not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                SetExtensionNumbers(response, request.AllExtensionNumbersOfType, index);
                break;
            default:
                SetError(response, StatusCode.InvalidArgument, "The request asks for nothing that this server knows.");
                break;
        }

        return response;
    }

    private static void SetFile(ServerReflectionResponse response, FileDescriptor? file, string notFound)
    {
        if (file is null)
        {
            SetError(response, StatusCode.NotFound, notFound);
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse();
        AddWithDependencies(file, []);

        void AddWithDependencies(FileDescriptor current, HashSet<string> added)
        {
            if (!added.Add(current.Name))
                return;
            response.FileDescriptorResponse.FileDescriptorProto.Add(current.SerializedData);
            foreach (var dependency in current.Dependencies)
                AddWithDependencies(dependency, added);
        }
    }

    private static void SetExtensionNumbers(ServerReflectionResponse response, string type, DescriptorIndex index)
    {
        if (index.FindExtensionNumbers(type) is not { } numbers)
        {
            SetError(response, StatusCode.NotFound, $"Type '{type}' not found.");
            return;
        }

        response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type };
        response.AllExtensionNumbersResponse.ExtensionNumber.Add(numbers);
    }

    private static void SetError(ServerReflectionResponse response, StatusCode code, string message) =>
        response.ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message };

    private static IEnumerable<ServiceDescriptor> FindServices(EndpointDataSource endpoints) => endpoints.Endpoints
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
        .OfType<Type>()
        .Distinct()
        .Select(FindDescriptor)
        .OfType<ServiceDescriptor>();

    /// <summary>The descriptor of a generated service, or null for one that was written by hand.</summary>
    private static ServiceDescriptor? FindDescriptor(Type serviceType) => serviceType
        .GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)?.BindType
        .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor;
}
