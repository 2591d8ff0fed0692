using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A pipe that counts what went through.</summary>
public interface IMeasuredDuplexPipe : IDuplexPipe
{
    long TotalBytesSent { get; }

    long TotalBytesReceived { get; }
}
