using Google.Protobuf.Reflection;

namespace Grpc.AspNetCore.Server.Reflection;

/// <summary>Finds files by the names of what they declare: everything that the given services reach through imports.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _messages = new(StringComparer.Ordinal);

    public DescriptorIndex(IEnumerable<ServiceDescriptor> services)
    {
        var all = services.ToArray();
        ServiceNames = [.. all.Select(service => service.FullName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (var service in all)
            AddFile(service.File);
    }

    public IReadOnlyList<string> ServiceNames { get; }

    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    public FileDescriptor? FindSymbol(string fullName) => _symbols.GetValueOrDefault(fullName);

    public FileDescriptor? FindExtension(string containingType, int number) =>
        _extensions.TryGetValue(containingType, out var numbers) ? numbers.GetValueOrDefault(number) : null;

    /// <summary>Null when there is no such message.</summary>
    public IReadOnlyCollection<int>? FindExtensionNumbers(string containingType)
    {
        if (!_messages.Contains(containingType))
            return null;
        return _extensions.TryGetValue(containingType, out var numbers) ? numbers.Keys : [];
    }

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
            return;
        foreach (var service in file.Services)
        {
            AddSymbol(service);
            foreach (var method in service.Methods)
                AddSymbol(method);
        }

        foreach (var message in file.MessageTypes)
            AddMessage(message);
        foreach (var @enum in file.EnumTypes)
            AddEnum(@enum);
        foreach (var extension in file.Extensions.UnorderedExtensions)
            AddExtension(extension);
        foreach (var dependency in file.Dependencies)
            AddFile(dependency);
    }

    private void AddMessage(MessageDescriptor message)
    {
        AddSymbol(message);
        _messages.Add(message.FullName);
        foreach (var field in message.Fields.InDeclarationOrder())
            AddSymbol(field);
        foreach (var oneof in message.Oneofs)
            AddSymbol(oneof);
        foreach (var @enum in message.EnumTypes)
            AddEnum(@enum);
        foreach (var extension in message.Extensions.UnorderedExtensions)
            AddExtension(extension);
        foreach (var nested in message.NestedTypes)
            AddMessage(nested);
    }

    private void AddEnum(EnumDescriptor @enum)
    {
        AddSymbol(@enum);
        foreach (var value in @enum.Values)
        {
            AddSymbol(value);
            // Protobuf scopes a value beside its enum, not inside; the library's full name may say the latter.
            var scope = @enum.FullName[..^@enum.Name.Length];
            _symbols.TryAdd(scope + value.Name, @enum.File);
        }
    }

    private void AddExtension(FieldDescriptor extension)
    {
        AddSymbol(extension);
        var extended = extension.ExtendeeType.FullName;
        if (!_extensions.TryGetValue(extended, out var numbers))
            _extensions.Add(extended, numbers = []);
        numbers.TryAdd(extension.FieldNumber, extension.File);
    }

    private void AddSymbol(IDescriptor descriptor) => _symbols.TryAdd(descriptor.FullName, descriptor.File);
}
