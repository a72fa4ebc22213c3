using Seriema.Protocol;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>Answers a request from an entry: whole, in part, or that the client has it already.</summary>
/// <remarks>The loop's thread: nothing here waits. Of a 200 and a 304 nothing is allocated.</remarks>
internal static class FileResponse
{
    /// <summary>200, 206, 304, 412 or 416, as the request's conditions and ranges say.</summary>
    /// <param name="exchange">A GET or HEAD.</param>
    /// <param name="entry">A File or Listing.</param>
    /// <param name="now">Seconds since 1970.</param>
    internal static void Serve(WsgiExchange exchange, SiteEntry entry, long now)
    {
        ContentCodings coding = ChooseCoding(exchange, entry);
        FileVersion version = entry.VersionOf(coding)!;
        PreconditionVerdict verdict =
            Preconditions.Evaluate(exchange.Head, exchange.HeadBytes, version.EntityTag, entry.ModifiedSeconds, now);
        switch (verdict.Outcome)
        {
            case PreconditionOutcome.NotModified: NotModified(exchange, entry, version); break;
            case PreconditionOutcome.PreconditionFailed: TextResponse.Send(exchange, 412); break;
            // A page made anew for each request has no parts that belong together.
            case PreconditionOutcome.Proceed when verdict.Range.Length == 0 || version.EntityTag.Length == 0:
                Whole(exchange, entry, coding, version);
                break;
            default: InPart(exchange, entry, coding, version, verdict.Range.Of(exchange.HeadBytes)); break;
        }
    }

    /// <summary>The whole file under another status, without what would let anyone keep it as the file.</summary>
    internal static void ServeAs(WsgiExchange exchange, SiteEntry entry, int status)
    {
        exchange.StartHead(status, ReasonPhrases.Of(status));
        exchange.AddField("Content-Type"u8, entry.ContentType);
        SendWhole(exchange, entry.Identity!);
    }

    private static ContentCodings ChooseCoding(WsgiExchange exchange, SiteEntry entry)
    {
        if (entry.Codings == ContentCodings.Identity) return ContentCodings.Identity;
        ContentCodings coding = AcceptEncoding.Choose(exchange.Head, exchange.HeadBytes, entry.Codings);
        // RFC 9110 §12.5.3 leaves it to the server; a file that was asked for helps more than a 406.
        return coding == ContentCodings.None ? ContentCodings.Identity : coding;
    }

    private static void Whole(WsgiExchange exchange, SiteEntry entry, ContentCodings coding, FileVersion version)
    {
        exchange.StartHead(200, ReasonPhrases.Of(200));
        exchange.AddField("Content-Type"u8, entry.ContentType);
        AddFields(exchange, entry, coding, version);
        SendWhole(exchange, version);
    }

    private static void InPart(
        WsgiExchange exchange, SiteEntry entry, ContentCodings coding, FileVersion version, ReadOnlySpan<byte> value)
    {
        Span<ByteRange> ranges = stackalloc ByteRange[ByteRanges.MaxRanges];
        RangeOutcome outcome = ByteRanges.Parse(value, version.Length, ranges, out int count);
        // RFC 9110 §14.2: a server may ignore the field, and does so if its front end sends a file in one piece only.
        if (outcome == RangeOutcome.Several && version.File is not null && !exchange.SendsPieces) outcome = RangeOutcome.Whole;
        switch (outcome)
        {
            case RangeOutcome.Whole: Whole(exchange, entry, coding, version); break;
            case RangeOutcome.Unsatisfiable: Unsatisfiable(exchange, version.Length); break;
            case RangeOutcome.Single: Single(exchange, entry, coding, version, ranges[0]); break;
            default: Several(exchange, entry, coding, version, ranges[..count]); break;
        }
    }

