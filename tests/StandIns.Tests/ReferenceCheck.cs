using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Governance.StandIns.Tests;

/// <summary>
/// Finds what a compiled assembly references in another one that is not there: types, fields and methods, by name and
/// signature. The runtime would tell only when the code that uses one runs.
/// </summary>
public sealed class ReferenceCheck(MetadataReader consumer, MetadataReader provider)
{
    private readonly Signatures _signatures = new();
    private readonly Dictionary<string, TypeDefinition> _types = provider.TypeDefinitions
        .ToDictionary(handle => Signatures.Name(provider, handle), provider.GetTypeDefinition);

    public int References { get; private set; }

    public List<string> FindMissing()
    {
        var missing = new List<string>();
        foreach (var handle in consumer.TypeReferences)
        {
            if (!IsInProvider(handle))
                continue;
            References++;
            var name = Signatures.Name(consumer, handle);
            if (!IsForwarded(name) && (!_types.TryGetValue(name, out var type) || !IsVisible(type)))
                missing.Add($"type {name}");
        }

        foreach (var handle in consumer.MemberReferences)
        {
            var member = consumer.GetMemberReference(handle);
            if (DeclaringType(member.Parent) is not { } typeHandle || !IsInProvider(typeHandle))
                continue;
            References++;
            var typeName = Signatures.Name(consumer, typeHandle);
            if (!_types.TryGetValue(typeName, out var type))
                continue; // The type itself is reported above.
            var wanted = Text(member);
            if (!Members(type).Contains(wanted, StringComparer.Ordinal))
                missing.Add($"member {typeName}: {wanted}");
        }

        return missing;
    }

    private TypeReferenceHandle? DeclaringType(EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => (TypeReferenceHandle)parent,
        HandleKind.TypeSpecification => GenericType((TypeSpecificationHandle)parent),
        _ => null,
    };

    /// <summary>The type that a specification such as Method&lt;string, string&gt; is made from.</summary>
    private TypeReferenceHandle? GenericType(TypeSpecificationHandle handle)
    {
        var blob = consumer.GetBlobReader(consumer.GetTypeSpecification(handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        blob.ReadCompressedInteger(); // class or value type
        var type = blob.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)type : null;
    }

    private bool IsInProvider(TypeReferenceHandle handle)
    {
        var scope = consumer.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsInProvider((TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => ProviderName() ==
                consumer.GetString(consumer.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => false,
        };
    }

    private string ProviderName() => provider.GetString(provider.GetAssemblyDefinition().Name);

    private bool IsForwarded(string name) => provider.ExportedTypes
        .Select(provider.GetExportedType)
        .Any(type => $"{provider.GetString(type.Namespace)}.{provider.GetString(type.Name)}" == name);

    private static bool IsVisible(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) is
        TypeAttributes.Public or TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem;

    private IEnumerable<string> Members(TypeDefinition type)
    {
        foreach (var method in type.GetMethods().Select(provider.GetMethodDefinition))
        {
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is
                MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)
            {
                yield return Signatures.Text(provider.GetString(method.Name), method.DecodeSignature(_signatures, null));
            }
        }

        foreach (var field in type.GetFields().Select(provider.GetFieldDefinition))
        {
            if ((field.Attributes & FieldAttributes.FieldAccessMask) is
                FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem)
            {
                yield return $"{field.DecodeSignature(_signatures, null)} {provider.GetString(field.Name)}";
            }
        }
    }

    private string Text(MemberReference member)
    {
        var name = consumer.GetString(member.Name);
        return member.GetKind() == MemberReferenceKind.Field
            ? $"{member.DecodeFieldSignature(_signatures, null)} {name}"
            : Signatures.Text(name, member.DecodeMethodSignature(_signatures, null));
    }

    /// <summary>Writes signatures as text that is the same whichever assembly they are read from.</summary>
    private sealed class Signatures : ISignatureTypeProvider<string, object?>
    {
        public static string Text(string name, MethodSignature<string> signature)
        {
            var instance = signature.Header.IsInstance ? "" : "static ";
            var generic = signature.GenericParameterCount == 0 ? "" : $"`{signature.GenericParameterCount}";
            return $"{instance}{signature.ReturnType} {name}{generic}({string.Join(", ", signature.ParameterTypes)})";
        }

        public static string Name(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{Name(reader, (TypeReferenceHandle)type.ResolutionScope)}+{reader.GetString(type.Name)}"
                : $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public static string Name(MetadataReader reader, TypeDefinitionHandle handle)
        {
            var type = reader.GetTypeDefinition(handle);
            return type.GetDeclaringType().IsNil
                ? $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}"
                : $"{Name(reader, type.GetDeclaringType())}+{reader.GetString(type.Name)}";
        }

        // A value type in place of a class is another signature, so the kind is part of the text.
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            Kind(rawTypeKind) + Name(reader, handle);

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            Kind(rawTypeKind) + Name(reader, handle);

        public string GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
            $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")}({modifier})";

        public string GetFunctionPointerType(MethodSignature<string> signature) => Text("*", signature);

        private static string Kind(byte rawTypeKind) => rawTypeKind == (byte)SignatureTypeKind.ValueType ? "struct " : "";
    }
}
