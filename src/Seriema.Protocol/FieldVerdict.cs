namespace Seriema.Protocol;

/// <summary>What became of one field of the application's response.</summary>
internal enum FieldVerdict
{
    Written,

    /// <summary>
    /// Not sent, and no mistake: a hop-by-hop field, or a Content-Length that this response may not have.
    /// </summary>
    Dropped,

    /// <summary>The name is not a token (RFC 9110 §5.1).</summary>
    BadName,

    /// <summary>The value contains CR, LF, NUL or another control character (RFC 9110 §5.5).</summary>
    BadValue,

    /// <summary>The Content-Length is not one number.</summary>
    BadContentLength,
}
