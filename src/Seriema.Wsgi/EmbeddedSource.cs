namespace Seriema.Wsgi;

/// <summary>The Python files that lie in this assembly (folder <c>Python</c>).</summary>
internal static class EmbeddedSource
{
    internal static string Read(string name)
    {
        using Stream stream = typeof(EmbeddedSource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
