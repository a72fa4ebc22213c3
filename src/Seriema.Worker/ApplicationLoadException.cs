namespace Seriema;

/// <summary>Why an application could not be loaded.</summary>
public enum ApplicationLoadFailure
{
    /// <summary>Importing the module, or calling the factory in it, raised a Python exception.</summary>
    ImportFailed,

    /// <summary>The module has no such attribute.</summary>
    NotFound,

    /// <summary>What was named cannot be called.</summary>
    NotCallable,

    /// <summary>The application did not answer its health check with 2xx or 3xx.</summary>
    Unhealthy,
}

/// <summary>The application could not be loaded; the message is one line that names the cause.</summary>
public sealed class ApplicationLoadException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ApplicationLoadException(ApplicationLoadFailure kind, string message, string? traceback, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Traceback = traceback;
    }

    /// <summary>What failed.</summary>
    public ApplicationLoadFailure Kind { get; }

    /// <summary>Python's own traceback, or null when no Python code failed.</summary>
    public string? Traceback { get; }
}
