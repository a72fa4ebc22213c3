namespace Seriema.Protocol;

/// <summary>
/// A parsed request head: places in the bytes it was read from, and what the fields mean for the connection.
/// </summary>
/// <remarks>
/// Written by <see cref="RequestParser"/> only, and reused for request after request without allocating. Complete
/// when the parser says Done; the slices hold as long as the caller keeps those bytes.
/// </remarks>
internal sealed class RequestHead
{
    private Field[] _fields = new Field[32]; // more than a browser sends; grows once, then stays

    internal Slice Method { get; set; }

    /// <summary>The request-target as it was sent.</summary>
    internal Slice Target { get; set; }

    internal TargetForm Form { get; set; }

    /// <summary>The path without the query; empty for <c>*</c> and for an absolute-form without a path.</summary>
    internal Slice Path { get; set; }

    /// <summary>The query without its question mark.</summary>
    internal Slice Query { get; set; }

    /// <summary>Whether there is a question mark, so that an empty query and none can be told apart.</summary>
    internal bool HasQuery { get; set; }

    /// <summary>0 for HTTP/1.0, 1 for every later 1.x (RFC 9110 §6.2).</summary>
    internal int MinorVersion { get; set; }

    /// <summary>
    /// The authority of an absolute-form, else the value of Host (RFC 9112 §3.2.2); empty when neither is.
    /// </summary>
    internal Slice Host { get; set; }

    /// <summary>Whether an absolute-form said <c>https</c>.</summary>
    internal bool IsHttpsTarget { get; set; }

    internal int FieldCount { get; private set; }

    /// <summary>The body's length from Content-Length, or -1 without that field.</summary>
    internal long ContentLength { get; set; } = -1;

    internal bool IsChunked { get; set; }

    /// <summary>Whether there is at least one framing byte after the head.</summary>
    internal bool HasBody => IsChunked || ContentLength > 0;

    /// <summary>Whether the peer lets the connection go on after this request (RFC 9112 §9.3).</summary>
    internal bool KeepAlive { get; set; }

    /// <summary>Whether the peer waits for 100 Continue before it sends its body; never true without a body.</summary>
    internal bool ExpectContinue { get; set; }

    /// <summary>Whether a field tells, or claims to tell, whom a proxy passes the request on for.</summary>
    internal bool HasForwarding { get; set; }

    internal bool IsHead { get; set; }

    internal bool IsOptions { get; set; }

    internal bool IsGet { get; set; }

    internal ref readonly Field GetField(int index) => ref _fields.AsSpan(0, FieldCount)[index];

    internal ReadOnlySpan<Field> Fields => _fields.AsSpan(0, FieldCount);

    internal void AddField(Field field)
    {
        if (FieldCount == _fields.Length) Array.Resize(ref _fields, _fields.Length * 2);
        _fields[FieldCount++] = field;
    }

    internal void Reset()
    {
        Method = Target = Path = Query = Host = default;
        Form = TargetForm.Origin;
        HasQuery = IsHttpsTarget = IsChunked = KeepAlive = ExpectContinue = false;
        HasForwarding = IsHead = IsOptions = IsGet = false;
        MinorVersion = 0;
        FieldCount = 0;
        ContentLength = -1;
    }
}
