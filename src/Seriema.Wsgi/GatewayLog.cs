using Microsoft.Extensions.Logging;

namespace Seriema.Wsgi;

/// <summary>What the gateway says in the log, category <c>seriema.error</c>; each names the request.</summary>
internal static partial class GatewayLog
{
    internal const string Category = "seriema.error";
    internal const string ErrorsCategory = "wsgi.errors";

    [LoggerMessage(1, LogLevel.Error, "{Request}: the application failed\n{Traceback}")]
    internal static partial void ApplicationFailed(ILogger logger, string request, string traceback);

    [LoggerMessage(2, LogLevel.Error, "{Request}: the application broke the rules of WSGI: {Mistake} (PEP 3333)")]
    internal static partial void ApplicationMistaken(ILogger logger, string request, string mistake);

    [LoggerMessage(3, LogLevel.Error, "{Request}: close() of the response failed\n{Traceback}")]
    internal static partial void CloseFailed(ILogger logger, string request, string traceback);

    [LoggerMessage(4, LogLevel.Warning,
        "{Request}: the body is longer than its Content-Length of {Length}; the excess was cut off")]
    internal static partial void BodyTooLong(ILogger logger, string request, long length);

    [LoggerMessage(5, LogLevel.Warning,
        "{Request}: the body has {Sent} bytes of the {Length} in its Content-Length; the connection was closed")]
    internal static partial void BodyTooShort(ILogger logger, string request, long sent, long length);

    [LoggerMessage(6, LogLevel.Debug, "{Request}: the client left before the response was complete")]
    internal static partial void ClientGone(ILogger logger, string request);

    [LoggerMessage(7, LogLevel.Information, "{Request}: the request's body failed ({Failure}), answered with {Status}")]
    internal static partial void BodyFailed(ILogger logger, string request, BodyResult failure, int status);

    [LoggerMessage(9, LogLevel.Debug, "{Request}: the application ended at its deadline")]
    internal static partial void DeadlineEnded(ILogger logger, string request);

    // The highest level that is usual: what an application writes to its error log is never for the server to filter.
    [LoggerMessage(8, LogLevel.Error, "{Line}")]
    internal static partial void ErrorsLine(ILogger logger, string line);
}
