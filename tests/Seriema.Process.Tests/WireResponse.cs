using System.Globalization;

namespace Seriema.Process.Tests;

/// <summary>One response as it came over the wire.</summary>
internal sealed class WireResponse(string head)
{
    internal string Head { get; } = head;

    internal int Status { get; } = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);

    internal string Reason { get; } = head[13..head.IndexOf("\r\n", StringComparison.Ordinal)];

    internal string Body { get; set; } = "";

    internal List<string> Chunks { get; } = [];

    /// <summary>The value of the only such field; null without it.</summary>
    internal string? Field(string name)
    {
        string[] values = Fields(name);
        return values.Length == 0 ? null : string.Join(" | ", values);
    }

    internal string[] Fields(string name) =>
    [
        .. Head.Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim()),
    ];
}
