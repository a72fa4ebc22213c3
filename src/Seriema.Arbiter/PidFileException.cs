namespace Seriema.Arbiter;

/// <summary>The pid file or the control socket cannot be used: it belongs to a server that runs, or cannot be written.</summary>
internal sealed class PidFileException(string message) : Exception(message);
