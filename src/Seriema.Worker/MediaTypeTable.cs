using Seriema.CPython;

namespace Seriema.Worker;

/// <summary>Content types by suffix, as Python's <c>mimetypes</c> has them on this machine.</summary>
internal static class MediaTypeTable
{
    // A file is sent as it lies there: of "page.html.gz" the client gets the archive, not a page with a
    // Content-Encoding, so what mimetypes calls an encoding is the type here.
    private const string Source = """
        import mimetypes
        ENCODINGS = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
        def table():
            mimetypes.init()
            types = dict(mimetypes.types_map)
            for suffix, encoding in mimetypes.encodings_map.items():
                types[suffix] = ENCODINGS.get(encoding, "application/octet-stream")
            for suffix, full in mimetypes.suffix_map.items():
                types[suffix] = types.get("." + full.rsplit(".", 1)[-1], "application/octet-stream")
            return "\n".join(suffix + " " + type for suffix, type in types.items())
        """;

    /// <summary>Reads it. Python runs, and the GIL is free.</summary>
    internal static IReadOnlyDictionary<string, string> Read()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned names = PyCode.Run(Source, "<seriema>");
        using PyOwned table = PyCalls.Call(Python.PyDict_GetItemString(names, "table")).OrThrow();
        Dictionary<string, string> types = [];
        foreach (string line in PyStrings.ToText(table).Split('\n'))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0) types[line[..space]] = line[(space + 1)..];
        }
        return types;
    }
}
