using System.Buffers;

namespace Grpc.Core;

/// <summary>Takes the bytes of a message from a serializer.</summary>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw new NotSupportedException("overridden where it is supported");

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException("overridden where it is supported");

    public virtual void SetPayloadLength(int payloadLength) => throw new NotSupportedException("overridden where it is supported");

    public virtual void Complete() => throw new NotSupportedException("overridden where it is supported");
}

/// <summary>Gives the bytes of a message to a deserializer.</summary>
public abstract class DeserializationContext
{
    public abstract int PayloadLength { get; }

    public virtual byte[] PayloadAsNewBuffer() => throw new NotSupportedException("overridden where it is supported");

    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw new NotSupportedException("overridden where it is supported");
}
