namespace Seriema.Cli;

/// <summary>A mistake on the command line; the message is one line and names the option and its value. Status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
