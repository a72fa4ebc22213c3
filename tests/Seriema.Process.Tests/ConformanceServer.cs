namespace Seriema.Process.Tests;

/// <summary>One server for all the tests of a class: the application with a path for each behaviour.</summary>
public sealed class ConformanceServer : IDisposable
{
    internal ServerProcess Server { get; } = ServerProcess.Start("conformance:application", "--log-level", "debug");

    public void Dispose() => Server.Dispose();
}
