namespace Seriema.Protocol;

/// <summary>Whether the bytes of a body may be sent.</summary>
internal enum WriteVerdict
{
    Ok,

    /// <summary>The application gave more than its Content-Length; the excess is cut.</summary>
    TooLong,

    /// <summary>This response has no body (HEAD, 1xx, 204, 304); for HEAD that is no mistake.</summary>
    NoBody,
}
