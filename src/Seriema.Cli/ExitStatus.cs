namespace Seriema.Cli;

/// <summary>Every status the program ends with; <c>docs/options.md</c> has the same table.</summary>
internal static class ExitStatus
{
    /// <summary>Served and stopped when asked, or only printed the help or the version.</summary>
    internal const int Success = 0;

    /// <summary>The machine said no: port in use, unreadable folder, no usable Python.</summary>
    internal const int CannotServe = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 2;

    /// <summary>Importing the application raised.</summary>
    internal const int ImportFailed = 3;

    /// <summary>The module was imported, but what was named is not there or cannot be called.</summary>
    internal const int NoApplication = 4;

    /// <summary>Our own fault; 70 is <c>EX_SOFTWARE</c> of sysexits.h.</summary>
    internal const int InternalError = 70;

    /// <summary>A second signal cut a graceful stop short; 128 + SIGINT, as shells report it.</summary>
    internal const int StopForced = 130;
}
