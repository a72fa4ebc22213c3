using System.Diagnostics;
using System.Text;

namespace Seriema.Protocol;

/// <summary>
/// Writes the framing of one response after another: head, chunk heads and tails (RFC 9112 §4, §6, §7.1, §9).
/// </summary>
/// <remarks>
/// Any one thread at a time; spans in, spans out, nothing allocated. The caller moves the bodies' bytes itself. Calls
/// come in the order Begin, WriteStatusLine, WriteField…, EndHead, (BeginBody, EndChunk)…, Finish; Begin may come at
/// any time and forgets everything, as when start_response is called again with exc_info.
/// </remarks>
internal sealed class ResponseWriter
{
    /// <summary>
    /// The most that <see cref="WriteStatusLine"/> adds to the reason phrase: "HTTP/1.1 200 " and CRLF.
    /// </summary>
    internal const int StatusLineOverhead = 15;

    /// <summary>
    /// The most that <see cref="EndHead"/> writes: 37 Date, 17 Server, 37 length, 24 Connection, 2 CRLF.
    /// </summary>
    internal const int MaxEndHead = 128;

    /// <summary>The most that <see cref="BeginBody"/> writes: 8 hexadecimal digits hold every int, and CRLF.</summary>
    internal const int MaxChunkHead = 10;

    internal const int ChunkTail = 2;

    /// <summary>The most that <see cref="Finish"/> writes: the last chunk and an empty trailer section.</summary>
    internal const int MaxFinish = 5;

    /// <summary>The most that <see cref="WriteSimple"/> adds to its text.</summary>
    internal const int SimpleOverhead = 256;

    private enum State : byte
    {
        Idle,
        StatusLine,
        Fields,
        Body,
        Chunk, // between BeginBody and EndChunk of a chunk
        Finished,
    }

    private State _state;
    private int _minorVersion;
    private int _status;
    private bool _isHead;
    private bool _hasDate;
    private bool _hasServer;
    private long _contentLength;

    internal static ReadOnlySpan<byte> Continue => "HTTP/1.1 100 Continue\r\n\r\n"u8;

    /// <summary>Whether bytes of a body go out; known after WriteStatusLine.</summary>
    internal bool BodyAllowed => !_isHead && !IsBodiless(_status);

    /// <summary>
    /// Whether the connection may go on behind this response; final after EndHead, but for a short body.
    /// </summary>
    internal bool KeepAlive { get; private set; }

    internal bool IsChunked { get; private set; }

    /// <summary>
    /// The length that the head declares, or -1; for HEAD and 304 that of the body which is not sent.
    /// </summary>
    internal long DeclaredLength => _contentLength;

    internal long BodySent { get; private set; }

    internal void Begin(int requestMinorVersion, bool requestIsHead, bool keepAlive)
    {
        _state = State.StatusLine;
        _minorVersion = requestMinorVersion;
        _isHead = requestIsHead;
        _status = 0;
        _hasDate = _hasServer = IsChunked = false;
        _contentLength = -1;
        KeepAlive = keepAlive;
        BodySent = 0;
    }

    /// <summary>Closes the connection behind this response, whatever the peer asked for; before EndHead.</summary>
    internal void CloseAfter()
    {
        Debug.Assert(_state <= State.Fields, "The head has said already how the connection goes on.");
        KeepAlive = false;
    }

    /// <summary>
    /// Whether a reason phrase may stand in a status line: no control characters but HTAB (RFC 9112 §4).
    /// </summary>
    internal static bool IsReason(ReadOnlySpan<byte> reason) => !reason.ContainsAny(Grammar.ControlsButTab);

    /// <returns>The bytes written; 0, and nothing is changed, for a status out of 100 to 999 or a bad reason.</returns>
    internal int WriteStatusLine(Span<byte> dest, int status, ReadOnlySpan<byte> reason)
    {
        Debug.Assert(_state == State.StatusLine);
        if (status is < 100 or > 999 || !IsReason(reason)) return 0;
        _status = status;
        _state = State.Fields;
        SpanWriter writer = new(dest);
        AppendStatusLine(ref writer, status, reason);
        return writer.Written;
    }

    /// <param name="dest">At least 4 bytes longer than name and value together.</param>
    /// <param name="name">The field's name as the application gave it.</param>
    /// <param name="value">Its value.</param>
    /// <param name="written">0 unless the verdict is Written.</param>
    internal FieldVerdict WriteField(
        Span<byte> dest, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out int written)
    {
        Debug.Assert(_state == State.Fields);
        written = 0;
        if (name.IsEmpty || name.ContainsAnyExcept(Grammar.Tchar)) return FieldVerdict.BadName;
        if (value.ContainsAny(Grammar.ControlsButTab)) return FieldVerdict.BadValue; // response splitting

        FieldVerdict verdict = Note(KnownFields.Of(name), value);
        if (verdict != FieldVerdict.Written) return verdict;
        SpanWriter writer = new(dest);
        writer.AppendField(name, value);
        written = writer.Written;
        return FieldVerdict.Written;
    }

