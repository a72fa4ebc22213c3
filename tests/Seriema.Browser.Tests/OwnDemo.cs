namespace Seriema.Browser.Tests;

/// <summary>The demo of one class, whose tests may edit it: each its own files. The heads it exchanges are in its log.</summary>
public sealed class OwnDemo : IDisposable
{
    internal Demo Demo { get; } = Demo.Start("--wire");

    void IDisposable.Dispose() => Demo.Dispose();
}
