using System.Globalization;
using System.Net;
using System.Text;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>Writes the page of what is in a folder: folders first, then files, each by name.</summary>
/// <remarks>Only what a request for it would get is on it.</remarks>
internal sealed class ListingPage(StaticMount mount, byte[] path, bool wellKnown)
{
    private const int MaxNames = 5000; // each costs three system calls on the loop's thread

    private readonly byte[] _decoded = new byte[UrlPath.MaxLength + 1];

    private sealed record Row(byte[] Name, bool IsFolder, long Size, long Modified);

    /// <summary>The page in UTF-8; null with <c>-errno</c> when the folder cannot be read.</summary>
    internal byte[]? Write(int folder, out int error)
    {
        List<byte[]> names = [];
        error = Files.Names(folder, names, MaxNames + 1);
        if (error < 0) return null;
        List<Row> rows = [];
        foreach (byte[] name in names)
        {
            if (rows.Count < MaxNames && ReadRow(name) is { } row) rows.Add(row);
        }
        rows.Sort((a, b) => a.IsFolder != b.IsFolder ? (a.IsFolder ? -1 : 1) : a.Name.AsSpan().SequenceCompareTo(b.Name));
        return Encoding.UTF8.GetBytes(Page(rows, isCut: names.Count > MaxNames));
    }

    private Row? ReadRow(byte[] name)
    {
        string link = UrlText.Encode(name);
        // The same rules as for a request: no dot files, no names that no path can have.
        byte[] request = [(byte)'/', .. Encoding.ASCII.GetBytes(UrlText.Encode(path) + link)];
        if (UrlPath.Decode(request, _decoded, wellKnown, out _, out _) != PathVerdict.Ok) return null;
        int place = mount.Root.OpenPlace([.. path.AsSpan(mount.Prefix.Length), .. name]);
        if (place < 0) return null;
        int found = Files.Stat(place, out FileStatus status);
        _ = Files.Close(place);
        return found < 0 || status.Kind == FileKind.Other ? null : new Row(name, status.Kind == FileKind.Folder, status.Size, status.ModifiedSeconds);
    }

    private string Page(List<Row> rows, bool isCut)
    {
        string title = WebUtility.HtmlEncode("/" + Encoding.UTF8.GetString(path));
        StringBuilder page = new($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{title}}</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark }
            table { border-collapse: collapse; width: 100% }
            th { text-align: left }
            td, th { padding: .15rem .5rem; border-bottom: 1px solid #8884 }
            td + td, th + th { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
            </style>
            </head>
            <body>
            <h1>{{title}}</h1>
            <table>
            <tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr>

            """);
        if (path.Length > mount.Prefix.Length) page.Append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        foreach (Row row in rows) Append(page, row);
        page.Append("</table>\n");
        if (isCut) page.Append(CultureInfo.InvariantCulture, $"<p>There are more than {MaxNames} names; the others are not shown.</p>\n");
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder page, Row row)
    {
        string slash = row.IsFolder ? "/" : "";
        string name = WebUtility.HtmlEncode(Encoding.UTF8.GetString(row.Name));
        string size = row.IsFolder ? "" : Size(row.Size);
        // A file's time may be set to one that no calendar has.
        long seconds = Math.Clamp(row.Modified, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        string modified = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        page.Append(CultureInfo.InvariantCulture,
            $"<tr><td><a href=\"{UrlText.Encode(row.Name)}{slash}\">{name}{slash}</a></td><td>{size}</td><td>{modified}</td></tr>\n");
    }

    private static string Size(long bytes)
    {
        if (bytes < 1024) return bytes.ToString(CultureInfo.InvariantCulture) + " B";
        string[] units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        double size = bytes / 1024.0;
        int unit = 0;
        for (; size >= 1023.95; size /= 1024) unit++; // what would be shown as 1024.0 is one of the next
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.0} {units[unit]}");
    }
}
