namespace Seriema.Cli;

/// <summary>A folder that the command line names cannot be used; the message is one line. Status 1.</summary>
internal sealed class FolderException(string message) : Exception(message);
