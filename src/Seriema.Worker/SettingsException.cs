namespace Seriema;

/// <summary>A setting has a value that cannot be used; the message names both in one line.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="setting">The setting as the command line calls it, such as <c>--threads</c>.</param>
    /// <param name="value">What was given.</param>
    /// <param name="problem">What is wrong with it.</param>
    public SettingsException(string setting, string value, string problem)
        : base($"{setting} {value}: {problem}")
    {
        Setting = setting;
        Value = value;
    }

    /// <summary>The setting as the command line calls it.</summary>
    public string Setting { get; }

    /// <summary>What was given.</summary>
    public string Value { get; }
}