    /// <summary>Ends the head: what the application left out, and the framing of the body.</summary>
    /// <param name="dest">At least <see cref="MaxEndHead"/> bytes.</param>
    /// <param name="knownLength">The whole body's length where the caller knows it, else -1.</param>
    /// <param name="date29">The current <see cref="HttpDate"/>.</param>
    internal int EndHead(Span<byte> dest, long knownLength, ReadOnlySpan<byte> date29)
    {
        Debug.Assert(_state == State.Fields);
        Debug.Assert(date29.Length == HttpDate.Length);
        _state = State.Body;
        SpanWriter writer = new(dest);
        if (!_hasDate) writer.AppendField("Date"u8, date29);
        if (!_hasServer) writer.AppendField("Server"u8, "seriema"u8);
        AppendFraming(ref writer, knownLength);
        AppendConnection(ref writer);
        writer.Append("\r\n"u8);
        return writer.Written;
    }

    /// <summary>
    /// Asks leave to send bytes of the body; the caller sends the head bytes, then the accepted ones, then EndChunk.
    /// </summary>
    internal WriteVerdict BeginBody(int length, Span<byte> dest, out int headBytes, out int accepted)
    {
        Debug.Assert(_state == State.Body);
        headBytes = accepted = 0;
        if (length == 0) return WriteVerdict.Ok; // a chunk of no bytes would end the body
        if (!BodyAllowed) return WriteVerdict.NoBody;

        accepted = length;
        if (IsChunked)
        {
            SpanWriter writer = new(dest);
            writer.AppendHex((uint)length);
            writer.Append("\r\n"u8);
            headBytes = writer.Written;
            _state = State.Chunk;
        }
        else if (_contentLength >= 0)
        {
            // PEP 3333 "Handling the Content-Length Header": more would be read as the next response.
            accepted = (int)Math.Min(length, _contentLength - BodySent);
        }
        BodySent += accepted;
        return accepted < length ? WriteVerdict.TooLong : WriteVerdict.Ok;
    }

    /// <summary>Asks leave to send a file as the body; false when nothing of it may be sent.</summary>
    /// <remarks>Only with a length: a file goes to the socket in pieces whose sizes nobody knows before.</remarks>
    internal bool BeginFile(long length)
    {
        Debug.Assert(_state == State.Body);
        if (!BodyAllowed || IsChunked || length <= 0) return false;
        if (_contentLength >= 0 && BodySent + length > _contentLength) return false;
        BodySent += length;
        return true;
    }

    /// <summary>Ends a chunk; writes nothing when the last BeginBody wrote no chunk head.</summary>
    internal int EndChunk(Span<byte> dest)
    {
        if (_state != State.Chunk) return 0;
        _state = State.Body;
        "\r\n"u8.CopyTo(dest);
        return ChunkTail;
    }

    /// <param name="dest">At least <see cref="MaxFinish"/> bytes.</param>
    /// <param name="shortBody">Fewer bytes than the head promised: only closing the connection tells the peer.</param>
    internal int Finish(Span<byte> dest, out bool shortBody)
    {
        Debug.Assert(_state == State.Body);
        _state = State.Finished;
        shortBody = BodyAllowed && BodySent < _contentLength;
        if (shortBody) KeepAlive = false;
        if (!IsChunked) return 0;
        "0\r\n\r\n"u8.CopyTo(dest);
        return MaxFinish;
    }

    /// <summary>Writes a whole response of the server's own, as text/plain.</summary>
    /// <param name="dest">At least <see cref="SimpleOverhead"/> bytes longer than the text in UTF-8.</param>
    /// <param name="status">Its reason phrase is the registered one.</param>
    /// <param name="text">The body; not sent for HEAD.</param>
    /// <param name="keepAlive">False says <c>Connection: close</c>.</param>
    /// <param name="isHead">Whether the request's method was HEAD.</param>
    /// <param name="date29">The current <see cref="HttpDate"/>.</param>
    /// <param name="retryAfter">Seconds for Retry-After (RFC 9110 §10.2.3); 0 leaves the field out.</param>
    internal static int WriteSimple(
        Span<byte> dest, int status, string text, bool keepAlive, bool isHead, ReadOnlySpan<byte> date29, int retryAfter = 0)
    {
        SpanWriter writer = new(dest);
        AppendStatusLine(ref writer, status, ReasonPhrases.Of(status));
        writer.AppendField("Date"u8, date29);
        writer.AppendField("Server"u8, "seriema"u8);
        if (!IsBodiless(status))
        {
            writer.AppendField("Content-Type"u8, "text/plain; charset=utf-8"u8);
            AppendContentLength(ref writer, Encoding.UTF8.GetByteCount(text));
        }
        if (retryAfter > 0)
        {
            writer.Append("Retry-After: "u8);
            writer.AppendDecimal(retryAfter);
            writer.Append("\r\n"u8);
        }
        if (!keepAlive) writer.AppendField("Connection"u8, "close"u8);
        writer.Append("\r\n"u8);
        if (isHead || IsBodiless(status)) return writer.Written;
        return writer.Written + Encoding.UTF8.GetBytes(text, dest[writer.Written..]);
    }

