namespace Governance.ServiceDefaults;

/// <summary>A setting that the service cannot start with. The message is the one line that its operator reads.</summary>
public sealed class SettingsException(string message, Exception? cause = null) : Exception(message, cause);
