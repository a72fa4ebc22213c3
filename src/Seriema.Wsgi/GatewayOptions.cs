using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Seriema.Wsgi;

/// <summary>An application that answers below a prefix.</summary>
/// <param name="Prefix">A decoded path, <c>/flask</c>; see <see cref="UrlPrefix"/>.</param>
/// <param name="Application">As <see cref="GatewayOptions.Application"/>.</param>
internal sealed record Mount(string Prefix, string Application);

/// <summary>A folder whose Python files are pages.</summary>
/// <param name="Prefix">A decoded path; <c>/</c> for the whole site.</param>
/// <param name="Folder">From the folder that the applications are imported in, when it is relative.</param>
internal sealed record ScriptMount(string Prefix, string Folder);

/// <summary>Which applications a <see cref="Gateway"/> loads and what they are told about their server.</summary>
internal sealed record GatewayOptions
{
    /// <summary>
    /// <c>MODULE:CALLABLE</c>, <c>MODULE:factory('x', debug=True)</c>, or <c>MODULE</c> alone. It answers what no page
    /// and no mount does; null: nobody does, and that is a 404.
    /// </summary>
    internal string? Application { get; init; }

    /// <summary>Further applications; the longest prefix that matches wins (PEP 3333: SCRIPT_NAME).</summary>
    internal IReadOnlyList<Mount> Mounts { get; init; } = [];

    /// <summary>Folders of script pages, which come before mounts where the file exists.</summary>
    internal IReadOnlyList<ScriptMount> Scripts { get; init; } = [];

    /// <summary>What ends the URL of a script page, whose file always ends in <c>.py</c>; may be empty.</summary>
    internal string ScriptSuffix { get; init; } = ".py";

    /// <summary>The browser is shown the traceback of a 500. Never where strangers can see it.</summary>
    internal bool IsDevelopment { get; init; }

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
