namespace Seriema.Protocol;

/// <summary>
/// What a peer did wrong, one member for each distinct mistake; <see cref="Rejections"/> has the answers.
/// </summary>
internal enum RejectReason
{
    None,

    // Request line
    NotHttp,
    TooManyEmptyLines,
    RequestLineTooLong,
    BadRequestLine,
    BadMethod,
    ExtraSpace,
    BadTarget,
    FragmentInTarget,
    BadScheme,
    BadAuthority,
    UserinfoInAuthority,
    AsteriskWithoutOptions,
    ConnectNotSupported,
    BadVersion,
    VersionNotSupported,

    // Lines
    BareCr,
    BareLf,
    ControlCharacter,
    HeadTooLong,

    // Fields
    FieldTooLong,
    TooManyFields,
    ObsFold,
    EmptyFieldName,
    BadFieldName,
    SpaceBeforeColon,
    MissingColon,

    // Meaning of fields
    MissingHost,
    RepeatedHost,
    BadHost,
    RepeatedContentLength,
    BadContentLength,
    ContentLengthWithTransferEncoding,
    RepeatedTransferEncoding,
    BadTransferEncoding,
    TransferCodingNotSupported,
    TransferEncodingInHttp10,
    ExpectationFailed,
    BodyTooLarge,

    // Chunked body
    BadChunkSize,
    ChunkLineTooLong,
    ChunkExtensionsTooLong,
    MissingChunkEnd,
    TrailersTooLong,

    // Not a mistake in the bytes: the server's own reasons to answer in place of the application
    HeadTimeout,
    BodyTimeout,
    Overloaded,
    WaitedTooLong,
    Stopping,
    DeadlineExceeded,
    NoRoomForBody,
    TooManyRequests,
    TooManyConnections,

    // Found by who knows whether the peer is a proxy; the parser does not
    BadForwarding,
}
