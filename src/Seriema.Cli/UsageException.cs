namespace Seriema.Cli;

/// <summary>The command line has the wrong shape, whatever the values; the message is one line. Status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
