namespace Seriema.Wsgi;

/// <summary>Why an application could not be loaded; the command line turns each into an exit status.</summary>
internal enum AppLoadError
{
    /// <summary>The text is not <c>MODULE:CALLABLE</c>.</summary>
    BadTarget,

    /// <summary>The folder to change to is not there, or not readable.</summary>
    FolderUnusable,

    /// <summary>The module, or the factory in it, raised; SystemExit counts too.</summary>
    ImportFailed,

    /// <summary>The module has no such attribute.</summary>
    NotFound,

    /// <summary>What was named cannot be called.</summary>
    NotCallable,

    /// <summary>The prefix of a mount or of a scripts folder is no path, or is given twice.</summary>
    BadPrefix,

    /// <summary>The suffix of script pages cannot end a URL's segment.</summary>
    BadSuffix,
}

/// <summary>The application could not be loaded. The message is one line that names the cause.</summary>
internal sealed class AppLoadException(AppLoadError error, string message, string traceback, object? of = null)
    : Exception(message)
{
    internal AppLoadError Error { get; } = error;

    /// <summary>Python's own traceback, ending in a newline; empty when no Python code failed.</summary>
    internal string Traceback { get; } = traceback;

    /// <summary>The mount or the scripts folder that it is about, as in the options; null for the main application.</summary>
    internal object? Of { get; } = of;
}
