using static Seriema.Protocol.RejectReason;

namespace Seriema.Protocol;

/// <summary>The one table from a peer's mistake to the answer it gets.</summary>
internal static class Rejections
{
    internal static Rejection Of(RejectReason reason) => reason switch
    {
        NotHttp => new(400, "not-http", "The first byte cannot start a request line; TLS on a plain port?"),
        TooManyEmptyLines => new(400, "too-many-empty-lines", "Too many empty lines before the request line."),
        RequestLineTooLong => new(414, "request-line-too-long", "The request line is too long."),
        BadRequestLine => new(400, "bad-request-line", "The request line is not method SP target SP version."),
        BadMethod => new(400, "bad-method", "The method is not a token."),
        ExtraSpace => new(400, "extra-space", "The request line has more than two spaces."),
        BadTarget => new(400, "bad-target", "The request target has no form that its method allows."),
        FragmentInTarget => new(400, "fragment-in-target", "The request target contains a fragment."),
        BadScheme => new(400, "bad-scheme", "The request target has a scheme other than http and https."),
        BadAuthority => new(400, "bad-authority", "The request target has an invalid authority."),
        UserinfoInAuthority => new(400, "userinfo-in-authority", "The authority contains user information."),
        AsteriskWithoutOptions => new(400, "asterisk-without-options", "Only OPTIONS may have the target *."),
        ConnectNotSupported => new(501, "connect-not-supported", "This server is no proxy: CONNECT is not supported."),
        BadVersion => new(400, "bad-version", "The version is not HTTP/digit.digit."),
        VersionNotSupported => new(505, "version-not-supported", "This server speaks HTTP/1.1 and HTTP/1.0."),

        BareCr => new(400, "bare-cr", "A CR is not followed by LF."),
        BareLf => new(400, "bare-lf", "A line ends with LF without CR."),
        ControlCharacter => new(400, "control-character", "The message contains a control character."),
        HeadTooLong => new(431, "head-too-long", "The request's head is too long."),

        FieldTooLong => new(431, "field-too-long", "A field line is too long."),
        TooManyFields => new(431, "too-many-fields", "The request has too many fields."),
        ObsFold => new(400, "obs-fold", "A line starts with whitespace: folded fields are not allowed."),
        EmptyFieldName => new(400, "empty-field-name", "A field has no name."),
        BadFieldName => new(400, "bad-field-name", "A field's name is not a token."),
        SpaceBeforeColon => new(400, "space-before-colon", "Whitespace stands between a field's name and its colon."),
        MissingColon => new(400, "missing-colon", "A field line has no colon."),

        MissingHost => new(400, "missing-host", "An HTTP/1.1 request needs a Host field."),
        RepeatedHost => new(400, "repeated-host", "The request has more than one Host field."),
        BadHost => new(400, "bad-host", "The Host field is not a host with an optional port."),
        RepeatedContentLength => new(400, "repeated-content-length", "The request has more than one Content-Length."),
        BadContentLength => new(400, "bad-content-length", "The Content-Length is not a number."),
        ContentLengthWithTransferEncoding => new(
            400, "content-length-with-transfer-encoding", "Content-Length and Transfer-Encoding exclude each other."),
        RepeatedTransferEncoding =>
            new(400, "repeated-transfer-encoding", "The request has more than one Transfer-Encoding."),
        BadTransferEncoding =>
            new(400, "bad-transfer-encoding", "The Transfer-Encoding does not end with one chunked."),
        TransferCodingNotSupported =>
            new(501, "transfer-coding-not-supported", "The only transfer coding of this server is chunked."),
        TransferEncodingInHttp10 => new(400, "transfer-encoding-in-http10", "HTTP/1.0 has no Transfer-Encoding."),
        ExpectationFailed => new(417, "expectation-failed", "The only expectation of this server is 100-continue."),
        BodyTooLarge => new(413, "body-too-large", "The request's body is too large."),

        BadChunkSize => new(400, "bad-chunk-size", "A chunk's size is not a hexadecimal number."),
        ChunkLineTooLong => new(400, "chunk-line-too-long", "A chunk-size line is too long."),
        ChunkExtensionsTooLong => new(400, "chunk-extensions-too-long", "The chunk extensions are too long."),
        MissingChunkEnd => new(400, "missing-chunk-end", "A chunk's data is not followed by CRLF."),
        TrailersTooLong => new(431, "trailers-too-long", "The trailer section is too long."),

        HeadTimeout => new(408, "head-timeout", "The request's head did not arrive in time."),
        BodyTimeout => new(408, "body-timeout", "The request's body did not arrive in time."),
        Overloaded => new(503, "overloaded", "The server is busy; try again in a moment."),
        WaitedTooLong => new(503, "waited-too-long", "The server is busy: no thread was free for too long; try again later."),
        Stopping => new(503, "stopping", "The server is stopping; try again in a moment."),
        DeadlineExceeded => new(504, "deadline-exceeded", "The application did not answer in time."),
        TooManyRequests => new(429, "too-many-requests", "There are too many requests from this address; try again later."),
        TooManyConnections => new(503, "too-many-connections", "There are too many connections from this address; close some of them."),

        NoRoomForBody => new(503, "no-room-for-body", "The server has no room for the request's body just now; try again later."),

        BadForwarding => new(400, "bad-forwarding", "A field that tells of the client behind a proxy is malformed."),

        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No answer is written for this reason."),
    };
}
