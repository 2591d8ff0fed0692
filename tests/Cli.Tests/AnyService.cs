using System.Buffers.Binary;
using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Governance.Cli.Tests;

/// <summary>A server that answers every method of the contract with a message of filled fields, and remembers requests.</summary>
internal sealed class AnyService : IAsyncDisposable
{
    private const int PrefixBytes = 5;

    private static readonly Dictionary<string, MethodDescriptor> Methods = typeof(Access).Assembly.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<FileDescriptor>()
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}");

    private readonly WebApplication app;

    private AnyService(WebApplication app) => this.app = app;

    /// <summary>What was asked since it was last emptied.</summary>
    public ConcurrentQueue<(MethodDescriptor Method, IMessage Request)> Asked { get; } = new();

    public static IEnumerable<MethodDescriptor> AllMethods => Methods.Values;

    public Dictionary<string, string> Variables
    {
        get
        {
            var variables = Client.PublicApi.Services.ToDictionary(Commands.GlobalOptions.VariableOf, _ => app.Urls.Single());
            variables["Identity__SigningKey"] = Run.Key;
            variables["GOV_TERRITORY"] = "3499";
            return variables;
        }
    }

    public static async Task<AnyService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var any = new AnyService(builder.Build());
        any.app.Run(any.AnswerAsync);
        await any.app.StartAsync();
        return any;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var method = Methods[context.Request.Path];
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Asked.Enqueue((method, method.InputType.Parser.ParseFrom(body.ToArray().AsSpan(PrefixBytes).ToArray())));
        var answer = Filled(method.OutputType).ToByteArray();
        var prefix = new byte[PrefixBytes];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), answer.Length);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(prefix, context.RequestAborted);
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    /// <summary>A message of which every field is set, of alternatives the first.</summary>
    public static IMessage Filled(MessageDescriptor type, int depth = 0)
    {
        if (type.FullName == Timestamp.Descriptor.FullName)
            return Timestamp.FromDateTimeOffset(Run.Now);
        var message = (IMessage)Activator.CreateInstance(type.ClrType)!;
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            var ofOther = field.ContainingOneof is { IsSynthetic: false } oneof && oneof.Fields[0] != field;
            if (field.IsMap || ofOther || field.Name == "next_page_token" || (field.FieldType is FieldType.Message && depth > 4))
                continue;
            var value = ValueOf(field, depth);
            if (field.IsRepeated)
                ((IList)field.Accessor.GetValue(message)).Add(value);
            else
                field.Accessor.SetValue(message, value);
        }

        return message;
    }

    private static object ValueOf(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => field.Name,
        FieldType.Bool => true,
        FieldType.Int32 => 7,
        FieldType.Int64 => 7L,
        FieldType.Double => 7.5,
        FieldType.Bytes => ByteString.CopyFromUtf8("7"),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        FieldType.Message => Filled(field.MessageType, depth + 1),
        _ => throw new NotSupportedException($"{field.FullName} is a {field.FieldType}."),
    };
}
