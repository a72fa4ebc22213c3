namespace Seriema.Protocol;

/// <summary>
/// Every limit that the protocol puts on a peer, in one place. Sizes are bytes without the final CRLF.
/// </summary>
internal sealed record HttpLimits
{
    /// <summary>
    /// Longest request line, else 414. RFC 9112 §3 asks for 8000 at least; gunicorn and Apache stop at 8190.
    /// </summary>
    internal int RequestLine { get; init; } = 8190;

    /// <summary>Most field lines of a head, dropped ones included, else 431.</summary>
    internal int Fields { get; init; } = 100;

    /// <summary>Longest field line, else 431.</summary>
    internal int FieldSize { get; init; } = 8190;

    /// <summary>
    /// Most bytes of a whole head, every CRLF included, else 431. It bounds the buffer of a connection.
    /// </summary>
    internal int Head { get; init; } = 65536;

    /// <summary>Most bytes of a decoded body, else 413; 0 means no limit.</summary>
    internal long Body { get; init; } = 1 << 30;

    /// <summary>Longest chunk-size line, else 400: 15 digits and an extension that nobody uses need far less.</summary>
    internal int ChunkLine { get; init; } = 256;

    /// <summary>Most bytes of chunk extensions in one body, else 400.</summary>
    /// <remarks>Without it a peer may send 256 bytes for each byte of body, and no body limit sees it.</remarks>
    internal int ChunkExtensions { get; init; } = 16384;

    /// <summary>Most bytes of a trailer section, every CRLF included, else 431.</summary>
    internal int TrailerSize { get; init; } = 8190;
}
