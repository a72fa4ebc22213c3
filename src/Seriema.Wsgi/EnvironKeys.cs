using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// The environ's keys that do not come from fields, and the values that are always the same; interned once.
/// </summary>
/// <remarks>
/// Read by every thread of a <see cref="Gateway"/>. Interned strings are the interpreter's: never released.
/// </remarks>
internal sealed class EnvironKeys
{
    internal PyRef RequestMethod;
    internal PyRef ScriptName;
    internal PyRef PathInfo;
    internal PyRef QueryString;
    internal PyRef RequestUri;
    internal PyRef RawUri;
    internal PyRef ServerProtocol;
    internal PyRef ServerName;
    internal PyRef ServerPort;
    internal PyRef RemoteAddr;
    internal PyRef RemotePort;
    internal PyRef HttpHost;
    internal PyRef ContentLength;
    internal PyRef UrlScheme;
    internal PyRef Input;

    internal PyRef Http;
    internal PyRef Https;
    internal PyRef Http10;
    internal PyRef Http11;

    private readonly PyRef[] _methods = new PyRef[s_methods.Length];

    // RFC 9110 §9 and RFC 5789; GET first, which is most of them.
    private static readonly byte[][] s_methods =
    [
        [.. "GET"u8], [.. "POST"u8], [.. "HEAD"u8], [.. "PUT"u8], [.. "DELETE"u8], [.. "PATCH"u8], [.. "OPTIONS"u8],
        [.. "TRACE"u8], [.. "CONNECT"u8],
    ];

    internal EnvironKeys()
    {
        Set(ref RequestMethod, "REQUEST_METHOD"u8);
        Set(ref ScriptName, "SCRIPT_NAME"u8);
        Set(ref PathInfo, "PATH_INFO"u8);
        Set(ref QueryString, "QUERY_STRING"u8);
        Set(ref RequestUri, "REQUEST_URI"u8);
        Set(ref RawUri, "RAW_URI"u8);
        Set(ref ServerProtocol, "SERVER_PROTOCOL"u8);
        Set(ref ServerName, "SERVER_NAME"u8);
        Set(ref ServerPort, "SERVER_PORT"u8);
        Set(ref RemoteAddr, "REMOTE_ADDR"u8);
        Set(ref RemotePort, "REMOTE_PORT"u8);
        Set(ref HttpHost, "HTTP_HOST"u8);
        Set(ref ContentLength, "CONTENT_LENGTH"u8);
        Set(ref UrlScheme, "wsgi.url_scheme"u8);
        Set(ref Input, "wsgi.input"u8);
        Set(ref Http, "http"u8);
        Set(ref Https, "https"u8);
        Set(ref Http10, "HTTP/1.0"u8);
        Set(ref Http11, "HTTP/1.1"u8);
        for (int i = 0; i < s_methods.Length; i++) Set(ref _methods[i], s_methods[i]);
    }

    internal PyBorrowed Get => _methods[0];

    /// <summary>The str of a usual method, or null.</summary>
    internal PyBorrowed MethodOrNull(ReadOnlySpan<byte> method)
    {
        for (int i = 0; i < s_methods.Length; i++)
        {
            if (method.SequenceEqual(s_methods[i])) return _methods[i];
        }
        return default;
    }

    private static void Set(ref PyRef key, ReadOnlySpan<byte> text) =>
        key.Set(PyStrings.Intern(text).OrThrow().Steal());
}
