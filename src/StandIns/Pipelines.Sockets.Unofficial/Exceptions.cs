namespace Pipelines.Sockets.Unofficial;

/// <summary>The other side ended the connection in the middle.</summary>
public sealed class ConnectionResetException : IOException
{
    public ConnectionResetException(string message) : base(message)
    {
    }

    public ConnectionResetException(string message, Exception inner) : base(message, inner)
    {
    }
}