    // What a field of the application means for the response; anything but Written keeps it off the wire.
    private FieldVerdict Note(KnownField known, ReadOnlySpan<byte> value)
    {
        switch (known)
        {
            case KnownField.ContentLength: return NoteContentLength(Grammar.TrimOws(value));
            case KnownField.Date: _hasDate = true; return FieldVerdict.Written;
            case KnownField.Server: _hasServer = true; return FieldVerdict.Written;
            case KnownField.Connection: NoteConnection(value); return FieldVerdict.Dropped;
            // PEP 3333 "Other HTTP Features": hop-by-hop fields are the server's business.
            case KnownField.KeepAlive or KnownField.ProxyConnection or KnownField.ProxyAuthenticate:
            case KnownField.ProxyAuthorization or KnownField.Te or KnownField.Trailer or KnownField.Trailers:
            case KnownField.TransferEncoding or KnownField.Upgrade:
                return FieldVerdict.Dropped;
            default: return FieldVerdict.Written;
        }
    }

    private FieldVerdict NoteContentLength(ReadOnlySpan<byte> value)
    {
        long length = 0;
        // 18 digits always fit a long, and no body is longer.
        if (value.IsEmpty || value.Length > 18) return FieldVerdict.BadContentLength;
        foreach (byte b in value)
        {
            if (!char.IsAsciiDigit((char)b)) return FieldVerdict.BadContentLength;
            length = (length * 10) + (b - '0');
        }
        if (IsLengthForbidden(_status)) return FieldVerdict.Dropped;
        if (_contentLength >= 0) return length == _contentLength ? FieldVerdict.Dropped : FieldVerdict.BadContentLength;
        _contentLength = length;
        return FieldVerdict.Written;
    }

    private void NoteConnection(ReadOnlySpan<byte> value)
    {
        while (Grammar.TryNextElement(ref value, out ReadOnlySpan<byte> option))
        {
            if (Ascii.EqualsIgnoreCase(option, "close"u8)) KeepAlive = false;
        }
    }

    // RFC 9112 §6.3, from the server's side.
    private void AppendFraming(ref SpanWriter writer, long knownLength)
    {
        // A client takes 1xx for an interim response and waits for a final one: only the end tells it that none comes.
        if (_status < 200) KeepAlive = false;
        if (_contentLength >= 0 || IsBodiless(_status)) return;
        // An application that makes no body for HEAD has not said that GET has none (RFC 9110 §8.6).
        if (knownLength > 0 || (knownLength == 0 && !_isHead))
        {
            _contentLength = knownLength;
            AppendContentLength(ref writer, knownLength);
            return;
        }
        if (_isHead) return;
        if (_minorVersion > 0)
        {
            IsChunked = true;
            writer.Append("Transfer-Encoding: chunked\r\n"u8);
            return;
        }
        KeepAlive = false; // RFC 9112 §6.3 item 8: to HTTP/1.0 the end of the connection is the end of the body
    }

    // RFC 9112 §9.3 and §9.6
    private void AppendConnection(ref SpanWriter writer)
    {
        if (!KeepAlive) writer.Append("Connection: close\r\n"u8);
        else if (_minorVersion == 0) writer.Append("Connection: keep-alive\r\n"u8);
    }

    private static void AppendStatusLine(ref SpanWriter writer, int status, ReadOnlySpan<byte> reason)
    {
        // RFC 9110 §6.2: the version is the server's own, also towards HTTP/1.0.
        writer.Append("HTTP/1.1 "u8);
        writer.AppendDecimal(status);
        writer.Append(" "u8); // RFC 9112 §4: the space stays when the phrase is empty
        writer.Append(reason);
        writer.Append("\r\n"u8);
    }

    private static void AppendContentLength(ref SpanWriter writer, long length)
    {
        writer.Append("Content-Length: "u8);
        writer.AppendDecimal(length);
        writer.Append("\r\n"u8);
    }

    // RFC 9110 §6.4.1
    private static bool IsBodiless(int status) => status is < 200 or 204 or 304;

    // RFC 9110 §8.6: 304 may tell the length that 200 would have had; 1xx and 204 must not.
    private static bool IsLengthForbidden(int status) => status is < 200 or 204;
}
