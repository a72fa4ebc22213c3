namespace Seriema.Protocol;

/// <summary>What a PROXY header says of the connection that a proxy passes on.</summary>
/// <param name="HasAddress">
/// False when it names no client: the proxy's own connection, or a client that the proxy cannot or does not tell.
/// </param>
/// <param name="IsLocal">The proxy speaks for itself, as in a health check.</param>
/// <param name="IsTls">The client came to the proxy over TLS.</param>
internal readonly record struct ProxyHeader(bool HasAddress, IpAddress Address, ushort Port, bool IsLocal, bool IsTls);

/// <summary>Why a connection is closed in place of its first request, one member for each line of the log.</summary>
internal enum ProxyMistake
{
    None,

    /// <summary>The first bytes begin neither version of the header.</summary>
    Missing,

    /// <summary>They do, and what follows breaks its grammar.</summary>
    Malformed,

    /// <summary>A version 2 header that is longer than any proxy needs.</summary>
    TooLong,

    /// <summary>The checksum does not fit: the header was changed on its way.</summary>
    BadChecksum,
}
