namespace Seriema.Cli;

/// <summary>What the command line asks for is not to be had on this machine; the message is one line. Status 1.</summary>
internal sealed class UnavailableException(string message) : Exception(message);
