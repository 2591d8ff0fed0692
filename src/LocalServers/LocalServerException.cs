namespace Governance.LocalServers;

/// <summary>
/// A server could not be found, installed or started. The message is one line that says what to do, fit to show as it is.
/// </summary>
public sealed class LocalServerException(string message, Exception? inner = null) : Exception(message, inner);
