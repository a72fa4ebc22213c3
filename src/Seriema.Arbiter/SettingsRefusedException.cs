namespace Seriema.Arbiter;

/// <summary>A reload found settings that cannot be used; the present ones stay.</summary>
/// <param name="message">One line for the log and for who asked for the reload.</param>
/// <param name="exitStatus">What a start with these settings would end with.</param>
internal sealed class SettingsRefusedException(string message, int exitStatus) : Exception(message)
{
    internal int ExitStatus { get; } = exitStatus;
}
