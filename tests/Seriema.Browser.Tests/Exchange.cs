namespace Seriema.Browser.Tests;

/// <summary>A request and what it was answered with, as <c>--wire</c> shows them.</summary>
internal sealed record Exchange(string Path, bool IsConditional)
{
    internal int Status { get; set; }

    public override string ToString() => $"{Path} {(IsConditional ? "if changed" : "anyway")}: {Status}";
}
