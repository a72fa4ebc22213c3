using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Seriema.Wsgi;

/// <summary>Which application a <see cref="Gateway"/> loads and what it is told about its server.</summary>
internal sealed record GatewayOptions
{
    /// <summary><c>MODULE:CALLABLE</c>, <c>MODULE:factory('x', debug=True)</c>, or <c>MODULE</c> alone.</summary>
    internal required string Application { get; init; }

    /// <summary>The folder to go to and to import from; null keeps the present one.</summary>
    internal string? Folder { get; init; }

    /// <summary>Folders put in front of <c>sys.path</c>, the first one first.</summary>
    internal IReadOnlyList<string> PythonPath { get; init; } = [];

    /// <summary><c>wsgi.multithread</c>: another thread may call the application at the same time.</summary>
    internal bool IsMultithreaded { get; init; } = true;

    /// <summary><c>wsgi.multiprocess</c>: another process may run the same application.</summary>
    internal bool IsMultiprocess { get; init; }

    /// <summary>A request that takes too long may be interrupted: <c>time.sleep</c> lets an exception through.</summary>
    internal bool HasDeadline { get; init; }

    internal ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
