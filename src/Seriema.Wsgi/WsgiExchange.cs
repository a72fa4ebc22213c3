using Seriema.Protocol;

namespace Seriema.Wsgi;

/// <summary>How waiting for more of a request's body ended.</summary>
internal enum BodyResult
{
    /// <summary>There are more bytes, or the body is complete.</summary>
    Ok,

    /// <summary>The client closed or reset the connection before the end of the body.</summary>
    ClientGone,

    /// <summary>The client sent nothing for too long.</summary>
    TimedOut,

    /// <summary>The body breaks its framing (a bad chunk size, for one).</summary>
    Malformed,

    /// <summary>The body is larger than the limit.</summary>
    TooLarge,

    /// <summary>A part of it was in a file, which cannot be read.</summary>
    Lost,
}

/// <summary>One request and its response as the gateway sees them; a front end implements it.</summary>
/// <remarks>
/// The gateway does not know which front end called it. Used by one thread at a time: the application thread, or,
/// while that one waits, a thread of the application's own that reads the body or calls <c>write</c>.
/// </remarks>
internal abstract class WsgiExchange
{
    /// <summary>The parsed head; its slices point into <see cref="HeadBytes"/>. Valid for the whole call.</summary>
    internal abstract RequestHead Head { get; }

    internal abstract ReadOnlySpan<byte> HeadBytes { get; }

    /// <summary>The client's address as text, without brackets; empty when it is not known.</summary>
    internal abstract ReadOnlySpan<byte> RemoteAddress { get; }

    internal abstract ReadOnlySpan<byte> RemotePort { get; }

    /// <summary>The listener's name or address, and port, as text.</summary>
    internal abstract ReadOnlySpan<byte> ServerName { get; }

    internal abstract ReadOnlySpan<byte> ServerPort { get; }

    internal abstract bool IsHttps { get; }

    /// <summary>What trusted proxies say of the request; null when the peer is none, and nothing it says of others counts.</summary>
    /// <remarks>The four above and <see cref="IsHttps"/> have its answers already.</remarks>
    internal virtual ForwardedHead? Forwarded => null;

    /// <summary>Decoded body bytes that are in memory now.</summary>
    internal abstract ReadOnlySpan<byte> BufferedBody { get; }

    internal abstract void ConsumeBody(int count);

    /// <summary>The client was answered without the application, which took too long. Any thread.</summary>
    internal virtual bool IsExpired => false;

    /// <summary>No more bytes will come beyond <see cref="BufferedBody"/>.</summary>
    internal abstract bool IsBodyComplete { get; }

    /// <summary>Whether the log may have a line on what this client did; a flood of them must not fill the disk.</summary>
    internal virtual bool MayTell() => true;

    /// <summary>How long the whole body is, before any of it is consumed; -1 while more of it is to come from the client.</summary>
    internal virtual long HeldBodyLength => IsBodyComplete ? BufferedBody.Length : -1;

    /// <summary>Blocks for more body; the caller does not hold the GIL. Sends 100 Continue when it is due.</summary>
    internal abstract BodyResult FillBody();

    // The response. With the GIL held only memory is touched.

    internal abstract void StartHead(int status, ReadOnlySpan<byte> reason);

    internal abstract FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>
    /// Forgets the head: the application called <c>start_response</c> again before anything was sent.
    /// </summary>
    internal abstract void DiscardHead();

    /// <summary>Decides the body's framing; nothing is sent yet. -1: the length is unknown.</summary>
    internal abstract void EndHead(long knownLength);

    /// <summary>After <see cref="EndHead"/>: false for HEAD, 204 and 304.</summary>
    internal abstract bool BodyAllowed { get; }

    /// <summary>
    /// Copies into the bounded buffer; returns the bytes taken (cut ones count as taken), 0 when it is full.
    /// </summary>
    internal abstract int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict);

    /// <summary>
    /// Sends; the caller does not hold the GIL. Blocks only while the buffer is over its bound; false when the client
    /// is gone.
    /// </summary>
    internal abstract bool Flush();

    /// <summary>Sends part of a file as the body; takes over <paramref name="fd"/> and closes it.</summary>
    internal abstract void SendFile(int fd, long offset, long count);

    /// <summary>Whether a <see cref="SharedFile"/> is asked for what follows its first piece.</summary>
    internal virtual bool SendsPieces => false;

    /// <summary>Sends part of a file that others may be sending too, and releases it when that is done.</summary>
    /// <param name="file">The exchange takes over one share of it, whatever becomes of the response.</param>
    /// <param name="offset">Where the first piece begins.</param>
    /// <param name="count">How long it is; may be 0 when others follow.</param>
    /// <param name="following">How many bytes the file's MoveNext gives after it; 0 unless <see cref="SendsPieces"/>.</param>
    internal virtual void SendFile(SharedFile file, long offset, long count, long following)
    {
        int own = file.Duplicate();
        // Without a descriptor the response stays shorter than its head says, and Complete makes that end visible.
        if (own >= 0) SendFile(own, offset, count);
        file.Release();
    }

    /// <summary>Ends the response. Called without the GIL; exactly one of this and <see cref="Abort"/>.</summary>
    internal abstract void Complete();

    /// <summary>
    /// Ends the response so that the client sees it is broken: the connection closes without its end.
    /// </summary>
    internal abstract void Abort();
}
