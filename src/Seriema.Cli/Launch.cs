namespace Seriema.Cli;

/// <summary>What a command line and its configuration file ask for, read and checked.</summary>
/// <param name="Arguments">The configuration file's arguments, then the user's own: what a worker is started with.</param>
/// <param name="Typed">The user's own alone.</param>
internal sealed record Launch(
    WsgiServerOptions Server, ProcessSettings Processes, IReadOnlyList<string> Arguments, IReadOnlyList<string> Typed)
{
    /// <summary>How many of <see cref="Arguments"/> come from the configuration file.</summary>
    internal int FromFile => Arguments.Count - Typed.Count;
}
