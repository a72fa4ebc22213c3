namespace Seriema.Protocol;

/// <summary>Whether a request's path can name a file; any answer but Ok means that there is none (404).</summary>
internal enum PathVerdict : byte
{
    /// <summary>It may be looked up.</summary>
    Ok,

    /// <summary>It does not begin with a slash.</summary>
    NotAbsolute,

    /// <summary>A percent sign without two hexadecimal digits.</summary>
    BadEncoding,

    /// <summary>A name that is <c>.</c> or <c>..</c>, however it is written.</summary>
    DotSegment,

    /// <summary>A name that begins with a dot.</summary>
    DotName,

    /// <summary>An encoded slash.</summary>
    EncodedSlash,

    /// <summary>A backslash, encoded or not.</summary>
    Backslash,

    /// <summary>NUL or another control character.</summary>
    Control,

    /// <summary>Two slashes with nothing between them.</summary>
    EmptySegment,

    /// <summary>A name longer than Linux has.</summary>
    NameTooLong,

    /// <summary>A path longer than Linux opens.</summary>
    TooLong,
}