    private static void Single(WsgiExchange exchange, SiteEntry entry, ContentCodings coding, FileVersion version, ByteRange range)
    {
        exchange.StartHead(206, ReasonPhrases.Of(206));
        exchange.AddField("Content-Type"u8, entry.ContentType);
        AddFields(exchange, entry, coding, version);
        Span<byte> contentRange = stackalloc byte[ContentRange.MaxLength];
        exchange.AddField("Content-Range"u8, contentRange[..ContentRange.Write(contentRange, range, version.Length)]);
        exchange.EndHead(range.Length);
        if (version.Bytes is { } bytes) Body.Send(exchange, bytes.AsSpan((int)range.First, (int)range.Length));
        else exchange.SendFile(version.File!.Lend(), range.First, range.Length, following: 0);
        exchange.Complete();
    }

    private static void Several(
        WsgiExchange exchange, SiteEntry entry, ContentCodings coding, FileVersion version, ReadOnlySpan<ByteRange> ranges)
    {
        OpenFile? file = version.File?.Lend();
        RangePieces pieces = new(file, entry.ContentType, version.Length, ranges);
        long total = pieces.TotalLength;
        exchange.StartHead(206, ReasonPhrases.Of(206));
        exchange.AddField("Content-Type"u8, pieces.WriteContentType());
        AddFields(exchange, entry, coding, version);
        exchange.EndHead(total);
        if (version.Bytes is { } bytes)
        {
            // Ranges that overlap were made one, so this is no longer than a small file and 16 heads.
            byte[] body = new byte[total];
            int written = 0;
            while (pieces.MoveNext(out ReadOnlySpan<byte> head, out long offset, out long count))
            {
                head.CopyTo(body.AsSpan(written));
                bytes.AsSpan((int)offset, (int)count).CopyTo(body.AsSpan(written + head.Length));
                written += head.Length + (int)count;
            }
            Body.Send(exchange, body);
        }
        else
        {
            exchange.SendFile(pieces, 0, 0, following: total);
        }
        exchange.Complete();
    }

    // RFC 9110 §15.4.5: what a 200 would have had, without what only describes the content.
    private static void NotModified(WsgiExchange exchange, SiteEntry entry, FileVersion version)
    {
        exchange.StartHead(304, ReasonPhrases.Of(304));
        AddValidators(exchange, entry, version, lastModified: version.EntityTag.Length == 0);
        exchange.EndHead(-1);
        exchange.Complete();
    }

    private static void Unsatisfiable(WsgiExchange exchange, long length)
    {
        Span<byte> contentRange = stackalloc byte[ContentRange.MaxLength];
        TextResponse.Send(
            exchange, 416, "Content-Range"u8, contentRange[..ContentRange.WriteUnsatisfied(contentRange, length)]);
    }

    private static void AddFields(WsgiExchange exchange, SiteEntry entry, ContentCodings coding, FileVersion version)
    {
        if (coding != ContentCodings.Identity) exchange.AddField("Content-Encoding"u8, PrecompressedFiles.FieldValueOf(coding));
        AddValidators(exchange, entry, version, lastModified: true);
        if (version.EntityTag.Length > 0) exchange.AddField("Accept-Ranges"u8, "bytes"u8);
    }

    private static void AddValidators(WsgiExchange exchange, SiteEntry entry, FileVersion version, bool lastModified)
    {
        if (lastModified && entry.LastModified.Length > 0) exchange.AddField("Last-Modified"u8, entry.LastModified);
        if (version.EntityTag.Length > 0) exchange.AddField("ETag"u8, version.EntityTag);
        if (entry.CacheControl.Length > 0) exchange.AddField("Cache-Control"u8, entry.CacheControl);
        // The file itself too depends on what the client did not accept.
        if (entry.Codings != ContentCodings.Identity) exchange.AddField("Vary"u8, "Accept-Encoding"u8);
    }

    private static void SendWhole(WsgiExchange exchange, FileVersion version)
    {
        Body.EndHead(exchange, version.Length);
        if (exchange.BodyAllowed && version.Length > 0)
        {
            if (version.Bytes is { } bytes) Body.Send(exchange, bytes);
            else exchange.SendFile(version.File!.Lend(), 0, version.Length, following: 0);
        }
        exchange.Complete();
    }
}
