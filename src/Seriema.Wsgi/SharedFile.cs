namespace Seriema.Wsgi;

/// <summary>An open file that several responses may be sending at once; each has a share in it and gives it back.</summary>
/// <remarks>Reading by offset only: the descriptor's own position is nobody's. Any thread.</remarks>
internal abstract class SharedFile
{
    /// <summary>Valid until the response's <see cref="Release"/>.</summary>
    internal abstract int Descriptor { get; }

    /// <summary>A descriptor of the caller's own, or <c>-errno</c>.</summary>
    internal abstract int Duplicate();

    /// <summary>The response needs the file no longer; exactly once for each time it was given to an exchange.</summary>
    internal abstract void Release();

    /// <summary>
    /// After a piece is sent: bytes to send next, and a piece of the file to send after them (no bytes of it when the
    /// count is 0). False when there is no more.
    /// </summary>
    internal virtual bool MoveNext(out ReadOnlySpan<byte> bytes, out long offset, out long count)
    {
        bytes = default;
        offset = count = 0;
        return false;
    }
}
